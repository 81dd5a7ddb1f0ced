package dev.squall.run;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A small process that outlives a killed harness: when its input ends it gives the children that it knows {@value
 * #GRACE_SECONDS} seconds to stop by themselves, as they do when theirs ends, kills what is left, and undoes what they did not.
 */
final class Reaper implements AutoCloseable {

    private static final int GRACE_SECONDS = 5;

    // A child is known by its process id and its start time, so that a reused id is never killed; a zombie has ended.
    private static final String SCRIPT = """
            trap '' INT TERM HUP
            started() { sed -n '/) Z /!s/.*) //p' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
            known=''
            while read -r pid; do known="$known $pid:$(started "$pid")"; done
            for i in $(seq 1 %d); do
              left=''
              for k in $known; do
                [ -n "${k#*:}" ] && [ "$(started "${k%%%%:*}")" = "${k#*:}" ] && left="$left ${k%%%%:*}"
              done
              [ -z "$left" ] && break
              sleep 1
            done
            [ -n "$left" ] && kill -9 $left 2>/dev/null
            # What the run did beyond its own processes is written down as long as it is not undone.
            [ -e "$0" ] && [ $# -gt 0 ] && "$@"
            """;

    private final Process process;
    private final Writer in;

    private Reaper(Process process) {
        this.process = process;
        this.in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII);
    }

    /** One that has nothing to undo. */
    static Reaper start() throws IOException {
        return start(Path.of("/nothing/to/undo"), List.of());
    }

    /** One that, once the children have ended, runs this command if that file is there. */
    static Reaper start(Path file, List<String> undo) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                String.format(SCRIPT, GRACE_SECONDS),
                file.toAbsolutePath().toString()));
        command.addAll(undo);
        return new Reaper(new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    void watch(long pid) throws IOException {
        in.write(pid + "\n");
        in.flush();
    }

    long pid() {
        return process.pid();
    }

    /** Lets it go: it ends as soon as the children have. */
    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            process.destroyForcibly(); // It has gone already, or cannot be told to: the children have ended without it.
        }
    }
}
