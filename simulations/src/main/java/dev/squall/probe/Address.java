package dev.squall.probe;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.squall.protocol.WebSocketUri;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** The first steps of a probe: what the name resolves to, and TCP to one of its addresses. */
final class Address {

    /** Addresses that are dialled, in turn, until one answers. */
    private static final int MAX_DIALLED = 4;

    private static final int MAX_SHOWN = 8;
    private static final String REFUSED = "Connection refused"; // as the JDK says it

    private final WebSocketUri url;
    private final long timeoutMicros;
    private final Telling telling;

    Address(WebSocketUri url, long timeoutMicros, Telling telling) {
        this.url = url;
        this.timeoutMicros = timeoutMicros;
        this.telling = telling;
    }

    Wire dial() throws DeadEnd {
        List<InetAddress> addresses = resolve();
        ArrayNode attempts = telling.facts("tcp").putArray("attempts");
        String failure = "";
        for (InetAddress address : addresses.subList(0, Math.min(MAX_DIALLED, addresses.size()))) {
            String name = NetUtil.toSocketAddressString(new InetSocketAddress(address, url.port()));
            try {
                Wire wire = connect(address);
                long nanos = wire.dialledNanos();
                telling.step("tcp", name + " connected in " + Telling.time(nanos));
                attempts.addObject().put("address", name).put("seconds", Telling.seconds(nanos));
                return wire;
            } catch (IOException e) {
                failure = words(e);
                telling.step("tcp", name + " " + failure);
                attempts.addObject().put("address", name).put("error", failure);
            }
        }
        throw new DeadEnd("nobody is there: " + failure, advice(failure));
    }

    private Wire connect(InetAddress address) throws IOException {
        Wire wire = Wire.connect(new InetSocketAddress(address, url.port()), timeoutMicros);
        if (wire.toItself()) {
            wire.close();
            throw new ConnectException(REFUSED);
        }
        return wire;
    }

    private String words(IOException failure) {
        if (failure instanceof SocketTimeoutException) {
            return "no answer within " + Telling.time(TimeUnit.MICROSECONDS.toNanos(timeoutMicros));
        }
        String message = String.valueOf(failure.getMessage());
        return message.startsWith(REFUSED) ? "refused" : message;
    }

    private String advice(String failure) {
        return failure.equals("refused")
                ? "Nothing listens at this address and port. Is the server started, is the port right, and does it listen"
                        + " at this address rather than only at 127.0.0.1 or ::1?"
                : "The address cannot be reached. Is it the right one, and does a firewall or a missing route drop what"
                        + " goes there?";
    }

    private List<InetAddress> resolve() throws DeadEnd {
        List<InetAddress> addresses;
        try {
            // The system's resolver has no time limit of its own.
            addresses = CompletableFuture.supplyAsync(this::lookUp, Address::daemon)
                    .orTimeout(timeoutMicros, TimeUnit.MICROSECONDS)
                    .join();
        } catch (CompletionException e) {
            String what = e.getCause() instanceof UncheckedIOException
                    ? "unknown host " + url.host()
                    : "no address for " + url.host() + " within "
                            + Telling.time(TimeUnit.MICROSECONDS.toNanos(timeoutMicros));
            telling.step("address", what);
            telling.facts("address").put("error", what);
            throw new DeadEnd(
                    what, "Look at the spelling, and at what DNS says on this machine: getent hosts " + url.host());
        }
        List<String> names = addresses.stream().map(NetUtil::toAddressString).toList();
        names.forEach(telling.facts("address").put("host", url.host()).putArray("resolved")::add);
        String all = Telling.shown(names, MAX_SHOWN);
        telling.step("address", names.contains(url.host()) ? all : url.host() + " is " + all);
        return addresses;
    }

    private List<InetAddress> lookUp() {
        try {
            return Arrays.asList(InetAddress.getAllByName(url.host()));
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "squall-resolver");
        thread.setDaemon(true);
        thread.start();
    }
}
