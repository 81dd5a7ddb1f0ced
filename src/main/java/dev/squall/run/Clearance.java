package dev.squall.run;

import dev.squall.experiment.Experiment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Stream;

/** Where an experiment's target is now, and whether it may be loaded. */
public final class Clearance {

    private static final int ANSWER_MILLIS = 2_000;

    private Clearance() {}

    /**
     * The target at the port, or the address, that a run will use: found once, so that no name that changes during the run
     * sends its clients elsewhere.
     *
     * @param allowed hosts that the user allows besides those of the experiment
     * @throws RunException if it has none, or is not this machine and not allowed
     */
    public static Experiment.Target of(Experiment experiment, Collection<String> allowed) throws RunException {
        if (experiment.target() instanceof Experiment.Foreign foreign) {
            return foreign.at(address(foreign, experiment, allowed));
        }
        Experiment.Mock mock = (Experiment.Mock) experiment.target();
        return mock.at(Machine.port(mock));
    }

    /** What a user should know before a run against this target; empty if somebody answers there. */
    public static Optional<String> silence(Experiment.Target target) {
        if (!(target instanceof Experiment.Foreign foreign)) {
            return Optional.empty();
        }
        InetSocketAddress address = new InetSocketAddress(
                foreign.endpoint().address(), foreign.uri().port());
        try (Socket socket = new Socket()) {
            socket.connect(address, ANSWER_MILLIS);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("nobody answers at " + foreign + " ("
                    + foreign.endpoint().address() + ") now: " + e.getMessage() + "; squall probe tells more");
        }
    }

    private static String address(Experiment.Foreign foreign, Experiment experiment, Collection<String> allowed)
            throws RunException {
        String host = foreign.uri().host();
        InetAddress[] all;
        try {
            all = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            throw new RunException(host + ": no such host (expected: a name that resolves, in target.url)", e);
        }
        // IPv4 first: there the clients of a loopback target have several source addresses.
        InetAddress address = Arrays.stream(all)
                .filter(a -> a.getAddress().length == 4)
                .findFirst()
                .orElse(all[0]);
        boolean isAllowed = Stream.concat(allowed.stream(), experiment.allow().stream())
                .anyMatch(name -> name.equalsIgnoreCase(host));
        if (address.isAnyLocalAddress()) {
            throw new RunException(host + " is no address to dial (expected: 127.0.0.1, or the host's own)");
        }
        if (!address.isLoopbackAddress() && !isAllowed) {
            throw new RunException(host + " (" + address.getHostAddress() + ") is not this machine (expected:"
                    + " --allow-target " + host + ", or allow: [" + host + "] in the experiment, if you may load it)");
        }
        return address.getHostAddress();
    }
}
