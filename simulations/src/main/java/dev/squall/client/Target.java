package dev.squall.client;

import dev.squall.plan.Balance;
import dev.squall.plan.Expansion;
import dev.squall.plan.Plan;
import dev.squall.plan.Proxy;
import dev.squall.protocol.WebSocketUri;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A server as it is dialled: where from and where to, through which proxy, under which TLS, and how its request begins.
 *
 * <p>On loopback the clients dial from several source addresses. Linux looks for a free port among half of the ephemeral
 * range first, so from one address to one port the first 14,000 connections take 20 us each to make and any further one
 * 40 times that, with the event loop standing still meanwhile; and from one's own address a closed port can be dialled
 * from itself.
 */
final class Target {

    private static final int MOST_NAME = 64;

    /** The index of the node that it is; 0 for a server that is not ours. */
    final int node;

    /** What the journal calls it; null where that goes without saying. */
    final @Nullable String name;

    private final WebSocketUri uri;
    private final List<InetAddress> addresses;
    private final InetSocketAddress[] sources;

    private final byte[] requestLine;
    private final byte[] hostLine;
    private final @Nullable Proxy proxy;
    private final byte @Nullable [] tunnelRequest;
    private final @Nullable TlsLayer tls;

    /** The header by which an answer tells its node; null: nobody asks. */
    private final @Nullable String nodeHeader;

    private Target(
            int node,
            @Nullable String name,
            WebSocketUri uri,
            List<InetAddress> addresses,
            List<InetAddress> from,
            @Nullable Proxy proxy,
            @Nullable TlsLayer tls,
            @Nullable String nodeHeader) {
        this.node = node;
        this.name = name;
        this.uri = uri;
        this.addresses = addresses;
        this.sources =
                from.stream().map(source -> new InetSocketAddress(source, 0)).toArray(InetSocketAddress[]::new);
        this.requestLine = ("GET " + uri.resource()).getBytes(StandardCharsets.US_ASCII);
        this.hostLine = (" HTTP/1.1\r\nHost: " + uri.authority()).getBytes(StandardCharsets.US_ASCII);
        this.proxy = proxy;
        this.tunnelRequest = proxy == null ? null : tunnelRequest(uri, proxy);
        this.tls = tls;
        this.nodeHeader = nodeHeader;
    }

    private static byte[] tunnelRequest(WebSocketUri uri, Proxy proxy) {
        String name = uri.host().contains(":") ? "[" + uri.host() + "]" : uri.host();
        String authority = name + ":" + uri.port(); // RFC 9112 section 3.2.3: the port is always there.
        String credentials = proxy.user() + ":" + proxy.password();
        String authorization = proxy.user() == null
                ? ""
                : "\r\nProxy-Authorization: Basic "
                        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
        return ("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + authorization + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * A node.
     *
     * @param named whether a client's can change, so that the journal is to name it
     * @param tls null: it speaks none
     */
    static Target of(Plan.Node node, boolean named, @Nullable TlsLayer tls) {
        List<InetAddress> addresses = List.of(literal(node.host()));
        return new Target(
                node.index(),
                named ? Balance.name(node.index()) : null,
                new WebSocketUri(tls != null, node.host(), node.port(), "/"),
                addresses,
                spread(addresses),
                null,
                tls,
                null);
    }

    /**
     * A server that is not ours, at the addresses that were resolved before the run.
     *
     * @param expansion puts values for references
     * @param clients how many may dial it from here
     * @throws IllegalArgumentException if what the plan says of it, expanded, cannot be used; no secret is told
     */
    static Target of(Plan.Endpoint endpoint, Expansion expansion, int clients) {
        WebSocketUri uri = endpoint.uri(expansion);
        List<InetAddress> addresses =
                endpoint.addresses().stream().map(Target::literal).toList();
        List<InetAddress> from = endpoint.from().stream().map(Target::literal).toList();
        return new Target(
                0,
                null,
                uri,
                addresses,
                from.isEmpty() ? spread(addresses) : from,
                endpoint.proxy() == null ? null : Proxy.parse(expansion.expand(endpoint.proxy())),
                uri.secure() ? new TlsLayer(endpoint.tls(), expansion, uri.host(), clients) : null,
                endpoint.identifyNode() == null
                        ? null
                        : endpoint.identifyNode()
                                .substring(endpoint.identifyNode().indexOf(':') + 1));
    }

    /** The node that an answer tells, in printable ASCII and cut to what a name may have; empty: none. null: nobody asks. */
    @Nullable
    String nodeName(HttpHeaders answer) {
        if (nodeHeader == null) {
            return null;
        }
        String name = answer.get(nodeHeader);
        return name == null
                ? ""
                : name.substring(0, Math.min(name.length(), MOST_NAME)).replaceAll("[^ -~]", "?");
    }

    private static InetAddress literal(String address) {
        try {
            return InetAddress.getByName(address); // Nothing is looked up.
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address + " (expected: an IP address)", e);
        }
    }

    /** To IPv4 loopback, from several addresses; elsewhere as the system chooses. */
    private static List<InetAddress> spread(List<InetAddress> destinations) {
        boolean loopback =
                destinations.stream().allMatch(each -> each.isLoopbackAddress() && each.getAddress().length == 4);
        return IntStream.rangeClosed(1, loopback ? Plan.LOOPBACK_SOURCES : 0)
                .mapToObj(i -> literal("127.0.1." + i))
                .toList();
    }

    /** The name that each attempt looks up where it must. */
    String host() {
        return uri.host();
    }

    /** The request for a tunnel to it (CONNECT, RFC 9110 section 9.3.6); null where there is no proxy. */
    byte @Nullable [] tunnelRequest() {
        return tunnelRequest;
    }

    /** Where it is, or its proxy. */
    List<InetAddress> addresses() {
        return addresses;
    }

    /**
     * Dials one of these addresses. Clients of different place take different sources and destinations, so that all pairs
     * are used; each further attempt of a client goes to the next destination.
     */
    ChannelFuture connect(SocketChannel channel, List<InetAddress> destinations, int place, int attempt) {
        int turn = place / Math.max(1, sources.length) + attempt;
        InetAddress destination = destinations.get(Math.floorMod(turn, destinations.size()));
        InetSocketAddress address = new InetSocketAddress(destination, proxy == null ? uri.port() : proxy.port());
        if (sources.length == 0) {
            return channel.connect(address);
        }
        // Where the kernel can, it chooses a port knowing both ends.
        channel.config().setOption(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        return channel.connect(address, sources[place % sources.length]);
    }

    /** The request line up to where a population's own query may follow. */
    byte[] requestLine() {
        return requestLine;
    }

    /** The rest of that line, and Host without the end of its line. */
    byte[] hostLine() {
        return hostLine;
    }

    /** TLS for one connection, by the number of the client's session; null where there is none. */
    @Nullable
    SslHandler tls(ByteBufAllocator allocator, int session, Tally tally) {
        return tls == null ? null : tls.handler(allocator, uri.host(), session, tally);
    }
}
