package dev.squall.report;

import dev.squall.profile.Outage;
import dev.squall.profile.Profile;
import dev.squall.profile.Profiles;
import dev.squall.protocol.CloseCode;
import dev.squall.quantity.Quantity;
import dev.squall.stats.RestartFigures;
import dev.squall.stats.Seen;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How a server that is not ours restarted, and how it would have if it were kind to its clients: a Close with 1012 to each
 * (section 4 of the design, after the registry of close codes), spread over a drain window in which no second takes more than
 * a tenth of them.
 */
final class Manners {

    /** A drain of ten seconds closes a tenth of the connections a second. */
    static final int DRAIN_SECONDS = 10;

    /** Twice the tenth is no wave yet. */
    private static final double WAVE = 0.2;

    /** So few make no wave, however they come. */
    private static final long FEW = 50;

    /** The first of any number that came back. */
    private static final double FIRST = 1e-9;

    /** Who tries as often is long past any restart. */
    private static final int MOST_TRIES = 20;

    /** A policy of the experiment's making, and no library's. */
    private static final String NOBODYS = "none";

    private final RestartFigures figures;
    private final Map<Seen, Long> seen;
    private final long affected;

    Manners(RestartFigures figures) {
        this.figures = figures;
        this.seen = figures.seen();
        this.affected = seen.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How many clients saw what, whichever node they were on: the code, and how. */
    Map<Seen, Long> seen() {
        Map<Seen, Long> sums = new TreeMap<>();
        seen.forEach((what, count) -> sums.merge(new Seen(what.code(), what.how(), ""), count, Long::sum));
        return sums;
    }

    /** The same by node; empty where nobody knows which they were on. */
    Map<String, Map<Integer, Long>> byNode() {
        Map<String, Map<Integer, Long>> nodes = new TreeMap<>();
        seen.forEach((what, count) -> {
            if (!what.node().isEmpty()) {
                nodes.computeIfAbsent(what.node(), node -> new TreeMap<>()).merge(what.code(), count, Long::sum);
            }
        });
        return nodes;
    }

    /**
     * A client library that would not have come back.
     *
     * @param code that its clients would have seen
     * @param stops whether it stays away after that code; else it comes back, and gives up before anybody of this run was back
     */
    record Stray(String profile, int code, boolean stops) {}

    /** The profiles that would not have come back, by the codes that were seen. */
    List<Stray> strays() {
        List<Stray> strays = new ArrayList<>();
        for (int code : seen().keySet().stream().map(Seen::code).distinct().toList()) {
            for (Profile profile : Profiles.all().values()) {
                OptionalLong tries = new Outage(profile.policy(), code, false).lastTry();
                boolean stops = tries.isPresent() && tries.getAsLong() == 0;
                if (!profile.name().equals(NOBODYS)
                        && (stops || tries.isPresent() && givesUp(profile, code, (int) tries.getAsLong()))) {
                    strays.add(new Stray(profile.name(), code, stops));
                }
            }
        }
        return strays;
    }

    /** Whether all its tries would have come while the server was away, as far as this run's own tries tell. */
    private boolean givesUp(Profile profile, int code, int tries) {
        if (figures.failed().isEmpty() || tries > MOST_TRIES) {
            return false;
        }
        long last = new Outage(profile.policy(), code, false)
                .delays(tries).stream().mapToLong(Outage.Delays::median).sum();
        return last < figures.outage().quantile(FIRST).orElse(0);
    }

    /** Whether it restarted as a server should. */
    boolean good() {
        return affected > 0 && advice().isEmpty();
    }

    /** What to do better; empty if nothing. */
    List<String> advice() {
        List<String> advice = new ArrayList<>();
        if (affected == 0) {
            return advice;
        }
        long restart = count(CloseCode.SERVICE_RESTART.code(), Seen.CLOSE);
        long silent = seen.entrySet().stream()
                .filter(each -> each.getKey().how().equals(Seen.TIMEOUT))
                .mapToLong(Map.Entry::getValue)
                .sum();
        long closed = seen.entrySet().stream()
                .filter(each -> each.getKey().how().equals(Seen.CLOSE))
                .mapToLong(Map.Entry::getValue)
                .sum();
        long cut = affected - closed - silent;
        if (silent > 0) {
            advice.add(
                    clients(silent) + " heard nothing, not even the end of TCP, and left when their own patience ended:"
                            + " end connections with Close 1012 before standing still");
        }
        if (cut > 0) {
            advice.add(
                    clients(cut) + " lost TCP without a Close: send Close 1012 to each and wait for its answer before"
                            + " the process ends");
        }
        if (closed > restart) {
            advice.add(clients(closed - restart) + " were told "
                    + seen().keySet().stream()
                            .filter(what ->
                                    what.how().equals(Seen.CLOSE) && what.code() != CloseCode.SERVICE_RESTART.code())
                            .map(what -> String.valueOf(what.code()))
                            .collect(Collectors.joining(", "))
                    + ": 1012 says that the service restarts and that they may come back");
        }
        if (silent <= affected / 2 && affected >= FEW && figures.peakLossesPerSecond() > WAVE * affected) {
            advice.add(Quantity.NUMBER.format(figures.peakLossesPerSecond())
                    + " were lost within a second, and come back as"
                    + " one wave: a drain of " + DRAIN_SECONDS + " s would take "
                    + Quantity.NUMBER.format(Math.ceil((double) affected / DRAIN_SECONDS)) + " a second");
        }
        return advice;
    }

    private long count(int code, String how) {
        return seen().getOrDefault(new Seen(code, how, ""), 0L);
    }

    private static String clients(long count) {
        return Quantity.NUMBER.format(count) + (count == 1 ? " client" : " clients");
    }
}
