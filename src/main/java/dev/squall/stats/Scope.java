package dev.squall.stats;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/** The measures of all clients, of one population, or of those of it who follow one policy of a mix. Counts of clients are as they stood when the load ended. */
public final class Scope {

    /** How connections ended: a close code, who sent it first, and why. */
    public record Close(int code, String by, String cause) implements Comparable<Close> {
        @Override
        public int compareTo(Close other) {
            int byCode = Integer.compare(code, other.code);
            int byWho = by.compareTo(other.by);
            return byCode != 0 ? byCode : byWho != 0 ? byWho : cause.compareTo(other.cause);
        }
    }

    private final String name;
    private final int planned;
    long arrived;
    long connecting;
    long open;
    long ready;
    long waiting;
    long gaveUp;
    long finished;
    long lost;
    long readyMicros;
    long livedMicros;
    long attempts;
    final Counts<String> failed = new Counts<>();
    final Counts<String> after1010 = new Counts<>();
    final Samples handshakeTime;
    final List<RestartFigures> restarts;
    final Map<String, ExtensionFigures> extensions = new LinkedHashMap<>();
    final Counts<Close> closes = new Counts<>();
    final Histogram echo = new Histogram(3);
    final Histogram ping = new Histogram(3);
    final Histogram drops = new Histogram(3);
    final Histogram reconnects = new Histogram(3);
    private final List<Scope> parts;
    private final Series series;

    /**
     * Of so many clients.
     *
     * @param parts the scopes that it is made of: populations, or policies
     * @param restarts the figures of each restart, made of those of the parts
     */
    Scope(String name, int planned, long endMicros, List<Scope> parts, List<RestartFigures> restarts) {
        this.name = name;
        this.parts = List.copyOf(parts);
        this.restarts = List.copyOf(restarts);
        this.handshakeTime =
                new Samples(parts.stream().map(Scope::handshakeTime).toList());
        this.planned = planned;
        this.series = new Series(endMicros);
        this.echo.setAutoResize(true);
        this.ping.setAutoResize(true);
        this.drops.setAutoResize(true);
        this.reconnects.setAutoResize(true);
    }

    /** The population's name, or one of {@link dev.squall.plan.Population#followers}; empty for all clients. */
    public String name() {
        return name;
    }

    /** Of all clients: the populations. Of one with a mix of policies: those who follow each; they have no round trips. */
    public List<Scope> parts() {
        return parts;
    }

    /** Clients of the plan; in the closed model places, to which any number of clients may come. */
    public int planned() {
        return planned;
    }

    public long arrived() {
        return arrived;
    }

    public long connecting() {
        return connecting;
    }

    public long open() {
        return open;
    }

    /** Those of the open ones whose dialogue is done. */
    public long ready() {
        return ready;
    }

    public long waiting() {
        return waiting;
    }

    public long gaveUp() {
        return gaveUp;
    }

    public long finished() {
        return finished;
    }

    /** Clients whose injector died. */
    public long lost() {
        return lost;
    }

    /**
     * Ready client-time of the time from each client's first ready until it left because its stay was over, else to the end;
     * NaN if none was ever ready.
     */
    public double availability() {
        return livedMicros == 0 ? Double.NaN : (double) readyMicros / livedMicros;
    }

    /** The time that this lacks, of all clients together, in microseconds. */
    public long lostMicros() {
        return livedMicros - readyMicros;
    }

    /** How often a client dialled. */
    public long attempts() {
        return attempts;
    }

    /** Attempts that did not lead to an open client, by cause; those that ended in 1010 among them. */
    public Map<String, Long> failed() {
        return failed.byWhat();
    }

    /** What clients did after their own 1010: stopped, retried, retriedWithout (their requirement), gaveUp. */
    public Map<String, Long> after1010() {
        return after1010.byWhat();
    }

    /** From the intended dialling to open, in microseconds. */
    public Samples handshakeTime() {
        return handshakeTime;
    }

    /** One element for each node of each restart, in order of time. */
    public List<RestartFigures> restarts() {
        return restarts;
    }

    public Collection<ExtensionFigures> extensions() {
        return extensions.values();
    }

    /** The figures of one extension. */
    public Optional<ExtensionFigures> extension(String extension) {
        return Optional.ofNullable(extensions.get(extension));
    }

    /** Connections by how they ended. */
    public Map<Close, Long> closes() {
        return closes.byWhat();
    }

    /** Connections that ended with this code. */
    public long closes(int code) {
        return closes.byWhat().entrySet().stream()
                .filter(e -> e.getKey().code() == code)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** From a message's intended time to its echo, in microseconds. */
    public Histogram echo() {
        return echo;
    }

    /** From a ping's intended time to its pong, in microseconds. */
    public Histogram ping() {
        return ping;
    }

    /** How many connections each client that arrived lost to restarts in the run; exact up to 2,047. */
    public Histogram drops() {
        return drops;
    }

    /**
     * How many attempts each client that arrived made on its way back from restarts in the run, failed ones included; exact
     * up to 2,047.
     */
    public Histogram reconnects() {
        return reconnects;
    }

    public Series series() {
        return series;
    }
}
