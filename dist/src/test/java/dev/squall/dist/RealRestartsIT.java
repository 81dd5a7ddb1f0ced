package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What real servers do to 2,000 clients when they restart, told code by code as a record of the wire has it. */
@Timeout(180)
class RealRestartsIT {

    private static final int CLIENTS = 2_000;
    private static final Path SERVERS = Path.of("src", "test", "servers").toAbsolutePath();

    private static final String EXPERIMENT = """
            duration: 13s
            seed: 5
            target:
              url: ws://127.0.0.1:%d/
              identify-node: header:x-pod
              restart: {command: [sh, restart.sh], settle: 2500ms, timeout: 5s}
            load:
              all: {clients: %d, arrive: {over: 2s}, reconnect: {delay: 100ms..1s}}
            faults:
              - restart: {at: 3s, deadline: 4s}
              - restart: {at: 8s, deadline: 4s}
            """;

    @TempDir
    Path directory;

    private Process server;
    private boolean nginx;

    @AfterEach
    void stopAll() throws Exception {
        if (nginx) {
            nginx("-s", "stop").waitFor(10, TimeUnit.SECONDS);
        }
        if (server != null) {
            server.destroyForcibly();
        }
        Path second = directory.resolve("second.pid");
        if (Files.exists(second)) {
            ProcessHandle.of(Long.parseLong(Files.readString(second).strip()))
                    .ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private Process chat(int port, String farewell) throws IOException {
        return new ProcessBuilder("node", SERVERS.resolve("chat.mjs").toString(), String.valueOf(port), farewell)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("chat.log").toFile())
                .start();
    }

    private Process nginx(String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("nginx", "-p", directory.toString(), "-c", "nginx.conf", "-e", "error.log"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("nginx.txt").toFile())
                .start();
    }

    private JsonNode run(WireRecord wire) throws Exception {
        Squall squall = new Squall(directory);
        Squall.Answer answer = squall.call(
                "run",
                squall.experiment("real", String.format(EXPERIMENT, wire.port(), CLIENTS))
                        .toString());
        assertThat(answer.exitCode()).as(answer.toString()).isZero();
        return squall.results("real");
    }

    /** What a restart's clients saw, as the record spells it. */
    private static Map<String, Integer> seen(JsonNode restart) {
        Map<String, Integer> seen = new TreeMap<>();
        for (JsonNode each : restart.get("seen")) {
            String how = each.get("how").asText();
            seen.merge(
                    how.equals("close") ? each.get("code").asText() : how,
                    each.get("clients").asInt(),
                    Integer::sum);
        }
        return seen;
    }

    private static Map<String, Integer> sum(Map<String, Integer> one, Map<String, Integer> other) {
        Map<String, Integer> sum = new TreeMap<>(one);
        other.forEach((how, count) -> sum.merge(how, count, Integer::sum));
        return sum;
    }

    @Test
    void nginxBeforeAServerDropsWhatItKeepsOnReloadAndEveryoneOnRestart() throws Exception {
        Remains.need(Program.runs(Path.of("."), "nginx", "-v"), "nginx");
        Remains.need(Program.runs(SERVERS, "node", "-e", "import('ws')"), "Node's ws");
        int behind = Remains.freePort();
        int front = Remains.freePort();
        server = chat(behind, "1012");
        Files.writeString(directory.resolve("nginx.conf"), """
                pid nginx.pid;
                worker_processes 1;
                worker_rlimit_nofile 10000;
                worker_shutdown_timeout 1s;
                events { worker_connections 8192; }
                http {
                  access_log off;
                  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
                  server {
                    listen 127.0.0.1:%d backlog=4096;
                    location / {
                      proxy_pass http://127.0.0.1:%d;
                      proxy_http_version 1.1;
                      proxy_set_header Upgrade $http_upgrade;
                      proxy_set_header Connection upgrade;
                    }
                  }
                }
                """.formatted(front, behind));
        assertThat(nginx().waitFor(10, TimeUnit.SECONDS)).isTrue();
        nginx = true;
        String again = "nginx -p '" + directory + "' -c nginx.conf -e error.log";
        Files.writeString(directory.resolve("restart.sh"), """
                if [ -e reloaded ]; then %1$s -s stop; sleep 0.3; %1$s; else touch reloaded; %1$s -s reload; fi
                """.formatted(again));

        try (WireRecord wire = new WireRecord(front)) {
            JsonNode results = run(wire);

            // nginx passes no Close on: whoever it keeps longer than its timeout, or at all, loses TCP.
            Map<String, Integer> reload = seen(results.at("/restarts/0"));
            Map<String, Integer> restart = seen(results.at("/restarts/1"));
            assertThat(sum(reload, restart)).as("on the wire").isEqualTo(wire.seen());
            assertThat(reload.keySet()).isSubsetOf("eof", "reset");
            assertThat(results.at("/restarts/0/affected").asInt()).isEqualTo(CLIENTS);
            assertThat(results.at("/restarts/1/affected").asInt()).isEqualTo(CLIENTS);
            assertThat(results.at("/restarts/0/codes").toString()).isEqualTo("{\"1006\":" + CLIENTS + "}");
            assertThat(results.at("/restarts/0/wellBehaved/restart").asBoolean())
                    .isFalse();
            assertThat(results.at("/restarts/0/wellBehaved/advice").toString()).contains("without a Close");
            int pods = results.at("/restarts/0/seenByNode/0/affected").asInt()
                    + results.at("/restarts/0/seenByNode/1/affected").asInt();
            assertThat(results.at("/restarts/0/seenByNode/0/node").asText()).isEqualTo("pod-0");
            assertThat(pods).isEqualTo(CLIENTS);
        }
    }

    @Test
    void nodesWsSaysWhatItIsToldToSayAndElseNothing() throws Exception {
        Remains.need(Program.runs(SERVERS, "node", "-e", "import('ws')"), "Node's ws");
        int port = Remains.freePort();
        server = chat(port, "1012");
        // The first one says 1012; the one that takes its place just goes.
        Files.writeString(
                directory.resolve("restart.sh"), """
                if [ -e second.pid ]; then kill -TERM "$(cat second.pid)"; else kill -TERM %d; fi
                sleep 0.5
                node '%s' %d nothing > second.log 2>&1 &
                echo $! > second.pid
                sleep 0.5
                """.formatted(server.pid(), SERVERS.resolve("chat.mjs"), port));

        try (WireRecord wire = new WireRecord(port)) {
            JsonNode results = run(wire);

            Map<String, Integer> polite = seen(results.at("/restarts/0"));
            Map<String, Integer> rude = seen(results.at("/restarts/1"));
            assertThat(sum(polite, rude)).as("on the wire").isEqualTo(wire.seen());
            assertThat(polite).isEqualTo(Map.of("1012", CLIENTS));
            assertThat(rude.keySet()).isSubsetOf("eof", "reset");
            assertThat(results.at("/restarts/1/affected").asInt()).isEqualTo(CLIENTS);
        }
    }
}
