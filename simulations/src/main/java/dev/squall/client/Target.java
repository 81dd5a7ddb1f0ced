package dev.squall.client;

import dev.squall.plan.Plan;
import io.netty.channel.ChannelFuture;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * A node as it is dialled.
 *
 * <p>On loopback the clients dial from several source addresses. Linux looks for a free port among half of the ephemeral
 * range first, so from one address to one port the first 14,000 connections take 20 us each to make and any further one
 * 40 times that, with the event loop standing still meanwhile; and from one's own address a closed port can be dialled
 * from itself.
 */
final class Target {

    /** Source addresses, 127.0.1.1 and on: 14,000 cheap connections for each. */
    private static final int SOURCES = 8;

    private final InetSocketAddress address;
    private final InetSocketAddress[] sources;
    private final String host;

    private Target(InetSocketAddress address, InetSocketAddress[] sources, String host) {
        this.address = address;
        this.sources = sources;
        this.host = host;
    }

    /** Resolves a node's name, once. */
    static Target of(Plan.Node node) {
        InetSocketAddress address = new InetSocketAddress(node.host(), node.port());
        InetAddress resolved = address.getAddress();
        boolean loopback = resolved != null && resolved.isLoopbackAddress() && resolved.getAddress().length == 4;
        InetSocketAddress[] sources = new InetSocketAddress[loopback ? SOURCES : 0];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = new InetSocketAddress(address(127, 0, 1, i + 1), 0);
        }
        return new Target(address, sources, node.toString());
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

    /** The value of Host. */
    String host() {
        return host;
    }
}
