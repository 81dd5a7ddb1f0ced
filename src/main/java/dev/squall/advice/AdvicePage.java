package dev.squall.advice;

import dev.squall.plan.JsonFile;
import dev.squall.report.Template;
import java.util.Map;

/** Choices side by side as a page in one file: their costs, and their storms in one plot. */
public record AdvicePage(Advice advice) {

    @Override
    public String toString() {
        return new Template(AdvicePage.class, "advice.html").with(Map.of("data", JsonFile.text(advice.json())));
    }
}
