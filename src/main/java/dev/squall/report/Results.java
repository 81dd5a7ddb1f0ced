package dev.squall.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.journal.HarnessJournal;
import dev.squall.plan.JsonFile;
import dev.squall.plan.Launch;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.predict.Assumptions;
import dev.squall.predict.Model;
import dev.squall.profile.Storm;
import dev.squall.protocol.CloseCode;
import dev.squall.quantity.Quantity;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.stats.ExtensionFigures;
import dev.squall.stats.Ledger;
import dev.squall.stats.Observed;
import dev.squall.stats.ProcessFigures;
import dev.squall.stats.Quantile;
import dev.squall.stats.RestartFigures;
import dev.squall.stats.Samples;
import dev.squall.stats.Scope;
import dev.squall.stats.Series;
import dev.squall.stats.Share;
import dev.squall.stats.Spread;
import dev.squall.stats.Statistics;
import dev.squall.stats.Trust;
import dev.squall.verdict.Finding;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** results.json: codes are integers, rates fractions, intervals [low, high], times seconds; null with a reason beside. */
final class Results {

    /** A storm is told for so long at most. */
    private static final int MOST_STORM_SECONDS = 600;

    static final String SCHEMA = "squall/results/1";

    /** Where curves are told: closer together where the slow ones are. */
    private static final double[] CURVE = {
        0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925,
        0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 1
    };

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Assessment assessment;
    private final Statistics statistics;

    Results(Assessment assessment) {
        this.assessment = assessment;
        this.statistics = assessment.statistics();
    }

    @Override
    public String toString() {
        ObjectNode root = NODES.objectNode();
        root.put("schema", SCHEMA);
        root.put("experiment", statistics.plan().experiment());
        root.put("seed", statistics.plan().seed());
        root.put("startedAt", assessment.info().startedAt());
        root.put("durationSeconds", statistics.endMicros() / 1e6);
        root.put("interrupted", statistics.interrupted());
        root.set("target", target(statistics.plan()));
        root.set("prediction", prediction(assessment.assumptions()));
        root.put("verdict", assessment.verdict().word());
        ArrayNode findings = root.putArray("findings");
        assessment.findings().forEach(finding -> findings.add(finding(finding)));
        ArrayNode quantiles = root.putArray("quantiles");
        Arrays.stream(CURVE).forEach(p -> number(quantiles, p));
        ArrayNode faults = root.putArray("faults");
        PlannedFault.of(statistics.plan()).forEach(fault -> faults.add(fault.json()));
        scope(root, statistics.all());
        roundTrips(root, statistics.all());
        storms(root.withArray("restarts"));
        nodes(root, statistics.spread());
        root.set("ledger", ledger(statistics.ledger(), statistics.predicted()));
        root.set("injector", injector(statistics.trust()));
        processes(root.putArray("processes"));
        ArrayNode populations = root.putArray("populations");
        for (Scope scope : statistics.populations()) {
            ObjectNode population = populations.addObject();
            population.put("name", scope.name());
            scope(population, scope);
            roundTrips(population, scope);
            policies(population, scope);
            population.set("series", series(scope.series()));
        }
        ObjectNode series = series(statistics.all().series());
        int seconds = statistics.all().series().open().length;
        if (!statistics.predicted()) {
            machine(series, statistics.trust(), seconds);
        }
        ArrayNode observed = root.putArray("observed");
        statistics.observed().forEach(each -> observed.add(observed(each, seconds)));
        root.set("series", series);
        return JsonFile.text(root);
    }

    /** What a prediction is made of; null of a run. */
    private static JsonNode prediction(@Nullable Assumptions assumptions) {
        if (assumptions == null) {
            return NODES.nullNode();
        }
        Model model = assumptions.model();
        ObjectNode node = NODES.objectNode();
        node.put("experimentClients", assumptions.experimentClients());
        node.put("source", assumptions.source());
        node.put("roundTripSeconds", model.roundTripMicros() / 1e6);
        number(
                node,
                "handshakesPerSecond",
                model.handshakesPerSecond() == 0 ? Double.NaN : model.handshakesPerSecond());
        number(node, "backlog", model.backlog() == 0 ? Double.NaN : model.backlog());
        Model.Bench bench = model.bench();
        if (bench == null) {
            node.putNull("bench");
        } else {
            node.putObject("bench")
                    .put("dialMicros", bench.dialMicros())
                    .put("handshakeMicros", bench.handshakeMicros())
                    .put("closeMicros", bench.closeMicros());
        }
        node.putArray("notSimulated").add("messages").add("pings").add("frames").add("processes");
        return node;
    }

    static ObjectNode finding(Finding finding) {
        ObjectNode node = NODES.objectNode();
        Quantity unit = finding.expectation().metric().unit();
        node.put("expect", finding.expectation().text());
        number(node, "observed", unit == Quantity.DURATION ? finding.observed() / 1e6 : finding.observed());
        node.put("verdict", finding.verdict().word());
        if (finding.low() != null && finding.high() != null) {
            node.putArray("interval").add(finding.low()).add(finding.high());
        } else {
            node.putNull("interval");
        }
        node.put("note", finding.note());
        node.put(
                "unit",
                unit == Quantity.DURATION
                        ? "s"
                        : unit == Quantity.SHARE ? "fraction" : unit == Quantity.RATE ? "/s" : "");
        if (finding.stallMicros() > 0) {
            node.put("stallSeconds", finding.stallMicros() / 1e6);
        } else {
            node.putNull("stallSeconds");
        }
        node.put("implied", finding.implied());
        node.put("steady", finding.expectation().steady());
        return node;
    }

    private void scope(ObjectNode node, Scope scope) {
        node.putObject("clients")
                .put("planned", scope.planned())
                .put("arrived", scope.arrived())
                .put("connecting", scope.connecting())
                .put("open", scope.open())
                .put("ready", scope.ready())
                .put("waiting", scope.waiting())
                .put("gaveUp", scope.gaveUp())
                .put("finished", scope.finished())
                .put("lost", scope.lost());
        number(node, "availability", scope.availability());
        node.set("handshakeSeconds", times(scope.handshakeTime()));
        ObjectNode attempts = node.putObject("attempts").put("total", scope.attempts());
        failed(attempts, scope.failed());
        ArrayNode closes = node.putArray("closes");
        scope.closes()
                .forEach((close, count) -> closes.addObject()
                        .put("code", close.code())
                        .put("name", CloseCode.title(close.code()))
                        .put("by", close.by())
                        .put("cause", close.cause())
                        .put("count", count));
        ArrayNode restarts = node.putArray("restarts");
        scope.restarts().stream().filter(RestartFigures::hasBegun).forEach(r -> restarts.add(restart(r)));
        ObjectNode rollout = node.putObject("rollout");
        rollout.set("dropsPerClient", counts(scope.drops()));
        rollout.set("reconnectsPerClient", counts(scope.reconnects()));
        ArrayNode extensions = node.putArray("extensions");
        scope.extensions().forEach(e -> extensions.add(extension(e)));
        ObjectNode after1010 = node.putObject("after1010");
        scope.after1010().forEach(after1010::put);
    }

    /** Those who follow each policy of a mix: the same figures, but for what is not told apart. */
    private void policies(ObjectNode node, Scope scope) {
        ArrayNode policies = node.putArray("policies");
        Mix mix = statistics.plan().population(scope.name()).orElseThrow().reconnect();
        for (int i = 0; i < mix.parts().size(); i++) {
            ObjectNode policy = policies.addObject();
            policy.put("name", mix.policies().get(i).name());
            number(policy, "share", mix.share(i));
            if (!scope.parts().isEmpty()) {
                scope(policy, scope.parts().get(i));
            }
        }
    }

    private void roundTrips(ObjectNode node, Scope scope) {
        node.set("echoSeconds", roundTrips(scope.echo()));
        node.set("pingSeconds", roundTrips(scope.ping()));
        if (statistics.predicted()) {
            String reason = "a prediction does not simulate messages and pings one by one";
            node.withObject("/echoSeconds").put("reason", reason);
            node.withObject("/pingSeconds").put("reason", reason);
        }
    }

    private static ObjectNode roundTrips(Histogram histogram) {
        ObjectNode node = NODES.objectNode();
        for (Quantile quantile : Quantile.values()) {
            number(node, quantile.word(), quantile.of(histogram) / 1e6);
        }
        node.put("count", histogram.getTotalCount());
        return node;
    }

    /** Of the clients that arrived. */
    private static ObjectNode counts(Histogram histogram) {
        ObjectNode node = NODES.objectNode();
        for (Quantile quantile : Quantile.values()) {
            number(node, quantile.word(), quantile.of(histogram));
        }
        return node;
    }

    /** Connections as the clients see them; none of a server that is not ours. */
    private static void nodes(ObjectNode root, Spread spread) {
        ArrayNode nodes = root.putArray("nodes");
        for (int node = 0; node < spread.nodes(); node++) {
            nodes.addObject()
                    .put("node", node)
                    .put("open", spread.open(node))
                    .put("peak", spread.most(node))
                    .put("inRotation", spread.inRotation(node));
        }
        ObjectNode imbalance = root.putObject("imbalance");
        number(imbalance, "end", spread.imbalance());
        number(imbalance, "peak", spread.peakImbalance());
    }

    /** The attempts after each restart beside what its clients' policies say. */
    private void storms(ArrayNode restarts) {
        List<RestartFigures> begun = statistics.all().restarts().stream()
                .filter(RestartFigures::hasBegun)
                .toList();
        for (int i = 0; i < begun.size(); i++) {
            RestartFigures figures = begun.get(i);
            long[] attempts = figures.attemptsBySecond();
            ObjectNode storm = ((ObjectNode) restarts.get(i)).putObject("storm");
            int seconds = (int) Math.min(MOST_STORM_SECONDS, secondsLookedAt(figures.restart()));
            counts(storm.putArray("attempts"), Arrays.copyOf(attempts, Math.min(attempts.length, seconds)));
            counts(storm.putArray("predicted"), predicted(figures, seconds));
        }
    }

    private static long secondsLookedAt(Plan.Restart restart) {
        return (restart.dueMicros() - restart.atMicros()) / 1_000_000 + 1;
    }

    private long[] predicted(RestartFigures figures, int seconds) {
        if (figures.source() != RestartFigures.Source.PLAN) {
            return new long[0]; // When a foreign server's Closes were due nobody knows.
        }
        int place = statistics.all().restarts().indexOf(figures);
        double[] sum = new double[seconds];
        for (Population population : statistics.plan().populations()) {
            Scope scope = statistics.scope(population.name());
            Mix mix = population.reconnect();
            for (int i = 0; i < mix.policies().size(); i++) {
                Scope own = scope.parts().isEmpty() ? scope : scope.parts().get(i);
                long affected = own.restarts().get(place).affected();
                if (affected == 0) {
                    continue;
                }
                double[] attempts = storm(population, mix.policies().get(i), figures, affected, seconds);
                Arrays.setAll(sum, second -> sum[second] + attempts[second]);
            }
        }
        return Arrays.stream(sum).mapToLong(Math::round).toArray();
    }

    private double[] storm(
            Population population, ReconnectPolicy policy, RestartFigures figures, long affected, int seconds) {
        Plan plan = statistics.plan();
        boolean elsewhere = plan.balance().moves()
                && plan.nodes().size() > figures.restart().nodes().size();
        return new Storm(policy, population.timeouts(), figures.restart(), elsewhere).attempts(affected, seconds);
    }

    private void processes(ArrayNode processes) {
        for (ProcessFigures figures : statistics.processes()) {
            ObjectNode node = processes.addObject();
            node.put("name", figures.name());
            node.put("endedAsPlanned", figures.endedAsPlanned());
            node.put("cpuSeconds", figures.cpuMicros() / 1e6);
            quantiles(node.putObject("cpuShare"), figures.cpu(), 1e6);
            stalls(node.putObject("stallMillis"), figures.stalls());
            ObjectNode collections = node.putObject("gcMillis");
            number(collections, "max", Quantile.MAX.of(figures.collections()) / 1e3);
            number(collections, "total", figures.collectionMicros() / 1e3);
        }
    }

    /** How the processes stood still and how busy the machine was, second by second. */
    private static void machine(ObjectNode series, Trust trust, int seconds) {
        ArrayNode stalls = series.putArray("stallMillis");
        for (long micros : trust.stallsBySecond(seconds)) {
            number(stalls, micros / 1e3);
        }
        ArrayNode busy = series.putArray("busy");
        for (long permille : trust.busyBySecond(seconds)) {
            number(busy, permille == Trust.UNKNOWN ? Double.NaN : permille / 1e3);
        }
    }

    /** What was polled beside the run. */
    private static ObjectNode observed(Observed observed, int seconds) {
        ObjectNode node = NODES.objectNode();
        node.put("name", observed.observation().name());
        node.put("source", observed.observation().described());
        node.put("unit", observed.observation().unit());
        number(node, "everySeconds", observed.observation().everyMicros() / 1e6);
        node.put("polls", observed.polls()).put("gaps", observed.gaps());
        ObjectNode reasons = node.putObject("reasons");
        new TreeMap<>(observed.reasons()).forEach(reasons::put);
        number(node, "min", observed.min());
        number(node, "mean", observed.mean());
        number(node, "p50", observed.p50());
        number(node, "p99", observed.p99());
        number(node, "max", observed.max());
        number(node, "last", observed.last());
        ArrayNode series = node.putArray("series");
        Arrays.stream(observed.series(seconds)).forEach(value -> number(series, value));
        return node;
    }

    private ObjectNode restart(RestartFigures figures) {
        ObjectNode node = NODES.objectNode();
        node.put("index", figures.restart().index());
        node.put("node", figures.node());
        node.put("atSeconds", figures.begun() / 1e6);
        number(node, "downSeconds", figures.downMicros() < 0 ? Double.NaN : figures.downMicros() / 1e6);
        node.put("found", figures.source().name().toLowerCase(Locale.ROOT));
        if (figures.code() == 0) {
            node.putNull("code");
        } else {
            node.put("code", figures.code());
        }
        ObjectNode codes = node.putObject("codes");
        figures.codes().forEach((code, count) -> codes.put(String.valueOf(code), count));
        node.put("deadlineSeconds", figures.restart().deadlineMicros() / 1e6);
        node.put("affected", figures.affected());
        node.put("recovered", figures.recovered());
        node.put("leftWith1010", figures.leftWith1010());
        node.put("gaveUp", figures.gaveUp());
        node.put("late", figures.late());
        node.put("left", figures.left());
        share(node, "successRate", figures.success());
        node.put("ready", figures.ready());
        node.put("relapsed", figures.relapsed());
        node.set("outageSeconds", times(figures.outage()));
        node.set("timeToRecoverSeconds", times(figures.timeToRecover()));
        node.set("detectionSeconds", times(figures.detection()));
        node.set("timeToFirstAttemptSeconds", times(figures.timeToFirstAttempt()));
        ObjectNode fleet = node.putObject("fleetRecoverySeconds");
        Map.of("p90", 0.9, "p99", 0.99, "p100", 1.0).entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(p -> number(
                        fleet, p.getKey(), figures.back().quantile(p.getValue()).orElse(Double.NaN) / 1e6));
        node.put("peakAttemptsPerSecond", figures.peakAttemptsPerSecond());
        number(node, "amplification", figures.amplification());
        ObjectNode attempts = node.putObject("attempts");
        attempts.put("total", figures.attempts());
        ObjectNode perRecovery = attempts.putObject("perRecovery");
        for (Quantile quantile : new Quantile[] {Quantile.MEAN, Quantile.P99, Quantile.MAX}) {
            number(perRecovery, quantile.word(), quantile.of(figures.attemptsPerRecovery()));
        }
        failed(attempts, figures.failed());
        attempts.put("heldBack", figures.limited());
        HarnessJournal.Command command = figures.command();
        if (command != null) {
            node.set("command", command(command));
        }
        if (figures.source() != RestartFigures.Source.PLAN) {
            manners(node, figures);
        }
        return node;
    }

    /** What the clients of a server that is not ours saw, and what they should have seen. */
    private static void manners(ObjectNode node, RestartFigures figures) {
        Manners manners = new Manners(figures);
        ArrayNode seen = node.putArray("seen");
        manners.seen()
                .forEach((what, count) -> seen.addObject()
                        .put("code", what.code())
                        .put("name", CloseCode.title(what.code()))
                        .put("how", what.how())
                        .put("clients", count));
        node.put("untouched", figures.untouched());
        ArrayNode nodes = node.putArray("seenByNode");
        manners.byNode().forEach((name, codes) -> {
            ObjectNode each = nodes.addObject();
            each.put("node", name);
            each.put(
                    "affected",
                    codes.values().stream().mapToLong(Long::longValue).sum());
            ObjectNode ofNode = each.putObject("codes");
            codes.forEach((code, count) -> ofNode.put(String.valueOf(code), count));
        });
        ObjectNode good = node.putObject("wellBehaved");
        good.put("restart", manners.good());
        number(good, "lossesSeconds", figures.lossesMicros() / 1e6);
        good.put("peakLossesPerSecond", figures.peakLossesPerSecond());
        good.put("code", CloseCode.SERVICE_RESTART.code());
        good.put("drainSeconds", Manners.DRAIN_SECONDS);
        manners.advice().forEach(good.putArray("advice")::add);
        ArrayNode strayed = node.putArray("wouldNotComeBack");
        manners.strays()
                .forEach(stray -> strayed.addObject()
                        .put("profile", stray.profile())
                        .put("code", stray.code())
                        .put("why", stray.stops() ? "code" : "gives-up"));
    }

    private static void failed(ObjectNode attempts, Map<String, Long> causes) {
        ObjectNode failed = attempts.putObject("failed");
        causes.forEach((cause, count) -> failed.put(cause.replace("http-", "http"), count));
    }

    private ObjectNode command(HarnessJournal.Command command) {
        ObjectNode node = NODES.objectNode();
        Plan.Endpoint endpoint = statistics.plan().endpoint();
        ArrayNode line = node.putArray("line");
        Launch launch = endpoint == null ? null : endpoint.launch();
        if (endpoint != null) {
            endpoint.restarts().command().forEach(line::add);
        }
        number(
                node,
                "exitCode",
                command.exitCode() == HarnessJournal.Command.NO_EXIT ? Double.NaN : command.exitCode());
        number(
                node,
                "durationSeconds",
                command.endMicros() == HarnessJournal.Command.RUNNING
                        ? Double.NaN
                        : (command.endMicros() - command.startMicros()) / 1e6);
        node.put("failure", command.failure());
        node.put("output", launch == null ? HarnessJournal.Command.output(command.restart()) : Launch.LOG);
        return node;
    }

    private ObjectNode target(Plan plan) {
        ObjectNode node = NODES.objectNode();
        Plan.Endpoint endpoint = plan.endpoint();
        if (endpoint == null) {
            ArrayNode nodes = node.putArray("mock");
            plan.nodes().forEach(each -> nodes.add(each.toString()));
            node.put("balance", plan.balance().spelled());
            if (plan.relay() != null) {
                node.put("upstream", plan.relay().upstream().url());
                plan.relay().upstream().addresses().forEach(node.putArray("addresses")::add);
                node.put("secured", plan.relay().certificate() != null);
            }
            return node;
        }
        node.put("url", endpoint.url());
        Launch launch = endpoint.launch();
        if (launch != null) {
            node.put("launched", launch.described());
            node.put("restartedBy", launch.restart().spelled());
            ArrayNode exits = node.putArray("exits");
            statistics.exits().forEach(exit -> {
                ObjectNode each = exits.addObject();
                number(each, "atSeconds", exit.micros() / 1e6);
                each.put("how", exit.how());
            });
        }
        endpoint.addresses().forEach(node.putArray("addresses")::add);
        node.put("proxy", endpoint.proxy());
        node.put("insecure", endpoint.tls().insecure());
        number(
                node,
                "attemptsPerSecond",
                endpoint.attemptsPerSecond() == 0 ? Double.NaN : endpoint.attemptsPerSecond());
        node.put("heldBack", statistics.trust().limited());
        return node;
    }

    private ObjectNode extension(ExtensionFigures figures) {
        ObjectNode node = NODES.objectNode();
        node.put("extension", figures.extension());
        node.put("handshakes", figures.handshakes());
        node.put("inWindow", figures.inWindow());
        node.put("negotiated", figures.negotiated());
        node.put("missing", figures.missing());
        node.put("mismatched", figures.mismatched());
        node.put("unoffered", figures.unoffered());
        node.put("closed1010", figures.closed1010());
        node.put("withheldByNode", figures.withheldByNode());
        node.put("judged", figures.failureRate().whole());
        share(node, "failureRate", figures.failureRate());
        number(node, "plannedRate", figures.plannedRate());
        return node;
    }

    private static ObjectNode ledger(Ledger ledger, boolean predicted) {
        ObjectNode node = NODES.objectNode();
        node.put("mode", predicted ? "predicted" : ledger.twoSided() ? "two-sided" : "client-only");
        // Of a server that is not ours nothing is claimed.
        known(node, "balanced", ledger.twoSided(), ledger.unmatched() == 0);
        ArrayNode rows = node.putArray("rows");
        for (Ledger.Row row : ledger.rows()) {
            ObjectNode each = rows.addObject();
            each.put("code", row.code());
            each.put(
                    "direction", row.direction().name().toLowerCase(Locale.ROOT).replace('_', '-'));
            boolean toClient = row.direction() == Ledger.Direction.TO_CLIENT;
            known(each, "sent", ledger.twoSided() || !toClient, row.sent());
            known(each, "received", ledger.twoSided() || toClient, row.received());
            ObjectNode explained = each.putObject("explained");
            row.explained().forEach(explained::put);
            known(each, "unmatched", ledger.twoSided(), row.unmatched());
        }
        known(node, "unmatched", ledger.twoSided(), ledger.unmatched());
        ArrayNode first = node.putArray("firstUnmatched");
        ledger.firstUnmatched().forEach(first::add);
        return node;
    }

    private static void known(ObjectNode node, String name, boolean isKnown, Object value) {
        node.set(name, isKnown ? NODES.pojoNode(value) : NODES.nullNode());
    }

    private static ObjectNode injector(Trust trust) {
        ObjectNode node = NODES.objectNode();
        node.put("injectors", trust.injectors());
        stalls(node.putObject("stallMillis"), trust.stalls());
        stalls(node.putObject("nodeStallMillis"), trust.nodeStalls());
        stalls(node.putObject("gcMillis"), trust.collections());
        ObjectNode processors = node.putObject("processors");
        processors.put("known", trust.busy().getTotalCount() > 0);
        quantiles(processors, trust.busy(), 1e3);
        processors.put("saturatedSeconds", trust.saturatedSeconds());
        processors.put("throttledSeconds", trust.throttledMicros() / 1e6);
        ObjectNode delays = node.putObject("reconnectDelay");
        quantiles(delays.putObject("intendedSeconds"), trust.intendedDelays(), 1e6);
        quantiles(delays.putObject("actualSeconds"), trust.actualDelays(), 1e6);
        quantiles(delays.putObject("lateMillis"), trust.lateness(), 1e3);
        node.put("lateArrivals", trust.lateArrivals());
        node.put("droppedEvents", trust.dropped());
        node.put("trusted", trust.complete());
        ArrayNode reasons = node.putArray("reasons");
        trust.reasons().forEach(reasons::add);
        return node;
    }

    private static void stalls(ObjectNode node, Histogram stalls) {
        quantiles(node, stalls, 1e3);
    }

    /** {@code microsEach}: microseconds of the unit that is told. */
    private static void quantiles(ObjectNode node, Histogram micros, double microsEach) {
        for (Quantile quantile : new Quantile[] {Quantile.P50, Quantile.P99, Quantile.MAX}) {
            number(node, quantile.word(), quantile.of(micros) / microsEach);
        }
    }

    private static ObjectNode series(Series series) {
        ObjectNode node = NODES.objectNode();
        node.put("stepSeconds", 1);
        counts(node.putArray("open"), series.open());
        counts(node.putArray("ready"), series.ready());
        counts(node.putArray("attempts"), series.attempts());
        counts(node.putArray("opened"), series.opened());
        counts(node.putArray("failed"), series.failed());
        ObjectNode closed = node.putObject("closedByCode");
        series.closedByCode().forEach((code, counts) -> counts(closed.putArray(String.valueOf(code)), counts));
        return node;
    }

    private static void counts(ArrayNode array, long[] counts) {
        for (long count : counts) {
            array.add(count);
        }
    }

    private static ObjectNode times(Samples samples) {
        ObjectNode node = NODES.objectNode();
        ObjectNode reasons = NODES.objectNode();
        for (Quantile quantile : Quantile.values()) {
            double value = quantile.of(samples);
            number(node, quantile.word(), value / 1e6);
            if (Double.isInfinite(value)) {
                reasons.put(quantile.word(), samples.never() + " of " + samples.count() + " never came back");
            } else if (Double.isNaN(value)) {
                reasons.put(quantile.word(), "nothing to measure");
            }
        }
        node.put("count", samples.count());
        node.put("never", samples.never());
        ArrayNode curve = node.putArray("curve");
        if (samples.count() > 0) {
            for (double p : CURVE) {
                number(curve, samples.quantile(p).orElse(Double.NaN) / 1e6);
            }
        }
        node.set("reasons", reasons);
        return node;
    }

    private static void share(ObjectNode node, String name, Share share) {
        number(node, name, share.rate());
        if (share.whole() == 0) {
            node.putNull("interval");
        } else {
            node.putArray("interval").add(share.low()).add(share.high());
        }
    }

    static void number(ObjectNode node, String name, double value) {
        node.set(name, number(value));
    }

    private static void number(ArrayNode array, double value) {
        array.add(number(value));
    }

    private static JsonNode number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return NODES.nullNode();
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? NODES.numberNode((long) value)
                : NODES.numberNode(value);
    }
}
