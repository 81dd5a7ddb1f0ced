package dev.squall.client;

import dev.squall.journal.LatencyLog;
import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one open connection, and their echoes. The k-th echo answers the k-th message, and its latency counts
 * from when that message was to be sent: a client or a socket that was not ready then does not make the server look
 * faster (coordinated omission).
 */
@SuppressWarnings("FutureReturnValueIgnored") // How a write went shows in how TCP ends.
final class Echoes implements Runnable {

    private final VirtualClient client;
    private final Channel channel;
    private final LatencyLog.Series series;
    private final long everyMicros;
    private final long firstMicros;
    private long sent;
    private long answered;
    private @Nullable ScheduledFuture<?> timer;

    Echoes(VirtualClient client, Channel channel, LatencyLog.Series series) {
        this.client = client;
        this.channel = channel;
        this.series = series;
        Plan plan = client.home().fleet.plan;
        Population population = client.cohort().population;
        Message message = population.message();
        if (message == null) {
            throw new IllegalStateException(population.name() + " sends no messages");
        }
        everyMicros = message.everyMicros();
        firstMicros = client.home().micros()
                + plan.messagePhaseMicros(population, client.clientIndex(), client.connectionOrdinal());
    }

    void start() {
        timer = client.home()
                .loop
                .scheduleAtFixedRate(
                        this, Math.max(0, firstMicros - client.home().micros()), everyMicros, TimeUnit.MICROSECONDS);
    }

    /** Sends what is due, as far as the socket takes it: what waits here waits once, as a number. */
    @Override
    public void run() {
        if (timer == null) {
            return;
        }
        try {
            long due = due(client.home().micros());
            while (sent < due && channel.isWritable()) {
                sent++;
                channel.write(new BinaryWebSocketFrame(client.cohort().message()), channel.voidPromise());
            }
            channel.flush();
        } catch (RuntimeException | Error e) {
            client.home().fleet.defective(e);
            throw e;
        }
    }

    private long due(long now) {
        return now < firstMicros ? 0 : (now - firstMicros) / everyMicros + 1;
    }

    /** A whole message came at this time. */
    void answered(long now) {
        if (answered < sent) { // Else it is no echo.
            series.record(now - (firstMicros + answered * everyMicros));
            answered++;
            client.home().fleet.tally.echoes.increment();
        }
    }

    /** The connection is lost: messages that are due and have no echo never will have one. */
    void lost() {
        end(due(client.home().micros()) - answered);
    }

    /** The client leaves: the last message may still be on its way, but those before it have waited for a whole period. */
    void left() {
        end(due(client.home().micros()) - answered - 1);
    }

    private void end(long missing) {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
            long unanswered = Math.max(0, missing);
            series.recordNever(unanswered);
            client.home().fleet.tally.unanswered.add(unanswered);
        }
    }
}
