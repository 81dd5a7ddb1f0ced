package dev.squall.target;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What a server says, in a file of the run directory. */
final class ServerLog {

    private static final int TAIL_BYTES = 4096;
    private static final int TAIL_LINES = 3;
    /** A server that says more before it serves is looked at no further back. */
    private static final int MOST_BYTES = 1 << 20;

    private final Path file;

    ServerLog(Path file) throws IOException {
        this.file = file;
        Files.write(file, new byte[0]);
    }

    Path file() {
        return file;
    }

    /** How much it has said so far, in bytes. */
    long size() throws IOException {
        return Files.size(file);
    }

    /** Whether it said a whole line with this in it since then. */
    boolean has(Pattern pattern, long since) throws IOException {
        String text = from(Math.max(since, size() - MOST_BYTES), MOST_BYTES);
        int end = text.lastIndexOf('\n');
        return end >= 0
                && text.substring(0, end)
                        .lines()
                        .anyMatch(line -> pattern.matcher(line).find());
    }

    /** Its last lines in one, for a message; empty if it said nothing. */
    String lastLines() throws IOException {
        List<String> lines = from(Math.max(0, size() - TAIL_BYTES), TAIL_BYTES)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        return String.join(" / ", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }

    private String from(long offset, int most) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            byte[] bytes = new byte[(int) Math.min(most, Math.max(0, in.length() - offset))];
            in.seek(offset);
            in.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
