package dev.squall.machine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the kernel tells of itself in {@code /proc} and {@code /sys}. A file that is not there, cannot be read or reads
 * otherwise than expected leaves its value empty: another system, a container or a newer kernel is no failure.
 *
 * @param root the folder that stands for {@code /}
 */
public record Kernel(Path root) {

    /** How the kernel spells that there is no limit. */
    private static final List<String> UNLIMITED = List.of("unlimited", "max", "-1");

    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    /** The lines of a file, named from the root; none if it cannot be read. */
    public List<String> lines(String file) {
        // Read by the buffer: a file of /proc/sys has nothing more to say after the first read, however short that was.
        // ISO 8859-1 reads any byte, and a mount point may have a name in any encoding.
        try (BufferedReader reader = Files.newBufferedReader(root.resolve(file), StandardCharsets.ISO_8859_1)) {
            return reader.lines().toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // Unknown: that is the answer, not an error.
        }
    }

    /** The number that is a file's first word. */
    public OptionalLong number(String file) {
        return number(file, 0);
    }

    /** The number that is word {@code index} of a file's first line. */
    public OptionalLong number(String file, int index) {
        return lines(file).stream()
                .limit(1)
                .map(Kernel::words)
                .map(w -> number(w, index))
                .findFirst()
                .orElse(OptionalLong.empty());
    }

    /** The number after a key that begins a line, as {@code MemAvailable:}. */
    public OptionalLong keyed(String file, String key) {
        return lines(file).stream()
                .map(Kernel::words)
                .filter(words -> words.get(0).equals(key))
                .map(words -> number(words, 1))
                .findFirst()
                .orElse(OptionalLong.empty());
    }

    /** A hard limit of this process, by its name in {@code /proc/self/limits}. */
    public OptionalLong hardLimit(String name) {
        return lines("proc/self/limits").stream()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> number(words(line.substring(name.length())), 1))
                .findFirst()
                .orElse(OptionalLong.empty());
    }

    /** The words of a line. */
    public static List<String> words(String line) {
        return List.of(line.strip().split("\\s+"));
    }

    private static OptionalLong number(List<String> words, int index) {
        return index < words.size() ? parse(words.get(index)) : OptionalLong.empty();
    }

    /** A number at least 0; {@link Long#MAX_VALUE} for one beyond it and for no limit at all. */
    private static OptionalLong parse(String word) {
        if (UNLIMITED.contains(word)) {
            return OptionalLong.of(Long.MAX_VALUE);
        }
        return word.matches("[0-9]{1,40}")
                ? OptionalLong.of(new BigInteger(word).min(MOST).longValue())
                : OptionalLong.empty();
    }
}
