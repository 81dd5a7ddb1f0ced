package dev.squall.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** An experiment is not valid; every problem found is told. */
public final class ExperimentException extends Exception {

    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    ExperimentException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    ExperimentException(Location location, String message) {
        this(List.of(new Problem(location, message)));
    }

    /** In the order of the file. */
    public List<Problem> problems() {
        return problems;
    }

    /** Throws the problems in order of place, if there are any. */
    static void throwIfAny(List<Problem> problems) throws ExperimentException {
        if (!problems.isEmpty()) {
            List<Problem> sorted = new ArrayList<>(problems);
            sorted.sort(Comparator.comparingInt((Problem p) -> p.location().line())
                    .thenComparingInt(p -> p.location().column()));
            throw new ExperimentException(sorted);
        }
    }
}
