package dev.squall.run;

import dev.squall.experiment.Experiment;
import dev.squall.plan.Expansion;
import dev.squall.plan.Launch;
import dev.squall.plan.Observation;
import dev.squall.plan.Plan;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where an experiment's target is now, and whether it may be loaded. */
public final class Clearance {

    private static final int ANSWER_MILLIS = 2_000;

    private Clearance() {}

    /**
     * The target at the port, or the addresses, that a run will use: found once, so that no name that changes during the
     * run sends its clients elsewhere. Where each attempt looks the name up, the plan says whether it may be elsewhere.
     *
     * @param allowed hosts that the user allows besides those of the experiment
     * @throws RunException if it has none, or is not this machine and not allowed
     */
    public static Experiment.Target of(Experiment experiment, Collection<String> allowed) throws RunException {
        for (Observation observation : experiment.observations()) {
            admit(observation, experiment, allowed);
        }
        if (experiment.target() instanceof Experiment.Foreign foreign) {
            return new Way(
                            launched(foreign),
                            Stream.concat(allowed.stream(), experiment.allow().stream())
                                    .toList())
                    .cleared();
        }
        Experiment.Mock mock = (Experiment.Mock) experiment.target();
        Plan.Relay relay = mock.relay();
        return (relay == null ? mock : mock.before(of(relay.upstream(), experiment.allow(), allowed)))
                .at(Machine.port(mock));
    }

    /** A server that the harness will start, at the port that it will have: one at which nobody else listens. */
    private static Experiment.Foreign launched(Experiment.Foreign foreign) throws RunException {
        Launch launch = foreign.endpoint().launch();
        if (launch == null) {
            return foreign;
        }
        if (launch.port() == 0) {
            return foreign.launchedAt(Machine.freePort());
        }
        if (Machine.isListening(launch.port())) {
            throw new RunException("port " + launch.port() + " is in use, by a server that Squall did not start"
                    + " (expected: a free one, for " + launch.described() + " will listen there)");
        }
        return foreign;
    }

    /**
     * Whether an experiment may have its target restarted: of what the harness starts itself nobody need be asked, nor of what
     * runs on this machine.
     *
     * @param target at its addresses
     * @param allowed hosts whose servers may be restarted, besides those of the experiment
     * @throws RunException if it may not
     */
    public static void admitRestarts(Experiment experiment, Experiment.Target target, Collection<String> allowed)
            throws RunException {
        if (!(target instanceof Experiment.Foreign foreign)
                || foreign.endpoint().launch() != null
                || foreign.endpoint().loopback() && foreign.proxy() == null
                || experiment.restarts().isEmpty()) {
            return;
        }
        String host = foreign.uri().host();
        if (!foreign.uri().namesLoopback()
                && Stream.concat(allowed.stream(), experiment.allowRestart().stream())
                        .noneMatch(name -> name.equalsIgnoreCase(host))) {
            throw new RunException(
                    host + " would be restarted, which is more than loading it (expected: --allow-restart " + host
                            + ", or allow-restart: [" + host + "] in the experiment, if you may restart it)");
        }
    }

    /**
     * A server that a proxy stands before, at the addresses that it will have.
     *
     * @param allow hosts that the experiment allows
     * @param allowed those that the user allows besides
     * @throws RunException if it has none, or is not this machine and not allowed
     */
    public static Plan.Endpoint of(Plan.Endpoint upstream, Collection<String> allow, Collection<String> allowed)
            throws RunException {
        Collection<String> all = Stream.concat(allow.stream(), allowed.stream()).toList();
        Experiment.Foreign foreign =
                new Experiment.Foreign(upstream, upstream.uri(new Expansion(System::getenv)), null);
        return new Way(foreign, all).cleared().endpoint();
    }

    /** What is observed must be of this machine, too, or of an allowed host: a poll a second is more than nobody asked for. */
    private static void admit(Observation observation, Experiment experiment, Collection<String> allowed)
            throws RunException {
        String host = host(observation);
        if (isAllowed(host, experiment, allowed)) {
            return;
        }
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!address.isLoopbackAddress()) {
                    throw elsewhere(
                            host, " (" + address.getHostAddress() + "), which is to be observed, is not this machine");
                }
            }
        } catch (UnknownHostException e) {
            throw new RunException(
                    host + ": no such host (expected: a name that resolves, in observe." + observation.name() + ")", e);
        }
    }

    private static String host(Observation observation) {
        return observation.uri(new Expansion(System::getenv)).getHost();
    }

    /** The host of what is observed, if a run may need leave to ask it. */
    public static Optional<String> leave(Experiment experiment, Observation observation) {
        String host = host(observation);
        boolean here = host.equals("localhost") || host.equals("[::1]") || host.matches("127(?:\\.[0-9]+){3}");
        return here || isAllowed(host, experiment, List.of()) ? Optional.empty() : Optional.of(host);
    }

    private static boolean isAllowed(String host, Experiment experiment, Collection<String> allowed) {
        return Stream.concat(allowed.stream(), experiment.allow().stream())
                .anyMatch(name -> name.equalsIgnoreCase(host));
    }

    private static RunException elsewhere(String host, String why) {
        return new RunException(host + why + " (expected: --allow-target " + host + ", or allow: [" + host
                + "] in the experiment, if you may load it)");
    }

    /** What a user should know before a run against this target; empty if somebody answers there. */
    public static Optional<String> silence(Experiment.Target target) {
        if (!(target instanceof Experiment.Foreign foreign)
                || foreign.endpoint().launch() != null) {
            return Optional.empty();
        }
        int port =
                foreign.proxy() == null ? foreign.uri().port() : foreign.proxy().port();
        for (String each : foreign.endpoint().addresses()) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(each, port), ANSWER_MILLIS);
            } catch (IOException e) {
                return Optional.of("nobody answers at " + (foreign.proxy() == null ? foreign : foreign.proxy()) + " ("
                        + each + ") now: " + e.getMessage() + "; squall probe tells more");
            }
        }
        return Optional.empty();
    }

    /** The way to one target: every address that is dialled on it must be of this machine or of an allowed host. */
    private record Way(Experiment.Foreign foreign, Collection<String> allowed) {

        Experiment.Foreign cleared() throws RunException {
            String host = foreign.proxy() == null
                    ? foreign.uri().host()
                    : foreign.proxy().host();
            List<InetAddress> addresses = addresses(host);
            for (InetAddress address : addresses) {
                if (address.isAnyLocalAddress()) {
                    throw new RunException(host + " is no address to dial (expected: 127.0.0.1, or the host's own)");
                }
                if (!address.isLoopbackAddress() && !isAllowed(host)) {
                    throw elsewhere(host, " (" + address.getHostAddress() + ") is not this machine");
                }
            }
            if (foreign.proxy() != null) {
                behindProxy(addresses);
            }
            for (String source : foreign.endpoint().from()) {
                own(source);
            }
            return foreign.at(
                    addresses.stream().map(InetAddress::getHostAddress).toList(), isAllowed(host));
        }

        /** A proxy looks the target up for itself, so only its name can be known. */
        private void behindProxy(List<InetAddress> proxies) throws RunException {
            boolean here = foreign.uri().namesLoopback() && proxies.stream().allMatch(InetAddress::isLoopbackAddress);
            if (!here && !isAllowed(foreign.uri().host())) {
                throw elsewhere(foreign.uri().host(), " is looked up by the proxy");
            }
        }

        private boolean isAllowed(String host) {
            return allowed.stream().anyMatch(name -> name.equalsIgnoreCase(host));
        }

        /** All of one family: that of the sources; else IPv4, where loopback has several addresses to dial from. */
        private List<InetAddress> addresses(String host) throws RunException {
            InetAddress[] all;
            try {
                all = InetAddress.getAllByName(host);
            } catch (UnknownHostException e) {
                throw new RunException(
                        host + ": no such host (expected: a name that resolves, in target.url or" + " target.proxy)",
                        e);
            }
            List<String> from = foreign.endpoint().from();
            boolean sixth = from.isEmpty()
                    ? Arrays.stream(all).noneMatch(Inet4Address.class::isInstance)
                    : from.get(0).contains(":");
            List<InetAddress> family = Arrays.stream(all)
                    .filter(each -> each instanceof Inet6Address == sixth)
                    .toList();
            if (family.isEmpty()) {
                throw new RunException("target.from: " + from.get(0) + " (expected: addresses of the family of " + host
                        + ", " + all[0].getHostAddress() + ")");
            }
            return family;
        }

        private static void own(String source) throws RunException {
            try (ServerSocket bound = new ServerSocket()) {
                bound.bind(new InetSocketAddress(source, 0));
            } catch (IOException e) {
                throw new RunException(
                        "target.from: " + source + " (expected: an address of this machine; ip addr lists them)", e);
            }
        }
    }
}
