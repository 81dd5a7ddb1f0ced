package dev.squall.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Makes a gzip member (RFC 1952 section 2.3) of some whole rows. Members that follow each other are one file to every gzip
 * tool, and a process that is killed leaves whole ones but for the last.
 */
final class GzipMember implements AutoCloseable {

    /** ID1, ID2, deflate, no flags, no time, fastest, unknown system. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 255};

    private static final int TRAILER_BYTES = 8;

    /** What deflate adds at most to what it cannot compress: 5 bytes for a block of at least 8 KiB, and some at its end. */
    private static final int SLACK_BYTES = 256;

    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private final CRC32 check = new CRC32();
    private final ByteBuffer member;

    /** For so many bytes of rows at most. */
    GzipMember(int most) {
        member = ByteBuffer.allocateDirect(HEADER.length + most + most / 8192 * 5 + SLACK_BYTES + TRAILER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The member of what remains in the buffer, which is consumed; valid until the next. */
    ByteBuffer of(ByteBuffer rows) {
        int size = rows.remaining();
        check.reset();
        check.update(rows.duplicate());
        deflater.reset();
        deflater.setInput(rows);
        deflater.finish();
        member.clear();
        member.put(HEADER);
        while (!deflater.finished()) {
            if (deflater.deflate(member) == 0) {
                throw new IllegalStateException("a member of " + size + " bytes has no room");
            }
        }
        member.putInt((int) check.getValue()).putInt(size);
        return member.flip();
    }

    @Override
    public void close() {
        deflater.end();
    }
}
