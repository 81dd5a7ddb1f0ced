package dev.squall.client;

import dev.squall.reconnect.ReconnectPolicy;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server's wish that a refused client should not come back before a while (RFC 9110 section 10.2.3). */
final class RetryAfter {

    private static final long MOST_SECONDS = TimeUnit.MICROSECONDS.toSeconds(ReconnectPolicy.MAX_DELAY_MICROS);

    private RetryAfter() {}

    /** How long, in microseconds, at most a week; 0 if the header is absent, past, or neither seconds nor an HTTP date. */
    static long micros(@Nullable String header, Instant now) {
        if (header == null) {
            return 0;
        }
        String text = header.strip();
        if (text.matches("[0-9]{1,18}")) {
            return TimeUnit.SECONDS.toMicros(Math.min(MOST_SECONDS, Long.parseLong(text)));
        }
        try {
            Instant date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            long seconds = Duration.between(now, date).toSeconds();
            return TimeUnit.SECONDS.toMicros(Math.max(0, Math.min(MOST_SECONDS, seconds)));
        } catch (DateTimeException e) {
            return 0; // RFC 9110 section 2.4: what cannot be parsed is as good as absent.
        }
    }
}
