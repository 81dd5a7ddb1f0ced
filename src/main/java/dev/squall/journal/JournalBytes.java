package dev.squall.journal;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The text of a journal, compressed or not; where a killed process or damage has cut it off, what is before that. */
final class JournalBytes extends InputStream {

    /** What a compressed journal's name ends in. */
    static final String COMPRESSED = ".gz";

    private static final int BUFFER_BYTES = 1 << 16;

    /** Counts what is read of the file itself. */
    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int next = super.read();
            count += next < 0 ? 0 : 1;
            return next;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            count += Math.max(0, read);
            return read;
        }
    }

    private final Counted file;
    private final InputStream text;
    private boolean ended;
    private boolean cut;
    private boolean damaged;
    private byte last = '\n';

    /** Opens a file, which is compressed if its name says so. */
    JournalBytes(Path path) throws IOException {
        file = new Counted(Files.newInputStream(path));
        InputStream opened = file;
        if (isCompressed(path)) {
            try {
                opened = new GZIPInputStream(new BufferedInputStream(file, BUFFER_BYTES), BUFFER_BYTES);
            } catch (EOFException e) {
                ended = true;
                cut = file.count > 0;
            } catch (ZipException e) {
                file.close();
                throw new IOException(path + ": " + e.getMessage() + " (expected: a file of gzip)", e);
            }
        }
        text = opened;
    }

    private static boolean isCompressed(Path path) {
        return path.toString().endsWith(COMPRESSED);
    }

    /** The last bytes of a journal's text, at most so many. */
    static byte[] tail(Path path, int most) throws IOException {
        if (!isCompressed(path)) {
            try (RandomAccessFile bytes = new RandomAccessFile(path.toFile(), "r")) {
                byte[] tail = new byte[(int) Math.min(most, bytes.length())];
                bytes.seek(bytes.length() - tail.length);
                bytes.readFully(tail);
                return tail;
            }
        }
        try (JournalBytes bytes = new JournalBytes(path)) {
            byte[] before = new byte[0];
            for (byte[] next = bytes.readNBytes(most); next.length > 0; next = bytes.readNBytes(most)) {
                byte[] both = Arrays.copyOf(before, before.length + next.length);
                System.arraycopy(next, 0, both, before.length, next.length);
                before = Arrays.copyOfRange(both, Math.max(0, both.length - most), both.length);
            }
            return before;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (ended) {
            return -1;
        }
        int read;
        try {
            read = text.read(bytes, offset, length);
        } catch (EOFException e) {
            cut = true;
            read = -1;
        } catch (ZipException e) {
            damaged = true;
            read = -1;
        }
        if (read > 0) {
            last = bytes[offset + read - 1];
        }
        ended = read < 0;
        return read;
    }

    /** Whether the text, which has been read, ends in the middle of a line. */
    boolean inLine() {
        return last != '\n';
    }

    /** Whether the file, which has been read, has lost its end. */
    boolean cut() {
        return cut || inLine();
    }

    /** Whether it cannot be decompressed from some place on. */
    boolean damaged() {
        return damaged;
    }

    /** Bytes of the file read so far. */
    long count() {
        return file.count;
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
