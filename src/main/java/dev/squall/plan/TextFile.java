package dev.squall.plan;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A text of a run directory. It is written as a whole or not at all, so that nobody meets half of one. */
public final class TextFile {

    private TextFile() {}

    /**
     * Writes it, in the place of one that is there.
     *
     * @throws IOException if it cannot be written, as on a full disk; the message names the file
     */
    public static void write(Path file, String text) throws IOException {
        Path part = file.resolveSibling("." + file.getFileName() + ".part");
        try {
            Files.writeString(part, text);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            throw new IOException(file + ": " + reason(e), e);
        } catch (IOException e) {
            Files.deleteIfExists(part); // Begun, and out of room.
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** What is wrong, in words: the file and the reason. */
    public static String told(IOException e) {
        return e instanceof FileSystemException file
                ? file.getFile() + ": " + reason(file)
                : String.valueOf(e.getMessage());
    }

    private static String reason(FileSystemException e) {
        String reason = e.getReason();
        if (reason != null) {
            return reason;
        }
        return e instanceof NoSuchFileException
                ? "no such file"
                : e instanceof AccessDeniedException ? "permission denied" : "cannot be used";
    }
}
