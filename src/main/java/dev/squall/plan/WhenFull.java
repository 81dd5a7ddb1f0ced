package dev.squall.plan;

/** What a node with a capacity does with a handshake for which its queue has no place. */
public enum WhenFull {
    /** It is answered 503 at once. */
    UNAVAILABLE,
    /** It is completed at once, and a Close with 1013 Try Again Later and the reason {@value #REASON} follows. */
    TRY_AGAIN_LATER,
    /** It is never answered. */
    HANG;

    /** Why a client was turned away, as rows of the journal and the Close's reason say it. */
    public static final String REASON = "capacity";

    /** The name as an experiment spells it. */
    public String spelled() {
        return switch (this) {
            case UNAVAILABLE -> "503";
            case TRY_AGAIN_LATER -> "1013";
            case HANG -> "hang";
        };
    }
}
