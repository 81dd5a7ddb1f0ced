package dev.squall.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squall.protocol.Negotiation.Judgement;
import dev.squall.protocol.Negotiation.Outcome;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NegotiationTest {

    private static final Negotiation STRICT =
            new Negotiation(parsed("permessage-deflate"), parsed("permessage-deflate; server_no_context_takeover"));

    private static List<Extension> parsed(String... extensions) {
        return Arrays.stream(extensions).map(Extension::parse).toList();
    }

    @Test
    void theRequestOffersInOrder() {
        assertThat(new Negotiation(parsed("b; x=1", "a"), List.of()).header()).isEqualTo("b; x=1, a");
        assertThat(new Negotiation(List.of(), List.of()).header()).isEmpty();
    }

    @Test
    void whatIsRequiredMustBeOffered() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Negotiation(parsed("a"), parsed("b; x")))
                .withMessage("require: b (expected: an extension that is offered too)");
    }

    @Test
    void aResponseWithAllThatIsRequiredOpens() {
        Judgement judgement = STRICT.judge("permessage-deflate; server_no_context_takeover");

        assertThat(judgement.worst()).isEqualTo(Outcome.NEGOTIATED);
        assertThat(judgement.negotiated()).isEqualTo(parsed("permessage-deflate; server_no_context_takeover"));
        assertThat(judgement.reason()).isEmpty();
        assertThat(judgement.outcomes()).isEqualTo("permessage-deflate=negotiated");
    }

    @Test
    void aMissingRequiredExtensionIsTheReasonOf1010() {
        Judgement judgement = STRICT.judge(null);

        assertThat(judgement.worst()).isEqualTo(Outcome.MISSING);
        assertThat(judgement.reason()).isEqualTo("permessage-deflate; server_no_context_takeover");
        assertThat(judgement.outcomes()).isEqualTo("permessage-deflate=missing");
    }

    @Test
    void otherParametersThanRequiredAreAMismatch() {
        Judgement judgement = STRICT.judge("permessage-deflate; client_no_context_takeover");

        assertThat(judgement.worst()).isEqualTo(Outcome.MISMATCHED);
        assertThat(judgement.reason()).isEqualTo("permessage-deflate; server_no_context_takeover");
        assertThat(judgement.outcomes()).isEqualTo("permessage-deflate=mismatched");
    }

    @Test
    void aServerMayDeclineWhatIsMerelyOffered() {
        Judgement judgement = new Negotiation(parsed("a", "b"), parsed("b")).judge("b");

        assertThat(judgement.worst()).isEqualTo(Outcome.NEGOTIATED);
        assertThat(judgement.reason()).isEmpty();
        assertThat(judgement.outcomes()).isEqualTo("a=missing b=negotiated");
    }

    @Test
    void aClientThatNoLongerRequiresOffersTheSameAndOpensWithout() {
        assertThat(STRICT.relaxed().header()).isEqualTo(STRICT.header());
        assertThat(STRICT.relaxed().judge(null).worst()).isEqualTo(Outcome.NEGOTIATED);
    }

    @ParameterizedTest
    @CsvSource({"a; y, b; y", "b; y, a; y"})
    void theReasonListsEveryLackingExtensionInTheOrderOfTheOffer(String first, String second) {
        Judgement judgement = new Negotiation(parsed("a", "b"), parsed(first, second)).judge("a; z");

        assertThat(judgement.reason()).isEqualTo("a; y, b; y");
        assertThat(judgement.outcomes()).isEqualTo("a=mismatched b=missing");
    }

    @ParameterizedTest
    @CsvSource({"a; z, a=mismatched b=missing", "b; z, a=missing b=mismatched"})
    void missingIsWorseThanMismatched(String response, String outcomes) {
        Judgement judgement = new Negotiation(parsed("a", "b"), parsed("a; y", "b; y")).judge(response);

        assertThat(judgement.worst()).isEqualTo(Outcome.MISSING);
        assertThat(judgement.outcomes()).isEqualTo(outcomes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-unknown| x-unknown",
                "permessage-deflate, x-unknown| x-unknown",
                "permessage-deflate, permessage-deflate| permessage-deflate",
                "permessage-deflate;| a token was expected",
                "''| a token was expected"
            })
    void aResponseThatNobodyOfferedFailsTheConnection(String response, String reason) {
        Judgement judgement = STRICT.judge(response);

        assertThat(judgement.worst()).isEqualTo(Outcome.UNOFFERED);
        assertThat(judgement.reason()).contains(reason);
        assertThat(judgement.negotiated()).isEmpty();
        assertThat(judgement.outcomes()).isEmpty();
    }

    @Test
    void aClientWithoutAnOfferTakesNoExtension() {
        Negotiation plain = new Negotiation(List.of(), List.of());

        assertThat(plain.judge(null).worst()).isEqualTo(Outcome.NEGOTIATED);
        assertThat(plain.judge("permessage-deflate").worst()).isEqualTo(Outcome.UNOFFERED);
    }

    @Test
    void theJournalsWordIsLowerCase() {
        assertThat(Outcome.MISMATCHED.word()).isEqualTo("mismatched");
    }
}
