package dev.squall.client;

import dev.squall.plan.Expansion;
import dev.squall.plan.Plan;
import dev.squall.protocol.WebSocketUri;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A server as it is dialled: where, how its certificate is checked, and how its request begins.
 *
 * <p>On loopback the clients dial from several source addresses. Linux looks for a free port among half of the ephemeral
 * range first, so from one address to one port the first 14,000 connections take 20 us each to make and any further one
 * 40 times that, with the event loop standing still meanwhile; and from one's own address a closed port can be dialled
 * from itself.
 */
final class Target {

    private final InetSocketAddress address;
    private final InetSocketAddress[] sources;
    private final byte[] requestLine;
    private final byte[] hostLine;
    private final String name;
    private final @Nullable SslContext tls;

    private Target(InetSocketAddress address, WebSocketUri uri, @Nullable SslContext tls) {
        this.address = address;
        this.sources = sources(address.getAddress());
        this.requestLine = ("GET " + uri.resource()).getBytes(StandardCharsets.US_ASCII);
        this.hostLine = (" HTTP/1.1\r\nHost: " + uri.authority()).getBytes(StandardCharsets.US_ASCII);
        this.name = uri.host();
        this.tls = tls;
    }

    /** A node, whose name is resolved now. */
    static Target of(Plan.Node node) {
        return new Target(
                new InetSocketAddress(node.host(), node.port()),
                new WebSocketUri(false, node.host(), node.port(), "/"),
                null);
    }

    /**
     * A server that is not ours, at the address that was resolved before the run.
     *
     * @param expansion puts values for references in its URL
     */
    static Target of(Plan.Endpoint endpoint, Expansion expansion) {
        WebSocketUri uri = endpoint.uri(expansion);
        try {
            // A literal address: nothing is looked up.
            InetAddress resolved = InetAddress.getByName(endpoint.address());
            return new Target(
                    new InetSocketAddress(resolved, uri.port()), uri, uri.secure() ? tls(endpoint.insecure()) : null);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(endpoint.address() + " (expected: an IP address)", e);
        }
    }

    /** With the trust store of the JDK, or with none. */
    private static SslContext tls(boolean insecure) {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        if (insecure) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
        }
        try {
            SslContext context = builder.build();
            greet(context);
            return context;
        } catch (SSLException e) {
            throw new IllegalStateException("the JDK's TLS cannot be used", e);
        }
    }

    /** Makes one greeting that nobody gets: a cold process takes half a second for its first, and loops would wait. */
    private static void greet(SslContext context) throws SSLException {
        SSLEngine engine = context.newEngine(ByteBufAllocator.DEFAULT);
        engine.beginHandshake();
        engine.wrap(
                ByteBuffer.allocate(0), ByteBuffer.allocate(engine.getSession().getPacketBufferSize()));
        engine.closeOutbound();
    }

    private static InetSocketAddress[] sources(@Nullable InetAddress resolved) {
        boolean loopback = resolved != null && resolved.isLoopbackAddress() && resolved.getAddress().length == 4;
        InetSocketAddress[] sources = new InetSocketAddress[loopback ? Plan.LOOPBACK_SOURCES : 0];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = new InetSocketAddress(address(127, 0, 1, i + 1), 0);
        }
        return sources;
    }

    private static InetAddress address(int... bytes) {
        byte[] raw = new byte[bytes.length];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) bytes[i];
        }
        try {
            return InetAddress.getByAddress(raw);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /** Dials; clients of different rank take different sources, where the kernel can choose a port knowing both ends. */
    ChannelFuture connect(SocketChannel channel, int rank) {
        boolean spread =
                sources.length > 0 && channel.config().setOption(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        return spread ? channel.connect(address, sources[rank % sources.length]) : channel.connect(address);
    }

    /** The request line up to where a population's own query may follow. */
    byte[] requestLine() {
        return requestLine;
    }

    /** The rest of that line, and Host without the end of its line. */
    byte[] hostLine() {
        return hostLine;
    }

    /** TLS for one connection; null where there is none. */
    @Nullable
    SslHandler tls(ByteBufAllocator allocator) {
        SslContext context = tls;
        if (context == null) {
            return null;
        }
        SslHandler handler = context.newHandler(allocator, name, address.getPort());
        handler.setHandshakeTimeoutMillis(0); // The client's timer does that.
        return handler;
    }
}
