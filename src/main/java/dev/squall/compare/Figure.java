package dev.squall.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squall.quantity.Quantity;
import dev.squall.verdict.Expectation;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * One number of a run. Of several restarts it is the worst.
 *
 * @param name as metrics are named
 * @param unit durations are microseconds
 * @param better which way is better
 * @param reader NaN where a run has none, infinite where it falls on a client that never came
 */
record Figure(String name, Quantity unit, Better better, ToDoubleFunction<JsonNode> reader) {

    /** Which way is better. */
    enum Better {
        LOWER,
        HIGHER,
        NEITHER
    }

    private static final double MICROS = 1e6;

    /** What is looked at in any case. */
    private static final List<Figure> MAIN = List.of(
            restart("recovered.rate", Quantity.SHARE, Better.HIGHER, r -> number(r.path("successRate"))),
            restart("outage.p50", Quantity.DURATION, Better.LOWER, r -> time(r.path("outageSeconds"), "p50")),
            restart("outage.p99", Quantity.DURATION, Better.LOWER, r -> time(r.path("outageSeconds"), "p99")),
            restart("outage.max", Quantity.DURATION, Better.LOWER, r -> time(r.path("outageSeconds"), "max")),
            restart(
                    "time-to-recover.p99",
                    Quantity.DURATION,
                    Better.LOWER,
                    r -> time(r.path("timeToRecoverSeconds"), "p99")),
            restart("detection.p99", Quantity.DURATION, Better.LOWER, r -> time(r.path("detectionSeconds"), "p99")),
            restart("fleet-recovery.p90", Quantity.DURATION, Better.LOWER, r -> fleet(r, "p90")),
            restart("fleet-recovery.p99", Quantity.DURATION, Better.LOWER, r -> fleet(r, "p99")),
            restart("fleet-recovery.p100", Quantity.DURATION, Better.LOWER, r -> fleet(r, "p100")),
            restart("peak-attempts", Quantity.RATE, Better.LOWER, r -> number(r.path("peakAttemptsPerSecond"))),
            restart("amplification", Quantity.NUMBER, Better.LOWER, r -> number(r.path("amplification"))),
            new Figure(
                    "extension.1010.rate",
                    Quantity.SHARE,
                    Better.LOWER,
                    run -> worst(run.path("extensions"), e -> number(e.path("failureRate")), Math::max)),
            new Figure(
                    "handshake.time.p99",
                    Quantity.DURATION,
                    Better.LOWER,
                    run -> time(run.path("handshakeSeconds"), "p99")),
            new Figure(
                    "echo.rtt.p99", Quantity.DURATION, Better.LOWER, run -> roundTrip(run.path("echoSeconds"), "p99")),
            new Figure(
                    "ping.rtt.p99", Quantity.DURATION, Better.LOWER, run -> roundTrip(run.path("pingSeconds"), "p99")),
            new Figure("availability.rate", Quantity.SHARE, Better.HIGHER, run -> number(run.path("availability"))),
            new Figure(
                    "clients.gave-up.count", Quantity.NUMBER, Better.LOWER, run -> number(run.at("/clients/gaveUp"))),
            new Figure("clients.lost.count", Quantity.NUMBER, Better.LOWER, run -> number(run.at("/clients/lost"))));

    /** The main figures, and those that the runs were expected to meet. */
    static Collection<Figure> of(Iterable<JsonNode> runs) {
        Map<String, Figure> figures = new LinkedHashMap<>();
        MAIN.forEach(figure -> figures.put(figure.name, figure));
        for (JsonNode run : runs) {
            for (JsonNode finding : run.path("findings")) {
                Figure expected = expected(finding.path("expect").asText());
                figures.putIfAbsent(expected.name, expected);
            }
        }
        return List.copyOf(figures.values());
    }

    private static Figure expected(String text) {
        Expectation expectation = Expectation.parse(text);
        String name = (expectation.population().isEmpty() ? "" : expectation.population() + ": ")
                + expectation.metric().name();
        Better better = switch (expectation.op()) {
            case LESS, AT_MOST -> Better.LOWER;
            case MORE, AT_LEAST -> Better.HIGHER;
            default -> expectation.high() == 0 ? Better.LOWER : Better.NEITHER;
        };
        Quantity unit = expectation.metric().unit();
        return new Figure(name, unit, better, run -> {
            for (JsonNode finding : run.path("findings")) {
                if (expected(finding.path("expect").asText()).name.equals(name)) {
                    return observed(finding, unit);
                }
            }
            return Double.NaN;
        });
    }

    /** What a finding observed; infinite where it failed because somebody never came, NaN where there is nothing. */
    static double observed(JsonNode finding, Quantity unit) {
        JsonNode observed = finding.path("observed");
        if (unit != Quantity.DURATION) {
            return number(observed);
        }
        boolean never = observed.isNull() && finding.path("verdict").asText().equals("fail");
        return never ? Double.POSITIVE_INFINITY : number(observed) * MICROS;
    }

    /** Of restarts after which the node listened again; those that are down for good bring nobody back. */
    private static Figure restart(String name, Quantity unit, Better better, ToDoubleFunction<JsonNode> reader) {
        DoubleBinaryOperator worse = better == Better.HIGHER ? Math::min : Math::max;
        return new Figure(
                "restart." + name,
                unit,
                better,
                run -> worst(
                        run.path("restarts"),
                        restart -> restart.path("downSeconds").isNull()
                                        && restart.path("found").asText().equals("plan")
                                ? Double.NaN
                                : reader.applyAsDouble(restart),
                        worse));
    }

    private static double worst(JsonNode all, ToDoubleFunction<JsonNode> reader, DoubleBinaryOperator worse) {
        double worst = Double.NaN;
        for (JsonNode each : all) {
            double value = reader.applyAsDouble(each);
            if (!Double.isNaN(value)) {
                worst = Double.isNaN(worst) ? value : worse.applyAsDouble(worst, value);
            }
        }
        return worst;
    }

    private static double number(JsonNode node) {
        return node.isNumber() ? node.asDouble() : Double.NaN;
    }

    private static double time(JsonNode times, String quantile) {
        boolean never = times.path("reasons").path(quantile).asText().contains("never");
        return never ? Double.POSITIVE_INFINITY : number(times.path(quantile)) * MICROS;
    }

    private static double roundTrip(JsonNode times, String quantile) {
        return times.path("count").asLong() > 0 && times.path(quantile).isNull()
                ? Double.POSITIVE_INFINITY
                : number(times.path(quantile)) * MICROS;
    }

    private static double fleet(JsonNode restart, String quantile) {
        JsonNode time = restart.path("fleetRecoverySeconds").path(quantile);
        return restart.path("affected").asLong() > 0 && time.isNull()
                ? Double.POSITIVE_INFINITY
                : number(time) * MICROS;
    }

    /** Of each run; NaN where one has none. */
    double[] of(Side side) {
        return side.runs().stream().mapToDouble(reader).toArray();
    }
}
