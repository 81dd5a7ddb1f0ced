package dev.squall.injector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ScriptedServer;
import dev.squall.client.ScriptedServer.Peer;
import dev.squall.plan.Arrivals;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Request;
import dev.squall.plan.Timeouts;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.ReconnectPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers that are after the injector's memory, all at once: each has a population of its own, and a process with a small heap
 * must see them all through.
 */
@Timeout(60)
class HostileMemoryTest {

    /** Against each server. Half a frame of 1 MiB, kept by each client, would be five times the direct memory. */
    private static final int CLIENTS = 300;

    private static final int HEAP_MIB = 96;
    private static final int DIRECT_MIB = 64;

    private static final int SERVERS = 12;

    /** The peak of the same process with as many clients and peaceful servers, measured with JDK 17. */
    private static final int PEACEFUL_MIB = 181;

    /** The most that one of these servers can make a client hold: zlib's window and state. Long headers take less. */
    private static final int CLIENT_KIB = 44;

    private static final long BOUND_MIB = PEACEFUL_MIB + SERVERS * CLIENTS * CLIENT_KIB / 1024;

    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";
    private static final long PACE_NANOS = 100_000_000;

    @TempDir
    Path folder;

    private final Map<String, ScriptedServer.Script> scripts = new LinkedHashMap<>();
    private final Map<String, String> ends = new LinkedHashMap<>();

    private void attack(String name, String end, ScriptedServer.Script script) {
        scripts.put(name, script);
        ends.put(name, end);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] head(int first, long length) {
        return ByteBuffer.allocate(10)
                .put((byte) first)
                .put((byte) 127)
                .putLong(length)
                .array();
    }

    private static void forever(Peer peer, byte[] chunk) throws IOException {
        while (true) {
            peer.write(chunk);
            LockSupport.parkNanos(PACE_NANOS); // 300 of these share the machine.
        }
    }

    private static byte[] bomb() {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(new byte[128 << 20]);
        deflater.finish();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] some = new byte[4096];
        for (int n = deflater.deflate(some); n > 0; n = deflater.deflate(some)) {
            all.write(some, 0, n);
        }
        deflater.end();
        return all.toByteArray();
    }

    private void attacks() {
        byte[] megabyte = new byte[(1 << 20) - 1];
        attack("half-a-megabyte-frame", "CLOSED 1000 client", (peer, n) -> {
            peer.write(peer.upgrade(), head(0x82, 1 << 20), megabyte);
            peer.waitForEnd();
        });
        attack("frame-of-2-to-63", "CLOSED 1002 client", (peer, n) -> {
            peer.write(peer.upgrade(), head(0x82, Long.MIN_VALUE));
            peer.readClose();
        });
        attack("frame-of-2-to-62", "CLOSED 1009 client", (peer, n) -> {
            peer.write(peer.upgrade(), head(0x82, 1L << 62));
            peer.readClose();
        });
        byte[] bomb = bomb();
        attack("bomb", "CLOSED 1009 client", (peer, n) -> {
            peer.write(peer.upgrade(DEFLATE), head(0xC2, bomb.length), bomb);
            peer.readClose();
        });
        byte[] half = Arrays.copyOf(bomb, 900); // 900 KB: as much as a message may be, and no end of it.
        attack("half-a-bomb", "CLOSED 1000 client", (peer, n) -> {
            peer.write(peer.upgrade(DEFLATE), head(0xC2, bomb.length), half);
            peer.waitForEnd();
        });
        attack("endless-messages", "CLOSED 1000 client", (peer, n) -> {
            peer.write(peer.upgrade());
            forever(peer, Peer.frame(0x82, 0, new byte[4096]));
        });
        attack("endless-fragments", "CLOSED 1000 client", (peer, n) -> {
            peer.write(peer.upgrade(), Peer.frame(0x02, 0, new byte[1]));
            forever(peer, Peer.frame(0x00, 0, new byte[4096]));
        });
        byte[] ping = Peer.frame(0x89, 0, new byte[125]);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int i = 0; i < 20; i++) {
            many.writeBytes(ping);
        }
        byte[] pings = many.toByteArray();
        attack("pings-without-a-reader", "CLOSED 1000 client", (peer, n) -> {
            peer.write(peer.upgrade());
            forever(peer, pings);
        });
        attack("endless-headers", "FAILED response-too-long", (peer, n) -> {
            peer.write(ascii("HTTP/1.1 101 Switching Protocols\r\n"));
            forever(peer, ascii("X-More: and more\r\n".repeat(100)));
        });
        attack("small-headers", "FAILED response-too-long", (peer, n) -> {
            peer.write(ascii("HTTP/1.1 101 Switching Protocols\r\n" + "a:\r\n".repeat(3900)));
            peer.waitForEnd();
        });
        attack("half-of-long-headers", "FAILED timeout", (peer, n) -> {
            peer.write(ascii("HTTP/1.1 101 Switching Protocols\r\n" + ("X: " + "y".repeat(3900) + "\r\n").repeat(4)));
            peer.waitForEnd();
        });
        attack("huge-body", "FAILED 400 http-400", (peer, n) -> {
            peer.write(ascii("HTTP/1.1 400 Bad Request\r\nContent-Length: 209715200\r\n\r\n"));
            forever(peer, new byte[16_384]);
        });
    }

    private Plan plan(int port) {
        ReconnectPolicy never = new ReconnectPolicy("never", 0, 0, 1, 0, Jitter.NONE, false, 0, 0);
        List<Population> populations = new ArrayList<>();
        for (String name : scripts.keySet()) {
            populations.add(new Population(
                    populations.size(),
                    name,
                    CLIENTS,
                    Arrivals.over(3_000_000),
                    Request.PLAIN,
                    new Timeouts(4_000_000, 4_000_000, 0),
                    List.of("permessage-deflate"),
                    List.of(),
                    On1010.STOP,
                    null,
                    0,
                    null,
                    null,
                    Mix.of(never)));
        }
        return new Plan(
                Plan.SCHEMA,
                "memory",
                7,
                13_000_000, // Arrivals, connecting and the handshake may take 3 + 4 + 4 s.
                1,
                List.of(new Plan.Node(0, "127.0.0.1", port)),
                null,
                null,
                List.of(),
                null,
                populations,
                List.of(),
                List.of(),
                new Plan.Limits(4_000_000, 2_000_000, 2_000_000, 8_000_000),
                List.of(),
                0);
    }

    /** The most memory that the process ever had, in MiB. */
    private static long peakMib(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    /** How the clients of each population ended, and how many so. */
    private Map<String, Map<String, Integer>> endings() throws IOException {
        Map<String, Map<String, Integer>> endings = new TreeMap<>();
        for (String line : Files.readAllLines(folder.resolve("clients-0.csv"))) {
            String[] columns = line.split(",", -1);
            if (columns[5].equals("FAILED") || columns[5].equals("CLOSED")) {
                // How soon TCP ended after the Closes is a matter of the machine's load.
                String cause = columns[9].replaceFirst("^(client|server|network) .*", "$1");
                String end = (columns[5] + " " + columns[6] + " " + cause).replace("  ", " ");
                endings.computeIfAbsent(columns[2], p -> new TreeMap<>()).merge(end, 1, Integer::sum);
            }
        }
        return endings;
    }

    @Test
    void aSmallInjectorOutlivesThemAllWithinItsBound() throws Exception {
        attacks();
        assertThat(scripts).hasSize(SERVERS);
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            scripts.get(peer.header("squall-connection").split("/")[0]).play(peer, n);
        })) {
            InjectorProcess injector = InjectorProcess.start(
                    folder,
                    plan(server.port()),
                    0,
                    List.of(
                            "-Xmx" + HEAP_MIB + "m",
                            "-XX:MaxDirectMemorySize=" + DIRECT_MIB + "m",
                            "-XX:+UseSerialGC"));
            long peak = 0;
            try {
                assertThat(injector.until("squall: ready")).startsWith("squall: ready");
                injector.begin();
                while (injector.until("squall: status").startsWith("squall: status")) {
                    peak = Math.max(peak, peakMib(injector.process));
                }
                assertThat(injector.exitCode())
                        .as("%s %s", injector.lines, Files.readString(folder.resolve("stderr")))
                        .isZero();
            } finally {
                injector.process.destroyForcibly();
            }

            Map<String, Map<String, Integer>> endings = endings();
            Map<String, Map<String, Integer>> expected = new TreeMap<>();
            ends.forEach((name, end) -> expected.put(name, Map.of(end, CLIENTS)));
            assertThat(endings).isEqualTo(expected);
            assertThat(peak).as("peak in MiB").isLessThan(BOUND_MIB);
        }
    }
}
