package dev.squall.report;

import dev.squall.journal.HarnessJournal;
import dev.squall.plan.Launch;
import dev.squall.plan.Plan;
import dev.squall.predict.Assumptions;
import dev.squall.predict.Model;
import dev.squall.protocol.CloseCode;
import dev.squall.quantity.Quantity;
import dev.squall.stats.ExtensionFigures;
import dev.squall.stats.Observed;
import dev.squall.stats.Quantile;
import dev.squall.stats.RestartFigures;
import dev.squall.stats.Scope;
import dev.squall.stats.Share;
import dev.squall.stats.Spread;
import dev.squall.stats.Statistics;
import dev.squall.stats.Trust;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** A run in a few lines, for a terminal. */
public final class Summary {

    /** A restart of more nodes is told of all of them together. */
    private static final int MOST_NODES = 3;

    private final Assessment assessment;
    private final Statistics statistics;

    /** Of this run. */
    public Summary(Assessment assessment) {
        this.assessment = assessment;
        this.statistics = assessment.statistics();
    }

    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        Plan plan = statistics.plan();
        lines.add(assessment.verdict() + "  " + plan.experiment()
                + (statistics.predicted() ? "   predicted" : "") + "   seed " + plan.seed() + "   "
                + time(statistics.endMicros()) + (statistics.interrupted() ? "   interrupted" : ""));
        assessment.findings().stream()
                .filter(finding -> finding.verdict() != Verdict.PASS)
                .forEach(finding -> lines.add(finding(finding)));
        Plan.Endpoint endpoint = plan.endpoint();
        if (endpoint != null) {
            lines.add("target  " + target(endpoint));
        }
        if (plan.relay() != null) {
            lines.add("proxy   before " + plan.relay().upstream().described());
        }
        statistics.exits().stream()
                .limit(MOST_NODES)
                .forEach(exit -> lines.add("  it ended by itself at " + time(exit.micros()) + ": " + exit.how()));
        restarts(lines);
        if (endpoint != null && statistics.all().restarts().isEmpty()) {
            lines.add("no restart was found");
        }
        if (plan.nodes().size() > 1 && !statistics.all().restarts().isEmpty()) {
            lines.add("rollout " + rollout());
        }
        statistics.all().extensions().forEach(figures -> extension(lines, figures));
        statistics.observed().forEach(observed -> lines.add("observed " + observed(observed)));
        lines.add(statistics.predicted() ? "model   " + model() : "trust   " + trust());
        lines.add("files   " + assessment.directory().results() + "      next: " + next());
        return String.join("\n", lines) + "\n";
    }

    private String target(Plan.Endpoint endpoint) {
        long heldBack = statistics.trust().limited();
        return endpoint.described()
                + (heldBack == 0
                        ? ""
                        : "   " + count(heldBack) + " attempts held back to "
                                + Quantity.RATE.format(endpoint.attemptsPerSecond()));
    }

    static String finding(Finding finding) {
        return "  " + finding.verdict().word() + "  " + finding.expectation().text() + "   observed "
                + finding.observedText()
                + (finding.note().isEmpty() ? "" : "   (" + finding.note() + ")");
    }

    /** Each node of a restart, or all of them together where they are too many for a few lines. */
    private void restarts(List<String> lines) {
        Map<Integer, List<RestartFigures>> ofNodes = new TreeMap<>();
        for (RestartFigures figures : statistics.all().restarts()) {
            ofNodes.computeIfAbsent(figures.restart().index(), index -> new ArrayList<>())
                    .add(figures);
        }
        ofNodes.values().forEach(nodes -> {
            if (nodes.size() > MOST_NODES) {
                restart(lines, RestartFigures.together(nodes), " of " + nodes.size() + " nodes");
                return;
            }
            String of = statistics.plan().nodes().size() > 1 ? " of node " : "";
            nodes.forEach(figures -> restart(lines, figures, of.isEmpty() ? "" : of + figures.node()));
        });
    }

    private void restart(List<String> lines, RestartFigures figures, String where) {
        Plan.Restart restart = figures.restart();
        String what = what(figures);
        if (!figures.hasBegun()) {
            lines.add(what + " at " + time(restart.atMicros()) + where + "   did not begin");
            return;
        }
        lines.add(what + " at " + time(restart.atMicros()) + where + (restart.isForGood() ? ", down for good" : "")
                + "   " + count(figures.affected()) + " affected"
                + (restart.isForGood() ? "" : ", " + back(figures)));
        String others = others(figures);
        if (!others.isEmpty()) {
            lines.add("  " + others);
        }
        if (!restart.isForGood()) {
            statistics.populations().forEach(population -> policies(lines, population, figures));
        }
        if (figures.source() != RestartFigures.Source.PLAN) {
            manners(lines, figures);
        }
        if (figures.affected() > 0) {
            lines.add("  "
                    + (restart.isForGood()
                            ? ""
                            : "outage p50 " + time(Quantile.P50.of(figures.outage())) + "  p99 "
                                    + time(Quantile.P99.of(figures.outage())) + "   ")
                    + "storm " + count(figures.peakAttemptsPerSecond())
                    + " attempts/s (amplification " + Quantity.NUMBER.format(rounded(figures.amplification())) + ")");
        }
    }

    /** What the clients of a server that is not ours saw, and what would have been kinder. */
    private static void manners(List<String> lines, RestartFigures figures) {
        Manners manners = new Manners(figures);
        List<String> seen = new ArrayList<>();
        manners.seen().forEach((what, clients) -> seen.add(count(clients) + " " + what.told()));
        if (figures.untouched() > 0) {
            seen.add(count(figures.untouched()) + " saw nothing and stayed open");
        }
        if (!seen.isEmpty()) {
            lines.add("  seen    " + String.join(", ", seen));
        }
        if (!manners.byNode().isEmpty()) {
            List<String> nodes = new ArrayList<>();
            manners.byNode()
                    .forEach((node, codes) -> nodes.add(node + " "
                            + codes.entrySet().stream()
                                    .map(each -> each.getKey() + ": " + count(each.getValue()))
                                    .collect(Collectors.joining(", "))));
            lines.add("  nodes   " + nodes.stream().limit(MOST_NODES).collect(Collectors.joining("; "))
                    + (nodes.size() > MOST_NODES ? "; " + (nodes.size() - MOST_NODES) + " more in results.json" : ""));
        }
        Map<String, List<String>> strays = new TreeMap<>();
        manners.strays()
                .forEach(stray -> strays.computeIfAbsent(
                                stray.code() + (stray.stops() ? "" : " would give up before anybody was back"),
                                why -> new ArrayList<>())
                        .add(stray.profile()));
        strays.forEach((why, names) -> lines.add("  stray   after " + why + ": " + String.join(", ", names)));
        manners.advice().forEach(text -> lines.add("  better  " + text));
    }

    private static String back(RestartFigures figures) {
        Share success = figures.success();
        return count(figures.recovered()) + " back within "
                + time(figures.restart().deadlineMicros())
                + (figures.affected() == 0
                        ? ""
                        : " (" + share(success.rate()) + ", 95% >= " + share(success.low()) + ")");
    }

    /** Who of a mix came back. */
    private static void policies(List<String> lines, Scope population, RestartFigures figures) {
        String back = population.parts().stream()
                .map(policy -> policy(policy, figures))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        if (!back.isEmpty()) {
            lines.add("  back  " + back);
        }
    }

    private static String policy(Scope policy, RestartFigures figures) {
        List<RestartFigures> ofRestart = policy.restarts().stream()
                .filter(own -> own.restart().index() == figures.restart().index())
                .toList();
        RestartFigures own = ofRestart.size() > MOST_NODES
                ? RestartFigures.together(ofRestart)
                : ofRestart.stream()
                        .filter(each -> each.node() == figures.node())
                        .findFirst()
                        .orElseThrow();
        return own.affected() == 0
                ? ""
                : policy.name() + " " + count(own.recovered()) + " of " + count(own.affected()) + " ("
                        + share(own.success().rate()) + ")";
    }

    private String what(RestartFigures figures) {
        String code = figures.code() == 0 ? "" : figures.code() + " ";
        return code
                + switch (figures.source()) {
                    case PLAN -> figures.restart().kill() ? "kill" : "restart";
                    case COMMAND -> byWhat(figures);
                    case BURST -> "burst of losses";
                };
    }

    /** How the harness restarted the server: by the user's command, or one that it has started by what it does to that. */
    private String byWhat(RestartFigures figures) {
        Plan.Endpoint endpoint = statistics.plan().endpoint();
        Launch launch = endpoint == null ? null : endpoint.launch();
        if (launch == null) {
            return "restart by command";
        }
        HarnessJournal.Command command = figures.command();
        boolean killed = command != null
                && statistics.plan().restarts().stream()
                        .anyMatch(restart -> restart.index() == command.restart() && restart.kill());
        return (killed ? Launch.Way.KILL : launch.restart()).spelled() + " of " + launch.described();
    }

    private String others(RestartFigures figures) {
        List<String> others = new ArrayList<>();
        boolean talks = statistics.plan().populations().stream().anyMatch(p -> p.ready() != null);
        if (talks && !figures.restart().isForGood() && figures.affected() > 0) {
            others.add(count(figures.ready()) + " ready again in time ("
                    + share(figures.readiness().rate()) + ")");
        }
        other(others, figures.relapsed(), "relapsed");
        HarnessJournal.Command command = figures.command();
        if (command != null && !command.failure().isEmpty()) {
            others.add((isLaunched() ? "it does not serve again: " : "command failed: ") + command.failure() + " (see "
                    + output(command) + ")");
        }
        if (figures.codes().size() > 1) {
            others.add("lost by "
                    + figures.codes().entrySet().stream()
                            .map(e -> e.getKey() + ": " + count(e.getValue()))
                            .collect(Collectors.joining(", ")));
        }
        other(
                others,
                figures.late(),
                figures.restart().isForGood()
                        ? "still trying when the run ended"
                        : figures.complete() ? "late or not back" : "not back when the run ended");
        other(others, figures.left(), "of those left before they were due");
        other(others, figures.gaveUp(), "gave up");
        other(others, figures.leftWith1010(), "left with 1010");
        figures.failed().forEach((cause, count) -> other(others, count, "attempts failed: " + cause));
        return String.join(", ", others);
    }

    private boolean isLaunched() {
        Plan.Endpoint endpoint = statistics.plan().endpoint();
        return endpoint != null && endpoint.launch() != null;
    }

    private String output(HarnessJournal.Command command) {
        return isLaunched() ? Launch.LOG : HarnessJournal.Command.output(command.restart());
    }

    private static void other(List<String> others, long count, String what) {
        if (count > 0) {
            others.add(count(count) + " " + what);
        }
    }

    private void extension(List<String> lines, ExtensionFigures figures) {
        Share failure = figures.failureRate();
        if (failure.whole() == 0) {
            return;
        }
        String strict = statistics.populations().stream()
                .filter(scope -> scope.extension(figures.extension())
                        .filter(own -> own.failureRate().whole() > 0)
                        .isPresent())
                .map(Scope::name)
                .collect(Collectors.joining("+"));
        String planned = Double.isNaN(figures.plannedRate()) ? "" : ", planned " + share(figures.plannedRate());
        lines.add("1010 missing " + figures.extension() + "   " + count(failure.part()) + " of "
                + count(failure.whole()) + " " + strict + " handshakes (" + share(failure.rate()) + planned + ")");
    }

    /** What the restarts did to a client, and to the nodes. */
    private String rollout() {
        Spread spread = statistics.spread();
        String atTheEnd = Double.isNaN(spread.imbalance())
                ? "nobody open at the end"
                : "fullest node " + Quantity.NUMBER.format(spread.imbalance()) + " x the mean at the end";
        return "drops a client " + perClient(statistics.all().drops()) + "   reconnects "
                + perClient(statistics.all().reconnects()) + "   "
                + statistics.plan().balance().spelled() + ", " + atTheEnd
                + (Double.isNaN(spread.peakImbalance())
                        ? ""
                        : ", at most " + Quantity.NUMBER.format(spread.peakImbalance()) + " x");
    }

    private static String perClient(Histogram counts) {
        if (counts.getTotalCount() == 0) {
            return "none";
        }
        return "p50 " + Quantity.NUMBER.format(Quantile.P50.of(counts)) + "  p99 "
                + Quantity.NUMBER.format(Quantile.P99.of(counts)) + "  max "
                + Quantity.NUMBER.format(Quantile.MAX.of(counts));
    }

    private static String observed(Observed observed) {
        String unit = observed.observation().unit();
        return observed.observation().name()
                + (observed.gaps() == observed.polls()
                        ? ""
                        : "   mean " + Quantity.NUMBER.format(observed.mean()) + "  min "
                                + Quantity.NUMBER.format(observed.min()) + "  max "
                                + Quantity.NUMBER.format(observed.max()) + (unit.isEmpty() ? "" : " " + unit))
                + (observed.gaps() == 0
                        ? ""
                        : "   " + count(observed.gaps()) + " of " + count(observed.polls())
                                + " polls without an answer");
    }

    private String trust() {
        List<String> parts = new ArrayList<>();
        parts.add(
                !statistics.ledger().twoSided()
                        ? "ledger of the clients only"
                        : statistics.ledger().unmatched() == 0
                                ? "ledger balanced"
                                : count(statistics.ledger().unmatched()) + " Close frames unmatched");
        double stall = Quantile.P99.of(statistics.trust().stalls());
        if (!Double.isNaN(stall)) {
            parts.add("injector stall p99 " + time(stall));
        }
        int saturated = statistics.trust().saturatedSeconds();
        if (saturated >= Trust.SATURATED_SECONDS) {
            parts.add("processors saturated for " + saturated + " s: times are this machine's");
        }
        if (statistics.trust().lateArrivals() > 0) {
            parts.add(count(statistics.trust().lateArrivals()) + " arrivals over 100 ms late");
        }
        parts.addAll(statistics.trust().reasons());
        return String.join(", ", parts);
    }

    /** What a prediction takes for true. */
    private String model() {
        Assumptions assumptions = Objects.requireNonNull(assessment.assumptions());
        Model model = assumptions.model();
        Model.Bench bench = model.bench();
        List<String> parts = new ArrayList<>();
        parts.add(count(statistics.plan().clients()) + " clients"
                + (statistics.plan().clients() == assumptions.experimentClients()
                        ? ""
                        : " (the experiment has " + count(assumptions.experimentClients()) + ")"));
        parts.add("round trip " + time(model.roundTripMicros()));
        if (model.handshakesPerSecond() > 0) {
            parts.add("a node accepts " + Quantity.RATE.format(model.handshakesPerSecond())
                    + (model.backlog() > 0 ? ", " + count(model.backlog()) + " wait" : ""));
        }
        if (bench != null) {
            parts.add("on the machine of that run");
        }
        parts.add(assumptions.source());
        return String.join(", ", parts);
    }

    /** What to try next: another reconnect policy after a pass, what the code asks for after a fail. */
    private String next() {
        Plan plan = statistics.plan();
        String file = assessment.info().file().isEmpty()
                ? ""
                : " " + assessment.info().file();
        boolean restarted = !statistics.all().restarts().isEmpty();
        if (statistics.predicted() && restarted) {
            return "squall predict" + file + " --policies all";
        }
        if (plan.endpoint() != null) {
            // Nobody is talked into a storm at a server that is not ours.
            return assessment.verdict() != Verdict.PASS && !restarted
                    ? "squall probe " + plan.endpoint().url()
                    : "squall explain "
                            + (restarted ? CloseCode.SERVICE_RESTART : CloseCode.MANDATORY_EXTENSION).code();
        }
        if (assessment.verdict() == Verdict.PASS && restarted) {
            return plan.populations().stream()
                    .filter(p -> p.reconnect().policies().stream()
                            .noneMatch(policy -> policy.name().equals("immediate")))
                    .reduce((a, b) -> a.clients() > b.clients() ? a : b)
                    .map(p -> "squall run" + file + " --set load." + p.name() + ".reconnect=immediate")
                    .orElse("squall help metrics");
        }
        return restarted ? "squall explain 1012" : "squall explain 1010";
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }

    private static String time(double micros) {
        return Quantity.DURATION.format(micros);
    }

    private static String share(double share) {
        return Quantity.SHARE.format(share);
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
