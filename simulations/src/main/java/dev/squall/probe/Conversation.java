package dev.squall.probe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.probe.Frames.Event;
import dev.squall.probe.Frames.Kind;
import dev.squall.protocol.CloseCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The last steps of a probe: what the server says by itself, and how it closes. */
final class Conversation {

    /** How long a client that stays listens before it leaves. */
    private static final long LISTEN_MICROS = 250_000;

    /** Frames that are read while waiting for something else. */
    private static final int MAX_FRAMES = 1_000;

    private final Wire wire;
    private final Frames frames;
    private final long timeoutMicros;
    private final Telling telling;
    private final List<String> advice = new ArrayList<>();
    private int count;
    private String first = "";

    Conversation(Wire wire, Frames frames, long timeoutMicros, Telling telling) {
        this.wire = wire;
        this.frames = frames;
        this.timeoutMicros = timeoutMicros;
        this.telling = telling;
    }

    /** What there is to mend in how the server closed. */
    List<String> advice() {
        return advice;
    }

    /**
     * Listens to the server for a moment.
     *
     * @throws DeadEnd if it ends the connection or breaks the protocol
     */
    void listen() throws DeadEnd {
        long begun = System.nanoTime();
        Event event = await(LISTEN_MICROS);
        String after = " after " + Telling.time(System.nanoTime() - begun);
        ObjectNode facts = telling.facts("server").put("frames", count).put("event", word(event));
        String said = count == 0 ? "" : "sent " + frames(count) + " by itself (first: " + first + "), then ";
        switch (event.kind()) {
            case SILENCE, FRAME -> {
                String window = Telling.time(TimeUnit.MICROSECONDS.toNanos(LISTEN_MICROS));
                telling.step("server", said.isEmpty() ? "says nothing by itself within " + window : said + "listened");
            }
            case CLOSE -> {
                facts.put("code", event.code()).put("reason", event.text());
                telling.step("server", said + "sent Close " + named(event) + " by itself" + after);
                // RFC 6455 section 5.5.1: answered with the code received.
                frames.close(event.code(), "");
                tcp(new StringBuilder("answered"), telling.facts("close").put("sent", event.code()));
                throw new DeadEnd("the server closes by itself with " + named(event), advice(event.code()));
            }
            case FIN, RESET -> {
                telling.step("server", said + ended(event) + " without a Close" + after);
                throw new DeadEnd(
                        "the server drops the connection: a client records " + title(CloseCode.ABNORMAL_CLOSURE.code()),
                        advice(CloseCode.ABNORMAL_CLOSURE.code()));
            }
            case BREACH -> {
                facts.put("breach", event.text());
                telling.step("server", said + "broke the protocol: " + Telling.shown(event.text()));
                leave(event.code(), event.text());
                throw new DeadEnd(
                        "the server breaks the protocol: a client leaves with " + title(event.code()),
                        advice(event.code()));
            }
        }
    }

    /** Sends a Close, and tells how the server takes it. */
    void leave(int code, String reason) {
        frames.close(code, reason);
        ObjectNode facts = telling.facts("close").put("sent", code).put("reason", CloseCode.reason(reason));
        Event event = await(timeoutMicros);
        String in = " in " + Telling.time(wire.answeredNanos());
        facts.put("seconds", Telling.seconds(wire.answeredNanos())).put("event", word(event));
        StringBuilder text = new StringBuilder("we sent " + code);
        switch (event.kind()) {
            case CLOSE -> {
                facts.put("received", event.code()).put("receivedReason", event.text());
                text.append(", the server answered ").append(named(event)).append(in);
                if (event.code() != code) {
                    advice.add(
                            "The server answers a Close with another code than it was sent (RFC 6455 section 5.5.1: it"
                                    + " typically echoes it), so logs of the two sides will differ.");
                }
                tcp(text, facts);
            }
            case FIN, RESET -> {
                facts.put("tcp", word(event));
                telling.step("close", text + ", the server " + ended(event) + " without a Close of its own" + in);
                advice.add(
                        "The server does not answer a Close (RFC 6455 section 5.5.1 says it must): clients that leave"
                                + " record 1006.");
            }
            case BREACH -> {
                telling.step("close", text + ", the server broke the protocol: " + Telling.shown(event.text()));
                advice.add(advice(event.code()));
            }
            case SILENCE, FRAME -> {
                telling.step(
                        "close",
                        text + ", the server sent no Close within "
                                + Telling.time(wire.answeredNanos())
                                + (count == 0 ? "" : " but " + frames(count)) + "; we closed TCP");
                advice.add("The server does not answer a Close (RFC 6455 section 5.5.1 says it must): each client that"
                        + " leaves waits for its closing timeout, and both sides record 1006.");
            }
        }
    }

    /** Both have sent Close: who closes TCP (section 7.1.1: the server first), and how. */
    private void tcp(StringBuilder text, ObjectNode facts) {
        long begun = wire.readNanos();
        wire.within(timeoutMicros);
        Event event = frames.next();
        for (int i = 0; i < MAX_FRAMES && (event.kind() == Kind.BREACH || event.kind() == Kind.FRAME); i++) {
            event = frames.next(); // After a Close nothing counts.
        }
        String after = Telling.time(wire.readNanos() - begun);
        facts.put("tcp", word(event)).put("tcpSeconds", Telling.seconds(wire.readNanos() - begun));
        switch (event.kind()) {
            case FIN -> text.append(" and closed TCP (FIN) ").append(after).append(" later");
            case RESET -> {
                text.append(" and reset TCP (RST) ").append(after).append(" later");
                advice.add("The server resets TCP instead of closing it: what was under way to the client is lost, its"
                        + " Close perhaps too.");
            }
            default -> {
                text.append(" and left TCP open for ").append(after).append("; we closed it");
                advice.add("The server leaves it to the client to close TCP (RFC 6455 section 7.1.1 wants the server to"
                        + " be first): clients wait for it, and their ports stay in TIME_WAIT.");
            }
        }
        telling.step("close", text.toString());
    }

    /** The next event other than a frame, which is counted; a frame if there were too many. */
    private Event await(long micros) {
        wire.within(micros);
        count = 0;
        Event event = frames.next();
        while (event.kind() == Kind.FRAME && ++count < MAX_FRAMES) {
            if (count == 1) {
                first = event.text();
            }
            event = frames.next();
        }
        return event;
    }

    private static String frames(int count) {
        return count == 1 ? "1 frame" : count + " frames";
    }

    private static String word(Event event) {
        return event.kind().name().toLowerCase(Locale.ROOT);
    }

    private static String ended(Event event) {
        return event.kind() == Kind.FIN ? "closed TCP (FIN)" : "reset TCP (RST)";
    }

    private static String named(Event close) {
        return title(close.code()) + (close.text().isEmpty() ? "" : " \"" + Telling.shown(close.text()) + "\"");
    }

    static String title(int code) {
        return code + " " + CloseCode.title(code);
    }

    /** What to do about a code; of a private one only its server knows. */
    static String advice(int code) {
        return CloseCode.of(code)
                .map(CloseCode::advice)
                .orElse("Ask who wrote the server what " + code + " means: it is not a registered code.");
    }
}
