package dev.squall.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squall.experiment.ExperimentException;
import dev.squall.experiment.ServerReader;
import dev.squall.plan.Plan;
import dev.squall.protocol.Extension;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for each kind of fault. */
class FaultsTest {

    @TempDir
    Path directory;

    private static Stream<Kind> kinds() {
        return Faults.KINDS.stream();
    }

    private static FaultWindow read(String text) throws ExperimentException {
        return new ServerReader(Map.<String, String>of()::get).fault(text, List.of(Extension.PERMESSAGE_DEFLATE));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void itsExampleIsReadAsItsRecordAndSaysSo(Kind kind) throws ExperimentException {
        Fault fault = read(kind.example()).fault();

        assertThat(fault).isInstanceOf(kind.type());
        assertThat(fault.kind()).isEqualTo(kind);
        assertThat(fault.toString()).startsWith(kind.name());
        assertThat(Faults.kind(kind.name())).contains(kind);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void itGoesThroughAPlansFileUnchanged(Kind kind) throws ExperimentException, IOException {
        FaultWindow window = read(kind.example());
        Plan plan = Plan.ofServer(
                1,
                Plan.WITHOUT_END_MICROS,
                new Plan.Node(0, "127.0.0.1", 9001),
                new Plan.Serving(null, 0, "127.0.0.1", 0),
                List.of(Extension.PERMESSAGE_DEFLATE),
                null,
                List.of(window),
                List.of(),
                List.of());
        Path file = directory.resolve("plan.json");

        plan.write(file);

        assertThat(Plan.read(file).faults()).containsExactly(window);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void itsMainSettingIsOneOfItsSettings(Kind kind) {
        if (kind.main().isEmpty()) {
            assertThat(kind.settings()).isEmpty();
        } else {
            assertThat(kind.settings()).extracting(Kind.Setting::name).contains(kind.main());
        }
        assertThat(kind.settings()).extracting(Kind.Setting::name).doesNotContainAnyElementsOf(FaultWindow.SETTINGS);
    }

    @Test
    void noTwoHaveAName() {
        assertThat(Faults.KINDS).extracting(Kind::name).doesNotHaveDuplicates().doesNotContain(Faults.RESTART);
        assertThat(Faults.kind(Faults.RESTART)).isEmpty();
    }

    @Test
    void aSlowHandshakeIsAsLateAsItsChanceSays() {
        SlowHandshake slow = new SlowHandshake(1_000, 500);

        assertThat(slow.answer(0).delayMicros()).isEqualTo(1_000);
        assertThat(slow.answer(0.5).delayMicros()).isEqualTo(1_250);
    }

    @Test
    void recordsCheckWhatTheyHave() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Reject(299, 0))
                .withMessage("status: 299 (expected: 300 to 599)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Bandwidth(0))
                .withMessage("rate: 0 B/s (expected: 1 to 1073741824 B/s)");
        assertThatIllegalArgumentException().isThrownBy(() -> new Bandwidth((1L << 30) + 1));
    }
}
