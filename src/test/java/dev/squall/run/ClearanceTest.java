package dev.squall.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentException;
import dev.squall.experiment.ExperimentReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClearanceTest {

    /** Of the addresses that documentation may use (RFC 5737): nobody is there, and nothing is dialled. */
    private static final String ELSEWHERE = "192.0.2.7";

    private static Experiment experiment(String url, String more) throws ExperimentException {
        return new ExperimentReader(20_000, name -> null)
                .read(
                        "duration: 60s\nload: {all: {clients: 10}}\ntarget: {url: '" + url + "'}\n" + more,
                        "test.yaml",
                        List.of());
    }

    private static String address(Experiment experiment, String... allowed) throws RunException {
        return ((Experiment.Foreign) Clearance.of(experiment, List.of(allowed)))
                .endpoint()
                .addresses()
                .get(0);
    }

    @ParameterizedTest
    @CsvSource({"ws://127.0.0.1:9001/,127.0.0.1", "ws://localhost:9001/,127.0.0.1", "ws://127.1.2.3/,127.1.2.3"})
    void thisMachineIsClearedAtOneAddress(String url, String address) throws Exception {
        assertThat(address(experiment(url, ""))).isEqualTo(address);
    }

    @Test
    void anIpv6AddressOfThisMachineIsClearedToo() throws Exception {
        assertThat(address(experiment("ws://[::1]:9001/", ""))).isEqualTo("0:0:0:0:0:0:0:1");
    }

    @Test
    void whatIsObservedElsewhereNeedsTheSameLeave() throws Exception {
        String observe = "observe: {db: {status: 'http://" + ELSEWHERE + "/'}, here: {status: 'http://[::1]:9/'}}\n";
        Experiment experiment = experiment("ws://127.0.0.1:9001/", observe);

        assertThatThrownBy(() -> Clearance.of(experiment, List.of()))
                .isInstanceOf(RunException.class)
                .hasMessageContaining(ELSEWHERE + " (" + ELSEWHERE + "), which is to be observed, is not this machine")
                .hasMessageContaining("--allow-target " + ELSEWHERE);
        assertThat(address(experiment, ELSEWHERE)).isEqualTo("127.0.0.1");
        assertThat(address(experiment("ws://127.0.0.1:9001/", observe + "allow: " + ELSEWHERE + "\n")))
                .isEqualTo("127.0.0.1");
        assertThat(experiment.observations())
                .extracting(each -> Clearance.leave(experiment, each).orElse(""))
                .containsExactly(ELSEWHERE, "");
        Experiment unknown = experiment("ws://127.0.0.1/", "observe: {db: {status: 'http://no-such-host.invalid/'}}\n");
        assertThatThrownBy(() -> Clearance.of(unknown, List.of()))
                .hasMessageContaining(
                        "no-such-host.invalid: no such host (expected: a name that resolves, in observe.db)");
    }

    @Test
    void anotherMachineIsRefusedWithWhatWouldAllowIt() throws Exception {
        Experiment experiment = experiment("ws://" + ELSEWHERE + ":9001/", "");

        assertThatThrownBy(() -> Clearance.of(experiment, List.of()))
                .isInstanceOf(RunException.class)
                .hasMessageContaining("is not this machine")
                .hasMessageContaining("--allow-target " + ELSEWHERE)
                .hasMessageContaining("allow: [" + ELSEWHERE + "]");
    }

    @Test
    void leaveForOneHostIsNoneForAnother() throws Exception {
        Experiment experiment = experiment("ws://" + ELSEWHERE + "/", "allow: [192.0.2.8]\n");

        assertThatThrownBy(() -> Clearance.of(experiment, List.of("192.0.2.70", "example.org")))
                .isInstanceOf(RunException.class);
    }

    @Test
    void theCommandLineOrTheFileAllowsAHost() throws Exception {
        assertThat(address(experiment("ws://" + ELSEWHERE + "/", ""), ELSEWHERE))
                .isEqualTo(ELSEWHERE);
        assertThat(address(experiment("ws://" + ELSEWHERE + "/", "allow: [other, " + ELSEWHERE + "]\n")))
                .isEqualTo(ELSEWHERE);
        assertThat(address(experiment("ws://" + ELSEWHERE + "/", "allow: " + ELSEWHERE + "\n")))
                .isEqualTo(ELSEWHERE);
    }

    @Test
    void aNameThatDoesNotResolveIsRefused() throws Exception {
        // RFC 6761 section 6.4: this name never resolves.
        Experiment experiment = experiment("ws://nobody.invalid/", "allow: nobody.invalid\n");

        assertThatThrownBy(() -> Clearance.of(experiment, List.of()))
                .isInstanceOf(RunException.class)
                .hasMessageContaining("nobody.invalid: no such host");
    }

    @Test
    void nobodyAtTheTargetIsWorthAWarningAndSomebodyIsNot() throws Exception {
        try (ServerSocket somebody = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Experiment there = experiment("ws://127.0.0.1:" + somebody.getLocalPort() + "/", "");
            assertThat(Clearance.silence(Clearance.of(there, List.of()))).isEmpty();
        }
        // Port 1 has no server on any machine of today.
        Experiment nowhere = experiment("ws://127.0.0.1:1/", "");
        assertThat(Clearance.silence(Clearance.of(nowhere, List.of())))
                .hasValueSatisfying(warning -> assertThat(warning).contains("nobody answers at ws://127.0.0.1:1/"));
    }

    @Test
    void theAddressOfAnywhereIsNoneToDial() throws Exception {
        Experiment experiment = experiment("ws://0.0.0.0:9001/", "allow: 0.0.0.0\n");

        assertThatThrownBy(() -> Clearance.of(experiment, List.of())).hasMessageContaining("no address to dial");
    }

    private static Experiment.Foreign cleared(Experiment experiment, String... allowed) throws RunException {
        return (Experiment.Foreign) Clearance.of(experiment, List.of(allowed));
    }

    private static Experiment withTarget(String target) throws ExperimentException {
        return new ExperimentReader(20_000, name -> null)
                .read("duration: 60s\nload: {all: {clients: 10}}\ntarget: {" + target + "}\n", "test.yaml", List.of());
    }

    @Test
    void onlyAnAllowedHostMayComeToStandForAnotherMachine() throws Exception {
        Experiment experiment = withTarget("url: 'ws://localhost/', lookup: each");

        assertThat(cleared(experiment).endpoint().elsewhere()).isFalse();
        assertThat(cleared(experiment, "localhost").endpoint().elsewhere()).isTrue();
    }

    @Test
    void whatIsDialledIsTheProxyWhichMustBeAllowedToo() throws Exception {
        Experiment through = withTarget("url: 'ws://localhost/', proxy: 'http://" + ELSEWHERE + ":3128'");

        assertThatThrownBy(() -> Clearance.of(through, List.of()))
                .hasMessageContaining(ELSEWHERE + " (" + ELSEWHERE + ") is not this machine");
        assertThatThrownBy(() -> Clearance.of(through, List.of(ELSEWHERE)))
                .as("the proxy's localhost is not ours")
                .hasMessageContaining("localhost is looked up by the proxy");
        assertThat(cleared(through, ELSEWHERE, "localhost").endpoint().addresses())
                .containsExactly(ELSEWHERE);
    }

    @Test
    void aProxyHereLeadsElsewhereOnlyWhereThatIsAllowed() throws Exception {
        Experiment through = withTarget("url: 'ws://nobody.invalid/', proxy: 'http://127.0.0.1:3128'");

        assertThatThrownBy(() -> Clearance.of(through, List.of()))
                .hasMessageContaining("nobody.invalid is looked up by the proxy")
                .hasMessageContaining("--allow-target nobody.invalid");
        assertThat(cleared(through, "nobody.invalid").endpoint().addresses()).containsExactly("127.0.0.1");
        assertThat(cleared(withTarget("url: 'ws://localhost/', proxy: 'http://127.0.0.1:3128'"))
                        .endpoint()
                        .addresses())
                .containsExactly("127.0.0.1");
    }

    @Test
    void aSourceThatIsNotThisMachinesIsRefused() throws Exception {
        assertThat(cleared(withTarget("url: 'ws://localhost/', from: [127.0.0.2]"))
                        .endpoint()
                        .addresses())
                .containsExactly("127.0.0.1");
        assertThatThrownBy(() -> cleared(withTarget("url: 'ws://localhost/', from: [127.0.0.2, " + ELSEWHERE + "]")))
                .hasMessageContaining("target.from: " + ELSEWHERE + " (expected: an address of this machine");
        assertThatThrownBy(() -> cleared(withTarget("url: 'ws://127.0.0.1/', from: ['::1']")))
                .hasMessageContaining("expected: addresses of the family of 127.0.0.1");
    }
}
