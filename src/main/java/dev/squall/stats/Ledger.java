package dev.squall.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.agrona.collections.Long2LongHashMap;

/**
 * Every Close frame, held against its other end: what was sent must have been received, connection by connection,
 * unless something that is known explains why not.
 *
 * <p>A connection is one long: the codes of the four ends (14 bits each), how TCP ended on either side (3 bits each), and
 * two flags. Those that are settled are folded into sums and forgotten.
 */
public final class Ledger {

    /** How TCP ended at one side; UNKNOWN until its CLOSED row is read. */
    enum End {
        UNKNOWN,
        CLEAN,
        EOF,
        RESET,
        TIMEOUT,
        STOPPED;

        private static final End[] ALL = values();

        /** For people. */
        private String word() {
            return this == UNKNOWN ? "nobody knows how" : name().toLowerCase(Locale.ROOT);
        }

        /** By the second word of a CLOSED row's detail. */
        static End of(String word) {
            return switch (word) {
                case "clean" -> CLEAN;
                case "eof" -> EOF;
                case "reset", "fault" -> RESET; // A fault that ends TCP loses what is under way.
                case "timeout" -> TIMEOUT;
                default -> STOPPED;
            };
        }
    }

    /** Who sent it. */
    public enum Direction {
        TO_CLIENT,
        TO_SERVER
    }

    /** The frames of one code in one direction. */
    public static final class Row {
        private final int code;
        private final Direction direction;
        private long sent;
        private long received;
        private long unmatched;
        private final Map<String, Long> explained = new TreeMap<>();

        Row(int code, Direction direction) {
            this.code = code;
            this.direction = direction;
        }

        public int code() {
            return code;
        }

        public Direction direction() {
            return direction;
        }

        public long sent() {
            return sent;
        }

        public long received() {
            return received;
        }

        public long unmatched() {
            return unmatched;
        }

        /** Frames without their other end, by what explains it: killed, reset, timeout. */
        public Map<String, Long> explained() {
            return explained;
        }
    }

    /** Tells of a connection which process at either side was killed or lost. */
    interface Killed {
        boolean node(long connection);

        boolean injector(long connection);
    }

    static final int UNMATCHED_SHOWN = 20;

    private static final int BITS = 14;
    private static final long MASK = (1L << BITS) - 1;
    private static final int CLIENT_SENT = 0;
    private static final int NODE_RECEIVED = BITS;
    private static final int NODE_SENT = 2 * BITS;
    private static final int CLIENT_RECEIVED = 3 * BITS;
    private static final int NODE_END = 56;
    private static final int CLIENT_END = 59;
    private static final long IN_WINDOW = 1L << 62;
    private static final long LACKING = 1L << 63;
    private static final long ABSENT = -1;

    private final Long2LongHashMap open = new Long2LongHashMap(ABSENT);
    private final Map<Long, Row> rows = new TreeMap<>();
    private final List<String> firstUnmatched = new ArrayList<>();
    private final boolean twoSided;
    private long lackingUnanswered;
    private final LongFunction<String> describe;

    /** {@code describe} names a connection for people. */
    Ledger(boolean twoSided, LongFunction<String> describe) {
        this.twoSided = twoSided;
        this.describe = describe;
    }

    private long entry(long connection) {
        long entry = open.get(connection);
        return entry == ABSENT ? 0 : entry;
    }

    void clientSent(long connection, int code) {
        put(connection, CLIENT_SENT, code);
    }

    void clientReceived(long connection, int code) {
        put(connection, CLIENT_RECEIVED, code);
    }

    void nodeSent(long connection, int code) {
        put(connection, NODE_SENT, code);
    }

    void nodeReceived(long connection, int code) {
        put(connection, NODE_RECEIVED, code);
    }

    private void put(long connection, int shift, int code) {
        long entry = entry(connection);
        if ((entry >>> shift & MASK) == 0) { // The first Close counts; a second in one direction is a defect of a peer.
            open.put(connection, entry | (code & MASK) << shift);
        }
    }

    /** Whether something of a connection is not settled. */
    boolean isOpen(long connection) {
        return open.containsKey(connection);
    }

    boolean hasNodeSent(long connection) {
        return (entry(connection) >>> NODE_SENT & MASK) != 0;
    }

    boolean hasClientSent(long connection) {
        return (entry(connection) >>> CLIENT_SENT & MASK) != 0;
    }

    void nodeNegotiated(long connection, boolean inWindow, boolean lacking) {
        long entry = entry(connection);
        open.put(connection, entry | (inWindow ? IN_WINDOW : 0) | (lacking ? LACKING : 0));
    }

    boolean inWindow(long connection) {
        return (entry(connection) & IN_WINDOW) != 0;
    }

    /** Whether the node says that this handshake lacks an offered extension; asked once, for the answer settles it. */
    boolean takeLacking(long connection) {
        long entry = entry(connection);
        if ((entry & LACKING) == 0) {
            return false;
        }
        open.put(connection, entry & ~LACKING);
        return true;
    }

    void nodeEnded(long connection, End end) {
        ended(connection, NODE_END, end);
    }

    void clientEnded(long connection, End end) {
        ended(connection, CLIENT_END, end);
    }

    private void ended(long connection, int shift, End end) {
        long entry = entry(connection) & ~(7L << shift) | (long) end.ordinal() << shift;
        open.put(connection, entry);
        boolean bothEnded = (entry >>> NODE_END & 7) != 0 && (entry >>> CLIENT_END & 7) != 0;
        boolean matched = (entry >>> CLIENT_SENT & MASK) == (entry >>> NODE_RECEIVED & MASK)
                && (entry >>> NODE_SENT & MASK) == (entry >>> CLIENT_RECEIVED & MASK);
        if (twoSided ? bothEnded && matched && (entry & LACKING) == 0 : shift == CLIENT_END) {
            fold(connection, entry, NEVER_KILLED);
            open.remove(connection);
        }
    }

    private static final Killed NEVER_KILLED = new Killed() {
        @Override
        public boolean node(long connection) {
            return false;
        }

        @Override
        public boolean injector(long connection) {
            return false;
        }
    };

    /** Settles what is left. */
    void finish(Killed killed) {
        // In order of the connection, so that the first unmatched rows are the same each time.
        long[] connections =
                open.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
        for (long connection : connections) {
            long entry = open.get(connection);
            // A client that ended the connection in order has read the response, so it should have judged it.
            lackingUnanswered += (entry & LACKING) != 0 && (entry >>> CLIENT_END & 7) != 0 ? 1 : 0;
            fold(connection, entry, killed);
        }
        open.clear();
    }

    private void fold(long connection, long entry, Killed killed) {
        fold(
                connection,
                entry,
                Direction.TO_SERVER,
                (int) (entry >>> CLIENT_SENT & MASK),
                (int) (entry >>> NODE_RECEIVED & MASK),
                killed);
        fold(
                connection,
                entry,
                Direction.TO_CLIENT,
                (int) (entry >>> NODE_SENT & MASK),
                (int) (entry >>> CLIENT_RECEIVED & MASK),
                killed);
    }

    private void fold(long connection, long entry, Direction direction, int sent, int received, Killed killed) {
        if (sent != 0) {
            row(sent, direction).sent++;
        }
        if (received != 0) {
            row(received, direction).received++;
        }
        if (sent == received || !twoSided) {
            return;
        }
        String explanation = sent == 0 || received == 0 ? explanation(connection, entry, killed) : "";
        for (int code :
                sent == 0 ? new int[] {received} : received == 0 ? new int[] {sent} : new int[] {sent, received}) {
            Row row = row(code, direction);
            if (explanation.isEmpty()) {
                row.unmatched++;
            } else {
                row.explained.merge(explanation, 1L, Long::sum);
            }
        }
        if (explanation.isEmpty() && firstUnmatched.size() < UNMATCHED_SHOWN) {
            firstUnmatched.add(describe.apply(connection) + " "
                    + (direction == Direction.TO_CLIENT ? "to client" : "to server") + ": sent "
                    + (sent == 0 ? "nothing" : sent) + ", received " + (received == 0 ? "nothing" : received)
                    + "; TCP ended " + End.ALL[(int) (entry >>> NODE_END & 7)].word() + " at the node, "
                    + End.ALL[(int) (entry >>> CLIENT_END & 7)].word() + " at the client");
        }
    }

    private static String explanation(long connection, long entry, Killed killed) {
        End node = End.ALL[(int) (entry >>> NODE_END & 7)];
        End client = End.ALL[(int) (entry >>> CLIENT_END & 7)];
        if (node == End.UNKNOWN && killed.node(connection) || client == End.UNKNOWN && killed.injector(connection)) {
            return "killed";
        }
        if (node == End.RESET || client == End.RESET) {
            return "reset";
        }
        return node == End.TIMEOUT || client == End.TIMEOUT ? "timeout" : "";
    }

    private Row row(int code, Direction direction) {
        return rows.computeIfAbsent(code * 2L + direction.ordinal(), key -> new Row(code, direction));
    }

    /** Connections whose node says that an extension lacks, though their client, which ended them, never said so. */
    long lackingUnanswered() {
        return lackingUnanswered;
    }

    /** Whether both sides are known; else only what clients saw. */
    public boolean twoSided() {
        return twoSided;
    }

    /** By code, those to the client first. */
    public List<Row> rows() {
        return List.copyOf(rows.values());
    }

    /** Frames without their other end that nothing explains. */
    public long unmatched() {
        return rows.values().stream().mapToLong(Row::unmatched).sum();
    }

    /** The first of those, for people. */
    public List<String> firstUnmatched() {
        return List.copyOf(firstUnmatched);
    }
}
