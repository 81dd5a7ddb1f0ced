package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The proof of the proof: processes built from this very source with one defect each. None of their runs passes, and each
 * says what is wrong. A mutant whose line has changed fails here, so that none becomes the original by and by.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class MutantsIT {

    private static final String CLIENT = "simulations/src/main/java/dev/squall/client/VirtualClient.java";
    private static final String NODE = "mock-server/src/main/java/dev/squall/node/Connection.java";
    private static final String LINK = "src/main/java/dev/squall/role/ChildLink.java";
    private static final String JOURNAL = "src/main/java/dev/squall/journal/JournalWriter.java";

    /** One client in a thousand. */
    private static final String ONE = "index() % 1000 == 7";

    private static final String OF_1012 = ONE + " && code == 1012";

    /** Who has the defect, where it is, and what the summary says of it. */
    enum Mutant {
        NONE("injector", CLIENT, "", "", ""),
        LOSES_A_CLIENT(
                "injector",
                CLIENT,
                "                wake(wait); //",
                "                if (!(" + ONE + ")) wake(wait); //",
                "fail  restart\\.recovered\\.rate >= 100%"),
        LOSES_A_CLIENT_WITHOUT_A_WORD(
                "injector",
                CLIENT,
                "        home.fleet.journal.add(micros,",
                "        if (!(" + ONE + " && connections > 1)) home.fleet.journal.add(micros,",
                "journal rows that cannot be, the first: fleet/\\d*7: the last that is known of it is"),
        NEVER_DIALS(
                "injector",
                CLIENT,
                "        wake(intended - home.micros());",
                "        if (!(" + ONE + ")) wake(intended - home.micros());",
                "2 clients never arrived though they were due"),
        COMES_BACK_TOO_SOON(
                "injector",
                CLIENT,
                "                wake(wait); //",
                "                wake(" + ONE + " ? 0 : wait); //",
                "CONNECTING \\d+ us before its delay was over"),
        WAITS_OTHERWISE_THAN_ITS_POLICY(
                "injector",
                CLIENT,
                "                intended = now + wait;",
                "                if (" + ONE + ") wait = wait / 2;\n                intended = now + wait;",
                "not the delay that its policy and the seed give"),
        REPORTS_1012_AS_1006(
                "injector",
                CLIENT,
                "JournalEvent.CLOSE_RECEIVED, code,",
                "JournalEvent.CLOSE_RECEIVED, " + OF_1012 + " ? 1006 : code,",
                "fail  ledger\\.unmatched == 0.*sent 1012, received 1006"),
        DOES_NOT_SEE_THE_1012(
                "injector",
                CLIENT,
                "        row(home.micros(), connections, JournalEvent.CLOSE_RECEIVED, code,",
                "        if (!(" + OF_1012 + ")) row(home.micros(), connections, JournalEvent.CLOSE_RECEIVED, code,",
                "fail  ledger\\.unmatched == 0.*sent 1012, received nothing"),
        CLIENTS_CLOCK_IS_LATE(
                "injector",
                LINK,
                "new RunClock(Long.parseLong(words[2]))",
                "new RunClock(Long.parseLong(words[2]) + 200_000_000L)",
                "fail  ledger\\.causality == 0"),
        NODES_CLOCK_IS_LATE(
                "node",
                LINK,
                "new RunClock(Long.parseLong(words[2]))",
                "new RunClock(Long.parseLong(words[2]) + 200_000_000L)",
                "fail  ledger\\.causality == 0"),
        DROPS_A_ROW(
                "injector",
                JOURNAL,
                "            write(slot);\n            slot.detail",
                "            if (sequence % 10_000 == 9_999) row++; else write(slot);\n            slot.detail",
                "\\d journal rows missing by their running numbers"),
        DROPS_A_ROW_THAT_HAS_NO_NUMBER(
                "injector",
                JOURNAL,
                "            write(slot);\n            slot.detail",
                "            if (sequence % 10_000 != 9_999) write(slot);\n            slot.detail",
                "journal rows that cannot be|never arrived|Close frames unmatched"),
        SENDS_1000_AND_SAYS_1012(
                "node",
                NODE,
                "                : new CloseWebSocketFrame(closeCode, reason);",
                "                : new CloseWebSocketFrame(identity().client() % 1000 == 7 ? 1000 : closeCode, reason);",
                "fail  ledger\\.unmatched == 0.*sent 1012, received 1000"),
        SENDS_1000(
                "node",
                NODE,
                "        closeHanded = true;\n        sentCode = (short) closeCode;",
                "        if (identity().client() % 1000 == 7 && closeCode == 1012) {\n"
                        + "            sendClose(1000, reason, restart);\n            return;\n        }\n"
                        + "        closeHanded = true;\n        sentCode = (short) closeCode;",
                "fail  restart\\.miscoded == 0   observed 2");

        private final String role;
        private final String source;
        private final String line;
        private final String instead;
        private final String told;

        Mutant(String role, String source, String line, String instead, String told) {
            this.role = role;
            this.source = source;
            this.line = line;
            this.instead = instead;
            this.told = told;
        }
    }

    private static final String EXPERIMENT = """
            name: mutant
            seed: 6
            duration: 5s
            target: {mock: {nodes: 1, port: PORT}}
            load: {fleet: {clients: 2000, arrive: {over: 1s}, reconnect: {delay: 300ms..1s, jitter: none}}}
            faults: [{restart: {at: 1500ms, code: 1012, drain: 500ms, downtime: 500ms, deadline: 2500ms}}]
            expect: [restart.recovered.rate >= 100%, clients.lost.count == 0]
            """;

    private static final int AT_ONCE = 2;
    private static final int PORT = 9301;

    /** What came of one. */
    private record Run(Squall.Answer answer, JsonNode results) {}

    @TempDir
    private static Path directory;

    private static final Map<Mutant, Future<Run>> RUNS = new EnumMap<>(Mutant.class);
    private static final ExecutorService WORKERS = Executors.newFixedThreadPool(AT_ONCE);

    @BeforeAll
    static void run() {
        for (Mutant mutant : Mutant.values()) {
            RUNS.put(mutant, WORKERS.submit(() -> run(mutant)));
        }
    }

    @AfterAll
    static void end() {
        WORKERS.shutdownNow();
    }

    @ParameterizedTest
    @EnumSource
    void noMutantsRunPassesAndEachSaysWhatIsWrong(Mutant mutant) throws InterruptedException, ExecutionException {
        Run run = RUNS.get(mutant).get();
        String told = run.answer().toString();
        if (mutant == Mutant.NONE) {
            assertThat(run.answer().exitCode()).as(told).isZero();
            assertThat(run.results().at("/restarts/0/affected").asInt()).isEqualTo(2000);
            return;
        }
        assertThat(run.answer().exitCode()).as(told).isIn(1, 3);
        assertThat(run.answer().out()).containsPattern(mutant.told);
    }

    private static Run run(Mutant mutant) throws Exception {
        Path folder = Files.createDirectory(directory.resolve(mutant.name()));
        Path home = mutant == Mutant.NONE ? new Squall(folder).home() : home(mutant, folder);
        Squall squall = new Squall(home, folder);
        squall.experiment("mutant", EXPERIMENT.replace("PORT", String.valueOf(PORT + mutant.ordinal())));
        Squall.Answer answer = squall.call("run", "mutant.yaml");
        return new Run(answer, squall.results("mutant"));
    }

    /** The home folder as it was built, but for one class of one role. */
    private static Path home(Mutant mutant, Path folder) throws IOException {
        Path built = new Squall(folder).home();
        Path home = Files.createDirectory(folder.resolve("home"));
        Files.createSymbolicLink(home.resolve("lib"), built.resolve("lib"));
        Files.copy(built.resolve("squall"), home.resolve("squall"));
        String classpath = mutant.role + ".classpath=";
        String roles = Files.readString(built.resolve("roles.properties"));
        assertThat(roles).contains(classpath + "lib/*");
        Files.writeString(
                home.resolve("roles.properties"), roles.replace(classpath + "lib/*", classpath + "mutant:lib/*"));
        compile(mutant, home.resolve("mutant"));
        return home;
    }

    private static void compile(Mutant mutant, Path classes) throws IOException {
        Path checkout = Path.of("..").toAbsolutePath().normalize();
        String source = Files.readString(checkout.resolve(mutant.source));
        assertThat(source.split(Pattern.quote(mutant.line), -1))
                .as("%s: the line that it changes stands once in %s", mutant, mutant.source)
                .hasSize(2);
        Path mutated =
                Files.createDirectories(classes).resolve(Path.of(mutant.source).getFileName());
        Files.writeString(mutated, source.replace(mutant.line, mutant.instead));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            said,
                            files,
                            null,
                            List.of(
                                    "--release",
                                    "17",
                                    "-proc:none",
                                    "-nowarn",
                                    "-d",
                                    classes.toString(),
                                    "-cp",
                                    libraries()),
                            null,
                            files.getJavaFileObjects(mutated))
                    .call();
            assertThat(compiled).as("%s: %s", mutant, said).isTrue();
        }
    }

    private static String libraries() throws IOException {
        try (var jars = Files.list(new Squall(directory).home().resolve("lib"))) {
            return jars.map(Path::toString).collect(Collectors.joining(File.pathSeparator))
                    + File.pathSeparator
                    + System.getProperty("java.class.path");
        }
    }
}
