package dev.squall.target;

/** Waits, but no longer than the harness does. */
@FunctionalInterface
interface Patience {

    /** Waits so long. */
    void await(long micros) throws Stopped;
}
