package dev.squall.protocol;

/** Whether bytes that come in pieces are UTF-8 (RFC 3629 section 4): no text is made of them. */
public final class Utf8 {

    private static final int FIRST = 0x80;
    private static final int LAST = 0xBF;

    /** Continuation bytes that the present character still needs, and what the next of them may be. */
    private int needed;

    private int lowest = FIRST;
    private int highest = LAST;

    /** Takes the next byte; false if it cannot stand there. */
    public boolean take(byte value) {
        int b = value & 0xff;
        if (needed > 0) {
            boolean fits = b >= lowest && b <= highest;
            needed--;
            lowest = FIRST;
            highest = LAST;
            return fits;
        }
        if (b < 0x80) {
            return true;
        }
        needed = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
        switch (b) {
            case 0xE0 -> lowest = 0xA0; // Overlong below.
            case 0xED -> highest = 0x9F; // Surrogates above.
            case 0xF0 -> lowest = 0x90; // Overlong below.
            case 0xF4 -> highest = 0x8F; // Beyond Unicode above.
            default -> {
                // Any continuation.
            }
        }
        return b >= 0xC2 && b <= 0xF4;
    }

    /** Whether the bytes may end here. */
    public boolean isWhole() {
        return needed == 0;
    }

    /** Forgets what came. */
    public void reset() {
        needed = 0;
        lowest = FIRST;
        highest = LAST;
    }
}
