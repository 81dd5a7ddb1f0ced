package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What may be loaded, how hard, and what is written of it. */
@Timeout(120)
class ForeignTargetIT {

    /** Of the addresses that documentation may use (RFC 5737). */
    private static final String ELSEWHERE = "198.51.100.7";

    private static final String EXPERIMENT = """
            duration: 6s
            seed: 5
            target:
              url: %s
              restart: {command: [%s], settle: 1s}
            load:
              all: {clients: 200, arrive: {over: 1s}, reconnect: {delay: 50ms..200ms}}
            faults:
              - restart: {at: 3s, deadline: 3s}
            """;

    @TempDir
    Path directory;

    private String experiment(String url, String command, String more) throws IOException {
        Squall squall = new Squall(directory);
        return squall.experiment("elsewhere", String.format(EXPERIMENT, url, command) + more)
                .toString();
    }

    private void assertNothingWasMade() {
        assertThat(directory.resolve("runs")).doesNotExist();
    }

    @Test
    void aDryRunTellsTheTargetThePeakAndEveryCommandAndDoesNothing() throws Exception {
        String file = experiment("ws://127.0.0.1:9/", "sh, -c, touch 'made by the command'", "");

        Squall.Answer answer = new Squall(directory).call("run", file, "--dry-run");

        assertThat(answer.exitCode()).as(answer.toString()).isZero();
        assertThat(answer.out())
                .contains("ws://127.0.0.1:9/ at 127.0.0.1")
                .containsPattern("peak of planned attempts [0-9,]+/s")
                .contains("at 3 s   sh -c 'touch '\\''made by the command'\\'''")
                .contains("dev.squall.injector.InjectorMain");
        assertNothingWasMade();
        assertThat(directory.resolve("made by the command")).doesNotExist();
    }

    @Test
    void aServerElsewhereIsRefusedUnlessItIsAllowed() throws Exception {
        String file = experiment("ws://" + ELSEWHERE + ":9/", "'true'", "");
        Squall squall = new Squall(directory);

        Squall.Answer refused = squall.call("run", file);
        Squall.Answer another = squall.call("run", file, "--allow-target", "198.51.100.8", "--dry-run");
        Squall.Answer allowed =
                squall.call("run", file, "--allow-target", ELSEWHERE, "--allow-restart", ELSEWHERE, "--dry-run");

        assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(2);
        assertThat(refused.err()).contains("is not this machine").contains("--allow-target " + ELSEWHERE);
        assertThat(another.exitCode()).as(another.toString()).isEqualTo(2);
        assertThat(allowed.exitCode()).as(allowed.toString()).isZero();
        assertThat(allowed.out()).contains("limit of 1,000/s");
        assertNothingWasMade();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aSecretIsInNoOutputWhereverItIsUsed() throws Exception {
        String secret = "hush-4711";
        String credentials = Base64.getEncoder().encodeToString(("me:" + secret).getBytes(StandardCharsets.US_ASCII));
        Path store = directory.resolve("trust.p12");
        try (ForeignServer server = new ForeignServer(ForeignServer.Kind.UNDERTOW, true, directory);
                TlsProxy proxy = new TlsProxy(server.url(), store, secret)) {
            String file = new Squall(directory)
                    .experiment("elsewhere", """
                            duration: 5s
                            target:
                              url: wss://localhost/?token=${env:SQUALL_IT_TOKEN}
                              proxy: http://me:${env:SQUALL_IT_TOKEN}@127.0.0.1:%d
                              tls: {trust: %s, trust-password: '${env:SQUALL_IT_TOKEN}'}
                              restart: {command: [sh, -c, 'test "$0" = "$SQUALL_IT_TOKEN" && echo it was told',
                                '${env:SQUALL_IT_TOKEN}'], settle: 1s}
                            load:
                              all:
                                clients: 20
                                arrive: {over: 500ms}
                                query: {key: '${env:SQUALL_IT_TOKEN}'}
                                headers: {Authorization: 'Bearer ${env:SQUALL_IT_TOKEN}'}
                                cookies: {session: '#{client}-${env:SQUALL_IT_TOKEN}'}
                                message: {every: 1s, text: '#{client} ${env:SQUALL_IT_TOKEN}'}
                                ready: {send: '${env:SQUALL_IT_TOKEN}', until: '${env:SQUALL_IT_TOKEN}'}
                            faults: [{restart: {at: 2s, deadline: 1s}}]
                            observe:
                              dead:
                                status: http://127.0.0.1:1/?token=${env:SQUALL_IT_TOKEN}
                                headers: {Authorization: 'Bearer ${env:SQUALL_IT_TOKEN}'}
                            """.formatted(proxy.port(), store))
                    .toString();
            Squall.Answer answer = new Squall(directory).shell("SQUALL_IT_TOKEN=" + secret + " squall run " + file);

            assertThat(proxy.authorizations).as(answer.toString()).containsExactly("Basic " + credentials);
            assertThat(new Squall(directory)
                            .results("elsewhere")
                            .at("/clients/open")
                            .asInt())
                    .isEqualTo(20);
            // The command restarts nothing, so nobody is affected: what counts is what is written.
            assertThat(answer.toString()).contains("${env:SQUALL_IT_TOKEN}").doesNotContain(secret);
            Path run = new Squall(directory).latest("elsewhere").toRealPath();
            assertThat(run.resolve("restart-0.log")).hasContent("it was told\n");
            try (Stream<Path> files = Files.walk(run)) {
                for (Path each : files.filter(Files::isRegularFile).toList()) {
                    assertThat(new String(Files.readAllBytes(each), java.nio.charset.StandardCharsets.ISO_8859_1))
                            .as(each.toString())
                            .doesNotContain(secret, credentials);
                }
            }
            JsonNode restart =
                    new Squall(directory).results("elsewhere").get("restarts").get(0);
            assertThat(restart.get("found").asText()).isEqualTo("command");
            assertThat(restart.get("code").isNull()).isTrue();
            assertThat(restart.get("command").get("exitCode").asInt()).isZero();
        }
    }

    /** In a network namespace of its own, so that the address elsewhere is this machine's after all. */
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void anAllowedServerElsewhereIsLoadedAtItsOneAddressWithinTheLimit() throws Exception {
        Remains.need(namespaces(), "network namespaces (unshare -rn) with ip");
        String file = experiment(
                "ws://" + ELSEWHERE + ":9201/",
                "'true'",
                "expect: [handshake.time.p99 <= 60s, closes.1000.count == 200]\n");
        Files.writeString(directory.resolve("inside.sh"), """
                set -e
                ip link set lo up
                ip addr add %1$s/32 dev lo
                mkfifo in
                "%2$s" -cp "%3$s" dev.squall.dist.servers.UndertowServer --host %1$s --port 9201 --deflate off \\
                  --log closes.log --restart-downtime 100 < in > server.out 2>&1 &
                exec 3> in
                for i in $(seq 1 300); do grep -q listening server.out && break; sleep 0.1; done
                set +e
                squall run %4$s --allow-target %1$s --allow-restart %1$s --set target.limits.attempts=100/s
                code=$?
                exec 3>&-
                wait
                exit $code
                """.formatted(
                        ELSEWHERE,
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        System.getProperty("java.class.path"),
                        file)
                .replace("squall run", "bash '" + new Squall(directory).home().resolve("squall") + "' run"));

        Squall.Answer answer = new Squall(directory).shell("unshare -rn bash inside.sh");

        assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(3);
        JsonNode results = new Squall(directory).results("elsewhere");
        assertThat(results.get("target").get("addresses").get(0).asText()).isEqualTo(ELSEWHERE);
        assertThat(results.get("target").get("heldBack").asInt()).isPositive();
        assertThat(StreamSupport.stream(results.get("series").get("attempts").spliterator(), false))
                .allMatch(attempts -> attempts.asInt() <= 100)
                .anyMatch(attempts -> attempts.asInt() > 80);
        assertThat(verdict(results, "handshake.time.p99 <= 60s")).isEqualTo("inconclusive");
        assertThat(verdict(results, "closes.1000.count == 200")).isEqualTo("pass");
    }

    private static boolean namespaces() throws InterruptedException {
        try {
            return new ProcessBuilder("unshare", "-rn", "ip", "link", "set", "lo", "up")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }

    private static String verdict(JsonNode results, String expectation) {
        return StreamSupport.stream(results.get("findings").spliterator(), false)
                .filter(finding -> finding.get("expect").asText().equals(expectation))
                .map(finding -> finding.get("verdict").asText())
                .findFirst()
                .orElseThrow();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aKilledHarnessTakesTheRestartsCommandAlong() throws Exception {
        try (ForeignServer server = new ForeignServer(ForeignServer.Kind.UNDERTOW, true, directory)) {
            String file = experiment(server.url(), "sleep, '300'", "");
            Process harness = new Squall(directory).start("run", file);
            Pattern started = Pattern.compile("command started, process ([0-9]+)");
            Path log = new Squall(directory).latest("elsewhere").resolve("harness.log");
            Remains.await(
                    "restart's command",
                    60,
                    () -> Files.exists(log)
                            && started.matcher(Files.readString(log)).find());
            Remains remains =
                    new Remains(new Squall(directory).latest("elsewhere").toRealPath());
            Matcher pid = started.matcher(Files.readString(log));
            assertThat(pid.find()).isTrue();
            ProcessHandle command =
                    ProcessHandle.of(Long.parseLong(pid.group(1))).orElseThrow();

            harness.destroyForcibly();

            remains.assertNothingIsLeft(List.of(command), 12);
            Squall.Answer judged =
                    new Squall(directory).call("report", remains.directory().toString());
            assertThat(judged.exitCode()).as(judged.toString()).isIn(1, 3);
            assertThat(JsonMapper.builder()
                            .build()
                            .readTree(
                                    remains.directory().resolve("results.json").toFile())
                            .get("restarts")
                            .get(0)
                            .get("command")
                            .get("failure")
                            .asText())
                    .contains("had not ended");
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aHarnessThatFailsInMidRunPassesNothing() throws Exception {
        try (ForeignServer server = new ForeignServer(ForeignServer.Kind.UNDERTOW, true, directory)) {
            String file = experiment(server.url(), "'true'", "expect: [clients.lost.count == 0]\n");
            Process harness = new Squall(directory).start("run", file);
            Path journal = new Squall(directory).latest("elsewhere").resolve("clients-0.csv");
            Remains.await(
                    "open client",
                    60,
                    () -> Files.exists(journal) && Files.readString(journal).contains("READY"));

            // Without its reaper it may start no restart's command: nobody would end that.
            harness.children()
                    .filter(child -> !child.info().command().orElse("").endsWith("java"))
                    .forEach(ProcessHandle::destroyForcibly);

            assertThat(harness.waitFor(60, java.util.concurrent.TimeUnit.SECONDS))
                    .isTrue();
            Squall.Answer answer = new Squall(directory).answer(harness);
            assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(3);
            assertThat(answer.out()).contains("the harness died during the run");
        }
    }
}
