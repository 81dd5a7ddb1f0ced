package dev.squall.report;

import java.util.ArrayList;
import java.util.List;

/** Text for a terminal: broken into lines, all but the first of which hang under the text. */
public final class Paragraph {

    /** Longest line in characters. */
    private static final int WIDTH = 100;

    private Paragraph() {}

    /** The text after its head, without an end of line. */
    public static String of(String head, String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(head);
        for (String word : text.split(" ")) {
            if (line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line = new StringBuilder(" ".repeat(head.length()));
            }
            line.append(line.length() == head.length() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return String.join("\n", lines);
    }
}
