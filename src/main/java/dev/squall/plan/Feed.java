package dev.squall.plan;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a CSV file with a header line, for messages that differ.
 *
 * @param columns their names, as the header line has them
 * @param rows each with a value for each column; at least one
 */
public record Feed(List<String> columns, List<List<String>> rows) {

    /** The most rows of a file: it is kept in memory. */
    public static final int MOST_ROWS = 1_000_000;

    public Feed {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read, has no rows or a row of another length; the message names file and line
     */
    public static Feed read(Path file) throws IOException {
        List<String> columns = List.of();
        List<List<String>> rows = new ArrayList<>();
        try (CsvReader<NamedCsvRecord> reader =
                CsvReader.builder().ofNamedCsvRecord(Files.newBufferedReader(file, StandardCharsets.UTF_8))) {
            for (NamedCsvRecord row : reader) {
                columns = row.getHeader();
                if (row.getFieldCount() != columns.size()) {
                    throw new IOException(file + ":" + row.getStartingLineNumber() + ": " + row.getFieldCount()
                            + " values (expected: " + columns.size() + ", as the header line has)");
                }
                if (rows.size() == MOST_ROWS) {
                    throw new IOException(file + ":" + row.getStartingLineNumber() + ": more rows (expected: at most "
                            + MOST_ROWS + ")");
                }
                rows.add(List.copyOf(row.getFields()));
            }
        } catch (CsvParseException e) {
            throw new IOException(file + ": " + e.getMessage() + " (expected: CSV with a header line)", e);
        } catch (FileSystemException e) {
            throw unreadable(file, "cannot be read", e);
        } catch (UncheckedIOException e) {
            boolean text = !(e.getCause() instanceof CharacterCodingException);
            throw unreadable(file, text ? "cannot be read" : "not UTF-8", e);
        }
        if (rows.isEmpty()) {
            throw new IOException(file + ": no rows (expected: a header line and at least one row)");
        }
        return new Feed(columns, rows);
    }

    private static IOException unreadable(Path file, String why, Exception cause) {
        return new IOException(file + ": " + why + " (expected: a CSV file in UTF-8, with a header line)", cause);
    }

    /** The value of a column in a row; rows are taken in turn. */
    public String value(String column, long row) {
        return rows.get((int) (row % rows.size())).get(columns.indexOf(column));
    }
}
