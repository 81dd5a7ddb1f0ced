package dev.squall.client;

import dev.squall.protocol.Extension;
import java.util.List;

/**
 * Is told what becomes of one client (in the closed model: of those at one place), on its event loop. Times are
 * microseconds of the fleet's clock. A client is away from its arrival until it is ready, and from when it learns that its
 * connection ends until it is ready again, or for good.
 */
@FunctionalInterface
public interface Observer {

    /** In place of a time: the client was not away. */
    long PRESENT = Long.MIN_VALUE;

    /** The client has ended and no other comes in its place: nothing more is told. */
    void gone();

    /** The handshake was good; {@code negotiated}: the extensions of the response. */
    default void opened(List<Extension> negotiated) {}

    /**
     * The client is ready: for the first time, or again.
     *
     * @param after the close code of its last connection; 0 for the first time
     * @param since when it began to be away
     */
    default void ready(int after, long since, long now) {}

    /**
     * A try has failed; what the client does about it is its policy's.
     *
     * @param cause as the journal spells it: refused, timeout, http-503, ...
     */
    default void failed(String cause, long now) {}

    /**
     * The response lacks an extension that the client requires, so it leaves with 1010.
     *
     * @param reason the extensions that are lacking
     * @param since when the try was to begin
     */
    default void lacking(String reason, long since, long now) {}

    /**
     * An open connection has ended.
     *
     * @param code of the first Close, 1006 for none
     * @param how who and how, as in the journal
     */
    default void lost(int code, String how, long now) {}

    /** Whether it wants to be told of text messages. */
    default boolean wantsMessages() {
        return false;
    }

    /** A text message came, of which this is at most the first 64 KiB. */
    default void message(String text, long now) {}

    /**
     * The client has ended.
     *
     * @param after as for {@link #ready}
     * @param since when it began to be away; {@link #PRESENT} if it was not, but for its own leaving
     * @param why it gave up ({@code gave-up}), left for want of an extension ({@code 1010}), or on purpose ({@code left}
     *     when its stay was over, {@code end} with the run)
     */
    default void ended(int after, long since, long now, String why) {}
}
