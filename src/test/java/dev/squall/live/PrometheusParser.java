package dev.squall.live;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Prometheus' own client for Python reads a text, for we did not write it; a test is skipped where there is none. */
final class PrometheusParser {

    private static final Path PYTHON = Path.of("/usr/bin/python3");
    private static final long LIMIT_SECONDS = 10;

    private static final String SCRIPT = """
            import json, sys
            from prometheus_client.parser import text_string_to_metric_families
            families = {}
            for family in text_string_to_metric_families(sys.stdin.read()):
                assert family.name not in families, family.name + " comes twice"
                families[family.name] = {"type": family.type, "help": family.documentation, "samples": [
                    {"name": sample.name, "labels": sample.labels, "value": sample.value} for sample in family.samples]}
            print(json.dumps(families))
            """;

    private PrometheusParser() {}

    /** The families of a text, by their names. */
    static JsonNode families(String text) throws IOException, InterruptedException {
        assumeTrue(
                Files.isExecutable(PYTHON)
                        && python("import prometheus_client", "").exitValue() == 0,
                "no prometheus_client for " + PYTHON + " (Debian's python3-prometheus-client)");
        Process process = python(SCRIPT, text);
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.exitValue() != 0) {
            throw new AssertionError(errors + text);
        }
        return JsonMapper.builder().build().readTree(process.getInputStream());
    }

    private static Process python(String script, String in) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(PYTHON.toString(), "-c", script).start();
        try (var out = process.getOutputStream()) {
            out.write(in.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended before it had read all; its exit code tells.
        }
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("no answer within " + LIMIT_SECONDS + " s");
        }
        return process;
    }
}
