package dev.squall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.squall.plan.Plan;
import dev.squall.plan.Tls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyReaderTest {

    @TempDir
    Path folder;

    private static Experiment read(String target, int clients) throws ExperimentException {
        return new ExperimentReader(20_000, Map.of("TOKEN", "hush")::get)
                .read(
                        "duration: 60s\nload: {all: {clients: " + clients + ", arrive: {over: 30s}}}\ntarget: {"
                                + target
                                + "}\nfaults: [{withhold: permessage-deflate}, {restart: {at: 10s, code: 1001, drain: 2s}}]\n",
                        "test.yaml",
                        List.of());
    }

    private static String problem(String target) {
        ExperimentException thrown = catchThrowableOfType(ExperimentException.class, () -> read(target, 1));
        assertThat(thrown).as(target).isNotNull();
        return thrown.getMessage();
    }

    @Test
    void aProxyIsAMockServerWithAServerBehind() throws Exception {
        String certificate = Files.createFile(folder.resolve("a.pem")).toString();
        String key = Files.createFile(folder.resolve("a.key")).toString();
        Experiment experiment = read(
                "proxy: {upstream: 'wss://localhost:8443/chat?token=${env:TOKEN}', nodes: 2, port: 9100, insecure: true,"
                        + " certificate: " + certificate + ", key: " + key + ", capacity: {handshakes: 100/s}}",
                10);

        Experiment.Mock mock = (Experiment.Mock) experiment.target();
        Plan plan = experiment.plan(1, mock.at(9100));
        assertThat(plan.nodes()).extracting(Plan.Node::toString).containsExactly("127.0.0.1:9100", "127.0.0.2:9100");
        assertThat(plan.endpoint()).isNull();
        Plan.Relay relay = plan.relay();
        assertThat(relay.upstream().url()).isEqualTo("wss://localhost:8443/chat?token=${env:TOKEN}");
        assertThat(relay.upstream().tls()).isEqualTo(Tls.of(true));
        assertThat(relay.certificate() + " " + relay.key()).isEqualTo(certificate + " " + key);
        assertThat(plan.capacity().handshakesPerSecond()).isEqualTo(100);
        assertThat(plan.restarts())
                .singleElement()
                .satisfies(r -> assertThat(r.code()).isEqualTo(1001));
        assertThat(plan.faults()).hasSize(1);
        assertThat(plan.toJson()).doesNotContain("hush");
        Path file = folder.resolve("plan.json");
        plan.write(file);
        assertThat(Plan.read(file)).isEqualTo(plan);
    }

    @Test
    void itsUrlAloneWillDo() throws Exception {
        Experiment.Mock mock =
                (Experiment.Mock) read("proxy: 'ws://127.0.0.1:8080/'", 10).target();

        assertThat(mock.relay().upstream().url()).isEqualTo("ws://127.0.0.1:8080/");
        assertThat(mock.capacity()).isNull();
    }

    @Test
    void aClientTakesTwoDescriptorsSoThereAreTwiceAsManyNodes() throws Exception {
        assertThat(((Experiment.Mock)
                                read("proxy: 'ws://127.0.0.1:8080/'", 15_000).target())
                        .nodes())
                .isEqualTo(2);
        assertThat(((Experiment.Mock) read("mock: {}", 15_000).target()).nodes())
                .isEqualTo(1);
    }

    @Test
    void aServerElsewhereIsDialledNoFasterThanUnaskedClientsWould() throws Exception {
        Experiment.Mock mock =
                (Experiment.Mock) read("proxy: 'ws://example.org/'", 10).target();

        assertThat(mock.capacity().handshakesPerSecond()).isEqualTo(1000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "proxy: {} | upstream is missing",
                "proxy: 'http://localhost/' | ws:, with the same host",
                "proxy: {upstream: 'ws://localhost/', insecure: true} | only with wss:",
                "proxy: {upstream: 'ws://localhost/', certificate: /no/such} | a readable file in PEM",
                "proxy: {upstream: 'ws://localhost/', key: /etc/hostname} | stands alone",
                "proxy: {upstream: 'ws://localhost/', extensions: []} | unknown key extensions",
                "proxy: {upstream: 'wss://localhost/', tls: {certificate: /etc/hostname}} | shows the server behind it no certificate",
                "proxy: 'ws://localhost/', mock: {} | belongs to a server behind a URL",
                "proxy: 'ws://localhost/', restart: {command: [a]} | stands beside proxy",
            })
    void whatCannotBeIsToldWithWhatIsExpected(String target, String expected) {
        assertThat(problem(target)).contains("test.yaml:3:").contains(expected).contains("(expected: ");
    }
}
