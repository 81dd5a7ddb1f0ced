package dev.squall.report;

import dev.squall.quantity.Quantity;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Verdict;
import java.util.List;

/**
 * summary.md, for a pull request or the page of a CI job: the verdict, each expectation, and the summary as the terminal has it.
 *
 * @param title the experiment's name
 * @param facts about the run, in a few words each
 * @param summary for people
 * @param again the command that runs it again
 */
record SummaryMarkdown(
        Verdict verdict, String title, List<String> facts, List<Finding> findings, String summary, String again) {

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append("## ").append(verdict).append(": ").append(text(title)).append("\n\n");
        text.append(text(String.join(", ", facts))).append("\n\n");
        if (!findings.isEmpty()) {
            text.append("| | expected | observed | 95% interval | note |\n| --- | --- | --- | --- | --- |\n");
            worstFirst().forEach(finding -> row(text, finding));
            text.append('\n');
        }
        fenced(text, summary);
        text.append("Again:\n\n");
        fenced(text, again + "\n");
        return text.toString();
    }

    private List<Finding> worstFirst() {
        return findings.stream()
                .sorted((a, b) -> rank(a.verdict()) - rank(b.verdict()))
                .toList();
    }

    private static int rank(Verdict verdict) {
        return switch (verdict) {
            case FAIL -> 0;
            case INCONCLUSIVE -> 1;
            case PASS -> 2;
        };
    }

    private static void row(StringBuilder text, Finding finding) {
        Double low = finding.low();
        Double high = finding.high();
        text.append("| ").append(finding.verdict().word());
        text.append(" | ").append(text(finding.expectation().text()));
        text.append(" | ").append(text(finding.observedText()));
        text.append(" | ")
                .append(
                        low == null || high == null
                                ? ""
                                : Quantity.SHARE.format(low) + " to " + Quantity.SHARE.format(high));
        text.append(" | ").append(text(finding.note())).append(" |\n");
    }

    /** In a fence that is longer than any in the text. */
    private static void fenced(StringBuilder text, String block) {
        String fence = "```";
        while (block.contains(fence)) {
            fence += "`";
        }
        text.append(fence).append("text\n").append(block).append(fence).append("\n\n");
    }

    /** As text, whatever it has of Markdown's and HTML's signs. */
    private static String text(String raw) {
        StringBuilder text = new StringBuilder();
        raw.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '\n', '\r' -> text.append(' ');
                case '|', '\\', '`', '*', '_', '[', ']', '#', '~' ->
                    text.append('\\').appendCodePoint(c);
                default -> text.appendCodePoint(c);
            }
        });
        return text.toString();
    }
}
