package dev.squall.target;

import dev.squall.plan.Expansion;
import dev.squall.plan.Launch;
import dev.squall.role.ChildLink;
import dev.squall.undo.Step;
import dev.squall.undo.UndoLog;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program in a session and process group of its own. */
final class ProgramServer implements Server {

    private static final long POLL_MICROS = 10_000;
    /** A killed process ends at once, unless the kernel holds it. */
    private static final long KILL_MICROS = 5_000_000;

    private final Launch.Program program;
    private final Readiness readiness;
    private final ServerLog log;
    private final UndoLog undo;
    private final String mark;
    private final Patience patience;
    private final Expansion expansion = new Expansion(System::getenv);
    private Step.@Nullable Processes step;
    private @Nullable Process process;
    private ProcessGroup group;
    private boolean told;

    ProgramServer(
            Launch.Program program, Readiness readiness, ServerLog log, UndoLog undo, String mark, Patience patience) {
        this.program = program;
        this.readiness = readiness;
        this.log = log;
        this.undo = undo;
        this.mark = mark;
        this.patience = patience;
        this.group = new ProcessGroup(0, 0, mark);
    }

    @Override
    public void start() throws IOException, Stopped {
        List<String> command = new ArrayList<>(List.of("setsid"));
        program.command().forEach(word -> command.add(expansion.expand(word)));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()));
        program.environment().forEach((name, value) -> builder.environment().put(name, expansion.expand(value)));
        builder.environment().put(UndoLog.VARIABLE, mark);
        if (program.directory() != null) {
            builder.directory(new File(expansion.expand(program.directory())));
        }
        long said = log.size();
        if (step == null) {
            step = new Step.Processes(0, 0, mark, program.described());
            undo.add(step);
        }
        Process started;
        try {
            started = builder.start();
        } catch (IOException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new IOException("it could not be started: " + reason.getMessage(), e);
        }
        process = started;
        told = false;
        group = ProcessGroup.of(started.pid(), mark);
        Step.Processes known = new Step.Processes(group.id(), group.startTicks(), mark, program.described());
        undo.replace(step, known);
        step = known;
        readiness.await(said, () -> started.isAlive() ? null : "exit code " + started.exitValue());
    }

    @Override
    public int restart(ChildLink.Order order) throws IOException, Stopped {
        Launch.Way way = order.kill() ? Launch.Way.KILL : program.restart();
        long said = log.size();
        switch (way) {
            case PAUSE -> {
                group.signalAll("STOP");
                try {
                    patience.await(order.downtimeMicros());
                } finally {
                    group.signalAll("CONT");
                }
                readiness.await(log.size(), this::end);
                return NO_EXIT;
            }
            case SIGNAL -> {
                group.signal(name(program.signal()));
                patience.await(POLL_MICROS);
                readiness.await(said, this::end);
                return NO_EXIT;
            }
            default -> {
                int code = end(way == Launch.Way.STOP);
                patience.await(order.downtimeMicros());
                start();
                return code;
            }
        }
    }

    /** Ends all its processes; returns the exit code of the first. */
    private int end(boolean gently) throws IOException, Stopped {
        if (gently) {
            group.signal(name(program.stop()));
            long until = System.nanoTime() + program.graceMicros() * 1000;
            while (!group.members().isEmpty() && System.nanoTime() < until) {
                patience.await(POLL_MICROS);
            }
        }
        group.kill(patience, KILL_MICROS);
        Process ended = process;
        told = true;
        if (ended == null) {
            return NO_EXIT;
        }
        for (long left = KILL_MICROS; ended.isAlive() && left > 0; left -= POLL_MICROS) {
            patience.await(POLL_MICROS);
        }
        return ended.isAlive() ? NO_EXIT : ended.exitValue();
    }

    private static String name(String signal) {
        return signal.substring("SIG".length());
    }

    private @Nullable String end() {
        Process running = process;
        return running == null || running.isAlive() ? null : "exit code " + running.exitValue();
    }

    @Override
    public @Nullable String takeEnd() {
        String end = told ? null : end();
        told |= end != null;
        return end;
    }

    @Override
    public void remove(boolean gently) throws IOException {
        try {
            end(gently);
            if (step != null) {
                undo.undone(step);
                step = null;
            }
        } catch (Stopped hurry) {
            throw new IllegalStateException("who removes has all the patience that it needs", hurry);
        }
    }
}
