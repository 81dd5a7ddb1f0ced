package dev.squall.client;

import static dev.squall.journal.JournalWriter.NONE;

import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation.Judgement;
import dev.squall.protocol.Negotiation.Outcome;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client, from dialling to the end of TCP. It is the last handler of its channel; the decoder of the
 * handshake response stands before it until the 101, the frame codec from then on.
 *
 * <p>It reports to its client exactly once how it ended: {@code failed} before the handshake was judged good, {@code
 * closed} after, nothing if the client abandoned it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // How a write or a close went shows in how TCP ends.
final class Connection extends ChannelInboundHandlerAdapter implements ChannelFutureListener {

    /** How long an answered but refused connection may stay, in seconds, so that the server closes TCP first. */
    private static final long LINGER_SECONDS = 1;

    /** What may wait for a server that does not read, in bytes; beyond it nothing is written (low, high). */
    private static final WriteBufferWaterMark WRITE_BUFFER = new WriteBufferWaterMark(4096, 8192);

    /** Idle clients hold no buffer; while one reads, this much. */
    private static final RecvByteBufAllocator READ_BUFFER = new FixedRecvByteBufAllocator(2048);

    private static final String SELF = "connection";
    private static final String TUNNEL = "tunnel";
    private static final String TLS = "tls";
    private static final String HTTP = "http";
    private static final String FRAMES = "frames";
    private static final String ENCODER = "encoder";

    private enum Stage {
        REGISTERING,
        LOOKING_UP,
        DIALLING,
        TUNNELLING,
        UPGRADING,
        UPGRADED,
        ENDED
    }

    /** Who sent the first Close. */
    private enum First {
        NOBODY("network"),
        SERVER("server"),
        CLIENT("client");

        final String word;

        First(String word) {
            this.word = word;
        }
    }

    /** How TCP ended, as far as we have seen. */
    private enum Ending {
        FIN,
        RESET,
        TIMEOUT
    }

    private final VirtualClient client;
    private final SocketChannel channel;
    private final Target target;
    private Stage stage = Stage.REGISTERING;
    private First first = First.NOBODY;
    private Ending ending = Ending.FIN;

    /** The code of the server's Close; 0 while there is none. */
    private int received;

    /** The code of our Close, as soon as it is handed to the socket; 0 before. */
    private int sent;

    /** Whether our Close has been written. */
    private boolean written;

    private long lastByteMicros;

    /** Sec-WebSocket-Key of the request, until the response. */
    private @Nullable String key;

    private @Nullable Messages messages;
    private @Nullable Pulse pulse;

    /** The last ping that could not be answered yet. */
    private byte @Nullable [] unanswered;

    Connection(VirtualClient client, SocketChannel channel, Target target) {
        this.client = client;
        this.channel = channel;
        this.target = target;
    }

    /** What it dials. */
    Target target() {
        return target;
    }

    // ---- dialling

    void dial() {
        SocketChannelConfig config = channel.config();
        config.setTcpNoDelay(true);
        config.setConnectTimeoutMillis(0); // The client's timer does that.
        config.setRecvByteBufAllocator(READ_BUFFER);
        config.setWriteBufferWaterMark(WRITE_BUFFER);
        channel.pipeline().addLast(SELF, this);
        client.home().loop.register(channel).addListener(this);
    }

    /** The channel is registered, or connected. */
    @Override
    public void operationComplete(ChannelFuture future) {
        guarded(() -> {
            if (!future.isSuccess()) {
                Throwable why = future.cause();
                fail(NONE, target.tunnelRequest() == null ? Cause.of(why) : Cause.ofProxy(why));
            } else if (stage == Stage.REGISTERING) {
                find();
            } else {
                dialled();
            }
        });
    }

    /** Does the next step, unless the connection is overdue or was abandoned while the last was under way. */
    private void guarded(Runnable step) {
        try {
            if (stage != Stage.ENDED) {
                step.run();
            }
        } catch (RuntimeException | Error e) {
            client.home().fleet.defective(e);
            throw e;
        }
    }

    private void find() {
        Lookup lookup = client.home().lookup;
        if (lookup == null) {
            connect(target.addresses());
            return;
        }
        stage = Stage.LOOKING_UP;
        lookup.find(target.host())
                .addListener((Future<List<InetAddress>> found) -> guarded(() -> {
                    if (!found.isSuccess()) {
                        fail(NONE, Cause.DNS);
                    } else if (!lookup.allows(found.getNow())) {
                        fail(NONE, Cause.NOT_ALLOWED);
                    } else {
                        connect(found.getNow());
                    }
                }));
    }

    private void connect(List<InetAddress> addresses) {
        stage = Stage.DIALLING;
        target.connect(channel, addresses, client.place(), client.connectionOrdinal())
                .addListener(this);
    }

    private void dialled() {
        byte[] tunnelRequest = target.tunnelRequest();
        if (isSelf(channel.localAddress(), channel.remoteAddress())) {
            // A closed port in the ephemeral range can be dialled from itself (RFC 9293 section 3.5, simultaneous
            // open).
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            fail(NONE, tunnelRequest == null ? Cause.REFUSED : Cause.PROXY);
        } else if (tunnelRequest == null) {
            connected();
        } else {
            stage = Stage.TUNNELLING;
            channel.pipeline().addBefore(SELF, TUNNEL, Handshake.tunnelDecoder());
            channel.writeAndFlush(Unpooled.wrappedBuffer(tunnelRequest), channel.voidPromise());
        }
    }

    /** The head of the proxy's answer, or its end: what follows is the server's. */
    private void tunnelled(Object answer) {
        if (answer instanceof HttpResponse response) {
            int status = response.status().code();
            if (response.decoderResult().isFailure() || status < 100 || status > 999) {
                fail(NONE, Cause.PROXY);
            } else if (response.status().codeClass() != HttpStatusClass.SUCCESS) {
                fail(status, Cause.proxyStatus(status));
            }
        } else if (answer instanceof LastHttpContent) {
            channel.pipeline().remove(TUNNEL);
            connected();
        }
    }

    /** Connected to the server, through a tunnel or not. */
    private void connected() {
        stage = Stage.UPGRADING;
        client.wake(client.cohort().population.timeouts().handshakeMicros());
        SslHandler tls = target.tls(channel.alloc(), client.session(), client.home().fleet.tally);
        if (tls != null) {
            channel.pipeline().addFirst(TLS, tls); // It sends the request as soon as it has shaken hands.
        }
        channel.pipeline().addBefore(SELF, HTTP, Handshake.decoder());
        String newKey = client.home().handshake.key();
        key = newKey;
        channel.writeAndFlush(
                Handshake.request(
                        channel.alloc(),
                        target,
                        client.cohort(),
                        client.clientIndex(),
                        client.connectionOrdinal(),
                        newKey),
                channel.voidPromise());
    }

    static boolean isSelf(@Nullable InetSocketAddress local, @Nullable InetSocketAddress remote) {
        return local != null && local.equals(remote); // A socket that is reset already has neither.
    }

    private void fail(long status, String cause) {
        stage = Stage.ENDED;
        channel.close();
        client.failed(status, cause);
    }

    // ---- the handshake response

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (message instanceof HttpResponse response && stage == Stage.UPGRADING) {
                response(response);
            } else if (stage == Stage.TUNNELLING) {
                tunnelled(message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void response(HttpResponse response) {
        HttpResponseStatus status = response.status();
        if (response.decoderResult().isFailure()) {
            // An end in the middle of the headers comes as a broken response first, then as the end that it is.
            Throwable cause = response.decoderResult().cause();
            if (!(cause instanceof PrematureChannelClosureException)) {
                fail(NONE, cause instanceof TooLongFrameException ? Cause.RESPONSE_TOO_LONG : Cause.NOT_HTTP);
            }
        } else if (status.code() < 100 || status.code() > 999) {
            fail(NONE, Cause.NOT_HTTP); // RFC 9112 section 4: a status has three digits.
        } else if (status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            upgraded(response);
        } else if (status.codeClass() != HttpStatusClass.INFORMATIONAL) {
            stage = Stage.ENDED;
            if (HttpUtil.isKeepAlive(response)) {
                channel.close(); // The server would keep it for a next request, and its descriptor with it.
            } else {
                // The server closes TCP after such an answer; our own close would cost a port in TIME_WAIT.
                client.home().loop.schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
            }
            client.failed(
                    status.code(),
                    Cause.status(status.code()),
                    response.headers().get(HttpHeaderNames.RETRY_AFTER));
        }
    }

    private void upgraded(HttpResponse response) {
        int status = response.status().code();
        List<Flaw> flaws = client.home()
                .handshake
                .flaws(
                        response,
                        Objects.requireNonNull(key, "a request was sent"),
                        client.cohort().population.request().subprotocols());
        if (!flaws.isEmpty()) {
            fail(status, flaws.get(0).cause());
            return;
        }
        key = null;
        Cohort cohort = client.cohort();
        Judgement judgement = client.negotiation().judge(Handshake.extensions(response.headers()));
        Extension deflate = Deflate.find(judgement.negotiated());
        boolean unusable = deflate != null && !cohort.deflate.accepts(deflate);
        if (cohort.offers()) {
            client.negotiated(unusable ? "" : judgement.outcomes()); // What fails the connection is not negotiated.
        }
        if (judgement.worst() == Outcome.UNOFFERED) {
            fail(status, Cause.UNOFFERED_EXTENSION);
            return;
        }
        if (unusable) {
            fail(status, Cause.BAD_EXTENSION_PARAMETERS);
            return;
        }
        ChannelPipeline pipeline = channel.pipeline();
        Inflation inflation = deflate == null ? null : Deflate.inflation(deflate, client.home().scratch);
        pipeline.addAfter(HTTP, FRAMES, new FrameDecoder(this, cohort.messageLimit, inflation));
        pipeline.addAfter(FRAMES, ENCODER, FrameEncoder.SHARED);
        if (deflate != null) {
            cohort.deflate.compress(pipeline, ENCODER, deflate);
        }
        stage = Stage.UPGRADED;
        bytesCame();
        if (judgement.worst() == Outcome.NEGOTIATED) {
            opened(judgement.negotiated(), target.nodeName(response.headers()));
        } else {
            client.lacking(judgement.reason());
            close(CloseCode.MANDATORY_EXTENSION.code(), judgement.reason());
        }
        // Last, for it hands on what came behind the response: the frames must find everything in its place.
        pipeline.remove(HTTP);
    }

    private void opened(List<Extension> negotiated, @Nullable String node) {
        pulse = client.cohort().pulse(this, client, channel);
        if (pulse != null) {
            pulse.start();
        }
        client.opened(negotiated, node);
        if (client.isReady()) {
            talk();
            return;
        }
        String greeting = client.cohort().greeting(client);
        if (greeting != null && sent == 0) {
            channel.writeAndFlush(new TextWebSocketFrame(greeting), channel.voidPromise());
        }
    }

    /** The client is ready: from now on it sends messages, if it has any. */
    private void talk() {
        if (sent != 0) {
            return; // Whoever was told that it is ready has closed it at once.
        }
        messages = client.cohort().messages(client, channel);
        if (messages != null) {
            messages.start();
        }
    }

    /** Sends a text, unless a Close went before it (RFC 6455 section 5.5.1); returns whether it did. */
    boolean say(String text) {
        if (stage != Stage.UPGRADED || sent != 0) {
            return false;
        }
        channel.writeAndFlush(new TextWebSocketFrame(text), channel.voidPromise());
        return true;
    }

    // ---- frames

    /** Bytes have come from the server, whole frames or not. */
    void bytesCame() {
        lastByteMicros = client.home().micros();
    }

    long lastByteMicros() {
        return lastByteMicros;
    }

    /** Whether somebody makes use of what messages say. */
    boolean wantsText() {
        return sent == 0 && client.wantsText();
    }

    /** The server's Close: 1005 if it has no code. */
    void closeCame(int code, String reason) {
        received = code;
        client.closeReceived(code, reason);
        if (sent == 0) {
            first = First.SERVER;
            // RFC 6455 section 5.5.1: answered with the code received; then the server closes TCP (7.1.1).
            send(code, "");
        }
    }

    /** A ping: after our Close nothing more is sent (RFC 6455 section 5.5.1). */
    void pinged(byte[] payload) {
        if (sent == 0) {
            unanswered = payload; // Section 5.5.3: the last of several is answered for all of them.
            pong();
        }
    }

    private void pong() {
        if (unanswered != null && channel.isWritable()) {
            channel.writeAndFlush(new PongWebSocketFrame(Unpooled.wrappedBuffer(unanswered)), channel.voidPromise());
            unanswered = null;
        }
    }

    /** A pong. */
    void ponged(byte[] payload) {
        if (sent == 0 && pulse != null) {
            pulse.ponged(payload, lastByteMicros);
        }
    }

    /**
     * A whole message of so many bytes; {@code text}: what it says (at most its first 64 KiB), where somebody wants to
     * know.
     */
    void message(long bytes, @Nullable String text) {
        if (sent != 0) {
            return;
        }
        if (!client.isReady()) {
            String awaited = client.cohort().awaited(client);
            if (awaited == null || text != null && text.contains(awaited)) {
                client.dialogueDone();
                talk();
            }
            return;
        }
        if (text != null) {
            client.told(text);
        }
        if (messages != null) {
            messages.came(bytes, lastByteMicros);
        }
    }

    /** What came breaks the protocol: RFC 6455 section 7.1.7. */
    void violated(CloseCode code, String what) {
        if (sent == 0) {
            close(code.code(), what);
        }
    }

    /** Sends the first Close of this connection. */
    private void close(int withCode, String reason) {
        first = First.CLIENT;
        send(withCode, CloseCode.reason(reason));
    }

    private void send(int withCode, String reason) {
        silence();
        sent = withCode;
        unanswered = null;
        client.closing(withCode);
        client.wake(client.home().fleet.plan.limits().clientClosingMicros());
        CloseWebSocketFrame frame = withCode == CloseCode.NO_STATUS.code()
                ? new CloseWebSocketFrame()
                : new CloseWebSocketFrame(withCode, reason);
        long micros = client.home().micros();
        int ordinal = client.connectionOrdinal();
        channel.writeAndFlush(frame).addListener(write -> {
            if (write.isSuccess()) {
                written = true;
                client.closeSent(micros, ordinal, withCode, reason);
            } else {
                broken(write.cause());
            }
        });
    }

    /** Nothing is awaited any more: what is under way is lost. */
    private void silence() {
        if (messages != null) {
            messages.lost();
        }
        if (pulse != null) {
            pulse.lost();
        }
    }

    // ---- the end

    /** The client leaves on purpose. */
    void leave(int withCode, String reason) {
        if (sent == 0) {
            if (messages != null) {
                messages.left();
            }
            if (pulse != null) {
                pulse.left();
            }
            close(withCode, reason);
        }
    }

    /** The client's timer for the present stage has run out. */
    void overdue() {
        switch (stage) {
            case LOOKING_UP -> fail(NONE, Cause.DNS);
            case REGISTERING, DIALLING, TUNNELLING, UPGRADING -> fail(NONE, Cause.TIMEOUT);
            case UPGRADED -> abort();
            case ENDED -> {
                // It has ended already.
            }
        }
    }

    /** Closes TCP ourselves, since the server does not; the client hears of it as of any other end. */
    void abort() {
        ending = Ending.TIMEOUT;
        channel.close();
    }

    /** The client wants to hear no more of it. */
    void abandon() {
        stage = Stage.ENDED;
        channel.close();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        pong();
        if (messages != null && channel.isWritable()) {
            messages.send();
        }
    }

    /** A server that has said close_notify may wait for ours before it ends TCP; TLS 1.3 does not answer by itself. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslCloseCompletionEvent) {
            channel.close(); // RFC 8446 section 6.1: nothing follows, so for us TCP has ended.
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (stage == Stage.UPGRADING && Cause.isTls(cause)) {
            fail(NONE, Cause.TLS);
        } else if (stage == Stage.TUNNELLING) {
            fail(NONE, Cause.PROXY);
        } else if (cause instanceof IOException || Cause.isTls(cause)) {
            broken(cause);
            channel.close();
        } else if (cause instanceof CodecException && stage == Stage.UPGRADING) {
            fail(NONE, Cause.NOT_HTTP);
        } else {
            client.home().fleet.defective(cause);
        }
    }

    /** Reading or writing failed: a reset, unless we closed the channel ourselves. */
    private void broken(Throwable cause) {
        if (!(cause instanceof ClosedChannelException) && ending == Ending.FIN) {
            ending = Ending.RESET;
        }
    }

    /** TCP has ended. */
    @Override
    public void channelUnregistered(ChannelHandlerContext context) {
        silence();
        if (stage == Stage.TUNNELLING) {
            fail(NONE, Cause.PROXY);
        } else if (stage == Stage.UPGRADING) {
            fail(NONE, ending == Ending.RESET ? Cause.RESET : Cause.EOF);
        } else if (stage == Stage.UPGRADED) {
            stage = Stage.ENDED;
            if (first == First.CLIENT && !written) {
                first = received == 0 ? First.NOBODY : First.SERVER; // Ours has never been on the wire.
            }
            client.closed(code(), lastByteMicros, first.word + " " + how());
        }
    }

    /** The code of the first Close on the wire. */
    private int code() {
        return switch (first) {
            case NOBODY -> CloseCode.ABNORMAL_CLOSURE.code();
            case SERVER -> received;
            case CLIENT -> sent;
        };
    }

    private String how() {
        return switch (ending) {
            case RESET -> "reset";
            case TIMEOUT -> "timeout";
            case FIN -> received != 0 && written ? "clean" : "eof";
        };
    }
}
