package dev.squall.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CloseCodeTest {

    @ParameterizedTest
    @CsvSource({
        "1000, Normal Closure",
        "1001, Going Away",
        "1005, No Status Received",
        "1006, Abnormal Closure",
        "1010, Mandatory Extension",
        "1012, Service Restart",
        "1013, Try Again Later",
        "1014, Bad Gateway",
        "1004, Unassigned",
        "2999, Unassigned",
        "3000, Registered by a library",
        "3999, Registered by a library",
        "4000, Private use",
        "4999, Private use",
        "5000, Unassigned"
    })
    void aCodeIsCalledByItsRegisteredNameOrItsRange(int code, String title) {
        assertThat(CloseCode.title(code)).isEqualTo(title);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
    void theseMayStandInACloseFrame(int code) {
        assertThat(CloseCode.mayTravel(code)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535})
    void theseNeverTravel(int code) {
        assertThat(CloseCode.mayTravel(code)).isFalse();
    }

    @Test
    void everyNumberStandsOnceAndIsFound() {
        assertThat(Arrays.stream(CloseCode.values()).map(CloseCode::code)).doesNotHaveDuplicates();
        assertThat(CloseCode.of(1012)).contains(CloseCode.SERVICE_RESTART);
        assertThat(CloseCode.of(1010)).contains(CloseCode.MANDATORY_EXTENSION);
        assertThat(CloseCode.of(1004)).isEmpty();
        assertThat(CloseCode.of(4000)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whoeverMeetsACodeIsToldWhatItMeansAndWhatToDo(CloseCode code) {
        assertThat(code.meaning()).endsWith(".");
        assertThat(code.seen()).endsWith(".");
        assertThat(code.advice()).endsWith(".");
    }

    @Test
    void theAdviceIsTheGuides() {
        assertThat(CloseCode.MANDATORY_EXTENSION.advice())
                .contains("Enable the extension on the server", "optional in the client", "Sec-WebSocket-Extensions");
        assertThat(CloseCode.SERVICE_RESTART.advice())
                .contains("Reconnect automatically", "1 to 5 s", "success once the server is back");
    }

    @Test
    void aReasonFitsBesideTheCodeIntoAControlFrame() {
        assertThat(CloseCode.MAX_REASON_BYTES + 2).isEqualTo(125);
    }
}
