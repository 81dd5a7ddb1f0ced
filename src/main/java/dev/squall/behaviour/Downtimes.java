package dev.squall.behaviour;

import java.util.ArrayList;
import java.util.List;

/** When a node's port did not listen, so that nobody can say who tried to connect. */
final class Downtimes {

    /** How many are kept apart; of more, the two oldest become one with all between them. */
    static final int KEPT = 1_000;

    /** From a time to another, in microseconds. */
    record Span(long from, long to) {}

    private static final long OPEN = Long.MAX_VALUE;
    private static final String WHILE_DRAINING = "listen-while-draining";

    private final List<Span> spans = new ArrayList<>();
    private boolean drains;

    /** A restart begins; {@code kind} is the detail of its row: two words, how it closes and what it does while down. */
    void begun(long micros, String kind) {
        // With 503 or a black hole each attempt is accepted, and so seen.
        boolean listens = kind.endsWith(" 503") || kind.endsWith(" black-hole");
        if (listens || isDown()) {
            return;
        }
        if (spans.size() == KEPT) {
            Span oldest = spans.remove(0);
            spans.set(0, new Span(oldest.from(), spans.get(0).to()));
        }
        spans.add(new Span(micros, OPEN));
        drains = kind.startsWith(WHILE_DRAINING);
    }

    /** The port listens. */
    void listening(long micros) {
        if (isDown()) {
            end(micros);
        }
    }

    /** A request came: where the node listens while it drains, it did so until now. */
    void asked(long micros) {
        if (isDown() && drains) {
            last(new Span(Math.max(micros, spans.get(spans.size() - 1).from()), OPEN));
        }
    }

    private boolean isDown() {
        return !spans.isEmpty() && spans.get(spans.size() - 1).to() == OPEN;
    }

    private void end(long micros) {
        long from = spans.get(spans.size() - 1).from();
        last(new Span(from, Math.max(from, micros)));
    }

    private void last(Span span) {
        spans.set(spans.size() - 1, span);
    }

    /** From the first to the last moment between these two in which nothing listened; empty, at {@code to}, if there is none. */
    Span hidden(long from, long to) {
        long first = to;
        long last = Long.MIN_VALUE;
        for (int i = spans.size() - 1; i >= 0 && spans.get(i).to() > from; i--) {
            Span span = spans.get(i);
            if (span.from() < to) {
                // Rows of several event loops overtake one another, so spans may stand out of order.
                first = Math.min(first, Math.max(from, span.from()));
                last = Math.max(last, Math.min(to, span.to()));
            }
        }
        return new Span(first, Math.max(first, last));
    }

    /** How much of the time between these two nothing listened. */
    long hiddenMicros(long from, long to) {
        long sum = 0;
        for (int i = spans.size() - 1; i >= 0 && spans.get(i).to() > from; i--) {
            sum += Math.max(
                    0,
                    Math.min(to, spans.get(i).to())
                            - Math.max(from, spans.get(i).from()));
        }
        return sum;
    }
}
