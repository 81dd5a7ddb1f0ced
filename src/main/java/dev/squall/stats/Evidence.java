package dev.squall.stats;

/**
 * What expectations are held against: a run of clients of ours, the clients of others at a node that
 * served them, or what is known of a run before its first fault.
 */
public sealed interface Evidence permits Statistics, Served, SteadyState {

    /** When the measuring ended, in microseconds since the start. */
    long endMicros();

    /** Whether it ended earlier than it was to. */
    boolean interrupted();

    /** How far it can be believed. */
    Trust trust();
}
