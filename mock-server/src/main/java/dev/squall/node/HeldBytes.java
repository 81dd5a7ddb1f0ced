package dev.squall.node;

/** How much an event loop may keep for its connections, all together. Used on that loop only. */
final class HeldBytes {

    private final long most;
    private long held;

    /** Not more than this, in bytes. */
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
