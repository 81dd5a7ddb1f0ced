package dev.squall.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an experiment asks for. */
class DemandTest {

    private static final long MIB = 1 << 20;

    private static Demand of(String yaml, String... set) throws Exception {
        Experiment experiment =
                new ExperimentReader(20_000, name -> null).read("duration: 60s\n" + yaml, "test.yaml", List.of(set));
        return Demand.of(experiment.plan(1, experiment.target()), Costs.SHIPPED);
    }

    /** Resident memory of node and injector together, as it was measured (README, "Limits"), in MiB. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "clients: 4000 | 252",
                "clients: 18000 | 364",
                "clients: 4000, message: {every: 5s}, offer: [permessage-deflate] | 1069",
                "clients: 4000, message: {every: 5s}, offer: ['permessage-deflate; server_no_context_takeover;"
                        + " client_no_context_takeover'] | 307",
                "clients: 4000, offer: [permessage-deflate] | 291",
            })
    void memoryIsWithinThirtyPercentOfWhatWasMeasured(String population, long measured) throws Exception {
        Demand demand = of("load: {a: {" + population + "}}\n");
        long harness = 130;
        long kernel = demand.clients() * 9 / 1024;

        assertThat((double) demand.memory() / MIB - harness - kernel).isCloseTo(measured, within(0.3 * measured));
    }

    @Test
    void restartsMakeCompressionDearer() throws Exception {
        String load = "load: {a: {clients: 10000, message: {every: 5s}, offer: [permessage-deflate]}}\n";
        Demand calm = of(load);
        Demand restarted = of(load + "faults: [{restart: {at: 20s}}]\n");

        // Node and injector took 3,569 MiB.
        assertThat((double) restarted.memory() / MIB - 130 - 88).isCloseTo(3569, within(0.3 * 3569));
        assertThat(calm.memory()).isLessThan(restarted.memory());
    }

    @Test
    void compressionCostsNothingWhereTheNodeHasNone() throws Exception {
        assertThat(of("load: {a: {clients: 10, message: {every: 5s}, offer: [permessage-deflate]}}\n"
                                + "target: {mock: {extensions: []}}\n")
                        .client()
                        .bytes())
                .isZero();
    }

    @Test
    void tlsCostsHeap() throws Exception {
        String load = "load: {a: {clients: 1000}}\n";
        Demand plain = of(load + "target: {url: 'ws://127.0.0.1:9/'}\n");
        Demand secure = of(load + "target: {url: 'wss://127.0.0.1:9/'}\n");

        // 5.1 KiB each, as measured at 1,500 clients.
        assertThat((secure.heap() - plain.heap()) / 1000.0).isCloseTo(5.1 * 1024, within(0.3 * 5.1 * 1024));
        assertThat(secure.memory()).isGreaterThan(plain.memory());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "url: 'ws://127.0.0.1:9/' | 125",
                "url: 'ws://[::1]:9/' | 1000",
                "url: 'ws://example.com/' | 1000",
                "url: 'ws://example.com/', from: [10.0.0.1, 10.0.0.2] | 500",
                "mock: {nodes: 5} | 25",
            })
    void eachPairOfASourceAndADestinationHasARangeOfPorts(String target, long ports) throws Exception {
        assertThat(of("load: {a: {clients: 1000}}\ntarget: {" + target + "}\n").ports())
                .isEqualTo(ports);
    }

    @Test
    void whatOneClientCostsIsToldThingByThingWithWhoSaysSo() throws Exception {
        Demand demand = of("load: {a: {clients: 10, message: {every: 5s}, offer: [permessage-deflate]}}\n");

        assertThat(demand.items())
                .extracting(Item::name)
                .contains("memory, injector", "memory, node", "memory, kernel", "compression", "heap", "journal");
        assertThat(demand.items())
                .filteredOn(item -> item.unit() == Item.Unit.BYTES)
                .allSatisfy(item -> {
                    assertThat(item.amount()).isPositive();
                    assertThat(item.source()).isEqualTo(Costs.TABLE);
                });
        assertThat(of("load: {a: {clients: 10}}\ntarget: {url: 'ws://127.0.0.1:9/'}\n")
                        .items())
                .extracting(Item::name)
                .doesNotContain("memory, node", "compression");
    }

    @Test
    void journalsGrowWithEachRestart() throws Exception {
        String load = "load: {a: {clients: 18000}}\n";
        Demand restarted = of(load + "faults: [{restart: {at: 1s, deadline: 20s}}]\n");

        assertThat(of(load).client().connections()).isEqualTo(1);
        assertThat(restarted.client().connections()).isEqualTo(2);
        assertThat((double) restarted.disk()).isCloseTo(19_508_066, within(0.3 * 19_508_066)); // As measured.
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "arrive: {over: 10s}, reconnect: iana-1012 | 100",
                "arrive: {over: 0s} | 1000",
                "arrive: {over: 10s}, reconnect: immediate | 1000",
                "arrive: {over: 10s}, reconnect: guide | 200",
                "arrive: {over: 10s}, reconnect: none | 100",
            })
    void theStormIsWhatDialsWithinASecond(String population, long storm) throws Exception {
        Demand demand = of("load: {a: {clients: 1000, " + population + "}}\nfaults: [{restart: {at: 1s}}]\n");

        assertThat(demand.storm()).isEqualTo(storm);
    }

    @Test
    void successorsOfTheClosedModelDialAndWriteRowsToo() throws Exception {
        // 100 first arrivals a second, and 1,000 places that change hands every 10 s.
        Demand demand = of("load: {a: {clients: 1000, arrive: {over: 10s}, model: closed, stay: 9990ms}}\n");

        assertThat(demand.storm()).isEqualTo(200);
        // Who came in the first 10 s of 60 s has had five that followed, and its fifth or sixth stay is not over.
        assertThat(demand.client().connections()).isCloseTo(6, within(1e-9));
    }

    @Test
    void theFullestInjectorIsCountedPopulationByPopulation() throws Exception {
        // 3 of 2 processes' shares are odd: client 0 of each is injector 0's.
        Demand demand = of("injectors: 2\nload: {a: {clients: 1}, b: {clients: 1}, c: {clients: 1}}\n");

        assertThat(demand.ofInjector()).isEqualTo(3);
    }

    @Test
    void aKilledNodesPlaceIsTakenByOneMoreProcess() throws Exception {
        String load = "load: {a: {clients: 10}}\ntarget: {mock: {nodes: 3}}\n";

        assertThat(of(load).processes()).isEqualTo(4);
        assertThat(of(load + "faults: [{restart: {at: 1s, kill: true, nodes: [0, 2]}}]\n")
                        .processes())
                .isEqualTo(6);
    }

    @Test
    void tenMillionClientsAreTooManyForNobodysArithmetic() throws Exception {
        Demand demand = of("load: {a: {clients: 10000000}}\n");

        assertThat(demand.memory()).isGreaterThan(10_000_000L * 15_000);
        assertThat(demand.openFiles()).isGreaterThan(20_000_000);
    }

    @ParameterizedTest
    @CsvSource({
        "ws://localhost:9001/,true",
        "wss://127.0.0.1/,true",
        "'ws://[::1]:9001/',true",
        "wss://staging.example.com/,false",
        "ws://localhost.example.com/,false"
    })
    void aServerElsewhereHasOneAddressToDialAndNoMemoryOfOurs(String url, boolean loopback) throws Exception {
        Demand demand = of("load: {all: {clients: 1000}}\ntarget: {url: '" + url + "'}\n");

        assertThat(demand.loopback()).isEqualTo(loopback);
        assertThat(demand.memory())
                .isLessThan(of("load: {all: {clients: 1000}}\n").memory());
    }
}
