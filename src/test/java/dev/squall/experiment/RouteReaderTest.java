package dev.squall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.squall.plan.Plan;
import dev.squall.plan.Proxy;
import dev.squall.plan.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteReaderTest {

    private static final Map<String, String> ENVIRONMENT = Map.of("PASSWORD", "hunter2", "BAD", "hunter2@/:x");

    @TempDir
    Path folder;

    private static Experiment read(String target) throws ExperimentException {
        return new ExperimentReader(20_000, ENVIRONMENT::get)
                .read("duration: 60s\nload: {all: {clients: 1}}\ntarget: {" + target + "}\n", "test.yaml", List.of());
    }

    private static String problem(String target) {
        ExperimentException thrown = catchThrowableOfType(ExperimentException.class, () -> read(target));
        assertThat(thrown).as(target).isNotNull();
        return thrown.getMessage();
    }

    private String file(String name) throws IOException {
        Path file = folder.resolve(name);
        return (Files.exists(file) ? file : Files.createFile(file)).toString();
    }

    @Test
    void theWayIsPlannedAsTheFileSpellsItAndSecretsStayOut() throws Exception {
        String trust = file("trust.pem");
        String certificate = file("client.pem");
        String key = file("client.key");
        Experiment experiment = read("url: 'wss://localhost/', proxy: 'http://me:${env:PASSWORD}@127.0.0.1:3128',"
                + " from: [127.0.0.2, 127.0.0.3], tls: {trust: " + trust + ", trust-password: '${env:PASSWORD}',"
                + " certificate: " + certificate + ", key: " + key + ", key-password: '${env:PASSWORD}', resume: false,"
                + " versions: [TLSv1.3]}");

        Experiment.Foreign foreign = (Experiment.Foreign) experiment.target();
        Plan.Endpoint endpoint = foreign.endpoint();
        assertThat(endpoint.tls())
                .isEqualTo(new Tls(
                        false,
                        trust,
                        "${env:PASSWORD}",
                        certificate,
                        key,
                        "${env:PASSWORD}",
                        false,
                        List.of("TLSv1.3")));
        assertThat(endpoint.proxy()).isEqualTo("http://me:${env:PASSWORD}@127.0.0.1:3128");
        assertThat(foreign.proxy()).isEqualTo(new Proxy("127.0.0.1", 3128, "me", "hunter2"));
        assertThat(endpoint.from()).containsExactly("127.0.0.2", "127.0.0.3");
        assertThat(endpoint.lookupEach()).isFalse();
        Path file = folder.resolve("plan.json");
        Plan plan = experiment.plan(1, foreign.at(List.of("127.0.0.1"), true));
        plan.write(file);
        assertThat(Plan.read(file)).isEqualTo(plan);
        assertThat(plan.toJson() + experiment).doesNotContain("hunter2");
    }

    @Test
    void unlessItSaysSoClientsDialDirectlyAndResumeTheirSessions() throws ExperimentException {
        Plan.Endpoint endpoint =
                ((Experiment.Foreign) read("url: 'wss://localhost/'").target()).endpoint();

        assertThat(endpoint.tls()).isEqualTo(Tls.DEFAULT);
        assertThat(endpoint.tls().resume()).isTrue();
        assertThat(endpoint.proxy()).isNull();
        assertThat(endpoint.from()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "url: 'ws://a/', tls: {}|target.tls: stands beside ws: (expected: wss:)",
                "url: 'wss://a/', insecure: true, tls: {trust: pom.xml}|stands beside insecure, which takes any",
                "url: 'wss://a/', tls: {trust: no/such}|target.tls.trust: no/such (expected: a readable file)",
                "url: 'wss://a/', tls: {key: pom.xml}|target.tls.key: stands alone (expected: certificate beside it)",
                "url: 'wss://a/', tls: {trust-password: x}|target.tls.trust-password: stands alone (expected: trust",
                "url: 'wss://a/', tls: {versions: [SSLv3]}|SSLv3 (expected: TLSv1.2 | TLSv1.3)",
                "url: 'wss://a/', tls: {versions: []}|no version (expected: TLSv1.2 or TLSv1.3)",
                "url: 'wss://a/', tls: {resume: perhaps}|perhaps (expected: true or false)",
                "url: 'ws://a/', proxy: 'https://a:1'|not http://HOST:PORT (expected: an HTTP proxy, as",
                "url: 'ws://a/', proxy: 'http://a'|no host or no port (expected: an HTTP proxy",
                "url: 'ws://a/', proxy: 'http://a:1/x'|not http://HOST:PORT (expected",
                "url: 'ws://a/', proxy: 'http://a:1', lookup: each|target.lookup: each (expected: once beside a proxy",
                "url: 'ws://a/', lookup: often|often (expected: once | each)",
                "url: 'ws://a/', from: [localhost]|localhost (expected: a literal IP address)",
                "url: 'ws://a/', from: [127.0.0.1, '::1']|IPv4 and IPv6 (expected: addresses of one family)",
                "url: 'ws://a/', from: 127.0.0.1|(expected: a list of this machine's addresses",
                "mock: {}, proxy: 'http://a:1'|belongs to a server behind a URL",
            })
    void whatCannotBeIsAMistakeAtItsPlace(String target, String message) {
        assertThat(problem(target)).contains(message);
    }

    @Test
    void aPasswordThatBreaksTheProxysUrlIsNotTold() {
        assertThat(problem("url: 'ws://a/', proxy: 'http://me:${env:BAD}@a:1'"))
                .contains("http://me:${env:BAD}@a:1 (expected: an HTTP proxy", "percent-encoded")
                .doesNotContain("hunter2");
    }
}
