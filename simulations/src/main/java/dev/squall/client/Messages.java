package dev.squall.client;

import dev.squall.journal.LatencyLog;
import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one ready connection, and their echoes. The k-th echo answers the k-th message, and its latency counts
 * from when that message was to be sent: a client or a socket that was not ready then does not make the server look
 * faster (coordinated omission). When a message is due and what it says is computed whenever it is needed, so nothing is
 * kept of those under way.
 */
@SuppressWarnings("FutureReturnValueIgnored") // How a write went shows in how TCP ends.
final class Messages implements Runnable {

    private final VirtualClient client;
    private final Channel channel;
    private final Message message;
    private final Content content;
    private final LatencyLog.Series series;

    /** How many have been due, and when the next one is. */
    private long due;

    private long nextMicros;

    private long sent;

    /** How many have been answered, and when the next one of them was due. */
    private long answered;

    private long answeredMicros;

    private @Nullable ScheduledFuture<?> timer;

    Messages(VirtualClient client, Channel channel, Message message, Content content, LatencyLog.Series series) {
        this.client = client;
        this.channel = channel;
        this.message = message;
        this.content = content;
        this.series = series;
        nextMicros = client.home().micros()
                + plan().messagePhaseMicros(population(), client.clientIndex(), client.connectionOrdinal());
        answeredMicros = nextMicros;
    }

    private Plan plan() {
        return client.home().fleet.plan;
    }

    private Population population() {
        return client.cohort().population;
    }

    private long gap(long k) {
        return plan().messageGapMicros(population(), message, client.clientIndex(), client.connectionOrdinal(), k);
    }

    void start() {
        long first = Math.max(0, nextMicros - client.home().micros());
        timer = message.poisson()
                ? client.home().loop.schedule(this, first, TimeUnit.MICROSECONDS)
                : client.home().loop.scheduleAtFixedRate(this, first, message.everyMicros(), TimeUnit.MICROSECONDS);
    }

    @Override
    public void run() {
        if (timer == null) {
            return;
        }
        try {
            send();
            if (message.poisson()) {
                long wait = Math.max(0, nextMicros - client.home().micros());
                timer = client.home().loop.schedule(this, wait, TimeUnit.MICROSECONDS);
            }
        } catch (RuntimeException | Error e) {
            client.home().fleet.defective(e);
            throw e;
        }
    }

    /** Sends what is due, as far as the socket takes it: what waits here waits once, as a number. */
    void send() {
        if (timer == null) {
            return;
        }
        count(client.home().micros());
        boolean some = false;
        while (sent < due && channel.isWritable()) {
            channel.write(content.frame(client.clientIndex(), client.connectionOrdinal(), sent), channel.voidPromise());
            sent++;
            some = true;
        }
        if (some) {
            channel.flush();
        }
    }

    /** Counts what is due by now. */
    private void count(long now) {
        while (nextMicros <= now) {
            nextMicros += gap(due);
            due++;
        }
    }

    /** A whole message of so many bytes came at this time: an echo if it is as long as the one that waits for it. */
    void came(long bytes, long now) {
        if (answered < sent && bytes == content.length(client.clientIndex(), client.connectionOrdinal(), answered)) {
            series.record(now - answeredMicros);
            answeredMicros += gap(answered);
            answered++;
            client.home().fleet.tally.echoes.increment();
        }
    }

    /** The connection is lost: messages that are due and have no echo never will have one. */
    void lost() {
        end(0);
    }

    /** The client leaves: the last message may still be on its way, but those before it have waited for a whole period. */
    void left() {
        end(1);
    }

    private void end(long forgiven) {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
            count(client.home().micros());
            long unanswered = Math.max(0, due - answered - forgiven);
            series.recordNever(unanswered);
            client.home().fleet.tally.unanswered.add(unanswered);
        }
    }
}
