package dev.squall.reconnect;

/** Whether a try that fails before the connection is open (refused, timeout, a status but 101) is followed by another. */
public enum FailedTries {
    /** It is. */
    RETRIED,
    /** It is, but not before a connection of this client has lasted: who cannot connect at first tells its owner. */
    RETRIED_ONCE_PROVED,
    /** It ends the client. */
    FATAL
}
