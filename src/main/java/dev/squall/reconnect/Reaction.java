package dev.squall.reconnect;

/** What a client does about the loss of its connection. */
public enum Reaction {
    /** It comes back after the delays of its policy. */
    RETRY,
    /** It comes back without a delay; the delays of its policy begin with the first try that fails. */
    AT_ONCE,
    /** It stays away. */
    STOP
}
