package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.report.Assessment;
import dev.squall.report.RunDirectory;
import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run directory that was damaged after a run that passed: its report is an error or not trusted, never another pass. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DamagedRunIT {

    private static final String EXPERIMENT = """
            seed: 5
            duration: 6s
            load:
              strict:
                clients: 40
                arrive: {over: 1s}
                offer: [permessage-deflate]
                require: [permessage-deflate]
                on-1010: stop
                reconnect: {delay: 50ms..400ms}
                message: {every: 500ms, size: 64B}
              phones: {clients: 60, arrive: {over: 1s}, reconnect: {delay: 50ms..400ms}}
            faults:
              - {withhold: permessage-deflate, probability: 25%, from: 0s, to: 1s}
              - restart: {at: 3500ms, kill: true, downtime: 500ms, deadline: 2s}
            """;

    private static final int RANDOM_DAMAGES = 200;

    @TempDir
    private static Path directory;

    private static Squall squall;
    private static Path run;
    private static String results;

    @TempDir
    private Path folder;

    /** Some damage, and the words by which it is told. */
    private record Damage(String name, Act act, String told) {
        interface Act {
            void on(Path directory) throws IOException;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void runOnce() throws Exception {
        squall = new Squall(directory);
        squall.experiment("whole", EXPERIMENT);
        Squall.Answer answer = squall.call("run", "whole.yaml");
        assertThat(answer.exitCode()).as(answer.toString()).isZero();
        run = squall.latest("whole").toRealPath();
        results = Files.readString(run.resolve("results.json"));
    }

    static Stream<Damage> errors() {
        return Stream.of(
                missing("plan.json", "plan.json"),
                bytes("plan.json", DamagedRunIT::half, "plan.json: damaged: "),
                bytes("plan.json", b -> new byte[0], "plan.json: schema none (expected: squall/plan/1)"),
                bytes("plan.json", DamagedRunIT::garbage, "plan.json: damaged: "),
                bytes("plan.json", b -> (text(b) + "}").getBytes(StandardCharsets.UTF_8), "plan.json: damaged: "),
                text("plan.json", t -> t.replace("squall/plan/1", "squall/plan/9"), "plan.json: schema squall/plan/9"),
                text("plan.json", t -> t.replaceFirst("\"seed\" : 5,", ""), "plan.json: damaged: "),
                missing("run.json", "run.json: missing: the run never started"),
                bytes("run.json", DamagedRunIT::half, "run.json: damaged: "),
                bytes("run.json", DamagedRunIT::garbage, "run.json: damaged: "),
                text("run.json", t -> t.replace("squall/run/1", "squall/run/9"), "run.json: schema squall/run/9"),
                missing("harness.csv", "harness.csv: missing (expected: the harness's journal"),
                bytes("harness.csv", b -> new byte[0], "harness.csv: names no child"),
                bytes("harness.csv", DamagedRunIT::garbage, "harness.csv: "),
                text("harness.csv", t -> t.replaceFirst("t_us", "t_ms"), "harness.csv: the header is "),
                text("clients-0.csv", t -> t.replaceFirst("t_us", "t_ms"), "clients-0.csv: the header is "),
                lines("clients-0.csv", l -> l.remove(0), "clients-0.csv: the header is "),
                bytes("clients-0.csv", DamagedRunIT::garbage, "clients-0.csv: "),
                bytes("node-0.csv", DamagedRunIT::garbage, "node-0.csv: "));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void whatCannotBeReadIsAnErrorThatNamesTheFile(Damage damage) throws Exception {
        Path damaged = damaged(damage);

        try {
            Assessment assessment = Assessment.of(new RunDirectory(damaged));
            throw new AssertionError("judged: " + assessment.verdict() + " "
                    + assessment.statistics().trust().reasons());
        } catch (IOException error) {
            String told = error instanceof java.nio.file.FileSystemException file ? file.getFile() : error.getMessage();
            assertThat(told).contains(damage.told).contains(damaged.toString()).hasSizeLessThan(600);
            assertThat(told.chars().filter(c -> c < ' ').count())
                    .as("control characters")
                    .isZero();
        }
    }

    static Stream<Damage> distrusts() {
        return Stream.of(
                missing("clients-0.csv", "clients-0.csv is missing"),
                missing("node-0.csv", "node-0.csv is missing"),
                missing("node-0.1.csv", "node-0.1.csv is missing"),
                bytes("clients-0.csv", DamagedRunIT::half, "clients-0.csv ends in the middle of a line"),
                bytes("clients-0.csv", b -> new byte[0], "clients-0.csv lacks its last lines"),
                lines("clients-0.csv", l -> l.subList(1, l.size()).clear(), "clients-0.csv lacks its last lines"),
                lines("clients-0.csv", l -> l.subList(l.size() / 2, l.size()).clear(), "clients-0.csv lacks its last"),
                lines("clients-0.csv", l -> l.remove(l.size() - 1), "clients-0.csv lacks its last lines"),
                lines("node-0.1.csv", l -> l.subList(l.size() - 9, l.size()).clear(), "node-0.1.csv lacks its last"),
                lines("node-0.csv", l -> l.subList(2, l.size()).clear(), "node-0.csv ends long before its process"),
                bytes("node-0.csv", b -> new byte[0], "node-0.csv ends long before its process was killed"),
                lines("clients-0.csv", l -> l.remove(200), "1 journal rows missing by their running numbers"),
                lines("clients-0.csv", l -> l.add(200, l.get(199)), "1 journal rows not understood"),
                lines("clients-0.csv", l -> l.add(600, l.remove(200)), "1 journal rows not understood"),
                lines("clients-0.csv", l -> Collections.swap(l, 200, 201), "1 journal rows not understood"),
                lines(
                        "clients-0.csv",
                        l -> l.set(800, earlier(l.get(800))),
                        "1 journal rows more than 1 s out of order"),
                lines("clients-0.csv", l -> l.set(200, "\0\u0001\uffff\"," + l.get(200)), "not understood"),
                lines("clients-0.csv", l -> l.add(l.get(l.size() - 2)), "1 journal rows not understood"),
                missing("clients-0.hlog", "clients-0.hlog is missing"),
                missing("node-0.hlog", "node-0.hlog is missing"),
                bytes("clients-0.hlog", b -> new byte[0], "clients-0.hlog lacks its last lines"),
                bytes("clients-0.hlog", DamagedRunIT::half, "clients-0.hlog ends in the middle of a line"),
                lines("clients-0.hlog", l -> l.remove(l.size() - 1), "clients-0.hlog lacks its last lines"),
                lines("clients-0.hlog", l -> l.subList(6, l.size()).clear(), "clients-0.hlog lacks its last lines"),
                lines("clients-0.hlog", l -> l.remove(5), "clients-0.hlog lacks its last lines"),
                lines("clients-0.hlog", l -> l.set(5, "\0garbage"), "clients-0.hlog is damaged"),
                lines("clients-0.hlog", l -> l.set(5, l.get(5).replace("HIST", "HOST")), "clients-0.hlog is damaged"),
                bytes("clients-0.hlog", DamagedRunIT::garbage, "clients-0.hlog "),
                lines("harness.csv", l -> l.subList(l.size() - 2, l.size()).clear(), "the harness died during the run"),
                lines("harness.csv", l -> l.subList(5, l.size()).clear(), "the harness died during the run"),
                lines("harness.csv", l -> l.remove(1), "harness.csv has 1 missing or damaged rows"),
                lines("harness.csv", l -> l.set(3, "\0garbage"), "harness.csv has "));
    }

    @ParameterizedTest
    @MethodSource("distrusts")
    void whatIsMissingOrDamagedCostsThePassAndIsTold(Damage damage) throws Exception {
        Assessment assessment = Assessment.of(new RunDirectory(damaged(damage)));

        assertThat(assessment.verdict()).isNotEqualTo(Verdict.PASS);
        assertThat(assessment.statistics().trust().reasons()).anyMatch(reason -> reason.contains(damage.told));
    }

    @Test
    void aCopyBesideAJournalIsNotCounted() throws Exception {
        Path copied = damaged(new Damage(
                "copies",
                d -> {
                    for (String name : List.of("clients-0", "node-0")) {
                        Files.copy(d.resolve(name + ".csv"), d.resolve(name + " (copy).csv"));
                        Files.copy(d.resolve(name + ".hlog"), d.resolve(name + " (copy).hlog"));
                    }
                },
                ""));

        assertThat(Assessment.of(new RunDirectory(copied)).results()).isEqualTo(results);
    }

    @Test
    void linesThatWereRemovedRepeatedOrMovedAtRandomAreNeverANumberThatIsQuietlyWrong() throws Exception {
        for (int seed = 0; seed < RANDOM_DAMAGES; seed++) {
            Random random = new Random(seed);
            // Not the files of the node that the plan killed: their last second is missing by right.
            String file = List.of("clients-0.csv", "node-0.1.csv", "harness.csv", "clients-0.hlog", "node-0.1.hlog")
                    .get(seed % 5);
            Path damaged = damaged(lines(file, l -> damage(l, random), ""));
            try {
                Assessment assessment = Assessment.of(new RunDirectory(damaged));
                assertThat(assessment.verdict() != Verdict.PASS
                                || assessment.results().equals(results))
                        .as("seed %d: %s passes with other numbers", seed, file)
                        .isTrue();
            } catch (IOException error) {
                assertThat(error.getMessage()).as("seed %d", seed).contains(file);
            }
            delete(damaged);
        }
    }

    private static void damage(List<String> lines, Random random) {
        int from = random.nextInt(lines.size());
        int to = Math.min(lines.size(), from + 1 + (random.nextBoolean() ? 0 : random.nextInt(lines.size())));
        List<String> some = lines.subList(from, to);
        switch (random.nextInt(4)) {
            case 0 -> some.clear();
            case 1 -> lines.addAll(random.nextInt(lines.size()), List.copyOf(some));
            case 2 -> Collections.rotate(some, 1 + random.nextInt(some.size()));
            default -> lines.subList(from, lines.size()).clear();
        }
    }

    @Test
    void theCommandTellsDamageInWordsAndInItsExitCode() throws Exception {
        Path cut = damaged(bytes("clients-0.csv", DamagedRunIT::half, ""));
        Squall.Answer inconclusive = squall.call("report", cut.toString());
        assertThat(inconclusive.exitCode()).as(inconclusive.toString()).isIn(1, 3);
        assertThat(inconclusive.out()).contains("clients-0.csv ends in the middle of a line");
        delete(cut);

        Path noHarness = damaged(missing("harness.csv", ""));
        Squall.Answer error = squall.call("report", noHarness.toString());
        assertThat(error.exitCode()).as(error.toString()).isEqualTo(2);
        assertThat(error.err())
                .contains(noHarness.resolve("harness.csv").toString())
                .doesNotContain("\tat ");
    }

    @Test
    void aRunDirectoryThatMayNotBeWrittenIsJudgedButDoesNotPass() throws Exception {
        Remains.need(
                new ProcessBuilder("unshare", "-rm", "true").start().waitFor() == 0,
                "unprivileged mounts (unshare -rm)");
        Files.writeString(directory.resolve("script.sh"), """
                mount --bind RUN RUN && mount -o remount,bind,ro RUN && bash 'LAUNCHER' report RUN
                """.replace("RUN", run.toString())
                .replace("LAUNCHER", squall.home().resolve("squall").toString()));

        Squall.Answer report = squall.shell("unshare -rm sh script.sh");

        assertThat(report.exitCode()).as(report.toString()).isEqualTo(3);
        assertThat(report.out()).contains("PASS  whole");
        assertThat(report.err()).contains("results.json: Read-only file system");
        assertThat(Files.readString(run.resolve("results.json"))).isEqualTo(results);
    }

    /** A copy of the run with this damage. */
    private Path damaged(Damage damage) throws IOException {
        Path copy = Files.createDirectories(folder.resolve("run"));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(run)) {
            for (Path file : files) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        damage.act.on(copy);
        return copy;
    }

    private static void delete(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private static Damage missing(String file, String told) {
        return new Damage(file + " missing", d -> Files.delete(d.resolve(file)), told);
    }

    private static Damage bytes(String file, UnaryOperator<byte[]> act, String told) {
        return new Damage(
                file + ": " + told,
                d -> Files.write(d.resolve(file), act.apply(Files.readAllBytes(d.resolve(file)))),
                told);
    }

    private static Damage text(String file, UnaryOperator<String> act, String told) {
        return bytes(file, b -> act.apply(text(b)).getBytes(StandardCharsets.UTF_8), told);
    }

    private static Damage lines(String file, Consumer<List<String>> act, String told) {
        return new Damage(
                file + ": " + told,
                d -> {
                    List<String> lines = new ArrayList<>(Files.readAllLines(d.resolve(file)));
                    act.accept(lines);
                    Files.write(d.resolve(file), lines);
                },
                told);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] half(byte[] bytes) {
        int half = bytes.length / 2;
        while (bytes[half - 1] == '\n' || bytes[half] == '\n') {
            half++; // In mid-row.
        }
        return java.util.Arrays.copyOf(bytes, half);
    }

    private static byte[] garbage(byte[] bytes) {
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    /** The row, 3 s earlier. */
    private static String earlier(String row) {
        String[] columns = row.split(",", 3);
        return columns[0] + "," + (Long.parseLong(columns[1]) - 3_000_000) + "," + columns[2];
    }
}
