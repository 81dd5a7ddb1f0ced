package dev.squall.reconnect;

/**
 * Close codes from one to another.
 *
 * @param first 1000 to 4999
 * @param last {@code first} to 4999
 */
public record CodeRange(int first, int last) {

    /** Every close code. */
    public static final CodeRange ALL = new CodeRange(1000, 4999);

    public CodeRange {
        ReconnectPolicy.require(
                first >= 1000 && last >= first && last <= 4999,
                "codes",
                first + ".." + last,
                "1000 to 4999, as 3500..3999");
    }

    boolean has(int code) {
        return code >= first && code <= last;
    }
}
