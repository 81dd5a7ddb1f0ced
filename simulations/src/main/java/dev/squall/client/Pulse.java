package dev.squall.client;

import dev.squall.journal.LatencyLog;
import dev.squall.plan.Ping;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether the server of one open connection is still there: pings and their pongs, and how long it may be silent. A round
 * trip counts from when its ping was to be sent.
 */
@SuppressWarnings("FutureReturnValueIgnored") // How a write went shows in how TCP ends.
final class Pulse implements Runnable {

    private static final long NEVER = Long.MAX_VALUE;

    private final Connection connection;
    private final VirtualClient client;
    private final Channel channel;
    private final @Nullable Ping ping;
    private final LatencyLog.@Nullable Series series;
    private final long idleMicros;

    /** When the first ping is due; the k-th, from 0, is due k periods later. */
    private final long firstMicros;

    /** How many pings have been due, and how many of them are answered. */
    private long due;

    private long answered;

    private @Nullable ScheduledFuture<?> timer;

    /**
     * A pulse.
     *
     * @param ping null: the client does not ping
     * @param series of the round trips; null where it does not ping
     * @param idleMicros how long the server may be silent; 0: for ever
     */
    Pulse(
            Connection connection,
            VirtualClient client,
            Channel channel,
            @Nullable Ping ping,
            LatencyLog.@Nullable Series series,
            long idleMicros) {
        this.connection = connection;
        this.client = client;
        this.channel = channel;
        this.ping = ping;
        this.series = series;
        this.idleMicros = idleMicros;
        this.firstMicros = ping == null
                ? NEVER
                : client.home().micros()
                        + client.home()
                                .fleet
                                .plan
                                .pingPhaseMicros(
                                        client.cohort().population,
                                        ping,
                                        client.clientIndex(),
                                        client.connectionOrdinal());
    }

    void start() {
        wake(client.home().micros());
    }

    private long pingMicros(long k) {
        return ping == null ? NEVER : firstMicros + k * ping.everyMicros();
    }

    /** When the pong that is awaited longest is overdue. */
    private long overdueMicros() {
        return ping == null || ping.withinMicros() == 0 || answered == due
                ? NEVER
                : pingMicros(answered) + ping.withinMicros();
    }

    private long silentMicros() {
        return idleMicros == 0 ? NEVER : connection.lastByteMicros() + idleMicros;
    }

    private void wake(long now) {
        long next = Math.min(pingMicros(due), Math.min(overdueMicros(), silentMicros()));
        timer = client.home().loop.schedule(this, Math.max(0, next - now), TimeUnit.MICROSECONDS);
    }

    @Override
    public void run() {
        if (timer == null) {
            return;
        }
        try {
            long now = client.home().micros();
            if (now >= overdueMicros() || now >= silentMicros()) {
                connection.abort(); // The server is taken for gone, so it is not asked for a Close (RFC 6455 section
                // 7.1.7).
                return;
            }
            if (now >= pingMicros(due)) {
                count(now);
                if (channel.isWritable()) {
                    // One for all that are due: the pong of the last answers them all (section 5.5.3).
                    byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(due).array();
                    channel.writeAndFlush(
                            new PingWebSocketFrame(Unpooled.wrappedBuffer(number)), channel.voidPromise());
                }
            }
            wake(now);
        } catch (RuntimeException | Error e) {
            client.home().fleet.defective(e);
            throw e;
        }
    }

    private void count(long now) {
        if (ping != null && now >= firstMicros) {
            due = (now - firstMicros) / ping.everyMicros() + 1;
        }
    }

    /** A pong came: of the ping whose number it carries, and of those before it. */
    void ponged(byte[] payload, long now) {
        if (payload.length != Long.BYTES || series == null) {
            return; // Section 5.5.3: a pong that nobody asked for.
        }
        long number = ByteBuffer.wrap(payload).getLong();
        while (answered < number && number <= due) {
            series.record(now - pingMicros(answered));
            answered++;
        }
    }

    /** The connection is lost: pings without a pong never will have one. */
    void lost() {
        end(0);
    }

    /** The client leaves: the last pong may still be on its way. */
    void left() {
        end(1);
    }

    private void end(long forgiven) {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
            count(client.home().micros());
            if (series != null) {
                series.recordNever(Math.max(0, due - answered - forgiven));
            }
        }
    }
}
