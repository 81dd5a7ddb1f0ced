package dev.squall.node;

import dev.squall.plan.Expansion;
import dev.squall.plan.Plan;
import dev.squall.plan.Tls;
import dev.squall.protocol.Extension;
import dev.squall.protocol.WebSocketUri;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpServerRequest;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The server that a proxy stands before: how it is dialled, and what it is asked. */
final class Upstream {

    /** What becomes of a client's request there. */
    interface Outcome {

        /** It answered 101; the channel reads nothing more by itself. */
        void accepted(Channel server, HttpResponse answer);

        /** It answered otherwise; the body is cut to {@link #MOST_BODY_BYTES}. */
        void refused(HttpResponse answer, byte[] body);

        /**
         * It did not answer.
         *
         * @param status what a proxy says then
         * @param why for the journal
         */
        void failed(int status, String why);
    }

    static final int MOST_BODY_BYTES = 1 << 16;

    private static final int BAD_GATEWAY = 502;
    private static final String HTTP = "squall-upstream-http";
    private static final String ANSWER = "squall-upstream-answer";
    private static final HttpDecoderConfig RESPONSE =
            new HttpDecoderConfig().setMaxInitialLineLength(4 << 10).setMaxHeaderSize(16 << 10);

    private final WebSocketUri uri;
    private final InetSocketAddress[] addresses;
    private final ChannelFactory<? extends Channel> channels;
    private final int connectMillis;
    private final @Nullable SslContext tls;
    private final AtomicInteger dialled = new AtomicInteger();

    /**
     * That of a plan.
     *
     * @param channels makes sockets for the node's event loops
     * @throws IOException if an address, or a certificate, cannot be used
     */
    Upstream(Plan plan, Plan.Endpoint endpoint, ChannelFactory<? extends Channel> channels) throws IOException {
        Expansion expansion = new Expansion(System::getenv);
        this.uri = endpoint.uri(expansion);
        this.channels = channels;
        this.connectMillis = (int) TimeUnit.MICROSECONDS.toMillis(plan.limits().handshakeMicros());
        this.addresses = new InetSocketAddress[endpoint.addresses().size()];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = new InetSocketAddress(
                    InetAddress.getByName(endpoint.addresses().get(i)), uri.port());
        }
        this.tls = uri.secure() ? secured(endpoint.tls(), expansion) : null;
    }

    private static SslContext secured(Tls tls, Expansion expansion) throws IOException {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        if (!tls.versions().isEmpty()) {
            builder.protocols(tls.versions());
        }
        if (tls.insecure()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
        } else if (tls.trust() != null) {
            try {
                builder.trustManager(new File(expansion.expand(tls.trust())));
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "target.proxy.tls.trust: " + tls.trust() + " cannot be used (expected: certificates in PEM)",
                        e);
            }
        }
        return builder.build();
    }

    /** For people. */
    @Override
    public String toString() {
        return uri.authority();
    }

    /**
     * Dials and asks what the client asked, but for its Host and the extensions that are withheld from it: those must not reach
     * the server, for frames pass as they are.
     *
     * @return the channel, which may be closed at any time
     */
    Channel dial(EventLoop loop, HttpServerRequest request, Set<String> withheld, Outcome outcome) {
        ByteBuf asked = request(request, withheld);
        SocketAddress address = addresses[Math.floorMod(dialled.getAndIncrement(), addresses.length)];
        return new Bootstrap()
                .group(loop)
                .channelFactory(channels)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectMillis)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc(), uri.host(), uri.port()));
                        }
                        channel.pipeline()
                                .addLast(HTTP, new HttpResponseDecoder(RESPONSE))
                                .addLast(ANSWER, new Answer(outcome, asked));
                    }
                })
                .connect(address)
                .channel();
    }

    private ByteBuf request(HttpServerRequest request, Set<String> withheld) {
        StringBuilder text = new StringBuilder("GET ")
                .append(resource(request.uri()))
                .append(" HTTP/1.1\r\nHost: ")
                .append(uri.authority())
                .append("\r\n");
        for (Map.Entry<String, String> header : request.headers()) {
            String name = header.getKey();
            String value = name.equalsIgnoreCase("Sec-WebSocket-Extensions")
                    ? offered(header.getValue(), withheld)
                    : header.getValue();
            if (!name.equalsIgnoreCase("Host") && !value.isEmpty()) {
                text.append(name).append(": ").append(value).append("\r\n");
            }
        }
        // Byte by byte, for so HTTP's decoder read it: what is not ASCII goes on in whatever charset it came.
        return ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, text.append("\r\n"));
    }

    private static String offered(String header, Set<String> withheld) {
        return withheld.isEmpty()
                ? header
                : Extension.parseList(header).stream()
                        .filter(extension -> !withheld.contains(extension.name()))
                        .map(Extension::toString)
                        .collect(Collectors.joining(", "));
    }

    /** Behind the path of the server's URL comes that of the client; a client at the root wants just that URL. */
    String resource(String asked) {
        String own = uri.resource();
        if (asked.equals("/")) {
            return own;
        }
        if (own.equals("/")) {
            return asked;
        }
        int query = own.indexOf('?');
        String path = query < 0 ? own : own.substring(0, query);
        String rest = asked.startsWith("/?") ? asked.substring(1) : asked;
        String joined =
                (path.endsWith("/") && rest.startsWith("/") ? path.substring(0, path.length() - 1) : path) + rest;
        return query < 0 ? joined : joined + (rest.contains("?") ? "&" : "?") + own.substring(query + 1);
    }

    /** Waits for the server's answer. */
    private static final class Answer extends ChannelInboundHandlerAdapter {
        private final Outcome outcome;
        private final ByteBuf asked;
        private final ByteBuf body = Unpooled.buffer(0, MOST_BODY_BYTES);
        private @Nullable HttpResponse answer;
        private String why = "upstream-eof";
        private boolean sent;
        private boolean over;

        Answer(Outcome outcome, ByteBuf asked) {
            this.outcome = outcome;
            this.asked = asked;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            // A loopback port that nobody listens at may connect to itself.
            if (context.channel().localAddress().equals(context.channel().remoteAddress())) {
                why = "upstream-refused";
                context.close();
                return;
            }
            sent = true;
            context.writeAndFlush(asked, context.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            try {
                if (message instanceof HttpResponse response && answer == null) {
                    if (response.decoderResult().isFailure()) {
                        why = "upstream-not-http";
                        context.close();
                        return;
                    }
                    if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                        over = true;
                        context.channel().config().setAutoRead(false);
                        outcome.accepted(context.channel(), response);
                        return;
                    }
                    answer = response;
                }
                HttpResponse refusal = answer;
                if (message instanceof HttpContent content && refusal != null && !over) {
                    ByteBuf part = content.content();
                    body.writeBytes(part, Math.min(part.readableBytes(), body.maxWritableBytes()));
                    if (content instanceof LastHttpContent) {
                        over = true;
                        outcome.refused(refusal, ByteBufUtil.getBytes(body));
                        context.close();
                    }
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
            why = failure instanceof IOException ? "upstream-reset" : "upstream-tls";
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            end();
            context.fireChannelInactive();
        }

        /** Also where it never was connected. */
        @Override
        public void channelUnregistered(ChannelHandlerContext context) {
            if (!sent) {
                asked.release();
                why = "upstream-refused";
            }
            end();
            context.fireChannelUnregistered();
        }

        private void end() {
            if (!over) {
                over = true;
                outcome.failed(BAD_GATEWAY, why);
            }
        }
    }

    /** From now on what the server says is no HTTP any more; what came behind its answer is passed to this handler first. */
    static void upgraded(Channel server, ChannelInboundHandlerAdapter frames) {
        server.pipeline().addLast(frames);
        server.pipeline().remove(ANSWER);
        server.pipeline().remove(HTTP);
    }

    /** Whether a header of an answer is for the client, and not between the server and the proxy alone. */
    static boolean isEndToEnd(String header) {
        return HOP_BY_HOP.stream().noneMatch(name -> name.toString().equalsIgnoreCase(header));
    }

    private static final List<CharSequence> HOP_BY_HOP = List.of(
            HttpHeaderNames.CONNECTION,
            HttpHeaderNames.UPGRADE,
            HttpHeaderNames.TRANSFER_ENCODING,
            HttpHeaderNames.CONTENT_LENGTH,
            HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
}
