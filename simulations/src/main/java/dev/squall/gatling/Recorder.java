package dev.squall.gatling;

import dev.squall.client.Observer;
import io.gatling.commons.stats.KO$;
import io.gatling.commons.stats.OK$;
import io.gatling.commons.stats.Status;
import io.gatling.core.CoreComponents;
import io.gatling.core.session.Session;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * Writes what becomes of a client into Gatling's statistics. Each time that it is away makes exactly one record, {@code
 * connect} or {@code reconnect after CODE}, from when it went away (or was to arrive) until it was ready, or had given up;
 * each handshake that it left with 1010 makes one more.
 */
abstract class Recorder implements Observer {

    private static final long MICROS_PER_MILLI = 1000;

    private final CoreComponents core;

    /** Of the virtual user, to whose scenario and present groups the records are written. */
    Session session;

    private String cause = "";

    Recorder(CoreComponents core, Session session) {
        this.core = core;
        this.session = session;
    }

    @Override
    public void ready(int after, long since, long now) {
        record(episode(after), since, now, true, null);
        cause = "";
    }

    @Override
    public void failed(String why, long now) {
        cause = why;
    }

    @Override
    public void lacking(String reason, long since, long now) {
        cause = "missing " + reason;
        record(SquallDsl.MISSING_EXTENSION, since, now, false, "1010 " + reason);
    }

    @Override
    public void ended(int after, long since, long now, String why) {
        if (since != PRESENT) {
            record(episode(after), since, now, false, why + (cause.isEmpty() ? "" : ": " + cause));
        }
        cause = "";
    }

    private static String episode(int after) {
        return after == 0 ? SquallDsl.CONNECT : SquallDsl.RECONNECT_AFTER + after;
    }

    /** Writes a record that ends now; times in microseconds of the fleet's clock. */
    final void record(String request, long since, long now, boolean ok, @Nullable String message) {
        long end = core.clock().nowMillis();
        long start = end - (now - since) / MICROS_PER_MILLI;
        Status status = ok ? OK$.MODULE$ : KO$.MODULE$;
        core.statsEngine()
                .logResponse(
                        session.scenario(),
                        session.groups(),
                        request,
                        start,
                        end,
                        status,
                        Option.empty(),
                        Option.apply(message));
        session = session.logGroupRequestTimings(start, end);
    }
}
