package dev.squall.client;

import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;

/** Looks names up for the clients of one event loop, without blocking it; nothing is remembered from one to the next. */
final class Lookup {

    private final DnsNameResolver resolver;
    private final boolean elsewhere;

    /**
     * A lookup that asks these name servers.
     *
     * @param sixth whether it asks for IPv6 addresses rather than IPv4
     * @param elsewhere whether an address may be of another machine
     */
    Lookup(
            EventLoop loop,
            ChannelFactory<? extends SocketChannel> sockets,
            DnsServerAddressStreamProvider servers,
            boolean sixth,
            boolean elsewhere) {
        this.elsewhere = elsewhere;
        ChannelFactory<? extends DatagramChannel> datagrams =
                loop instanceof IoEventLoopGroup group && group.isIoType(EpollIoHandler.class)
                        ? EpollDatagramChannel::new
                        : NioDatagramChannel::new;
        this.resolver = new DnsNameResolverBuilder(loop)
                .datagramChannelFactory(datagrams)
                .socketChannelFactory(sockets)
                .nameServerProvider(servers)
                .resolvedAddressTypes(sixth ? ResolvedAddressTypes.IPV6_ONLY : ResolvedAddressTypes.IPV4_ONLY)
                .resolveCache(NoopDnsCache.INSTANCE)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .build();
    }

    /** All addresses that the name has now. */
    Future<List<InetAddress>> find(String name) {
        return resolver.resolveAll(name);
    }

    /** Whether every address may be dialled. */
    boolean allows(List<InetAddress> addresses) {
        return addresses.stream().allMatch(each -> each.isLoopbackAddress() || elsewhere && !each.isAnyLocalAddress());
    }
}
