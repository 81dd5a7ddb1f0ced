package dev.squall.doctor;

import java.util.Locale;

/** What a process or a client takes of a machine; the shipped table explains each. */
enum Cost {
    HARNESS,
    INJECTOR,
    NODE,
    HEAP,
    CLIENT_INJECTOR,
    CLIENT_NODE,
    CLIENT_KERNEL,
    CLIENT_HEAP,
    CLIENT_TLS,
    DEFLATE,
    DEFLATE_CONTEXT,
    DEFLATE_RESTARTED,
    /** Microseconds of processor time. */
    CONNECT,
    CONNECTION_JOURNAL;

    /** Its name in the table. */
    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
