package dev.squall.node;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Says to a text message what {@link Replies} has for it, before it comes to the echo. A message in fragments waits for its
 * last one, or until as much of it has come as is looked at, or the event loop has no room for more.
 */
final class Answering extends ChannelInboundHandlerAdapter {

    private enum State {
        /** Between messages. */
        IDLE,
        /** In a text that may have an answer. */
        COLLECTING,
        /** In a message that is echoed. */
        ECHOING,
        /** In a text that had its answer. */
        DROPPING
    }

    private final Replies replies;
    private final HeldBytes room;

    /** The fragments of the present text, as they came. */
    private final Queue<WebSocketFrame> fragments = new ArrayDeque<>(0);

    private int held;
    private State state = State.IDLE;

    /** {@code room}: what the event loop keeps of messages that are not whole. */
    Answering(Replies replies, HeldBytes room) {
        this.replies = replies;
        this.room = room;
    }

    /** Says what is said to everybody; not flushed. */
    void greet(ChannelHandlerContext context) {
        replies.greetings().forEach(text -> say(context, text));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof WebSocketFrame frame)) {
            context.fireChannelRead(message);
            return;
        }
        if (!(frame instanceof ContinuationWebSocketFrame)) {
            state = frame instanceof TextWebSocketFrame ? State.COLLECTING : State.ECHOING;
        }
        boolean last = frame.isFinalFragment();
        switch (state) {
            case COLLECTING -> collect(context, frame);
            case DROPPING -> frame.release();
            default -> context.fireChannelRead(frame);
        }
        if (last) {
            state = State.IDLE;
        }
    }

    private void collect(ChannelHandlerContext context, WebSocketFrame frame) {
        int bytes = frame.content().readableBytes();
        boolean decides = frame.isFinalFragment() || held + bytes >= Replies.MOST_BYTES || !room.take(bytes);
        fragments.add(frame);
        if (!decides) {
            held += bytes;
            return;
        }
        byte[] answer = replies.to(text());
        if (answer == null) {
            state = State.ECHOING;
            forget();
            for (WebSocketFrame each = fragments.poll(); each != null; each = fragments.poll()) {
                context.fireChannelRead(each);
            }
        } else {
            state = State.DROPPING;
            drop();
            say(context, answer);
        }
    }

    /** What has come of the text, as far as it is looked at. */
    private String text() {
        byte[] bytes = new byte[Math.min(Replies.MOST_BYTES, length())];
        int n = 0;
        for (WebSocketFrame each : fragments) {
            int part = Math.min(bytes.length - n, each.content().readableBytes());
            each.content().getBytes(each.content().readerIndex(), bytes, n, part);
            n += part;
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private int length() {
        return fragments.stream()
                .mapToInt(each -> each.content().readableBytes())
                .sum();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // A failed write comes to exceptionCaught of the connection.
    private static void say(ChannelHandlerContext context, byte[] text) {
        context.write(new TextWebSocketFrame(true, 0, Unpooled.wrappedBuffer(text)), context.voidPromise());
    }

    private void forget() {
        room.give(held);
        held = 0;
    }

    private void drop() {
        forget();
        for (WebSocketFrame each = fragments.poll(); each != null; each = fragments.poll()) {
            each.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        drop();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        drop();
    }
}
