package dev.squall.behaviour;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one client did, as the node saw it. Times are microseconds.
 *
 * @param key the text by which it identified itself
 * @param connections how many it asked for and had
 * @param losses connections that it lost, by close code: this side closed or ended them, or a fault had struck them
 * @param leaves connections that it ended by itself, by close code; 1006: without a Close
 * @param closeAnswers what it answered to our Closes
 * @param reconnecting when it came back after losses
 * @param mandatory what it did about 1010
 * @param pings what it answered to our pings
 * @param struck how often each fault struck one of its connections
 */
public record ClientBehaviour(
        String key,
        Connections connections,
        Map<Integer, Long> losses,
        Map<Integer, Long> leaves,
        CloseAnswers closeAnswers,
        Reconnecting reconnecting,
        Mandatory mandatory,
        Pings pings,
        Map<String, Long> struck) {

    /** The code under which what is beyond {@link Behaviours#MOST_CODES} codes is counted. */
    public static final int OTHER_CODES = 0;

    public ClientBehaviour {
        losses = Collections.unmodifiableMap(new TreeMap<>(losses));
        leaves = Collections.unmodifiableMap(new TreeMap<>(leaves));
        struck = Collections.unmodifiableMap(new TreeMap<>(struck));
    }

    /** How many connections this client lost. */
    public long lost() {
        return losses.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Connections.
     *
     * @param asked upgrade requests
     * @param opened of these, answered with 101
     * @param rejected answered with another status
     * @param unanswered TCP ended before an answer
     * @param atOnce most that were open and sound at once
     * @param tcpEndedByClient of the open ones, those of which the client ended TCP first
     * @param tcpEndedByServer those of which this side did
     */
    public record Connections(
            long asked,
            long opened,
            long rejected,
            long unanswered,
            int atOnce,
            long tcpEndedByClient,
            long tcpEndedByServer) {}

    /**
     * Answers to the Closes that we sent first (RFC 6455 section 5.5.1: it must answer, typically with the code it got).
     *
     * @param same answered with the same code
     * @param other answered with another code
     * @param none not answered before TCP ended
     * @param untold nobody knows: this side stopped before, or had stopped to read
     * @param took from handing over ours to the answer
     */
    public record CloseAnswers(long same, long other, long none, long untold, Times took) {

        /** Closes of which it is known what became of them. */
        public long told() {
            return same + other + none;
        }
    }

    /**
     * Coming back after losses.
     *
     * @param untold why nothing is claimed of it; empty if it is
     * @param losses how many of which something is claimed
     * @param returned losses after which it dialled again
     * @param delays how long each took, the latest {@link Behaviours#MOST_DELAYS}
     * @param unkept how many more there were
     * @param awayMicros how long it has been watched since a loss or a failed attempt, while it did not dial; -1: it is not
     *     away
     * @param gaveUp whether it tries no more
     * @param grew whether its waits grew from failure to failure
     * @param growth by what factor a wait was longer than the one before, until the longest; 1 where that is not known
     * @param spread whether waits that could be equal were not
     */
    public record Reconnecting(
            String untold,
            long losses,
            long returned,
            List<Delay> delays,
            long unkept,
            long awayMicros,
            Judgement gaveUp,
            Judgement grew,
            double growth,
            Judgement spread) {

        public Reconnecting {
            delays = List.copyOf(delays);
        }

        /** Whether it has not dialled since its last loss. */
        public boolean isLost() {
            return losses > returned;
        }

        /** Delays that follow an advice, that do not, and that nobody can tell. */
        public Following following(Advice advice) {
            long[] counts = new long[Judgement.Answer.values().length];
            delays.forEach(delay -> counts[advice.followed(delay).ordinal()]++);
            if (isLost()) {
                boolean open = advice.mayStill(awayMicros) && gaveUp.answer() != Judgement.Answer.YES;
                counts[(open ? Judgement.Answer.UNKNOWN : Judgement.Answer.NO).ordinal()]++;
            }
            return new Following(
                    counts[Judgement.Answer.YES.ordinal()],
                    counts[Judgement.Answer.NO.ordinal()],
                    counts[Judgement.Answer.UNKNOWN.ordinal()]);
        }
    }

    /** How many delays follow an advice, do not, and may or may not. */
    public record Following(long within, long outside, long unknown) {

        /** All delays. */
        public long all() {
            return within + outside + unknown;
        }
    }

    /**
     * 1010 Mandatory Extension.
     *
     * @param left connections that it ended with 1010
     * @param returned how often it dialled again all the same
     * @param after how long after its 1010
     */
    public record Mandatory(long left, long returned, Times after) {}

    /**
     * Pings.
     *
     * @param sent of which it is known whether they were answered: not one that was under way when a connection ended or a
     *     fault struck it
     * @param answered by a pong
     * @param rtt from the ping to its pong
     */
    public record Pings(long sent, long answered, Times rtt) {}
}
