package dev.squall.predict;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalRow;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Plan;
import dev.squall.stats.JournalPass;
import dev.squall.stats.Runs;
import dev.squall.stats.Samples;
import dev.squall.stats.Scope;
import dev.squall.stats.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PredictionTest {

    private record Told(int node, JournalRow row) {}

    /** Predicts, and holds the rows that it tells against everything that a run's rows are held against. */
    private static Statistics checked(Plan plan, Model model) {
        List<Told> rows = new ArrayList<>();
        Statistics predicted = Prediction.of(
                plan,
                model,
                each -> {},
                (node, micros, population, client, connection, event, code, attempt, value, detail) ->
                        rows.add(new Told(
                                node,
                                new JournalRow(
                                        rows.size(),
                                        micros,
                                        population < 0
                                                ? ""
                                                : plan.populations()
                                                        .get(population)
                                                        .name(),
                                        population < 0 ? JournalWriter.NONE : client,
                                        connection < 0 ? JournalWriter.NONE : connection,
                                        event,
                                        code,
                                        attempt,
                                        value,
                                        detail))),
                share -> {});
        rows.sort(Comparator.comparingLong(each -> each.row().micros())); // Stable: a client's are in order.
        HarnessJournal harness = new HarnessJournal(
                Long.MAX_VALUE,
                plan.restarts().stream()
                        .filter(Plan.Restart::kill)
                        .flatMap(restart -> restart.nodes().stream()
                                .map(node -> new HarnessJournal.Kill(node, restart.index(), restart.atMicros())))
                        .toList(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
        JournalPass pass = new JournalPass(plan, harness);
        rows.forEach(each -> pass.accept(each.node(), each.row()));
        Statistics read = Runs.finished(pass);
        assertThat(read.trust().reasons()).as("seed %d", plan.seed()).isEmpty();
        assertThat(read.ledger().unmatched()).isZero();
        assertThat(read.outcomesUnmatched()).isZero();
        same(predicted.all(), read.all());
        for (int i = 0; i < predicted.populations().size(); i++) {
            same(predicted.populations().get(i), read.populations().get(i));
        }
        return predicted;
    }

    private static void same(Scope one, Scope other) {
        assertThat(one)
                .usingRecursiveComparison()
                .ignoringFieldsMatchingRegexes(".*identity") // Histograms are numbered.
                .withEqualsForType(PredictionTest::same, Samples.class)
                .withEqualsForType((a, b) -> Double.compare(a, b) == 0, Double.class)
                .isEqualTo(other);
    }

    /** In whatever order they came. */
    private static boolean same(Samples one, Samples other) {
        return one.count() == other.count()
                && one.never() == other.never()
                && Arrays.equals(sorted(one), sorted(other))
                && Arrays.equals(sorted(one.atBest()), sorted(other.atBest()));
    }

    private static long[] sorted(Samples samples) {
        List<Long> values = new ArrayList<>();
        samples.forEach(values::add);
        return values.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    /** Whatever can be predicted, in small. */
    private static final Map<String, String> EXPERIMENTS = Map.ofEntries(
            entry("strict and phones", """
                    load:
                      strict:
                        clients: 2000
                        arrive: {over: 10s}
                        offer: [permessage-deflate]
                        require: [permessage-deflate]
                        on-1010: retry
                        reconnect: rfc6455
                      phones: {clients: 1000, arrive: {over: 10s}, reconnect: guide}
                    faults:
                      - {withhold: permessage-deflate, probability: 10%, from: 0s, to: 15s}
                      - restart: {at: 20s, drain: 2s, downtime: 3s, deadline: 30s}
                    """),
            entry("who drops a requirement, who stops", """
                    load:
                      relaxed:
                        clients: 300
                        offer: [permessage-deflate]
                        require: [permessage-deflate]
                        on-1010: retry-without
                      stopping:
                        clients: 300
                        offer: [permessage-deflate]
                        require: [permessage-deflate]
                        on-1010: stop
                    faults:
                      - {withhold: permessage-deflate, probability: 30%}
                      - restart: {at: 20s, downtime: 2s}
                    """),
            entry("a mix of policies", """
                    load:
                      phones:
                        clients: 900
                        arrive: {over: 5s}
                        reconnect: {mix: {full-jitter: 40%, signalr: 30%, phoenix-js: 30%}}
                    faults: [{restart: {at: 20s, drain: 1s, downtime: 8s}}]
                    """),
            entry("a kill", """
                    load: {phones: {clients: 500, arrive: {over: 5s}, reconnect: guide}}
                    faults: [{restart: {at: 20s, kill: true, downtime: 3s}}]
                    """),
            entry("down for good", """
                    load: {phones: {clients: 500, arrive: {over: 5s}, reconnect: {delay: 1s, attempts: 5}}}
                    faults: [{restart: {at: 20s, downtime: forever}}]
                    """),
            entry("503 while down", """
                    load: {phones: {clients: 500, arrive: {over: 5s}, reconnect: guide}}
                    faults: [{restart: {at: 20s, drain: 1s, downtime: 5s, while-down: 503}}]
                    """),
            entry("a black hole while down", """
                    load: {phones: {clients: 500, arrive: {over: 5s}, reconnect: guide}}
                    faults: [{restart: {at: 20s, drain: 1s, downtime: 15s, deadline: 20s, while-down: black-hole}}]
                    """),
            entry("listening while draining, in batches", """
                    load: {phones: {clients: 500, arrive: {over: 25s}, reconnect: immediate}}
                    faults: [{restart: {at: 20s, batches: {of: 50, every: 500ms}, downtime: 2s, listen-while-draining: true}}]
                    """),
            entry("a rollout behind a balancer", """
                    target: {mock: {nodes: 3, balance: round-robin}}
                    load: {phones: {clients: 600, arrive: {over: 5s}, reconnect: full-jitter}}
                    faults: [{restart: {at: 20s, drain: 2s, downtime: 1s, rolling: 9s, deadline: 15s}}]
                    """),
            entry("a capacity that refuses", """
                    target: {mock: {capacity: {handshakes: 100/s, queue: 50, when-full: 503, warm-up: 3s}}}
                    load: {phones: {clients: 1000, arrive: {over: 15s}, reconnect: full-jitter}}
                    faults: [{restart: {at: 20s, drain: 2s, downtime: 1s}}]
                    """),
            entry("a capacity that sends away", """
                    target: {mock: {capacity: {handshakes: 100/s, queue: 50, when-full: 1013}}}
                    load: {phones: {clients: 1000, arrive: {over: 15s}, reconnect: guide}}
                    faults: [{restart: {at: 20s, drain: 2s, downtime: 1s}}]
                    """),
            entry("a capacity that hangs", """
                    target: {mock: {capacity: {handshakes: 100/s, concurrent: 20, queue: 50, when-full: hang}}}
                    load: {phones: {clients: 1000, arrive: {over: 15s}, reconnect: guide}}
                    faults: [{restart: {at: 20s, drain: 2s, downtime: 1s}}]
                    """),
            entry("clients that come and go", """
                    load:
                      visitors: {clients: 300, arrive: {over: 5s}, model: closed, stay: 1s..20s, reconnect: guide}
                    faults: [{restart: {at: 20s, drain: 2s, downtime: 3s}}]
                    """),
            entry("dialogues and holds", """
                    load:
                      talkers:
                        clients: 400
                        arrive: {over: 5s}
                        ready: {send: hello, until: hello, within: 2s}
                        hold: 5s
                        reconnect: full-jitter
                    faults:
                      - restart: {at: 20s, drain: 2s, downtime: 1s}
                      - restart: {at: 26s, drain: 2s, downtime: 1s, deadline: 20s}
                    """),
            entry("faults of connections", """
                    load: {phones: {clients: 800, arrive: {over: 15s}, reconnect: guide}, desks: {clients: 200, stay: 5s..20s}}
                    faults:
                      - {close: 1011, after: 3s, probability: 20%, from: 5s, to: 10s}
                      - {reset: 0s, at: 12s, every: 9s, probability: 10%, match: {population: phones}}
                      - {fin: 1s, count: 50, from: 30s, to: 40s}
                      - restart: {at: 20s, drain: 2s, downtime: 1s, deadline: 20s}
                    """),
            entry("slow answers and a kill", """
                    load: {phones: {clients: 500, arrive: {over: 25s}, stay: 5s..20s, model: closed, reconnect: guide}}
                    faults:
                      - {slow-handshake: 4s, jitter: 8s, probability: 50%, from: 5s, to: 40s}
                      - restart: {at: 20s, kill: true, downtime: 1s}
                    """),
            entry("faults of handshakes", """
                    load: {phones: {clients: 500, arrive: {over: 15s}, offer: [permessage-deflate], reconnect: guide}}
                    faults:
                      - {reject: 503, probability: 20%, from: 2s, to: 10s}
                      - {slow-handshake: 300ms, probability: 50%, from: 5s, to: 12s}
                      - {unoffered: x-squall, probability: 10%, from: 5s, to: 12s}
                      - restart: {at: 20s, downtime: 1s}
                    """));

    static Stream<Arguments> experiments() {
        return EXPERIMENTS.keySet().stream().sorted().map(name -> arguments(name, name.hashCode()));
    }

    @ParameterizedTest
    @MethodSource("experiments")
    void what_is_predicted_is_what_the_pass_reads_from_its_rows(String name, long seed) {
        Plan whole = Runs.plan("duration: 60s\n" + EXPERIMENTS.get(name), seed);
        Plan plan = whole.capacity() == null ? whole.scaled(whole.clients() / 4) : whole;
        Statistics predicted = checked(plan, Model.IDEAL);
        assertThat(predicted.all().restarts().get(0).affected()).isPositive();
    }
}
