package dev.squall.probe;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.protocol.WebSocketUri;
import dev.squall.quantity.Quantity;
import dev.squall.report.Paragraph;
import java.io.PrintStream;
import java.util.List;

/** The steps of a probe: lines as they happen, or one JSON object of the same facts at the end. */
final class Telling {

    private static final String SCHEMA = "squall/probe/1";
    private static final int INDENT = 11;

    /** Longest text of a stranger's in a line, in characters. */
    private static final int MAX_SHOWN = 200;

    private final PrintStream out;
    private final boolean json;
    private final ObjectNode facts =
            JsonMapper.builder().build().createObjectNode().put("schema", SCHEMA);

    Telling(PrintStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /** The first line of a step. */
    void step(String name, String text) {
        line(name + " ".repeat(INDENT - name.length()) + text);
    }

    /** A further line of the same step. */
    void more(String text) {
        line(" ".repeat(INDENT) + text);
    }

    private void line(String text) {
        if (!json) {
            out.println(text);
            out.flush();
        }
    }

    /** The facts of a step. */
    ObjectNode facts(String step) {
        return facts.withObjectProperty(step);
    }

    /** All facts. */
    ObjectNode facts() {
        return facts;
    }

    void conclude(WebSocketUri url, Conclusion conclusion) {
        String verdict = conclusion.stays() ? "PASS" : "FAIL";
        line("");
        line(verdict + "  " + url + "   " + conclusion.text());
        conclusion.advice().forEach(advice -> line(Paragraph.of("advice  ", advice)));
        facts.put("verdict", conclusion.stays() ? "pass" : "fail").put("conclusion", conclusion.text());
        conclusion.advice().forEach(facts.putArray("advice")::add);
        if (json) {
            out.println(facts.toPrettyString());
            out.flush();
        }
    }

    /** A stranger's words for a terminal: nothing that could steer it, and not too many. */
    static String shown(String theirs) {
        String plain = theirs.replaceAll("\\p{C}", "?");
        return plain.length() <= MAX_SHOWN ? plain : plain.substring(0, MAX_SHOWN) + "...";
    }

    /** A few of many. */
    static String shown(List<String> theirs, int most) {
        String first = String.join(", ", theirs.subList(0, Math.min(most, theirs.size())));
        return shown(first) + (theirs.size() > most ? " and " + (theirs.size() - most) + " more" : "");
    }

    static String time(long nanos) {
        return Quantity.DURATION.format(nanos / 1e3);
    }

    static double seconds(long nanos) {
        return nanos / 1e9;
    }
}
