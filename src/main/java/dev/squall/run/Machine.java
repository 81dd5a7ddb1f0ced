package dev.squall.run;

import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentReader;
import dev.squall.plan.Balance;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What this machine has. */
public final class Machine {

    /** The first port that is tried where the experiment names none. */
    public static final int FIRST_PORT = 9001;

    private static final int PORTS_TRIED = 500;
    private static final Path PORT_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int CONNECT_MILLIS = 1_000;
    private static final long UNKNOWN_DESCRIPTORS = 1024;

    private Machine() {}

    /** How many files a process may have open: the hard limit, to which the JVM raises itself. */
    public static long descriptors() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        return system instanceof com.sun.management.UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : UNKNOWN_DESCRIPTORS;
    }

    /** How many ports the kernel has for the clients of one address at another; {@link Long#MAX_VALUE} where it does not say. */
    public static long ephemeralPorts() {
        try {
            String[] range = Files.readString(PORT_RANGE).strip().split("\\s+");
            return Math.max(0, Long.parseLong(range[1]) - Long.parseLong(range[0]) + 1);
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return Long.MAX_VALUE; // Unknown: another system is no failure.
        }
    }

    /** Facts for run.json. */
    static Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("arch", System.getProperty("os.arch"));
        facts.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
        facts.put("descriptors", String.valueOf(descriptors()));
        if (system instanceof com.sun.management.OperatingSystemMXBean sun) {
            facts.put("memoryBytes", String.valueOf(sun.getTotalMemorySize()));
        }
        return facts;
    }

    /**
     * The port at which all nodes of an experiment can listen.
     *
     * @throws RunException if the experiment's port is in use, or none is free
     */
    static int port(Experiment.Mock mock) throws RunException {
        if (mock.port() != 0) {
            for (int node = 0; node < mock.nodes(); node++) {
                if (!free(Experiment.host(node), mock.port())) {
                    throw new RunException(Experiment.host(node) + ":" + mock.port()
                            + " is in use (expected: a free port; try --set target.mock.port=" + (mock.port() + 1)
                            + ", or leave target.mock.port out)");
                }
            }
            return mock.port();
        }
        for (int port = FIRST_PORT; port < FIRST_PORT + PORTS_TRIED && port <= ExperimentReader.LAST_PORT; port++) {
            boolean all = true;
            for (int node = 0; node < mock.nodes() && all; node++) {
                all = free(Experiment.host(node), port);
            }
            if (all) {
                return port;
            }
        }
        throw new RunException("no free port from " + FIRST_PORT + " to " + (FIRST_PORT + PORTS_TRIED - 1)
                + " (expected: one that is free at every node's address; name one with --set target.mock.port=...)");
    }

    /**
     * A port at which nobody listens on loopback now.
     *
     * @throws RunException if none of those that are tried is free
     */
    static int freePort() throws RunException {
        return port(new Experiment.Mock(1, 0, List.of(), null, List.of(), Balance.STICKY));
    }

    /** Whether somebody listens at this port on loopback. */
    static boolean isListening(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            return true;
        } catch (IOException refused) {
            return false; // Nobody: that is the answer, not an error.
        }
    }

    private static boolean free(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return true;
        } catch (IOException e) {
            return false; // In use: that is the answer, not an error.
        }
    }
}
