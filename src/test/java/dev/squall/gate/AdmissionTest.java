package dev.squall.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {

    private static final String TOKEN = "0123456789abcdef";
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private static int status(Admission admission, String host, String origin) {
        return admission.admit(host, origin).map(Admission.Refusal::status).orElse(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:9003", "127.0.0.1:1", "127.1.2.3", "[::1]:9003", "[::1]"})
    void everyNameOfTheLoopbackIsTaken(String host) {
        assertThat(status(new Admission("live", LOOPBACK, null), host, null)).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "10.0.0.1", "[::2]:80"})
    void aNameThatOnlyPointsHereIsRefusedUnlessATokenIsAskedFor(String host) {
        assertThat(status(new Admission("live", LOOPBACK, null), host, null)).isEqualTo(421);
        assertThat(status(new Admission("live", LOOPBACK, TOKEN), host, null)).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b:c", "localhost:", "localhost:123456", "user@localhost", "[localhost]", "::1"})
    void whatIsNoHostIsMalformed(String host) {
        assertThat(status(new Admission("live", LOOPBACK, null), host, null)).isEqualTo(400);
    }

    @Test
    void aPageOfAnotherSiteIsRefusedAndItsOwnIsNot() {
        Admission admission = new Admission("live", LOOPBACK, null);
        assertThat(status(admission, "localhost:9003", "http://evil.example")).isEqualTo(403);
        assertThat(status(admission, "localhost:9003", "null")).isEqualTo(403);
        assertThat(status(admission, "localhost:9003", "http://localhost:9003")).isEqualTo(200);
    }

    @Test
    void theTokenIsPresentedWholeAndAsBearer() {
        Admission admission = new Admission("live", LOOPBACK, TOKEN);
        for (String wrong : new String[] {null, "", "Bearer", TOKEN, "Basic " + TOKEN, "Bearer " + TOKEN + "0"}) {
            assertThat(admission.authorize(wrong))
                    .as(wrong)
                    .hasValueSatisfying(refusal -> assertThat(refusal.status()).isEqualTo(401));
        }
        assertThat(admission.authorize("bearer " + TOKEN)).isEmpty();
        assertThat(new Admission("live", LOOPBACK, null).authorize(null)).isEmpty();
    }

    @Test
    void whereOthersReachItAStrongTokenIsAskedForWhichNoMessageTells() throws UnknownHostException {
        InetAddress any = InetAddress.getByName("0.0.0.0");
        assertThatThrownBy(() -> new Admission("live", any, null))
                .hasMessage("live token: none (expected: a token, since 0.0.0.0 can be reached from other machines)");
        assertThatThrownBy(() -> new Admission("live", any, "secret")).hasMessageNotContaining("secret");
    }
}
