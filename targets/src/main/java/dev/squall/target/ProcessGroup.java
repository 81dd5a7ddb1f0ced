package dev.squall.target;

import dev.squall.undo.UndoLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The processes that came of a program: its group and session, and whoever left those but has the variable {@link
 * UndoLog#VARIABLE} with its mark.
 *
 * @param id of the group and session, which is the process id of the program; 0: none, then the mark alone tells
 * @param startTicks when the program was started, so that an id that was used again is nobody's
 */
record ProcessGroup(long id, long startTicks, String mark) {

    private static final Path PROC = Path.of("/proc");
    private static final int STATE = 0;
    private static final int GROUP = 2;
    private static final int SESSION = 3;
    private static final int START = 19;
    private static final long SIGNAL_SECONDS = 5;

    /** The group that this process leads, which has just been started. */
    static ProcessGroup of(long pid, String mark) {
        List<String> stat = stat(pid);
        return new ProcessGroup(pid, stat.isEmpty() ? 0 : Long.parseLong(stat.get(START)), mark);
    }

    /** What /proc tells of a process from its state on; empty if it has ended, also where nobody has buried it. */
    private static List<String> stat(long pid) {
        try {
            String text = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
            List<String> fields =
                    List.of(text.substring(text.lastIndexOf(')') + 2).strip().split(" "));
            return fields.get(STATE).matches("[ZX]") ? List.of() : fields;
        } catch (IOException e) {
            return List.of(); // It has gone: that is the answer.
        }
    }

    /** Those of the group and session. */
    List<Long> members() throws IOException {
        return processes(pid -> isMember(pid));
    }

    /** Those, and whoever left them. */
    List<Long> all() throws IOException {
        return processes(pid -> isMember(pid) || isMarked(pid));
    }

    private boolean isMember(long pid) {
        List<String> stat = id > 1 ? stat(pid) : List.of();
        return !stat.isEmpty()
                && (Long.parseLong(stat.get(GROUP)) == id || Long.parseLong(stat.get(SESSION)) == id)
                && Long.parseLong(stat.get(START)) >= startTicks
                && (pid != id || Long.parseLong(stat.get(START)) == startTicks);
    }

    private boolean isMarked(long pid) {
        try {
            String environment = Files.readString(PROC.resolve(pid + "/environ"), StandardCharsets.ISO_8859_1);
            return (environment + "\0").contains(UndoLog.VARIABLE + "=" + mark + "\0")
                    && !stat(pid).isEmpty();
        } catch (IOException e) {
            return false; // It has gone, or is another user's.
        }
    }

    private interface Which {
        boolean is(long pid);
    }

    private static List<Long> processes(Which which) throws IOException {
        List<Long> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                long pid = Long.parseLong(entry.getFileName().toString());
                if (pid != ProcessHandle.current().pid() && which.is(pid)) {
                    found.add(pid);
                }
            }
        }
        return found;
    }

    /** Sends a signal, as TERM, to the program alone. */
    void signal(String name) throws IOException {
        if (isMember(id)) {
            send(name, List.of(id)); // Never to an id that may be somebody else's.
        }
    }

    /** Sends a signal, as STOP, to all. */
    void signalAll(String name) throws IOException {
        List<Long> all = all();
        if (!all.isEmpty()) {
            send(name, all);
        }
    }

    private static void send(String name, List<Long> to) throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "kill -s \"$@\"", "kill", name, "--"));
        to.forEach(pid -> command.add(String.valueOf(pid)));
        Process kill = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!kill.waitFor(SIGNAL_SECONDS, TimeUnit.SECONDS)) {
                kill.destroyForcibly();
                throw new IOException("kill -s " + name + " " + to + " did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills all, and those that they start meanwhile; returns when none is left. */
    void kill(Patience patience, long micros) throws IOException, Stopped {
        long until = System.nanoTime() + micros * 1000;
        for (List<Long> left = all(); !left.isEmpty(); left = all()) {
            for (long pid : left) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
            if (System.nanoTime() > until) {
                throw new IOException("processes " + left + " do not end though they were killed");
            }
            patience.await(10_000);
        }
    }
}
