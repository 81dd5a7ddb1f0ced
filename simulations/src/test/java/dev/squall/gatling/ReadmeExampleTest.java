package dev.squall.gatling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeExampleTest {

    @Test
    void theReadmeShowsTheSimulationThatGatlingsPluginRuns() throws IOException {
        String source = Files.readString(Path.of("src/test/java/example/RestartSimulation.java"));

        assertThat(Files.readString(Path.of("..", "README.md")))
                .contains("```java\n" + source.substring(source.indexOf("public class RestartSimulation")) + "```\n");
    }
}
