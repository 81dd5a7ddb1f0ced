package dev.squall.fault;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.squall.quantity.Quantity;
import java.util.List;

/**
 * A fault with when and whom it strikes. Times are microseconds since the start of the run.
 *
 * <p>A window strikes each handshake in it, and each connection that is open in it, old or new, once; a connection is struck
 * until the window ends. Moments strike each connection that is open at one, once, for the rest of its life.
 *
 * @param index its place in the plan, or in the order in which it came to a live server
 * @param moments whether it strikes at moments, and not during a window
 * @param fromMicros when the window begins, or the first moment
 * @param toMicros when the window ends, or before which moments fall
 * @param everyMicros from a moment to the next; 0: there is one
 * @param probability that it strikes whom it may, 0 to 1
 * @param count how many it strikes at most, on each node; 0: any number
 * @param match whom it may strike
 */
public record FaultWindow(
        int index,
        Fault fault,
        boolean moments,
        long fromMicros,
        long toMicros,
        long everyMicros,
        double probability,
        long count,
        Match match) {

    /** The settings that say when and whom, which every fault but a restart has besides its own. */
    public static final List<String> SETTINGS = List.of("from", "to", "at", "every", "probability", "count", "match");

    /** The end of a window that has none. */
    public static final long OPEN_END = Long.MAX_VALUE;

    public FaultWindow {
        if (toMicros < fromMicros) {
            throw new IllegalArgumentException(
                    "to: " + toMicros + " us (expected: not before from, " + fromMicros + " us)");
        }
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability: " + probability + " (expected: 0 to 1)");
        }
        if (count < 0 || everyMicros < 0) {
            throw new IllegalArgumentException("count: " + count + ", every: " + everyMicros + " us (expected: >= 0)");
        }
        if (moments && !(fault instanceof ConnectionFault)) {
            throw new IllegalArgumentException(
                    "at: " + fault.kind().name() + " strikes handshakes (expected: from and to)");
        }
    }

    /** A fault that strikes everybody with this probability in [fromMicros, toMicros). */
    public static FaultWindow during(int index, Fault fault, double probability, long fromMicros, long toMicros) {
        return new FaultWindow(index, fault, false, fromMicros, toMicros, 0, probability, 0, Match.ALL);
    }

    /** Whether it is a window that is open at this time. */
    public boolean covers(long micros) {
        return !moments && micros >= fromMicros && micros < toMicros;
    }

    /** Whether it leaves this extension out. */
    public boolean withholds(String extension) {
        return fault instanceof Withhold withhold && withhold.extension().equals(extension);
    }

    /** Whether it draws once for a client, and not for each handshake or connection. */
    @JsonIgnore
    public boolean isLasting() {
        return fault instanceof Withhold withhold && withhold.lasting();
    }

    /** Whether each that it may strike is struck with its probability, whatever became of others. */
    @JsonIgnore
    public boolean isIndependent() {
        return count == 0 && !isLasting();
    }

    /** The same with another index, and this much later. */
    public FaultWindow later(int newIndex, long micros) {
        return new FaultWindow(
                newIndex,
                fault,
                moments,
                fromMicros + micros,
                toMicros == OPEN_END ? OPEN_END : toMicros + micros,
                everyMicros,
                probability,
                count,
                match);
    }

    /** For people, as {@code close 1011 after 5 s, from 0 s to 15 s, probability 10%, path /chat}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder().append(fault);
        if (moments) {
            text.append(", at ").append(Quantity.DURATION.format(fromMicros));
            text.append(everyMicros == 0 ? "" : ", every " + Quantity.DURATION.format(everyMicros));
        } else {
            text.append(", from ").append(Quantity.DURATION.format(fromMicros));
            text.append(toMicros == OPEN_END ? "" : " to " + Quantity.DURATION.format(toMicros));
        }
        text.append(probability == 1 ? "" : ", probability " + Quantity.SHARE.format(probability));
        text.append(count == 0 ? "" : ", at most " + count);
        return text.append(match).toString();
    }
}
