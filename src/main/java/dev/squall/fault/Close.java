package dev.squall.fault;

import dev.squall.protocol.CloseCode;
import java.nio.charset.StandardCharsets;

/**
 * Closes the connection with a code, after a time and a number of messages.
 *
 * @param code of the Close
 * @param reason of the Close, at most 123 bytes (RFC 6455 section 5.5)
 * @param afterMicros after the fault struck
 * @param messages of the client since then, if that comes first; 0: by time alone
 */
public record Close(int code, String reason, long afterMicros, long messages) implements ConnectionFault {

    static final int MOST_REASON_BYTES = 123;

    static final Kind KIND = new Kind(
            "close",
            Close.class,
            "code",
            "closes the connection with any code and reason, after a time or a number of messages",
            "{close: 1011, reason: out of memory, after: 5s}",
            Close::read);

    private static Fault read(Settings settings) {
        int code = settings.optional(
                "code",
                CloseCode.OF_A_SERVER,
                Integer.toString(CloseCode.SERVICE_RESTART.code()),
                CloseCode::parseOfServer);
        String reason = settings.optional("reason", "at most " + MOST_REASON_BYTES + " bytes of text", "", text -> {
            if (text.getBytes(StandardCharsets.UTF_8).length > MOST_REASON_BYTES) {
                throw new NumberFormatException();
            }
            return text;
        });
        return new Close(code, reason, settings.duration("after"), settings.whole("messages", 0, Long.MAX_VALUE, 0));
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Conduct conduct() {
        return Conduct.departing(new Conduct.Departure(Conduct.Ending.CLOSE, code, reason, afterMicros, messages));
    }

    @Override
    public String toString() {
        return "close " + code + conduct().departure();
    }
}
