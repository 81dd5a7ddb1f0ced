package dev.squall.cli;

import dev.squall.verdict.Verdict;

/** What the process says to a script. */
final class ExitCode {

    static final int PASS = 0;
    static final int FAIL = 1;
    static final int USAGE = 2;
    static final int INCONCLUSIVE = 3;
    static final int DEFECT = 70;
    static final int INTERRUPTED = 130;

    private ExitCode() {}

    static int of(Verdict verdict) {
        return switch (verdict) {
            case PASS -> PASS;
            case FAIL -> FAIL;
            case INCONCLUSIVE -> INCONCLUSIVE;
        };
    }
}
