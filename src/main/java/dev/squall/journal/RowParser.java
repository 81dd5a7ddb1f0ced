package dev.squall.journal;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import org.jspecify.annotations.Nullable;

/** Makes rows of a journal's fields where they stand in the reader's buffer: of no field but a new text is a string made. */
final class RowParser extends AbstractBaseCsvCallbackHandler<RowParser.Line> {

    private static final int COLUMNS = 10;

    /** What a number of so many digits cannot exceed. */
    private static final int SAFE_DIGITS = 18;

    /**
     * A line of the file.
     *
     * @param row null if it could not be understood
     */
    record Line(@Nullable JournalRow row) {}

    private static final Line MALFORMED = new Line(null);

    private final Words words = new Words();
    private final StringBuilder header = new StringBuilder();
    private boolean inHeader = true;
    private boolean malformed;
    private long row;
    private long micros;
    private String population = "";
    private long client;
    private long connection;
    private JournalEvent event = JournalEvent.JOURNAL_ENDED;
    private long code;
    private long attempt;
    private long value;
    private String detail = "";

    /** The fields of the first line. */
    String header() {
        return header.toString();
    }

    @Override
    protected void handleBegin(long startingLineNumber) {
        malformed = false;
    }

    @Override
    protected void handleField(int index, char[] text, int offset, int length, boolean quoted) {
        if (inHeader) {
            header.append(index == 0 ? "" : ",").append(text, offset, length);
            return;
        }
        try {
            switch (index) {
                case 0 -> row = number(text, offset, length);
                case 1 -> micros = number(text, offset, length);
                case 2 -> population = words.of(text, offset, length);
                case 3 -> client = optional(text, offset, length);
                case 4 -> connection = optional(text, offset, length);
                case 5 -> event = JournalEvent.valueOf(words.of(text, offset, length));
                case 6 -> code = optional(text, offset, length);
                case 7 -> attempt = optional(text, offset, length);
                case 8 -> value = optional(text, offset, length);
                case 9 -> detail = words.of(text, offset, length);
                default -> malformed = true;
            }
        } catch (IllegalArgumentException e) {
            malformed = true; // Counted by the reader.
        }
    }

    private static long optional(char[] text, int offset, int length) {
        return length == 0 ? JournalWriter.NONE : number(text, offset, length);
    }

    private static long number(char[] text, int offset, int length) {
        boolean negative = length > 0 && text[offset] == '-';
        int first = offset + (negative ? 1 : 0);
        int end = offset + length;
        if (first == end || end - first > SAFE_DIGITS) {
            return Long.parseLong(new String(text, offset, length));
        }
        long number = 0;
        for (int i = first; i < end; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                throw new NumberFormatException();
            }
            number = number * 10 + digit;
        }
        return negative ? -number : number;
    }

    @Override
    protected Line buildRecord() {
        if (inHeader) {
            inHeader = false;
            return MALFORMED;
        }
        // No writer puts a line end into a detail: a quote of it has lost its end.
        if (malformed || getFieldCount() != COLUMNS || detail.indexOf('\n') >= 0) {
            return MALFORMED;
        }
        return new Line(
                new JournalRow(row, micros, population, client, connection, event, code, attempt, value, detail));
    }
}
