package dev.squall.node.admin;

import dev.squall.experiment.ExperimentException;
import java.util.List;

/** A request that is answered with an error; it unwinds the handler, so it has no stack trace. */
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * What is wrong.
     *
     * @param field path of the value in the body, or name of the header or parameter; empty: the request as a whole
     */
    record Reason(String field, String reason) {}

    private final int status;
    private final transient List<Reason> reasons;

    private Refusal(int status, List<Reason> reasons) {
        super(reasons.toString(), null, false, false);
        this.status = status;
        this.reasons = reasons;
    }

    Refusal(int status, String field, String reason) {
        this(status, List.of(new Reason(field, reason)));
    }

    /** A body that does not say what it should. */
    static Refusal of(ExperimentException invalid) {
        return new Refusal(
                400,
                invalid.problems().stream()
                        .map(problem -> new Reason(
                                problem.path(),
                                "line " + problem.location().line() + ", column "
                                        + problem.location().column() + ": " + problem.message()))
                        .toList());
    }

    int status() {
        return status;
    }

    List<Reason> reasons() {
        return reasons;
    }
}
