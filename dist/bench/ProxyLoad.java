import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The load of proxy.sh: the echo of a server directly, by way of a plain TCP forwarder and by way of the proxy, in alternating
 * rounds of an open loop. Prints a line for each kind of message; exits 1 where the proxy adds a millisecond or more at the
 * median, or takes more than 30% of processor time for a message over what the forwarder takes.
 */
final class ProxyLoad {

    private static final int ROUNDS = 31;
    private static final long WARM_UP_NANOS = 3_000_000_000L;
    private static final long ROUND_NANOS = 500_000_000L;
    private static final double MOST_ADDED_MICROS = 1_000;
    private static final double MOST_CPU = 1.3;

    private ProxyLoad() {}

    /** Ports of server, forwarder and proxy; then the process ids of the last two. */
    public static void main(String... args) throws Exception {
        int[] ports = {Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2])};
        long[] pids = {0, Long.parseLong(args[3]), Long.parseLong(args[4])};
        System.out.printf(
                "%-16s %8s %8s %8s   %8s   %10s %10s %6s%n",
                "p50 us", "direct", "forward", "proxy", "added", "forward", "proxy", "ratio");
        boolean good = true;
        for (EchoLoad.Kind kind : new EchoLoad.Kind[] {
            new EchoLoad.Kind(64, false, 8_000), new EchoLoad.Kind(4096, false, 4_000), new EchoLoad.Kind(64, true, 8_000)
        }) {
            good &= compare(kind, ports, pids);
        }
        System.exit(good ? 0 : 1);
    }

    private static boolean compare(EchoLoad.Kind kind, int[] ports, long[] pids) throws Exception {
        double[][] p50 = new double[ports.length][ROUNDS];
        double[][] cpu = new double[ports.length][ROUNDS];
        EchoLoad[] loads = new EchoLoad[ports.length];
        for (int i = 0; i < ports.length; i++) {
            loads[i] = new EchoLoad(ports[i], kind);
            loads[i].closedLoop(WARM_UP_NANOS);
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (int turn = 0; turn < ports.length; turn++) {
                int way = (round + turn) % ports.length; // None is always the first.
                long before = cpuNanos(pids[way]);
                var trips = loads[way].openLoop(ROUND_NANOS);
                cpu[way][round] = (cpuNanos(pids[way]) - before) / 1e3 / trips.getTotalCount();
                p50[way][round] = trips.getValueAtPercentile(50) / 1e3;
            }
        }
        for (EchoLoad load : loads) {
            load.close();
        }
        double added = EchoLoad.median(p50[2]) - EchoLoad.median(p50[0]);
        double ratio = EchoLoad.median(cpu[2]) / EchoLoad.median(cpu[1]);
        boolean good = added < MOST_ADDED_MICROS && ratio <= MOST_CPU;
        System.out.printf(
                "%5d B %-8s %8.0f %8.0f %8.0f   %5.0f us   %7.1f us %7.1f us %6.2f %s%n",
                kind.bytes(),
                kind.deflate() ? "deflate" : "",
                EchoLoad.median(p50[0]),
                EchoLoad.median(p50[1]),
                EchoLoad.median(p50[2]),
                added,
                EchoLoad.median(cpu[1]),
                EchoLoad.median(cpu[2]),
                ratio,
                good ? "" : "too much");
        return good;
    }

    /** On the processor since it began, all threads together: finer than the ticks of /proc/PID/stat. */
    private static long cpuNanos(long pid) throws IOException {
        if (pid == 0) {
            return 0;
        }
        long sum = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                try {
                    sum += Long.parseLong(
                            Files.readString(thread.resolve("schedstat")).split(" ")[0]);
                } catch (IOException ended) {
                    continue;
                }
            }
        }
        return sum;
    }
}
