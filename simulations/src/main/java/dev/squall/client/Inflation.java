package dev.squall.client;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The decompression of one connection's messages (RFC 7692 section 7.2.2), piece by piece into a buffer that all
 * connections of an event loop share.
 */
final class Inflation {

    /** What the sender of a message cuts off its end. */
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

    private final byte[] scratch;
    private final boolean afresh;

    /** From the first compressed message on: its window is 32 KiB. */
    private @Nullable Inflater inflater;

    private ByteBuffer compressed = ByteBuffer.allocate(0);

    /**
     * A decompression.
     *
     * @param scratch what comes out goes here, and is gone with the next piece
     * @param afresh whether each message begins with an empty window (server_no_context_takeover)
     */
    Inflation(byte[] scratch, boolean afresh) {
        this.scratch = scratch;
        this.afresh = afresh;
    }

    /** The next compressed bytes; they are read by {@link #output} alone. */
    void input(ByteBuffer bytes) {
        compressed = bytes;
        inflater().setInput(bytes);
    }

    private Inflater inflater() {
        if (inflater == null) {
            inflater = new Inflater(true);
        }
        return inflater;
    }

    /** The end of a message, as if the sender had not cut it off. */
    void tail() {
        input(ByteBuffer.wrap(TAIL));
    }

    /** Decompresses the next piece and returns its length, 0 when the input is used up. */
    int output() throws DataFormatException {
        Inflater present = inflater();
        int n = present.inflate(scratch);
        while (n == 0 && present.finished() && compressed.hasRemaining()) {
            // Section 7.2.3.4: a final block ends no stream. The window is lost, and with it what refers to it.
            present.reset();
            present.setInput(compressed);
            n = present.inflate(scratch);
        }
        return n;
    }

    /** A byte of the present piece. */
    byte outputByte(int index) {
        return scratch[index];
    }

    /** A message is whole. */
    void messageEnded() {
        if (afresh) {
            inflater().reset();
        }
    }

    /** Gives the window's memory back. */
    void end() {
        if (inflater != null) {
            inflater.end();
        }
    }
}
