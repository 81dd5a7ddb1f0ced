package dev.squall.journal;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Reads one journal in order of time. Rows may stand up to {@link #WINDOW_MICROS} out of order; what is wrong beyond that
 * is counted, never hidden: each count costs the run its trust.
 */
public final class JournalReader implements AutoCloseable {

    /** How far out of order rows may stand, in microseconds. */
    public static final long WINDOW_MICROS = 1_000_000;

    private final Path file;
    private final RowParser parser = new RowParser();
    private final CsvReader<RowParser.Line> reader;
    private final Iterator<RowParser.Line> lines;
    private final JournalBytes bytes;
    private final Window window = new Window();
    private long nextRow;
    private long newest = Long.MIN_VALUE;
    private long lastEmitted = Long.MIN_VALUE;
    private boolean ended;
    private boolean whole;
    private long rows;
    private long missing;
    private long malformed;
    private long late;

    /**
     * Opens a journal.
     *
     * @throws IOException if it cannot be read or is no journal of this version
     */
    public JournalReader(Path file) throws IOException {
        this.file = file;
        this.bytes = new JournalBytes(file);
        this.reader = CsvReader.builder()
                .commentStrategy(CommentStrategy.NONE)
                .skipEmptyLines(false)
                // A cut or damaged row has another number of fields: it is counted, not the end of reading.
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .build(parser, bytes, StandardCharsets.UTF_8);
        this.lines = reader.iterator();
        try {
            String header = header();
            boolean cutInHeader = !lines.hasNext() && (header.isEmpty() || bytes.inLine());
            if (!(header.equals(JournalWriter.HEADER) || cutInHeader && JournalWriter.HEADER.startsWith(header))) {
                throw new IOException(file + ": the header is '" + shown(header) + "' (expected: '"
                        + JournalWriter.HEADER + "', a journal of this version)");
            }
        } catch (CsvParseException | UncheckedIOException e) {
            reader.close();
            throw unreadable(e);
        } catch (IOException e) {
            reader.close();
            throw e;
        }
    }

    private String header() {
        if (lines.hasNext()) {
            lines.next();
        }
        return parser.header();
    }

    private IOException unreadable(RuntimeException e) {
        return new IOException(file + ": " + e.getMessage(), e);
    }

    /** What is no journal may be anything: so much of it as a terminal bears. */
    private static String shown(String header) {
        return header.substring(0, Math.min(header.length(), JournalWriter.HEADER.length()))
                .replaceAll("[^ -~]", "?");
    }

    /** The next row in order of time; null at the end. */
    public @Nullable JournalRow next() throws IOException {
        while (!ended && (window.isEmpty() || window.firstMicros() > newest - WINDOW_MICROS)) {
            fill();
        }
        JournalRow row = window.poll();
        if (row != null) {
            if (row.micros() < lastEmitted) {
                late++;
            } else {
                lastEmitted = row.micros();
            }
        }
        return row;
    }

    private void fill() throws IOException {
        try {
            if (!lines.hasNext()) {
                end();
                return;
            }
            JournalRow row = lines.next().row();
            if (!lines.hasNext() && bytes.inLine()) {
                end(); // The cut last row of a killed process: known to be incomplete, so not read.
                return;
            }
            if (row == null || row.row() < nextRow || whole) {
                malformed++; // Running numbers only grow, and nothing follows the last row.
                return;
            }
            missing += Math.max(0, row.row() - nextRow);
            nextRow = row.row() + 1;
            if (row.event() == JournalEvent.JOURNAL_ENDED) {
                whole = true;
                return;
            }
            rows++;
            newest = Math.max(newest, row.micros());
            window.add(row);
        } catch (CsvParseException | UncheckedIOException e) {
            throw unreadable(e);
        }
    }

    private void end() {
        ended = true;
        malformed += bytes.damaged() ? 1 : 0;
    }

    /** The file that is read. */
    public Path file() {
        return file;
    }

    /** Bytes of the file read so far. */
    long bytes() {
        return bytes.count();
    }

    /** Whole rows read so far. */
    public long rows() {
        return rows;
    }

    /** Rows that are missing by their running numbers. */
    public long missing() {
        return missing;
    }

    /** Rows that could not be understood. */
    public long malformed() {
        return malformed;
    }

    /** Rows that stood further out of order than the window. */
    public long late() {
        return late;
    }

    /** Whether it has its last row: without one, nobody knows how many rows its process had still to write. */
    public boolean whole() {
        return whole;
    }

    /** The latest time of its rows, in microseconds; {@link Long#MIN_VALUE} if it has none. */
    public long newestMicros() {
        return newest;
    }

    /** Whether the end is cut off, as a killed process leaves it; known when all is read. */
    public boolean cut() {
        return bytes.cut();
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
