package dev.squall.client;

/** What can be asked of a client from outside, on its event loop. */
public interface Client {

    /** Sends a text; returns whether it was open to do so. */
    boolean say(String text);

    /**
     * It leaves for good: with a Close if it is open, else at once. Its observer is told when it is gone.
     *
     * @param code one that a client may send
     */
    void leave(int code, String reason);
}
