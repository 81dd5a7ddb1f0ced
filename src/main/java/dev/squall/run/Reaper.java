package dev.squall.run;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * A small process that outlives a killed harness: when its input ends it gives the children that it knows {@value
 * #GRACE_SECONDS} seconds to stop by themselves, as they do when theirs ends, and then kills what is left.
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
              [ -z "$left" ] && exit 0
              sleep 1
            done
            kill -9 $left 2>/dev/null
            """;

    private final Process process;
    private final Writer in;

    private Reaper(Process process) {
        this.process = process;
        this.in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII);
    }

    static Reaper start() throws IOException {
        return new Reaper(new ProcessBuilder("/bin/sh", "-c", String.format(SCRIPT, GRACE_SECONDS))
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
