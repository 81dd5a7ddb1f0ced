package dev.squall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.squall.fault.Faults;
import dev.squall.fault.Kind;
import dev.squall.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages of docs/faults say what the readers read. */
class FaultPagesTest {

    private static final Path PAGES = Path.of("..", "docs", "faults");

    @TempDir
    Path directory;

    private static Stream<Kind> kinds() {
        return Faults.KINDS.stream();
    }

    private static Stream<Path> pages() throws IOException {
        try (Stream<Path> pages = Files.list(PAGES)) {
            return pages.filter(page -> page.toString().endsWith(".md")).sorted().toList().stream();
        }
    }

    private static String page(String name) throws IOException {
        return Files.readString(PAGES.resolve(name + ".md"));
    }

    /** The last cell of the row of a setting. */
    private static Optional<String> valueIfAbsent(String page, String setting) {
        return Pattern.compile("(?m)^\\| `" + Pattern.quote(setting) + "` \\| .* \\| (.*) \\|$")
                .matcher(page)
                .results()
                .findFirst()
                .map(row -> row.group(1));
    }

    private static List<MatchResult> found(String page, String pattern) {
        return Pattern.compile(pattern).matcher(page).results().toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void eachFaultHasAPageWithItsSettingsAndTheirDefaults(Kind kind) throws IOException {
        String page = page(kind.name());

        assertThat(page).startsWith("# " + kind.name() + "\n");
        assertThat(kind.settings()).allSatisfy(setting -> {
            String absent = setting.absent();
            assertThat(valueIfAbsent(page, setting.name()))
                    .as("the default of %s", setting.name())
                    .contains(absent == null ? "required" : absent.isEmpty() ? "empty" : "`" + absent + "`");
        });
        assertThat(found(page, "(?m)^\\| `")).as("rows of settings").hasSameSizeAs(kind.settings());
    }

    @Test
    void theIndexHasEachFaultWithWhatItDoes() throws IOException {
        String index = page("README");

        assertThat(index).contains("[restart](restart.md)", "[capacity](capacity.md)");
        assertThat(Faults.KINDS)
                .allSatisfy(kind -> assertThat(index)
                        .contains("| [" + kind.name() + "](" + kind.name() + ".md) | " + kind.text() + " |"));
    }

    @Test
    void restartAndCapacityHaveAPageWithTheirSettings() throws IOException {
        String restart = page("restart");
        String capacity = page("capacity");

        assertThat(RestartReader.SETTINGS)
                .allSatisfy(setting ->
                        assertThat(valueIfAbsent(restart, setting)).as(setting).isPresent());
        assertThat(List.of("handshakes", "concurrent", "queue", "warm-up", "when-full"))
                .allSatisfy(setting ->
                        assertThat(valueIfAbsent(capacity, setting)).as(setting).isPresent());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyExampleCanBeRead(Path page) throws IOException {
        String text = Files.readString(page);
        ServerReader reader = new ServerReader(Map.<String, String>of()::get);

        for (MatchResult block : found(text, "(?s)```yaml\n(.*?)```")) {
            Path file = Files.writeString(directory.resolve("faults.yaml"), block.group(1));
            assertThatCode(() -> reader.read(file, Plan.WITHOUT_END_MICROS))
                    .as(block.group(1))
                    .doesNotThrowAnyException();
        }
        for (MatchResult sent : found(text, "--data '([^']*)' .*/(faults|restart)\n")) {
            assertThatCode(() -> {
                        if (sent.group(2).equals("restart")) {
                            reader.restart(sent.group(1));
                        } else {
                            reader.fault(sent.group(1), List.of());
                        }
                    })
                    .as(sent.group(1))
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkLeadsToAPage(Path page) throws IOException {
        assertThat(found(Files.readString(page), "\\]\\(([a-z-]+\\.md)\\)"))
                .allSatisfy(link -> assertThat(PAGES.resolve(link.group(1))).exists());
    }
}
