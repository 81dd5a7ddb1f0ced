package dev.squall.stats;

/**
 * What clients saw when a restart took their connection.
 *
 * @param code of the Close that came, else 1006
 * @param how {@link #CLOSE}; without one how TCP ended: eof, reset, or timeout where it did not and the client lost patience
 * @param node which of the server's nodes they were on; empty: nobody knows
 */
public record Seen(int code, String how, String node) implements Comparable<Seen> {

    /** A Close frame came. */
    public static final String CLOSE = "close";

    /** Nothing came: neither a Close nor the end of TCP. */
    public static final String TIMEOUT = "timeout";

    /** For people, without its node. */
    public String told() {
        return how.equals(CLOSE)
                ? code + " Close"
                : how.equals(TIMEOUT) ? "no word at all (" + code + ")" : "no Close, but " + how + " (" + code + ")";
    }

    @Override
    public int compareTo(Seen other) {
        int byCode = Integer.compare(code, other.code);
        int byHow = byCode == 0 ? how.compareTo(other.how) : byCode;
        return byHow == 0 ? node.compareTo(other.node) : byHow;
    }
}
