package dev.squall.report;

import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.util.Map;

/** A run that has been judged, and how it is told. */
public interface Judged {

    /** The worst of its findings. */
    Verdict verdict();

    /** The text of results.json. */
    String results();

    /** For a terminal. */
    String summary();

    /**
     * What is told in other files of the run directory, by their names.
     *
     * @throws IOException if a file of it that they show cannot be read
     */
    Map<String, String> reports() throws IOException;
}
