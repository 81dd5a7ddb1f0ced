package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 100, unit = TimeUnit.SECONDS)
class RepeatIT {

    @TempDir
    private Path directory;

    @Test
    void repeatsHaveOneSeedAfterTheOtherAreToldTogetherLookedAtAndCanBeCompared() throws Exception {
        Squall squall = new Squall(directory);
        Files.writeString(directory.resolve("small.yaml"), """
                duration: 3s
                load: {phones: {clients: 20, arrive: at-once, reconnect: {delay: 100ms..200ms}}}
                faults: [{restart: {at: 1s, downtime: 100ms, deadline: 1s}}]
                expect: [restart.outage.max <= 1ms]
                """);

        Process process = squall.start("run", "--live", "small.yaml", "--repeat", "2", "--seed", "7", "--quiet");
        List<JsonNode> events = new ArrayList<>();
        String figures = look(awaitUrl(), events);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Squall.Answer run = squall.answer(process);

        assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
        assertThat(run.out())
                .contains("1/2  FAIL  small   seed 7 ", "2/2  FAIL  small   seed 8 ", "FAIL  small   2 runs: 2 fail\n")
                .containsPattern("restart.outage.max <= 1ms +\\d+ ms +\\d+ ms +\\d+ ms   2 fail\n");
        assertLookedAt(events);
        assertThat(figures)
                .contains("squall_run_info{experiment=\"small\",seed=\"7\"} 1\n")
                .containsPattern("squall_clients_open \\d")
                .contains("# TYPE squall_attempts_total counter\n");
        List<Path> files;
        try (Stream<Path> all = Files.list(squall.latest("small").resolveSibling("."))) {
            files = all.filter(file -> file.toString().endsWith(".json")).toList();
        }
        String set = files.get(0).toString();
        Squall.Answer compared = squall.call("compare", set, set);
        assertThat(compared.exitCode()).as(compared.toString()).isZero();
        assertThat(compared.out()).contains("NO REGRESSION", "(2 runs)", "fewer than 3 runs on a side");
        assertThat(Files.readString(squall.latest("small").resolve("junit.xml")))
                .contains("<testcase classname=\"squall.small\" name=\"restart.outage.max &lt;= 1ms\"", "<failure");
        assertThat(Files.readString(squall.latest("small").resolve("summary.md")))
                .contains("## FAIL: small", "squall run --live small.yaml --quiet --seed 8\n");
    }

    /** Where the live view is, as it says itself. */
    private String awaitUrl() throws IOException, InterruptedException {
        for (int i = 0; i < 300; i++) {
            try (Stream<Path> outs = Files.list(directory)) {
                for (Path out : outs.filter(
                                file -> file.getFileName().toString().startsWith("out"))
                        .toList()) {
                    Matcher told = Pattern.compile("live   (http://\\S+)\n").matcher(Files.readString(out));
                    if (told.find()) {
                        return told.group(1);
                    }
                }
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new AssertionError("no live view within 15 s");
    }

    /** Reads the events until there are no more; and once, while the first run goes on, the figures. */
    private static String look(String url, List<JsonNode> events) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        String figures = "";
        HttpResponse<InputStream> stream = client.send(
                HttpRequest.newBuilder(URI.create(url + "events")).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data: ")) {
                    events.add(JsonMapper.builder().build().readTree(line.substring("data: ".length())));
                }
                if (figures.isEmpty() && line.contains("\"second\":1,")) {
                    figures = client.send(
                                    HttpRequest.newBuilder(URI.create(url + "metrics"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body();
                }
            }
        }
        return figures;
    }

    /** Each run was told from its beginning to its verdict, with totals that never fall and are its results at last. */
    private static void assertLookedAt(List<JsonNode> events) throws IOException {
        List<JsonNode> verdicts =
                events.stream().filter(event -> event.has("verdict")).toList();
        assertThat(verdicts)
                .hasSize(2)
                .allMatch(event -> event.get("verdict").asText().equals("fail"));
        int next = 0;
        for (int i = 0; i < verdicts.size(); i++) {
            List<JsonNode> run = events.subList(next, events.indexOf(verdicts.get(i)));
            next += run.size() + 1;
            assertThat(run.get(0).get("seed").asInt()).isEqualTo(7 + i);
            List<JsonNode> seconds =
                    run.stream().filter(event -> event.has("second")).toList();
            assertThat(seconds).hasSizeGreaterThanOrEqualTo(4);
            Path report = Path.of(verdicts.get(i).get("report").asText());
            assertThat(report).exists();
            JsonNode results = JsonMapper.builder()
                    .build()
                    .readTree(report.resolveSibling("results.json").toFile());
            JsonNode last = seconds.get(seconds.size() - 1);
            assertThat(last.get("phase").asText()).isEqualTo("judging");
            for (String total : List.of("attempts", "opened", "failed")) {
                assertThat(seconds.stream()
                                .map(event -> event.get(total).asLong())
                                .toList())
                        .as(total)
                        .isSorted()
                        .last()
                        .isEqualTo(sum(results.at("/series/" + total)));
            }
            assertThat(last.at("/closedByCode/1012").asLong())
                    .isEqualTo(sum(results.at("/series/closedByCode/1012")))
                    .isEqualTo(20);
        }
    }

    private static long sum(JsonNode counts) {
        long sum = 0;
        for (JsonNode count : counts) {
            sum += count.asLong();
        }
        return sum;
    }
}
