package dev.squall.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many peers that are after a node's memory, against a process with little of it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HostileMemoryTest {

    private static final int HEAP_MIB = 96;

    /** Heap, as much outside of it, and what the JVM takes for itself. */
    private static final int MOST_MIB = 2 * HEAP_MIB + 96;

    private static final int HALF_OPEN = 10_000;
    private static final int HALF_OPEN_MILLIS = 6_000;

    // The numbers of the first of each kind of peers; a kind has less than a thousand.
    private static final int HALVES = 1000;
    private static final int BOMBS = 2000;
    private static final int NOISE = 3000;
    private static final int PINGS = 4000;
    private static final int TEXTS = 5000;
    private static final int NEARLY_WHOLE = 6000;

    private static final byte[] HALF = ("GET /echo HTTP/1.1\r\nHost: squall\r\nUpgrade: websocket\r\nX: "
                    + "x".repeat(500))
            .getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path out;

    private final List<Closeable> peers = new ArrayList<>();
    private int port;
    private Process node;
    private BufferedReader lines;

    @BeforeEach
    void launch() throws Exception {
        port = Plans.freePort();
        node = NodeMainTest.launch(
                out,
                new Plans(port)
                        .handshakeMillis(HALF_OPEN_MILLIS)
                        .closingMillis(1_000)
                        .build(),
                HEAP_MIB);
        lines = new BufferedReader(new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8));
        lines.readLine();
        Writer orders = node.outputWriter(StandardCharsets.UTF_8);
        orders.write("start " + System.currentTimeMillis() * 1000 + " " + System.nanoTime() + "\n");
        orders.flush();
        lines.readLine(); // The first status.
    }

    @AfterEach
    void end() throws Exception {
        for (Closeable peer : peers) {
            peer.close();
        }
        node.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        assertThat(Files.readString(out.resolve("stderr"))).isEmpty();
    }

    private SocketChannel dial() throws IOException {
        SocketChannel channel = SocketChannel.open();
        peers.add(channel);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096); // Else the kernel takes most of what is not read.
        channel.connect(new InetSocketAddress("127.0.0.1", port));
        channel.configureBlocking(false);
        return channel;
    }

    private static long mib(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    private long descriptors() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + node.pid() + "/fd"))) {
            return files.count();
        }
    }

    private static void await(String what, int seconds, Callable<Boolean> condition) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.call()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private void aGoodClientIsServed() throws IOException {
        try (RawClient good = RawClient.open(port, "people/0/2", "permessage-deflate")) {
            good.text("hello");
            assertThat(good.read().opcode()).isEqualTo(RawClient.TEXT);
        }
    }

    /** The floods take their time: it must not take longer than they do. */
    private void aGoodClientIsServedInTheEnd() throws Exception {
        await("served", 20, () -> {
            try {
                aGoodClientIsServed();
                return true;
            } catch (SocketTimeoutException late) {
                return false;
            }
        });
    }

    @Test
    void half_open_handshakes_keep_nobody_else_out_and_are_gone_in_time() throws Exception {
        aGoodClientIsServed();
        long before = descriptors();
        for (int i = 0; i < HALF_OPEN; i++) {
            dial().write(ByteBuffer.wrap(HALF));
        }
        await("accepted", 5, () -> descriptors() > before + HALF_OPEN * 9 / 10);
        aGoodClientIsServed();
        await("gone", 15, () -> descriptors() < before + 10);
        aGoodClientIsServed();
        assertThat(mib(node)).isLessThan(MOST_MIB);
        await("written down", 5, () -> rows(".*,REJECTED,408,,,handshake-timeout") == HALF_OPEN);
    }

    /** How many rows match, their number and time left out. */
    private long rows(String pattern) throws IOException {
        Pattern wanted = Pattern.compile("\\d+,\\d+" + pattern);
        try (Stream<String> rows = Files.lines(out.resolve("node-0.csv"))) {
            return rows.filter(row -> wanted.matcher(row).matches()).count();
        }
    }

    /** How many of a kind lost their connection, with this code if there is one. */
    private long closed(int kind, String code) throws IOException {
        return rows(",people," + kind / 1000 + "\\d{3},1,CLOSED," + code + ".*");
    }

    /** What one peer sends over and over, and never reads what it gets for it. */
    private final class Flood {
        private final SocketChannel channel;
        private final ByteBuffer bytes;
        private final boolean again;
        private boolean over;

        Flood(int client, byte[] bytes, boolean again) throws IOException {
            this.channel = dial();
            this.bytes = ByteBuffer.wrap(bytes);
            this.again = again;
            channel.write(ByteBuffer.wrap(("GET / HTTP/1.1\r\nHost: squall\r\nUpgrade: websocket\r\n"
                            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            + "Squall-Connection: people/" + client + "/1\r\n"
                            + (client / 1000 * 1000 == BOMBS ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "")
                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII)));
            channel.configureBlocking(true);
            ByteBuffer answer = ByteBuffer.allocate(1000);
            while (!new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
                assertThat(channel.read(answer)).isPositive();
            }
            channel.configureBlocking(false);
        }

        /** Sends what goes; false if nothing goes. */
        boolean send() {
            try {
                if (!over && !bytes.hasRemaining() && again) {
                    bytes.rewind();
                }
                return !over && bytes.hasRemaining() && channel.write(bytes) > 0;
            } catch (IOException dropped) {
                over = true;
                return false;
            }
        }
    }

    private List<Flood> floods(int kind, int count, boolean again, byte[] bytes) throws IOException {
        List<Flood> floods = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            floods.add(new Flood(kind + i, bytes, again));
        }
        return floods;
    }

    private static byte[] repeat(byte[] frame, int times) {
        byte[] all = new byte[frame.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(frame, 0, all, i * frame.length, frame.length);
        }
        return all;
    }

    private static byte[] bomb() {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(new byte[64 << 20]);
        byte[] bomb = new byte[100_000];
        int n = deflater.deflate(bomb, 0, bomb.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return RawClient.frame(true, true, RawClient.BINARY, Arrays.copyOf(bomb, n));
    }

    @Test
    void half_frames_and_floods_that_nobody_reads_stay_within_bounds() throws Exception {
        aGoodClientIsServed();
        long before = descriptors();
        byte[] megabyte = RawClient.frame(true, false, RawClient.BINARY, new byte[1 << 20]);
        byte[] bomb = bomb();
        byte[] noise = new byte[60_000];
        new java.util.Random(42).nextBytes(noise);
        List<Flood> floods = new ArrayList<>();
        floods.addAll(floods(HALVES, 150, false, Arrays.copyOf(megabyte, 1000)));
        floods.addAll(floods(NEARLY_WHOLE, 50, false, Arrays.copyOf(megabyte, megabyte.length - 1)));
        floods.addAll(floods(BOMBS, 50, false, bomb));
        floods.addAll(floods(NOISE, 600, true, RawClient.frame(true, false, RawClient.BINARY, noise)));
        floods.addAll(
                floods(PINGS, 300, true, repeat(RawClient.frame(true, false, RawClient.PING, new byte[125]), 100)));
        floods.addAll(floods(TEXTS, 20, true, repeat(RawClient.frame(true, false, RawClient.TEXT, new byte[1]), 1000)));
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(6);
        long quiet = System.nanoTime();
        while (System.nanoTime() < until && System.nanoTime() - quiet < TimeUnit.SECONDS.toNanos(1)) {
            for (Flood flood : floods) {
                if (flood.send()) {
                    quiet = System.nanoTime();
                }
            }
        }
        aGoodClientIsServedInTheEnd();
        assertThat(mib(node)).isLessThan(MOST_MIB);
        assertThat(closed(HALVES, "")).as("those who wait with half a frame").isZero();
        assertThat(closed(BOMBS, "1009")).isEqualTo(50);
        assertThat(closed(NOISE, "1006")).as("those who do not read").isPositive();
        for (Closeable peer : peers) {
            peer.close();
        }
        await("gone", 10, () -> descriptors() < before + 10);
        aGoodClientIsServed();
        assertThat(node.isAlive()).isTrue();
    }
}
