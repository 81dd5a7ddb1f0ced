package dev.squall.node;

import static dev.squall.journal.JournalWriter.NONE;

import dev.squall.fault.Conduct;
import dev.squall.plan.WhenFull;
import dev.squall.protocol.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.EncoderException;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection, from accept to the end of TCP: what it is, what went over its wire, and the closing handshake. It stands
 * in Netty's pipeline nearer the wire than extensions and Vert.x's handler, so it sees each header and frame as it
 * travels. Used on its event loop only.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // What a write or a close fails with comes to exceptionCaught, or does not matter.
final class Connection extends ChannelDuplexHandler {

    private static final String NAME = "squall-connection";

    /** How long a peer that broke the protocol may go on sending, so that it reads why before it meets an RST. */
    private static final long DISCARD_MICROS = 2_000_000;

    /** A pong that says more was sent by itself. */
    private static final long LONGEST_RTT_MICROS = 3_600_000_000L;

    /** How far it got. */
    private enum State {
        /** TCP is up. */
        CONNECTED,
        /** It asked for an upgrade, and has no answer. */
        ASKED,
        /** It was refused: TCP ends as soon as the answer is written. */
        REFUSED,
        /** The 101 is written. */
        OPEN,
        /** TCP ended. */
        ENDED
    }

    private final Worker worker;
    private final NodeJournal journal;

    /** The neighbours in {@link Connections}. */
    @Nullable
    Connection next;

    @Nullable
    Connection previous;

    private @Nullable ChannelHandlerContext context;
    private State state = State.CONNECTED;
    private @Nullable Identity identity;
    private @Nullable HandshakeRequest request;
    private Negotiator.@Nullable Decision decision;
    private @Nullable ResponseHeaders headers;
    private @Nullable Strikes strikes;
    private @Nullable Relayed relayed;
    private @Nullable ScheduledFuture<?> pinging;
    private @Nullable HttpServerRequest waiting;
    private @Nullable ScheduledFuture<?> timer;
    private Ending.First first = Ending.First.NETWORK;
    private @Nullable Ending ending;
    private boolean turnedAway;
    private boolean closeHanded;
    private boolean closeWritten;
    private boolean closeReceived;
    private boolean reset;
    private boolean early;
    private int pings;
    private short sentCode;
    private short receivedCode;
    private long lastByte;
    private long since;
    private String negotiated = "";

    Connection(Worker worker, NodeJournal journal) {
        this.worker = worker;
        this.journal = journal;
        this.lastByte = journal.micros();
    }

    /** The connection of a channel. */
    static Connection of(Channel channel) {
        return (Connection) channel.pipeline().get(NAME);
    }

    /** Takes its place before the handler of this name, which must be nearer the application than it may be. */
    void join(Channel channel, String before) {
        channel.pipeline().addBefore(before, NAME, this);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext handlerContext) {
        context = handlerContext;
    }

    private ChannelHandlerContext wire() {
        ChannelHandlerContext wire = context;
        if (wire == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return wire;
    }

    /** Whether it has asked for nothing yet. */
    boolean isSilent() {
        return state == State.CONNECTED;
    }

    /** Whether it asked for an upgrade and has no answer. */
    boolean isUnanswered() {
        return state == State.ASKED;
    }

    /** Whether a Close is still to be sent. */
    boolean mustBeClosed() {
        return state == State.OPEN && !closeHanded;
    }

    Identity identity() {
        Identity who = identity;
        if (who == null) {
            throw new IllegalStateException("nobody asked for an upgrade");
        }
        return who;
    }

    // The handshake.

    /** A peer that does not ask for anything in time is told so, and TCP ends: from accept on, however it dawdles. */
    void limitRequest(long micros) {
        timer = worker.after(1000 * micros, () -> {
            if (state == State.CONNECTED) {
                state = State.REFUSED;
                journal.neverAsked();
                wire().writeAndFlush(tooLate()).addListener(ChannelFutureListener.CLOSE);
            }
        });
    }

    private static HttpResponse tooLate() {
        FullHttpResponse answer = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.REQUEST_TIMEOUT, Unpooled.EMPTY_BUFFER);
        answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE).set(HttpHeaderNames.CONTENT_LENGTH, 0);
        return answer;
    }

    /** An upgrade request came. */
    void asked(Identity who, HandshakeRequest what) {
        cancelTimer();
        identity = who;
        request = what;
        since = journal.micros();
        state = State.ASKED;
        journal.accepted(who);
    }

    /** The handshake is answered after this time, unless TCP ends or the node restarts before. */
    void waitFor(long nanos, HttpServerRequest request, Runnable turn) {
        waiting = request;
        timer = worker.after(nanos, () -> {
            waiting = null;
            turn.run();
        });
    }

    /** The server behind is asked in its place, for as long as this. */
    void relay(Relayed through, long nanos, HttpServerRequest asking, Runnable late) {
        relayed = through;
        waitFor(nanos, asking, late);
    }

    /** The server behind has answered; false if nobody waits for that any more. */
    boolean isStillAsking() {
        if (state != State.ASKED || waiting == null) {
            return false;
        }
        cancelTimer();
        waiting = null;
        return true;
    }

    /** The request that waits for its turn; null where none does. */
    @Nullable
    HttpServerRequest waiting() {
        return waiting;
    }

    /** It will be closed as soon as its handshake is complete, for there is no capacity for it. */
    void turnAway() {
        turnedAway = true;
    }

    /** The handshake is about to be answered with 101. */
    void negotiating(Negotiator.Decision what, ResponseHeaders more) {
        decision = what;
        headers = more;
    }

    /** The handshake was answered with another status. */
    void refused(int status, String why) {
        if (state == State.ASKED) {
            state = State.REFUSED;
            cancelTimer();
            waiting = null;
            journal.rejected(identity(), status, why);
        }
    }

    /** The 101 is written; {@code handed} is when it was handed to the socket, so that no client has it before. */
    private void opened(@Nullable String extensions, long handed) {
        Negotiator.Decision what = decision;
        decision = null;
        headers = null;
        if (state != State.ASKED || what == null) {
            return;
        }
        state = State.OPEN;
        negotiated = extensions == null ? "" : extensions.intern(); // The same few for all.
        journal.opened();
        boolean offered = !what.offered().isEmpty();
        if (offered || identity().isForeign()) {
            journal.negotiated(handed, identity(), what.covered(), offered ? what.outcomes(extensions) : null);
        }
        if (relayed != null) {
            relayed.opened();
        }
        if (turnedAway) {
            sendClose(CloseCode.TRY_AGAIN_LATER.code(), WhenFull.REASON, NONE);
        } else {
            worker.opened(this);
        }
        if (early) {
            // RFC 6455 section 4.1: the peer must wait. So does this, until the decoder has its place.
            worker.execute(() -> violated(CloseCode.PROTOCOL_ERROR, "data before the handshake response"));
        }
    }

    // The wire.

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        lastByte = journal.micros();
        if (state != State.OPEN && (early || comesEarly(message))) {
            early = true;
            ReferenceCountUtil.release(message);
        } else if (message instanceof CloseWebSocketFrame close) {
            try {
                closeReceived(close);
            } finally {
                close.release();
            }
        } else if (message instanceof PingWebSocketFrame ping) {
            if (strikes == null || strikes.conduct().answersPings()) {
                write(from, new PongWebSocketFrame(ping.content()), from.voidPromise());
            } else {
                ping.release();
            }
        } else if (message instanceof PongWebSocketFrame pong) {
            ponged(pong);
            pong.release();
        } else {
            if (message instanceof HttpRequest upgrade) {
                joinExtensionHeaders(upgrade.headers());
            } else if (message instanceof WebSocketFrame frame && frame.isFinalFragment()) {
                worker.echoes();
                if (strikes != null) {
                    strikes.message();
                }
            }
            from.fireChannelRead(message);
        }
    }

    /** A second request, or a frame, of a peer that has no answer to its handshake. */
    private boolean comesEarly(Object message) {
        return message instanceof WebSocketFrame || (message instanceof HttpRequest && state != State.CONNECTED);
    }

    /** An offer may be spread over several header lines (RFC 6455 section 9.1); Netty reads the first. */
    private static void joinExtensionHeaders(HttpHeaders headers) {
        List<String> lines = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
        if (lines.size() > 1) {
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, String.join(", ", lines));
        }
    }

    @Override
    public void write(ChannelHandlerContext from, Object message, ChannelPromise promise) {
        if (message instanceof WebSocketFrame && closeHanded) {
            ReferenceCountUtil.release(message); // RFC 6455 section 5.5.1: nothing after a Close.
            if (!promise.isVoid()) {
                promise.trySuccess();
            }
        } else if (state == State.ASKED
                && message instanceof HttpResponse response
                && response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            if (headers != null) {
                headers.addTo(response.headers());
            }
            if (relayed != null && relayed.accept() != null) {
                response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, relayed.accept());
            }
            String extensions = response.headers().get(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
            long handed = journal.micros();
            from.write(message, promise.unvoid().addListener(written -> {
                if (written.isSuccess()) {
                    worker.run(() -> opened(extensions, handed));
                }
            }));
        } else {
            from.write(message, promise);
        }
    }

    private void closeReceived(CloseWebSocketFrame close) {
        if (closeReceived || state != State.OPEN) {
            return;
        }
        closeReceived = true;
        boolean empty = close.statusCode() < 0;
        int received = empty ? CloseCode.NO_STATUS.code() : close.statusCode();
        receivedCode = (short) received;
        if (first == Ending.First.NETWORK) {
            first = Ending.First.CLIENT;
        }
        journal.closeReceived(identity(), received, close.reasonText());
        if (!closeHanded && strikes != null && !strikes.conduct().answersClose()) {
            cancelTimer();
            timer = worker.after(1000 * worker.closingMicros(), () -> abort(Ending.FAULT));
        } else if (!closeHanded) {
            // RFC 6455 section 5.5.1: the echo has the status code that was received; an empty one stays empty.
            sendClose(received, "", NONE);
        } else if (closeWritten) {
            end(Ending.CLEAN);
        }
    }

    /**
     * Sends a Close, unless one is sent already, and bounds the wait for the peer's.
     *
     * @param closeCode 1005 for an empty Close
     * @param restart the index of the restart that sends it, or NONE
     */
    void sendClose(int closeCode, String reason, long restart) {
        if (!mustBeClosed()) {
            return;
        }
        if (relayed != null && !relayed.isBetween(() -> sendClose(closeCode, reason, restart))) {
            if (timer == null) {
                timer = worker.after(1000 * worker.closingMicros(), () -> abort(Ending.TIMEOUT));
            }
            return;
        }
        closeHanded = true;
        sentCode = (short) closeCode;
        if (first == Ending.First.NETWORK) {
            first = Ending.First.SERVER;
        }
        ChannelHandlerContext wire = wire();
        CloseWebSocketFrame close = closeCode == CloseCode.NO_STATUS.code()
                ? new CloseWebSocketFrame(true, 0, Unpooled.EMPTY_BUFFER)
                : new CloseWebSocketFrame(closeCode, reason);
        long handed = journal.micros();
        closing(handed, wire.writeAndFlush(close), closeCode, reason, restart);
        if (relayed != null) {
            relayed.leave();
        }
    }

    /** A Close was handed over then: bounds the wait for the peer's. */
    private void closing(long handed, ChannelFuture writing, int closeCode, String reason, long restart) {
        cancelTimer();
        timer = worker.after(1000 * worker.closingMicros(), () -> abort(Ending.TIMEOUT));
        writing.addListener(written -> worker.run(() -> {
            if (written.isSuccess()) {
                closeWritten = true;
                journal.closeSent(handed, identity(), closeCode, restart, reason);
                if (closeReceived) {
                    end(Ending.CLEAN);
                }
            } else {
                // It never was on the wire.
                first = closeReceived ? Ending.First.CLIENT : Ending.First.NETWORK;
            }
        }));
    }

    // A server behind.

    /** The client was heard of. */
    void heard() {
        lastByte = journal.micros();
    }

    /** A message of the client has passed. */
    void relayedMessage() {
        worker.echoes();
        if (strikes != null) {
            strikes.message();
        }
    }

    /** Whether a server's pongs reach the client. */
    boolean answersPings() {
        return strikes == null || strikes.conduct().answersPings();
    }

    /** Bytes of the server behind, for the client; not flushed. */
    void pass(ByteBuf bytes) {
        if (state == State.OPEN && !closeHanded && ending == null) {
            ChannelHandlerContext wire = wire();
            wire.write(bytes, wire.voidPromise());
        } else {
            bytes.release(); // RFC 6455 section 5.5.1: nothing after a Close.
        }
    }

    /** The client's Close has come; whether it goes on to the server behind. */
    boolean clientCloses(int code, String reason) {
        if (closeReceived || state != State.OPEN) {
            return false;
        }
        closeReceived = true;
        receivedCode = (short) code;
        if (first == Ending.First.NETWORK) {
            first = Ending.First.CLIENT;
        }
        journal.closeReceived(identity(), code, reason);
        if (closeWritten) {
            end(Ending.CLEAN);
        } else if (!closeHanded) {
            cancelTimer();
            timer = worker.after(1000 * worker.closingMicros(), () -> abort(Ending.TIMEOUT));
        }
        return true;
    }

    /** The Close of the server behind, as it came. */
    void serverCloses(ByteBuf frame, int code, String reason) {
        boolean answers = strikes == null || strikes.conduct().answersClose() || !closeReceived;
        if (!mustBeClosed() || !answers) {
            frame.release();
            return;
        }
        closeHanded = true;
        sentCode = (short) code;
        if (first == Ending.First.NETWORK) {
            first = Ending.First.SERVER;
        }
        long handed = journal.micros();
        closing(handed, wire().writeAndFlush(frame), code, reason, NONE);
    }

    /** The server behind has ended TCP. */
    void serverEnded(boolean byReset) {
        if (state != State.OPEN || closeHanded && !closeReceived) {
            return; // The client's answer to a Close is waited for, as ever.
        }
        if (byReset) {
            abort(Ending.UPSTREAM);
        } else {
            end(Ending.UPSTREAM);
        }
    }

    // Faults.

    /** What the handshake request asked for. */
    HandshakeRequest request() {
        HandshakeRequest asked = request;
        if (asked == null) {
            throw new IllegalStateException("nobody asked for an upgrade");
        }
        return asked;
    }

    /** What may be told of it while it is open. */
    Control.OpenConnection told() {
        return new Control.OpenConnection(
                identity().connection(),
                identity().key(),
                since,
                request().uri(),
                String.valueOf(wire().channel().remoteAddress()).replaceFirst("^.*/", ""),
                struckBy(),
                negotiated);
    }

    /** Whether a fault was drawn for it already. */
    boolean hasMet(Posting fault) {
        return strikes != null && strikes.has(fault);
    }

    /** The indices of the faults that strike it. */
    List<Integer> struckBy() {
        return strikes == null ? List.of() : strikes.indices();
    }

    /** A fault was drawn for it: it strikes, or spares it. */
    void met(Posting fault, boolean strikesIt) {
        if (strikes == null) {
            strikes = new Strikes(this, worker);
        }
        strikes.add(fault, strikesIt);
    }

    /** A fault is over. */
    void lift(Posting fault) {
        if (strikes != null) {
            strikes.lift(fault);
        }
    }

    /** Behaves so from now on. */
    void behave(Conduct conduct) {
        Channel channel = wire().channel();
        ChannelPipeline pipeline = channel.pipeline();
        SlowLink link = (SlowLink) pipeline.get(SlowLink.NAME);
        if (conduct.slows()) {
            if (link == null) {
                link = new SlowLink(worker::chance);
                pipeline.addFirst(SlowLink.NAME, link);
            }
            link.set(conduct.latencyMicros(), conduct.jitterMicros(), conduct.bytesPerSecond());
        } else if (link != null) {
            pipeline.remove(link);
        }
        readWhile(channel.isWritable());
    }

    /** A peer that sends but does not read is not read from either; and a stalled server reads from nobody. */
    void readWhile(boolean writable) {
        boolean reads = strikes == null || strikes.conduct().reads();
        if (relayed != null) {
            relayed.readWhile(reads);
            return;
        }
        wire().channel().config().setAutoRead(writable && reads);
    }

    /** Ends the connection as a fault says. */
    void depart(Conduct.Departure departure) {
        if (!mustBeClosed()) {
            return;
        }
        switch (departure.ending()) {
            case CLOSE -> sendClose(departure.code(), departure.reason(), NONE);
            case RESET -> abort(Ending.FAULT);
            case FIN -> {
                ending = Ending.FAULT;
                cancelTimer();
                timer = worker.after(1000 * worker.closingMicros(), () -> abort(Ending.FAULT));
                // Only this half: closing a socket with unread bytes would send an RST.
                ((DuplexChannel) wire().channel()).shutdownOutput();
            }
        }
    }

    // Pings.

    /** Pings the peer every so often, from now on. */
    void ping(long micros) {
        pinging = worker.after(1000 * micros, () -> {
            if (mustBeClosed() && relayed != null && !relayed.isBetween(() -> {})) {
                ping(micros); // In the middle of a frame of the server behind.
            } else if (mustBeClosed()) {
                long handed = journal.micros();
                pings++;
                wire().writeAndFlush(new PingWebSocketFrame(Unpooled.copyLong(handed)))
                        .addListener(written -> {
                            if (written.isSuccess()) {
                                worker.run(() -> journal.pinged(handed, identity()));
                            }
                        });
                ping(micros);
            }
        });
    }

    /** A pong: an answer to a ping of ours carries when that was handed over (RFC 6455 section 5.5.3). */
    private void ponged(PongWebSocketFrame pong) {
        if (pings > 0 && pong.content().readableBytes() == Long.BYTES && state == State.OPEN) {
            long rtt = journal.micros() - pong.content().getLong(pong.content().readerIndex());
            if (rtt >= 0 && rtt <= LONGEST_RTT_MICROS) {
                pings--; // One pong for one ping is written down, whatever comes.
                journal.ponged(identity(), rtt);
            }
        }
    }

    /** Ends TCP at once, with a reset. */
    private void abort(Ending how) {
        if (ending == null) {
            ending = how;
        }
        ChannelHandlerContext wire = wire();
        Channel channel = wire.channel();
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        if (channel.pipeline().get(SslHandler.class) != null) {
            channel.unsafe().close(channel.unsafe().voidPromise()); // Without TLS's own farewell.
        } else {
            wire.close(); // Not channel().close(), which begins at Vert.x's handler.
        }
    }

    /** Ends TCP. */
    void end(Ending how) {
        if (ending == null) {
            ending = how;
        }
        wire().close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        if (state == State.OPEN || state == State.ENDED) {
            failed(cause);
        } else {
            reset |= isReset(cause);
            early |= cause instanceof CorruptedWebSocketFrameException; // Behind the request, and no frame at all.
            if (!early) {
                from.fireExceptionCaught(cause);
            }
        }
    }

    /** Reading or writing failed; a peer that broke the protocol is told so (RFC 6455 section 7.1.7). */
    void failed(Throwable failure) {
        boolean wraps = failure.getClass() == DecoderException.class || failure.getClass() == EncoderException.class;
        Throwable cause = wraps && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof IOException) {
            reset |= isReset(cause); // Netty closes the channel itself.
        } else if (cause instanceof DecompressionException && cause.getCause() == null) {
            violated(CloseCode.MESSAGE_TOO_BIG, "message of more than " + Listener.MAX_MESSAGE_BYTES + " bytes");
        } else if (failure instanceof DecoderException) {
            violated(CloseCode.INVALID_PAYLOAD, "message that does not decompress"); // RFC 7692 section 7.2.2
        } else if (cause instanceof OutOfMemoryError) {
            drop(); // Netty's own bound of direct memory: the others go on. The JVM's ends the process.
        } else {
            worker.failed(cause);
            end(Ending.STOPPED);
        }
    }

    /** What was not yet written when TCP ended in another way fails with a ClosedChannelException. */
    private static boolean isReset(Throwable cause) {
        return cause instanceof IOException && !(cause instanceof ClosedChannelException);
    }

    /**
     * The peer broke the protocol, and is told how (RFC 6455 section 7.1.7). Nothing it sends is read any more, so its Close
     * is not waited for; but it is drained, for a socket closed with unread bytes sends an RST that can overtake the Close.
     */
    void violated(CloseCode code, String what) {
        if (state != State.OPEN || ending != null) {
            return;
        }
        Channel channel = wire().channel();
        channel.pipeline().get(FrameDecoder.class).stop();
        sendClose(code.code(), what, NONE);
        ending = Ending.TIMEOUT;
        cancelTimer();
        timer = worker.after(1000 * Math.min(DISCARD_MICROS, worker.closingMicros()), () -> abort(Ending.TIMEOUT));
        wire().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> ((DuplexChannel) channel).shutdownOutput());
    }

    /** There is no room for what waits for this peer. */
    void drop() {
        abort(Ending.STOPPED);
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        inactive();
        from.fireChannelInactive();
    }

    /** The end of TCP, once: the row of it, if there was an upgrade request that was not refused. */
    private void inactive() {
        if (state == State.ENDED) {
            return;
        }
        State was = state;
        state = State.ENDED;
        cancelTimer();
        if (strikes != null) {
            strikes.end();
        }
        if (pinging != null) {
            pinging.cancel(false);
        }
        waiting = null;
        if (relayed != null) {
            relayed.clientEnded(reset || ending == Ending.FAULT);
        }
        Ending how = ending != null ? ending : reset ? Ending.RESET : Ending.EOF;
        if (was == State.ASKED || was == State.OPEN) {
            int code = switch (first) {
                case SERVER -> sentCode;
                case CLIENT -> receivedCode;
                case NETWORK -> CloseCode.ABNORMAL_CLOSURE.code();
            };
            journal.closed(identity(), was == State.OPEN, code, lastByte, how.detail(first));
        }
        worker.ended(this);
    }

    /** Ends TCP and writes its row now: the process does not wait for the socket. */
    void stop() {
        end(Ending.STOPPED);
        inactive();
    }

    private void cancelTimer() {
        ScheduledFuture<?> running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
    }
}
