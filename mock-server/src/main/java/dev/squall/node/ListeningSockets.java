package dev.squall.node;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.spi.transport.Transport;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x's transport, which remembers the listening sockets that it makes. So a node can close its port and nothing else:
 * {@code HttpServer.shutdown} would take the connections with it, and send 1000 to those that nobody closed before.
 */
@SuppressWarnings("deprecation") // InternetProtocolFamily stands in the interface.
final class ListeningSockets implements io.vertx.core.transport.Transport, Transport {

    private final io.vertx.core.transport.Transport named;
    private final Transport transport;
    private final Set<ServerChannel> open = ConcurrentHashMap.newKeySet();

    /** Epoll where it is to be had. */
    ListeningSockets() {
        io.vertx.core.transport.Transport best = io.vertx.core.transport.Transport.nativeTransport();
        named = best != null && best.available() ? best : io.vertx.core.transport.Transport.NIO;
        transport = named.implementation();
    }

    /** The port of one that is open. */
    int port() {
        return ((InetSocketAddress) open.iterator().next().localAddress()).getPort();
    }

    /** Closes every listening socket; completes when the ports are free. */
    CompletableFuture<Void> close() {
        return CompletableFuture.allOf(open.stream()
                .map(socket -> {
                    CompletableFuture<Void> closed = new CompletableFuture<>();
                    socket.close().addListener(done -> closed.complete(null));
                    return closed;
                })
                .toArray(CompletableFuture[]::new));
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        ChannelFactory<? extends ServerChannel> factory = transport.serverChannelFactory(domainSocket);
        return () -> {
            ServerChannel socket = factory.newChannel();
            open.add(socket);
            socket.closeFuture().addListener(closed -> open.remove(socket));
            return socket;
        };
    }

    @Override
    public String name() {
        return named.name();
    }

    @Override
    public boolean available() {
        return named.available();
    }

    @Override
    public @Nullable Throwable unavailabilityCause() {
        return named.unavailabilityCause();
    }

    @Override
    public Transport implementation() {
        return this;
    }

    @Override
    public boolean isAvailable() {
        return transport.isAvailable();
    }

    @Override
    public boolean supportsDomainSockets() {
        return transport.supportsDomainSockets();
    }

    @Override
    public boolean supportFileRegion() {
        return transport.supportFileRegion();
    }

    @Override
    public SocketAddress convert(io.vertx.core.net.SocketAddress address) {
        return transport.convert(address);
    }

    @Override
    public io.vertx.core.net.SocketAddress convert(SocketAddress address) {
        return transport.convert(address);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return transport.ioHandlerFactory();
    }

    @Override
    public EventLoopGroup eventLoopGroup(int type, int threads, ThreadFactory factory, int ioRatio) {
        return transport.eventLoopGroup(type, threads, factory, ioRatio);
    }

    @Override
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
        return transport.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
        return transport.datagramChannelFactory();
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return transport.channelFactory(domainSocket);
    }

    @Override
    public void configure(DatagramChannel channel, DatagramSocketOptions options) {
        transport.configure(channel, options);
    }

    @Override
    public void configure(TcpConfig config, boolean domainSocket, Bootstrap bootstrap) {
        transport.configure(config, domainSocket, bootstrap);
    }

    @Override
    public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
        transport.configure(config, domainSocket, bootstrap);
    }
}
