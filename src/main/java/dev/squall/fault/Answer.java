package dev.squall.fault;

import dev.squall.protocol.Extension;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How a handshake is answered.
 *
 * @param delayMicros how long the answer waits
 * @param status 101, or the status of the refusal
 * @param retryAfterSeconds Retry-After of a refusal; 0: none
 * @param withheld names of extensions that are not negotiated
 * @param altered extensions whose negotiated parameters are replaced by these
 * @param unoffered extensions that the response has besides
 */
public record Answer(
        long delayMicros,
        int status,
        long retryAfterSeconds,
        Set<String> withheld,
        List<Extension> altered,
        List<Extension> unoffered) {

    /** Accepted with status 101 (RFC 6455 section 4.2.2). */
    public static final int SWITCHING_PROTOCOLS = 101;

    /** Without a fault: at once, with what was negotiated. */
    public static final Answer NORMAL = new Answer(0, SWITCHING_PROTOCOLS, 0, Set.of(), List.of(), List.of());

    public Answer {
        withheld = Set.copyOf(withheld);
        altered = List.copyOf(altered);
        unoffered = List.copyOf(unoffered);
    }

    static Answer delayed(long micros) {
        return new Answer(micros, SWITCHING_PROTOCOLS, 0, Set.of(), List.of(), List.of());
    }

    static Answer refused(int status, long retryAfterSeconds) {
        return new Answer(0, status, retryAfterSeconds, Set.of(), List.of(), List.of());
    }

    static Answer withholding(String extension) {
        return new Answer(0, SWITCHING_PROTOCOLS, 0, Set.of(extension), List.of(), List.of());
    }

    static Answer altering(Extension extension) {
        return new Answer(0, SWITCHING_PROTOCOLS, 0, Set.of(), List.of(extension), List.of());
    }

    static Answer adding(Extension extension) {
        return new Answer(0, SWITCHING_PROTOCOLS, 0, Set.of(), List.of(), List.of(extension));
    }

    /** Both: delays add up; of two refusals, and of two alterations of an extension, the first stands. */
    public Answer and(Answer later) {
        if (later.equals(NORMAL)) {
            return this;
        }
        boolean accepts = status == SWITCHING_PROTOCOLS;
        Set<String> allWithheld = new LinkedHashSet<>(withheld);
        allWithheld.addAll(later.withheld);
        List<Extension> allAltered = new ArrayList<>(altered);
        for (Extension one : later.altered) {
            if (altered.stream().noneMatch(earlier -> earlier.name().equals(one.name()))) {
                allAltered.add(one);
            }
        }
        List<Extension> allUnoffered = new ArrayList<>(unoffered);
        allUnoffered.addAll(later.unoffered);
        return new Answer(
                delayMicros + later.delayMicros,
                accepts ? later.status : status,
                accepts ? later.retryAfterSeconds : retryAfterSeconds,
                allWithheld,
                allAltered,
                allUnoffered);
    }

    /** Whether it is a refusal. */
    public boolean isRefusal() {
        return status != SWITCHING_PROTOCOLS;
    }
}
