package dev.squall.verdict;

import dev.squall.journal.HarnessJournal;
import dev.squall.plan.Plan;
import dev.squall.protocol.CloseCode;
import dev.squall.quantity.Quantity;
import dev.squall.stats.ExtensionFigures;
import dev.squall.stats.Quantile;
import dev.squall.stats.RestartFigures;
import dev.squall.stats.Samples;
import dev.squall.stats.Scope;
import dev.squall.stats.Share;
import dev.squall.stats.Statistics;
import dev.squall.stats.SteadyState;
import dev.squall.verdict.Metric.Kind;
import dev.squall.verdict.Metric.Need;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The one registry of metrics: the validator, the judge, the report and {@code squall help metrics} read it. */
public final class Metrics {

    private static final Pattern CLOSES = Pattern.compile("closes\\.([1-4][0-9]{3})\\.count");
    private static final Map<String, Metric> ALL = new LinkedHashMap<>();

    private Metrics() {}

    static {
        restartShare(
                "restart.recovered.rate",
                "clients back by the deadline, of those that lost their connection to the restart; with a hold, back for good",
                RestartFigures::success,
                RestartFigures::successAtBest);
        restartShare(
                "restart.ready.rate",
                "clients that were ready again by the deadline, whether or not that held, of the same: at least"
                        + " restart.recovered.rate",
                RestartFigures::readiness,
                RestartFigures::readinessAtBest);
        add(
                "restart.relapsed.count",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.RELAPSE,
                "how often clients that were ready again lost their connection before they had held it for their hold",
                ofRestarts(Need.RELAPSE, figures -> figures.hasBegun() ? figures.relapsed() : Double.NaN));
        restartTimes(
                "restart.outage",
                Need.RECOVERY,
                "from the loss of a connection until its client is back",
                RestartFigures::outage);
        restartTimes(
                "restart.time-to-recover",
                Need.RECOVERY,
                "from a client's learning of its loss until it is back: it judges the reconnect policy",
                RestartFigures::timeToRecover);
        restartTimes(
                "restart.detection",
                Need.RESTART,
                "from the loss of a connection until its client learns of it",
                RestartFigures::detection);
        restartTimes(
                "restart.time-to-first-attempt",
                Need.RESTART,
                "from a client's learning of its loss to its first attempt",
                RestartFigures::timeToFirstAttempt);
        fleetRecovery("p90", 0.9);
        fleetRecovery("p99", 0.99);
        fleetRecovery("p100", 1);
        quantiles(
                "restart.attempts-per-recovery",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.RECOVERY,
                "attempts of a client that came back",
                q -> ofRestarts(Need.RECOVERY, figures -> q.of(figures.attemptsPerRecovery())));
        add(
                "restart.peak-attempts",
                Quantity.RATE,
                Kind.COUNT,
                Need.RESTART,
                "most attempts within a second at the restarted node, or on the way back from it to another, failed ones included",
                ofRestarts(Need.RESTART, figures -> figures.hasBegun() ? figures.peakAttemptsPerSecond() : Double.NaN));
        add(
                "restart.amplification",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.RESTART,
                "attempts of affected clients until they were back, for each affected client",
                ofRestarts(Need.RESTART, RestartFigures::amplification));
        add(
                "restart.miscoded",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.CLOSING_RESTART,
                "Close frames of a restart with another code than planned",
                ofRestarts(Need.CLOSING_RESTART, RestartFigures::miscoded));
        quantiles(
                "rollout.drops-per-client",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.ROLLOUT,
                "connections that a client lost to restarts in the whole run, of the clients that arrived",
                q -> (statistics, scope) -> whole(statistics, q.of(scope.drops()), ""));
        quantiles(
                "rollout.reconnects-per-client",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.ROLLOUT,
                "attempts that a client made on its way back from restarts in the whole run, failed ones included, of the"
                        + " same",
                q -> (statistics, scope) -> whole(statistics, q.of(scope.reconnects()), ""));
        add(
                "nodes.imbalance",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.NODE,
                "when the load ended, open connections of the fullest node over the mean of the nodes in rotation",
                (statistics, scope) -> ofNodes(statistics, statistics.spread().imbalance(), statistics.spread()::open));
        add(
                "nodes.peak-imbalance",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.NODE,
                "most connections that one node had open at once, over an even share of the most that all had",
                (statistics, scope) ->
                        ofNodes(statistics, statistics.spread().peakImbalance(), statistics.spread()::most));
        extension(
                "extension.1010.rate",
                "clients that left with 1010, of the handshakes of clients that require an extension (within the withhold"
                        + " windows, where there are any)",
                ExtensionFigures::failureRate);
        extension(
                "extension.missing.rate",
                "responses without the required extension, of the same handshakes",
                ExtensionFigures::missingRate);
        extension(
                "extension.mismatched.rate",
                "responses that have it with other parameters than required, of the same handshakes",
                ExtensionFigures::mismatchedRate);
        add(
                "extension.unmatched",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.OFFER_TO_NODE,
                "handshakes on whose extensions the node and the client disagree",
                (statistics, scope) -> whole(statistics, statistics.outcomesUnmatched(), ""));
        quantiles(
                "handshake.time",
                Quantity.DURATION,
                Kind.TIME,
                Need.NOTHING,
                "from the intended dialling until open",
                q -> (statistics, scope) -> ofDialling(statistics, q.of(scope.handshakeTime())));
        quantiles(
                "echo.rtt",
                Quantity.DURATION,
                Kind.TIME,
                Need.MESSAGE,
                "from a message's intended time to its echo",
                q -> (statistics, scope) -> whole(statistics, q.of(scope.echo()), ""));
        quantiles(
                "ping.rtt",
                Quantity.DURATION,
                Kind.TIME,
                Need.PING,
                "from a ping's intended time to its pong",
                q -> (statistics, scope) -> whole(statistics, q.of(scope.ping()), ""));
        add(
                "availability.rate",
                Quantity.SHARE,
                Kind.TIME,
                Need.NOTHING,
                "time that clients were ready, of the time from each one's first ready to the end",
                (statistics, scope) -> ofDialling(statistics, scope.availability()));
        add(
                "clients.open.rate",
                Quantity.SHARE,
                Kind.COUNT,
                Need.NOTHING,
                "clients that are open when the load ends (or before the first fault), of those that came and have not left",
                (statistics, scope) -> {
                    Share open = new Share(scope.open(), scope.arrived() - scope.finished());
                    return List.of(new Reading(open.rate(), open, "", counts(open), 0, statistics.endMicros(), ""));
                });
        count(
                "attempts.failed.count",
                "attempts that ended before they were open, those that ended in 1010 among them",
                scope -> scope.failed().values().stream()
                        .mapToLong(Long::longValue)
                        .sum());
        count("clients.gave-up.count", "clients whose reconnect policy allowed no further try", Scope::gaveUp);
        count("clients.lost.count", "clients whose injector died", Scope::lost);
        add(
                "ledger.unmatched",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.NODE,
                "Close frames sent by one side and not received by the other (or the reverse) that nothing explains",
                (statistics, scope) -> whole(
                        statistics,
                        statistics.ledger().unmatched(),
                        statistics.ledger().firstUnmatched().stream()
                                .findFirst()
                                .orElse("")));
        add(
                "ledger.causality",
                Quantity.NUMBER,
                Kind.TRUST,
                Need.NODE,
                "Close frames received more than 1 ms before they were sent",
                (statistics, scope) -> whole(statistics, statistics.trust().causality(), ""));
        quantiles(
                "injector.stall",
                Quantity.DURATION,
                Kind.TRUST,
                Need.NOTHING,
                "how late the injectors' event loops ran",
                q -> (statistics, scope) ->
                        whole(statistics, q.of(statistics.trust().stalls()), ""));
        ClientMetrics.all().forEach(metric -> ALL.put(metric.name(), metric));
        for (Quantile q : Quantile.values()) {
            before("echo.rtt." + q.word(), (steady, population) -> whole(steady, q.of(steady.echo(population))));
            before("ping.rtt." + q.word(), (steady, population) -> whole(steady, q.of(steady.ping(population))));
            before(
                    "injector.stall." + q.word(),
                    (steady, population) -> whole(steady, q.of(steady.trust().stalls())));
        }
        before("attempts.failed.count", (steady, population) -> whole(steady, steady.failedAttempts()));
        before("clients.open.rate", (steady, population) -> {
            Share open = steady.open();
            return new Reading(open.rate(), open, "", counts(open), 0, steady.endMicros(), "");
        });
    }

    /** It is known before the first fault, too. */
    private static void before(String name, Metric.OfSteadyState reader) {
        ALL.computeIfPresent(name, (same, metric) -> metric.alsoBefore(reader));
    }

    private static void fleetRecovery(String suffix, double fraction) {
        add(
                "restart.fleet-recovery." + suffix,
                "restart.fleet-recovery.p90|p99|p100",
                Quantity.DURATION,
                Kind.TIME,
                Need.RECOVERY,
                "from the restart's beginning until 90, 99 or 100% of the affected clients are back",
                ofRestarts(
                        Need.RECOVERY,
                        RestartFigures::back,
                        samples -> samples.quantile(fraction).orElse(Double.NaN)));
    }

    /** The metric of this name. */
    public static Optional<Metric> find(String name) {
        Matcher closes = CLOSES.matcher(name);
        return closes.matches()
                ? Optional.of(closes(Integer.parseInt(closes.group(1))))
                : Optional.ofNullable(ALL.get(name)).or(() -> ObservedMetrics.find(name));
    }

    /**
     * Every metric, a quantile of one family after the other; {@code closes.CODE.count} with 1012 for CODE, and what is
     * observed with NAME for its name.
     */
    public static List<Metric> all() {
        List<Metric> all = new ArrayList<>(ALL.values());
        all.add(closes(CloseCode.SERVICE_RESTART.code()));
        all.addAll(ObservedMetrics.of("NAME"));
        return all;
    }

    /** The families of which something is known before the first fault. */
    public static List<String> familiesBefore() {
        return all().stream()
                .filter(Metric::isKnownBefore)
                .map(Metric::family)
                .distinct()
                .toList();
    }

    /** The family names that are nearest to a name that is none, for a message. */
    public static List<String> families() {
        return all().stream().map(Metric::family).distinct().toList();
    }

    private static Metric closes(int code) {
        return new Metric(
                "closes." + code + ".count",
                "closes.CODE.count",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.NOTHING,
                "connections that ended with this close code",
                (Metric.OfRun) (statistics, scope) -> whole(statistics, scope.closes(code), ""));
    }

    private static void add(String name, Quantity unit, Kind kind, Need need, String text, Metric.OfRun reader) {
        add(name, name, unit, kind, need, text, reader);
    }

    private static void add(
            String name, String family, Quantity unit, Kind kind, Need need, String text, Metric.OfRun reader) {
        ALL.put(name, new Metric(name, family, unit, kind, need, text, reader));
    }

    private static void quantiles(
            String family, Quantity unit, Kind kind, Need need, String text, Function<Quantile, Metric.OfRun> reader) {
        for (Quantile quantile : Quantile.values()) {
            add(
                    family + "." + quantile.word(),
                    family + ".pNN|max|mean",
                    unit,
                    kind,
                    need,
                    text,
                    reader.apply(quantile));
        }
    }

    private static void restartTimes(String family, Need need, String text, Function<RestartFigures, Samples> samples) {
        quantiles(family, Quantity.DURATION, Kind.TIME, need, text, q -> ofRestarts(need, samples, q::of));
    }

    private static void restartShare(
            String name, String text, Function<RestartFigures, Share> share, Function<RestartFigures, Share> atBest) {
        add(
                name,
                Quantity.SHARE,
                Kind.COUNT,
                Need.RECOVERY,
                text,
                (statistics, scope) -> scope.restarts().stream()
                        .filter(figures -> concerns(Need.RECOVERY, figures))
                        .map(figures -> reading(
                                statistics,
                                figures,
                                share.apply(figures).rate(),
                                atBest.apply(figures).rate(),
                                share.apply(figures)))
                        .toList());
    }

    private static void extension(String name, String text, Function<ExtensionFigures, Share> share) {
        // With several extensions the worst counts.
        add(
                name,
                Quantity.SHARE,
                Kind.COUNT,
                Need.REQUIRE,
                text,
                (statistics, scope) -> scope.extensions().stream()
                        .map(share)
                        .filter(s -> s.whole() > 0)
                        .max(Comparator.comparingDouble(Share::rate))
                        .map(s -> List.of(new Reading(
                                s.rate(), s, "", s.part() + " of " + s.whole(), 0, statistics.endMicros(), "")))
                        .orElseGet(() -> whole(statistics, Double.NaN, "no such handshake")));
    }

    private static void count(String name, String text, ToDoubleFunction<Scope> count) {
        add(
                name,
                Quantity.NUMBER,
                Kind.COUNT,
                Need.NOTHING,
                text,
                (statistics, scope) -> whole(statistics, count.applyAsDouble(scope), ""));
    }

    private static Metric.OfRun ofRestarts(Need need, ToDoubleFunction<RestartFigures> value) {
        return (statistics, scope) -> scope.restarts().stream()
                .filter(figures -> concerns(need, figures))
                .map(figures -> {
                    double known = value.applyAsDouble(figures);
                    return reading(statistics, figures, known, known, null);
                })
                .toList();
    }

    private static Metric.OfRun ofRestarts(
            Need need, Function<RestartFigures, Samples> samples, ToDoubleFunction<Samples> quantile) {
        return (statistics, scope) -> scope.restarts().stream()
                .filter(figures -> concerns(need, figures))
                .map(figures -> {
                    Samples all = samples.apply(figures);
                    return reading(
                            statistics,
                            figures,
                            quantile.applyAsDouble(all),
                            quantile.applyAsDouble(all.atBest()),
                            null);
                })
                .toList();
    }

    /**
     * A burst of losses is no restart to a population that lost nobody to it; and that nobody comes back to a server that is
     * down for good says nothing of anybody.
     */
    private static boolean concerns(Need need, RestartFigures figures) {
        return !(need.isOfRecovery() && figures.restart().isForGood())
                && (figures.source() != RestartFigures.Source.BURST || figures.affected() > 0);
    }

    /** {@code atBest}: the value if those that left before they were due had come back. */
    private static Reading reading(
            Statistics statistics, RestartFigures figures, double value, double atBest, @Nullable Share share) {
        String where = "restart " + figures.restart().index()
                + (statistics.plan().endpoint() == null ? " of node " + figures.node() : "");
        String note = !figures.hasBegun()
                ? "it did not begin"
                : figures.affected() == 0
                        ? "no client was affected"
                        : share == null ? "" : share.part() + " of " + share.whole();
        String doubt = doubt(statistics, figures);
        boolean maybeBetter = doubt.isEmpty() && Double.compare(value, atBest) != 0;
        return new Reading(
                figures.hasBegun() ? value : Double.NaN,
                maybeBetter ? atBest : Double.NaN,
                share,
                where,
                note,
                figures.restart().atMicros(),
                figures.restart().dueMicros(),
                maybeBetter ? figures.left() + " left before they were due, as their stay was over" : doubt);
    }

    private static String doubt(Statistics statistics, RestartFigures figures) {
        HarnessJournal.Command command = figures.command();
        if (command != null && !command.failure().isEmpty() && !isOwnFailure(statistics, command)) {
            return "the restart's command failed: " + command.failure();
        }
        if (!figures.complete()) {
            return "the run ended before the deadline"; // Who was on the way might have come back, or not.
        }
        // Whoever was held back: they all storm the same server.
        return heldBack(
                statistics,
                statistics.all().restarts().stream()
                        .filter(all ->
                                all.restart().index() == figures.restart().index() && all.node() == figures.node())
                        .mapToLong(RestartFigures::limited)
                        .sum());
    }

    /** A server that Squall restarts and that does not serve again has failed itself, and no command for it. */
    private static boolean isOwnFailure(Statistics statistics, HarnessJournal.Command command) {
        Plan.Endpoint endpoint = statistics.plan().endpoint();
        return endpoint != null && endpoint.launch() != null && command.endMicros() != HarnessJournal.Command.RUNNING;
    }

    /** What a limit on attempts has shaped says nothing of the clients' policies, nor of the server. */
    private static String heldBack(Statistics statistics, long attempts) {
        Plan.Endpoint endpoint = statistics.plan().endpoint();
        return attempts == 0 || endpoint == null
                ? ""
                : "the limit of " + Quantity.RATE.format(endpoint.attemptsPerSecond()) + " held back " + attempts
                        + " attempts (target.limits.attempts)";
    }

    /** Of the whole run, and of when connections were made. */
    private static List<Reading> ofDialling(Statistics statistics, double value) {
        return List.of(new Reading(
                value,
                null,
                "",
                "",
                0,
                statistics.endMicros(),
                heldBack(statistics, statistics.trust().limited())));
    }

    /** Of the node that had most. */
    private static List<Reading> ofNodes(Statistics statistics, double value, IntToLongFunction had) {
        int fullest = IntStream.range(0, statistics.spread().nodes())
                .reduce(0, (a, b) -> had.applyAsLong(b) > had.applyAsLong(a) ? b : a);
        return whole(statistics, value, "node " + fullest + " had " + had.applyAsLong(fullest));
    }

    private static List<Reading> whole(Statistics statistics, double value, String note) {
        return List.of(new Reading(value, null, "", note, 0, statistics.endMicros(), ""));
    }

    private static Reading whole(SteadyState steady, double value) {
        return new Reading(value, null, "", "", steady.window().fromMicros(), steady.endMicros(), "");
    }

    private static String counts(Share share) {
        return share.part() + " of " + share.whole();
    }
}
