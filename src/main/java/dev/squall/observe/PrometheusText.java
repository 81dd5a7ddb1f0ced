package dev.squall.observe;

import dev.squall.plan.Request;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prometheus' text format, version 0.0.4: lines of samples, {@code name{label="value",...} value [timestamp]}, and comments.
 * A timestamp may be a decimal and an exemplar may follow, as in OpenMetrics.
 */
final class PrometheusText {

    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
    private static final Pattern NUMBER = Pattern.compile(
            "[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?i:inf|infinity)|(?i:nan)");
    private static final Pattern TIMESTAMP = Pattern.compile("-?[0-9]+(?:\\.[0-9]+)?");

    private final String line;
    private int at;

    private PrometheusText(String line) {
        this.line = line;
    }

    /** A series and its value. */
    private record Sample(String name, Map<String, String> labels, double value) {
        boolean matches(String metric, List<Request.Pair> wanted) {
            return name.equals(metric)
                    && wanted.stream().allMatch(label -> label.value().equals(labels.getOrDefault(label.name(), "")));
        }
    }

    /**
     * The sum of the series of a metric that have these labels; an empty value also matches a series without the label.
     *
     * @throws UnreadableException if a line is none of the format, no series matches, or the sum is no number
     */
    static double sum(String text, String metric, List<Request.Pair> labels) throws UnreadableException {
        double sum = 0;
        int series = 0;
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            String content = line.strip();
            if (content.isEmpty() || content.startsWith("#")) {
                continue;
            }
            Sample sample;
            try {
                sample = new PrometheusText(content).sample();
            } catch (IllegalArgumentException e) {
                throw new UnreadableException("not Prometheus' text: line " + number, e);
            }
            if (sample.matches(metric, labels)) {
                sum += sample.value();
                series++;
            }
        }
        if (series == 0) {
            throw new UnreadableException("no such series");
        }
        if (!Double.isFinite(sum)) {
            throw new UnreadableException("a series that is no number: " + sum);
        }
        return sum;
    }

    private Sample sample() {
        String name = token(NAME);
        blanks();
        Map<String, String> labels = new HashMap<>();
        if (skip('{')) {
            blanks();
            while (!skip('}')) {
                String label = token(NAME);
                blanks();
                expect('=');
                blanks();
                if (labels.put(label, quoted()) != null) {
                    throw new IllegalArgumentException("a label twice");
                }
                blanks();
                if (!skip(',')) {
                    expect('}');
                    break;
                }
                blanks();
            }
        } else if (line.charAt(at - 1) != ' ' && line.charAt(at - 1) != '\t') {
            throw new IllegalArgumentException("no blank behind the name");
        }
        blanks();
        double value = number(token(NUMBER));
        if (at < line.length()) {
            after();
        }
        return new Sample(name, labels, value);
    }

    /** What may stand behind a value: a timestamp, and an exemplar, which says nothing of it. */
    private void after() {
        blank();
        if (line.charAt(at) != '#') {
            token(TIMESTAMP);
            if (at == line.length()) {
                return;
            }
            blank();
        }
        expect('#');
    }

    private void blank() {
        int before = at;
        blanks();
        if (at == before || at == line.length()) {
            throw new IllegalArgumentException("no blank");
        }
    }

    private static double number(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.equals("nan")) {
            return Double.NaN;
        }
        if (lower.contains("inf")) {
            return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        return Double.parseDouble(text);
    }

    private String token(Pattern form) {
        Matcher matcher = form.matcher(line).region(at, line.length());
        if (!matcher.lookingAt()) {
            throw new IllegalArgumentException("unexpected");
        }
        at = matcher.end();
        return matcher.group();
    }

    private String quoted() {
        expect('"');
        StringBuilder value = new StringBuilder();
        while (!skip('"')) {
            char c = next();
            if (c != '\\') {
                value.append(c);
                continue;
            }
            char escaped = next();
            switch (escaped) {
                case '\\', '"' -> value.append(escaped);
                case 'n' -> value.append('\n');
                default -> throw new IllegalArgumentException("unknown escape");
            }
        }
        return value.toString();
    }

    private void blanks() {
        while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
            at++;
        }
    }

    private boolean skip(char c) {
        if (at >= line.length() || line.charAt(at) != c) {
            return false;
        }
        at++;
        return true;
    }

    private void expect(char c) {
        if (!skip(c)) {
            throw new IllegalArgumentException("unexpected");
        }
    }

    private char next() {
        if (at == line.length()) {
            throw new IllegalArgumentException("ends");
        }
        return line.charAt(at++);
    }
}
