package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The jobs of docs/ci.md, line by line. */
@Timeout(value = 100, unit = TimeUnit.SECONDS)
class CiPageIT {

    private static final Path PAGE = Path.of("..", "docs", "ci.md");
    private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    private static final String EXPERIMENT = """
            duration: 3s
            load: {phones: {clients: 20, arrive: at-once, reconnect: {delay: 100ms..200ms}}}
            faults: [{restart: {at: 1s, downtime: 100ms, deadline: 1s}}]
            expect: [EXPECTED]
            """;

    private record Answer(int exitCode, String text) {}

    @TempDir
    private Path directory;

    private static Map<?, ?> job(int place) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = YAML.matcher(Files.readString(PAGE));
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        return (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(blocks.get(place));
    }

    private Answer sh(String lines) throws IOException, InterruptedException {
        // As both run a step: it ends with the first line that fails.
        ProcessBuilder builder = new ProcessBuilder("/bin/bash", "-e", "-c", lines)
                .directory(directory.toFile())
                .redirectErrorStream(true);
        Path tarball = Path.of(System.getProperty("squall.tarball")).toAbsolutePath();
        builder.environment().put("SQUALL_URL", tarball.toUri().toString());
        builder.environment()
                .put("GITHUB_STEP_SUMMARY", directory.resolve("page.md").toString());
        builder.environment()
                .put(
                        "SQUALL_JAVA",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Process process = builder.start();
        String text;
        try (InputStream in = process.getInputStream()) {
            text = Squall.text(in);
        }
        return new Answer(process.waitFor(), text);
    }

    private void expect(String expectation) throws IOException {
        Files.createDirectories(directory.resolve("experiments"));
        Files.writeString(
                directory.resolve("experiments").resolve("chat.yaml"), EXPERIMENT.replace("EXPECTED", expectation));
    }

    @Test
    void theStepsForGithubInstallRunAndShowTheSummary() throws Exception {
        expect("restart.recovered.rate >= 99%");
        Map<?, ?> jobs = (Map<?, ?>) job(0).get("jobs");
        List<?> steps = (List<?>) ((Map<?, ?>) jobs.get("restart")).get("steps");
        for (Object step : steps) {
            Object run = ((Map<?, ?>) step).get("run");
            if (run != null) {
                Answer answer = sh(run.toString());
                assertThat(answer.exitCode()).as(run + "\n" + answer.text()).isZero();
            }
        }

        assertThat(directory.resolve("page.md")).content().startsWith("## PASS: chat\n");
    }

    @Test
    void theScriptForGitlabFailsWithTheExpectationAndLeavesTheListOfTests() throws Exception {
        expect("restart.outage.max <= 1ms");
        Map<?, ?> job = (Map<?, ?>) job(1).get("restart");
        String script = String.join(
                "\n",
                ((List<?>) job.get("script")).stream().map(String::valueOf).toList());

        Answer answer = sh(script);

        assertThat(answer.exitCode()).as(answer.text()).isEqualTo(1);
        String junit = ((Map<?, ?>) ((Map<?, ?>) job.get("artifacts")).get("reports"))
                .get("junit")
                .toString();
        Answer listed = sh("cat " + junit);
        assertThat(listed.text()).contains("<failure message=\"observed ", "name=\"restart.outage.max &lt;= 1ms\"");
        for (Object path : (List<?>) ((Map<?, ?>) job.get("artifacts")).get("paths")) {
            assertThat(sh("ls " + path).exitCode()).as(path.toString()).isZero();
        }
    }
}
