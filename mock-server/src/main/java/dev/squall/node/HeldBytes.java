package dev.squall.node;

/** How much an event loop may keep for its connections, all together. Used on that loop only. */
final class HeldBytes {

    /** The part of the JVM's memory that each of an event loop's two may keep. */
    private static final int SHARE = 16;

    private final long most;
    private long held;

    /** A bound by the memory that this JVM may have: a sixteenth of it. */
    HeldBytes() {
        this(Runtime.getRuntime().maxMemory() / SHARE);
    }

    HeldBytes(long most) {
        this.most = most;
    }

    /** Takes room; false if there is not so much left. */
    boolean take(int bytes) {
        if (bytes > most - held) {
            return false;
        }
        held += bytes;
        return true;
    }

    /** Gives back what was taken. */
    void give(int bytes) {
        held -= bytes;
    }
}
