package dev.squall.role;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeRequestTest {

    private static ProbeRequest request(List<String> require, List<String> offer) {
        return ProbeRequest.of("ws://[::1]:9001/chat?a=%20b", require, offer, true, "1.5s", true);
    }

    @Test
    void theChildReadsWhatTheCommandWrote() {
        ProbeRequest request =
                request(List.of("x-foo; a=1"), List.of("permessage-deflate; client_max_window_bits", "x-bar"));

        assertThat(ProbeRequest.parse(request.arguments().toArray(String[]::new)))
                .isEqualTo(request);
        assertThat(request.timeoutMicros()).isEqualTo(1_500_000);
        assertThat(request.url().host()).isEqualTo("::1");
    }

    @Test
    void deflateIsOfferedUnlessAnotherOfferIsMade() {
        assertThat(request(List.of(), List.of()).negotiation().header()).isEqualTo("permessage-deflate");
        assertThat(request(List.of(), List.of("x-foo")).negotiation().header()).isEqualTo("x-foo");
    }

    @Test
    void whatIsRequiredIsOfferedTooAndOnce() {
        assertThat(request(List.of("x-foo"), List.of()).negotiation().header()).isEqualTo("permessage-deflate, x-foo");
        assertThat(request(List.of("permessage-deflate; server_no_context_takeover"), List.of())
                        .negotiation()
                        .header())
                .isEqualTo("permessage-deflate; server_no_context_takeover");
        assertThat(request(List.of("x-foo"), List.of("x-foo; a=1"))
                        .negotiation()
                        .header())
                .isEqualTo("x-foo; a=1");
    }
}
