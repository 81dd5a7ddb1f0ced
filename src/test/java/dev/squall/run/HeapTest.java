package dev.squall.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentReader;
import dev.squall.plan.Plan;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The heap of a child by its share of the clients. */
class HeapTest {

    private static final OptionalLong TWO_GIB = OptionalLong.of(2L << 30);

    private static Plan plan(String yaml) throws Exception {
        Experiment experiment =
                new ExperimentReader(20_000, name -> null).read("duration: 60s\n" + yaml, "test.yaml", List.of());
        return experiment.plan(1, experiment.target());
    }

    private static List<String> injector(String yaml, int of, OptionalLong ceiling) throws Exception {
        return Heap.flags(plan(yaml), "injector", of, ceiling);
    }

    @Test
    void growsWithTheClientsOfTheShareAndNotWithThoseOfTheRun() throws Exception {
        String load = "load: {a: {clients: 19000}}\n";

        assertThat(injector(load, 1, TWO_GIB)).containsExactly("-Xms87m", "-Xmx1105m");
        assertThat(injector(load, 19, TWO_GIB)).containsExactly("-Xms34m", "-Xmx543m");
    }

    @Test
    void staysBelowWhatTheRolesAllow() throws Exception {
        assertThat(injector("load: {a: {clients: 19000}}\n", 1, OptionalLong.of(60L << 20)))
                .containsExactly("-Xms60m", "-Xmx60m");
    }

    @Test
    void mayGrowAsTheRolesAllowWhereItIsNotKnownWhatClientsKeep() throws Exception {
        assertThat(injector("load: {a: {clients: 10}}\ntarget: {url: 'ws://127.0.0.1:9/'}\n", 1, TWO_GIB))
                .containsExactly("-Xms32m");
        assertThat(injector("load: {a: {clients: 10, ready: {send: hello, until: welcome}}}\n", 1, TWO_GIB))
                .containsExactly("-Xms32m");
        assertThat(Heap.flags(plan("load: {a: {clients: 10}}\n"), "node", 1, TWO_GIB))
                .containsExactly("-Xms32m");
    }
}
