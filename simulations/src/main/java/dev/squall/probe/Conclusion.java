package dev.squall.probe;

import java.util.List;

/**
 * What a probe comes to.
 *
 * @param stays whether a strict client would stay
 * @param text what it does, or what it meets instead of a WebSocket
 * @param advice what to do, one sentence or two each; may be empty
 */
record Conclusion(boolean stays, String text, List<String> advice) {
    Conclusion {
        advice = List.copyOf(advice);
    }
}
