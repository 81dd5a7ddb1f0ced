package dev.squall.target;

import dev.squall.undo.Step;
import dev.squall.undo.UndoLog;
import java.io.IOException;
import java.nio.file.Path;

/** Takes back what a run has left: the process behind {@code squall rollback}, and behind a run that could not do so itself. */
public final class RollbackMain {

    private static final int UNDONE = 0;
    private static final int LEFT = 1;
    private static final int USAGE = 2;

    private RollbackMain() {}

    /** Takes the steps back that {@code undo.json} of this run directory has. */
    public static void main(String... args) {
        System.exit(run(Path.of(args[0])));
    }

    private static int run(Path directory) {
        UndoLog log;
        try {
            log = UndoLog.read(directory);
        } catch (IOException e) {
            System.err.println("squall: " + e.getMessage());
            return USAGE;
        }
        boolean left = false;
        for (Step step : log.toUndo()) {
            try {
                Undoing.undo(step, directory);
                log.undone(step);
                System.out.println("undone  " + step.left());
            } catch (IOException | IllegalArgumentException e) {
                left = true;
                System.out.println("left    " + step.left() + ": " + e.getMessage());
            }
        }
        return left ? LEFT : UNDONE;
    }
}
