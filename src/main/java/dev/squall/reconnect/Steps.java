package dev.squall.reconnect;

import java.util.List;

/**
 * A table of delays, the last of which repeats.
 *
 * @param spans at least one; each is drawn from anew
 */
public record Steps(List<Span> spans) implements Backoff {

    public Steps {
        spans = List.copyOf(spans);
        ReconnectPolicy.require(!spans.isEmpty(), "steps", "none", "at least one delay");
    }

    @Override
    public double micros(int retry, long previousMicros, long clientBits, long attemptBits) {
        return spans.get(Math.min(retry, spans.size() - 1)).at(ReconnectPolicy.upperUnit(attemptBits));
    }

    @Override
    public double longestFirstMicros() {
        return spans.get(0).maxMicros();
    }
}
