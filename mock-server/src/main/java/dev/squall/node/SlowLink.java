package dev.squall.node;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A link that is slow: what is written comes late, at a limited rate, and in order. It stands next to the socket, so Closes
 * and pongs are slow as well. What waits is bounded as a socket's own buffer is: above {@link #HIGH_BYTES} the channel is not
 * writable, and then the echo stops reading.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What a write fails with comes to its promise.
final class SlowLink extends ChannelOutboundHandlerAdapter {

    static final String NAME = "squall-slow-link";

    /** As Netty's default water marks. */
    static final int HIGH_BYTES = 64 << 10;

    static final int LOW_BYTES = 32 << 10;

    /** Netty's own traffic shaping takes 1 to 3. */
    private static final int WRITABILITY = 4;

    /** A rate is kept in steps of this: what a step may hold goes out at once. */
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Something written: when it may go out, in nanoseconds of the monotonic clock. */
    private record Write(Object message, ChannelPromise promise, long due) {}

    private final ArrayDeque<Write> writes = new ArrayDeque<>();
    private final DoubleSupplier chance;
    private long latencyNanos;
    private long jitterNanos;
    private long bytesPerSecond;
    private long lastDue = System.nanoTime();
    private long freeAt = System.nanoTime();
    private long waitingBytes;
    private @Nullable ScheduledFuture<?> scheduled;

    /** {@code chance} gives numbers in [0, 1) for the jitter. */
    SlowLink(DoubleSupplier chance) {
        this.chance = chance;
    }

    /** From now on it is so slow; a rate of 0 is none. */
    void set(long latencyMicros, long jitterMicros, long rate) {
        latencyNanos = 1000 * latencyMicros;
        jitterNanos = 1000 * jitterMicros;
        bytesPerSecond = rate;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        long late = latencyNanos + (jitterNanos == 0 ? 0 : (long) (chance.getAsDouble() * jitterNanos));
        lastDue = Math.max(lastDue, System.nanoTime() + late); // TCP keeps the order.
        writes.add(new Write(message, promise, lastDue));
        waitingBytes += bytes(message);
        if (waitingBytes > HIGH_BYTES) {
            writable(context.channel(), false);
        }
        schedule(context);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        context.flush(); // What is due is flushed when it goes out.
    }

    private void schedule(ChannelHandlerContext context) {
        Write first = writes.peek();
        if (first == null || scheduled != null) {
            return;
        }
        long wait = Math.max(first.due, freeAt) - System.nanoTime();
        scheduled = context.executor()
                .schedule(
                        () -> {
                            scheduled = null;
                            send(context);
                        },
                        Math.max(0, wait),
                        TimeUnit.NANOSECONDS);
    }

    private void send(ChannelHandlerContext context) {
        long now = System.nanoTime();
        Write first = writes.peek();
        while (first != null && first.due - now <= 0 && freeAt - now <= 0) {
            long step = Math.max(1, bytesPerSecond * STEP_NANOS / TimeUnit.SECONDS.toNanos(1));
            long size = bytes(first.message);
            if (bytesPerSecond > 0 && size > step && first.message instanceof ByteBuf buffer) {
                context.write(buffer.readRetainedSlice((int) step));
                size = step;
            } else {
                writes.remove();
                context.write(first.message, first.promise);
            }
            waitingBytes -= size;
            if (bytesPerSecond > 0) {
                freeAt = Math.max(freeAt, now - STEP_NANOS) + size * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
            }
            first = writes.peek();
        }
        context.flush();
        if (waitingBytes < LOW_BYTES) {
            writable(context.channel(), true);
        }
        schedule(context);
    }

    private void cancel() {
        if (scheduled != null) {
            scheduled.cancel(false);
            scheduled = null;
        }
    }

    private static long bytes(Object message) {
        return message instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
    }

    private static void writable(Channel channel, boolean writable) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        if (buffer != null) {
            buffer.setUserDefinedWritability(WRITABILITY, writable);
        }
    }

    /** The link is as fast as it can again: what waits goes out now. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        cancel();
        for (Write write = writes.poll(); write != null; write = writes.poll()) {
            context.write(write.message, write.promise);
        }
        waitingBytes = 0;
        context.flush();
        writable(context.channel(), true);
    }

    /** TCP ends: what waits never was on the wire. */
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        cancel();
        ClosedChannelException closed = new ClosedChannelException();
        for (Write write = writes.poll(); write != null; write = writes.poll()) {
            ReferenceCountUtil.release(write.message);
            if (!write.promise.isVoid()) {
                write.promise.tryFailure(closed);
            }
        }
        waitingBytes = 0;
        context.close(promise);
    }
}
