package dev.squall.protocol;

/** What a client does after it left with 1010 because a required extension was not negotiated. */
public enum On1010 {
    /** What its reconnect policy does about 1010: it stays away, or tries again and requires the extension again. */
    AS_POLICY,
    /** It stays away. */
    STOP,
    /** It tries again by its reconnect policy, and requires the extension again. */
    RETRY,
    /** It tries again by its reconnect policy, and no longer requires the extension. */
    RETRY_WITHOUT
}
