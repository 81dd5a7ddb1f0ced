import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.HdrHistogram.Histogram;

/**
 * The load of echo.sh: one thread, frames made beforehand; the first echo of a connection is compared, the others are
 * counted. Compares servers at two ports in alternating rounds and prints a line for each kind of message; exits 1 if
 * the first is more than a tenth behind.
 *
 * <p>Throughput: a closed loop, one message of each connection under way. Round trips: an open loop at a fixed rate,
 * each timed from when its message should have been sent.
 */
final class EchoLoad implements AutoCloseable {

    private static final int CONNECTIONS = 50;
    private static final int ROUNDS = 61;
    private static final long WARM_UP_NANOS = 2_000_000_000L;
    private static final long CLOSED_NANOS = 120_000_000L;
    private static final long OPEN_NANOS = 200_000_000L;
    private static final long DRAIN_NANOS = 5_000_000_000L;
    private static final int MASK = 0x5eed1234;
    private static final double BEHIND = 0.10;

    /** A kind of message and the rate of its open loop, well below what either server can do. */
    record Kind(int bytes, boolean deflate, int perSecond) {}

    private static final List<Kind> KINDS = List.of(
            new Kind(64, false, 8_000),
            new Kind(4096, false, 8_000),
            new Kind(64, true, 8_000),
            new Kind(4096, true, 4_000));

    public static void main(String... ports) throws Exception {
        System.out.printf(
                "%-16s %8s %8s  %-18s %8s %6s %6s  %-18s %5s %5s%n",
                "", "node/s", "plain/s", "ratio", "", "p99 us", "plain", "ratio", "p50", "plain");
        boolean good = true;
        for (Kind kind : KINDS) {
            good &= compare(kind, Integer.parseInt(ports[0]), Integer.parseInt(ports[1]));
        }
        System.exit(good ? 0 : 1);
    }

    private static boolean compare(Kind kind, int... ports) throws Exception {
        double[][] rate = new double[2][ROUNDS];
        double[][] p99 = new double[2][ROUNDS];
        double[][] p50 = new double[2][ROUNDS];
        try (EchoLoad node = new EchoLoad(ports[0], kind);
                EchoLoad plain = new EchoLoad(ports[1], kind)) {
            node.closedLoop(WARM_UP_NANOS);
            plain.closedLoop(WARM_UP_NANOS);
            for (int round = 0; round < ROUNDS; round++) {
                for (int turn = 0; turn < 2; turn++) {
                    int server = (round + turn) % 2; // Neither is always the first.
                    EchoLoad load = server == 0 ? node : plain;
                    rate[server][round] = load.closedLoop(CLOSED_NANOS);
                    Histogram trips = load.openLoop(OPEN_NANOS);
                    p99[server][round] = trips.getValueAtPercentile(99) / 1e3;
                    p50[server][round] = trips.getValueAtPercentile(50) / 1e3;
                }
            }
        }
        double[] rates = ratios(rate);
        double[] trips = ratios(p99);
        boolean good = median(rates) >= 1 - BEHIND && median(trips) <= 1 + BEHIND;
        System.out.printf(
                "%5d B %-8s %8.0f %8.0f  %-18s %6d/s %6.0f %6.0f  %-18s %5.0f %5.0f %s%n",
                kind.bytes(),
                kind.deflate() ? "deflate" : "",
                median(rate[0]),
                median(rate[1]),
                interval(rates),
                kind.perSecond(),
                median(p99[0]),
                median(p99[1]),
                interval(trips),
                median(p50[0]),
                median(p50[1]),
                good ? "" : "behind");
        return good;
    }

    /** Node beside plain, round by round: what else the machine does weighs on both alike. */
    private static double[] ratios(double[][] values) {
        return IntStream.range(0, ROUNDS)
                .mapToDouble(i -> values[0][i] / values[1][i])
                .toArray();
    }

    static double median(double... values) {
        return sorted(values)[values.length / 2];
    }

    /** A median with its 95% interval, by rank. */
    private static String interval(double... values) {
        double[] sorted = sorted(values);
        int half = (int) Math.ceil(0.98 * Math.sqrt(values.length));
        int middle = values.length / 2;
        return "%.2f (%.2f..%.2f)".formatted(sorted[middle], sorted[middle - half], sorted[middle + half]);
    }

    private static double[] sorted(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    private final Kind kind;
    private final byte[] payload;
    private final ByteBuffer frame;
    private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 16);
    private final Selector selector = Selector.open();
    private final List<Peer> peers = new ArrayList<>();
    private long echoes;
    private boolean closed;
    private Histogram trips = new Histogram(3);

    EchoLoad(int port, Kind kind) throws IOException, DataFormatException {
        this.kind = kind;
        this.payload = payload(kind.bytes());
        this.frame = frame(kind.deflate() ? compressed(payload) : payload, kind.deflate());
        for (int i = 0; i < CONNECTIONS; i++) {
            peers.add(new Peer(port));
        }
    }

    /** Words, so that a compressor finds something to do. */
    private static byte[] payload(int bytes) {
        byte[] words =
                "the squall came up from the south and was gone within the hour; ".getBytes(StandardCharsets.US_ASCII);
        byte[] payload = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            payload[i] = words[i % words.length];
        }
        return payload;
    }

    /** One message by itself, which a peer may always send (RFC 7692 section 7.2.1). */
    private static byte[] compressed(byte[] payload) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        deflater.setInput(payload);
        byte[] out = new byte[payload.length + 64];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, length - 4);
    }

    /** A masked text frame. */
    private static ByteBuffer frame(byte[] body, boolean compressed) {
        ByteBuffer frame = ByteBuffer.allocateDirect(body.length + 14);
        frame.put((byte) (compressed ? 0xc1 : 0x81));
        if (body.length < 126) {
            frame.put((byte) (0x80 | body.length));
        } else {
            frame.put((byte) (0x80 | 126)).putShort((short) body.length);
        }
        frame.putInt(MASK);
        for (int i = 0; i < body.length; i++) {
            frame.put((byte) (body[i] ^ MASK >> 24 - 8 * (i % 4)));
        }
        return frame.flip();
    }

    /** Messages a second. */
    double closedLoop(long nanos) throws IOException {
        closed = true;
        long from = System.nanoTime();
        long before = echoes;
        for (Peer peer : peers) {
            peer.send(from);
        }
        long now = from;
        while (now - from < nanos) {
            select(10);
            now = System.nanoTime();
        }
        double rate = (echoes - before) * 1e9 / (now - from);
        closed = false;
        drain();
        return rate;
    }

    /** Round trips in nanoseconds. */
    Histogram openLoop(long nanos) throws IOException {
        trips = new Histogram(3);
        long step = 1_000_000_000L / kind.perSecond();
        long from = System.nanoTime();
        long due = from;
        int next = 0;
        while (due - from < nanos) {
            while (due - System.nanoTime() <= 0) {
                peers.get(next).send(due);
                next = (next + 1) % CONNECTIONS;
                due += step;
            }
            select(0); // It spins: what wakes up late measures itself.
        }
        drain();
        return trips;
    }

    private void drain() throws IOException {
        long from = System.nanoTime();
        while (peers.stream().anyMatch(peer -> peer.waiting > 0)) {
            select(10);
            if (System.nanoTime() - from > DRAIN_NANOS) {
                throw new IOException("echoes are missing");
            }
        }
    }

    private void select(long millis) throws IOException {
        if (millis == 0) {
            selector.selectNow(key -> ((Peer) key.attachment()).ready());
        } else {
            selector.select(key -> ((Peer) key.attachment()).ready(), millis);
        }
    }

    @Override
    public void close() throws IOException {
        for (Peer peer : peers) {
            peer.channel.close();
        }
        selector.close();
    }

    /** One connection. */
    private final class Peer {
        private static final int MOST_WAITING = 1 << 14;

        private final SocketChannel channel;

        /** When the messages under way should have been sent: a ring. */
        private final long[] due = new long[MOST_WAITING];

        private int oldest;
        private int waiting;

        /** The header of the frame that is coming in, and how much is left of its payload. */
        private final byte[] header = new byte[4];

        private int headerBytes;
        private int left;

        Peer(int port) throws IOException, DataFormatException {
            channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            String request = "GET / HTTP/1.1\r\nHost: squall\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + (kind.deflate() ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "") + "\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            StringBuilder response = new StringBuilder();
            ByteBuffer one = ByteBuffer.allocate(1);
            while (response.indexOf("\r\n\r\n") < 0) {
                one.clear();
                if (channel.read(one) < 0) {
                    throw new IOException("no handshake response");
                }
                response.append((char) one.get(0));
            }
            boolean negotiated = response.toString().toLowerCase().contains("permessage-deflate");
            if (!response.toString().startsWith("HTTP/1.1 101") || negotiated != kind.deflate()) {
                throw new IOException("answered " + response);
            }
            frame.rewind();
            channel.write(frame);
            first(one);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, this);
        }

        /** The first echo must be what was sent. */
        private void first(ByteBuffer one) throws IOException, DataFormatException {
            byte[] start = {next(one), next(one)};
            int length = start[1] & 0xff;
            length = length == 126 ? (next(one) & 0xff) << 8 | next(one) & 0xff : length;
            byte[] body = new byte[length];
            for (int i = 0; i < length; i++) {
                body[i] = next(one);
            }
            if ((start[0] & 0x40) != 0) {
                Inflater inflater = new Inflater(true);
                byte[] whole = Arrays.copyOf(body, length + 4);
                whole[length + 2] = whole[length + 3] = (byte) 0xff;
                inflater.setInput(whole);
                byte[] inflated = new byte[payload.length];
                inflater.inflate(inflated);
                inflater.end();
                body = inflated;
            }
            if (!Arrays.equals(body, payload) || (start[0] & 0x40) != 0 != kind.deflate()) {
                throw new IOException("the echo differs from what was sent");
            }
        }

        private byte next(ByteBuffer one) throws IOException {
            one.clear();
            if (channel.read(one) < 0) {
                throw new IOException("no echo");
            }
            return one.get(0);
        }

        void send(long when) throws IOException {
            frame.rewind();
            channel.write(frame);
            if (waiting == MOST_WAITING || frame.hasRemaining()) {
                throw new IOException("the server does not follow");
            }
            due[(oldest + waiting++) % MOST_WAITING] = when;
        }

        void ready() {
            try {
                in.clear();
                if (channel.read(in) < 0) {
                    throw new IOException("the server ended a connection");
                }
                in.flip();
                read(System.nanoTime());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void read(long now) throws IOException {
            while (in.hasRemaining()) {
                if (left == 0) {
                    header[headerBytes++] = in.get();
                    if (headerBytes == 2 && header[1] < 126) {
                        left = header[1];
                    } else if (headerBytes == 4) {
                        left = (header[2] & 0xff) << 8 | header[3] & 0xff;
                    }
                }
                int take = Math.min(left, in.remaining());
                in.position(in.position() + take);
                left -= take;
                if (take > 0 && left == 0) {
                    headerBytes = 0;
                    echoed(now);
                }
            }
        }

        private void echoed(long now) throws IOException {
            if (header[0] >= 0) {
                throw new IOException("a fragment or a frame of another kind");
            }
            echoes++;
            trips.recordValue(now - due[oldest]);
            oldest = (oldest + 1) % MOST_WAITING;
            waiting--;
            if (closed) {
                send(now);
            }
        }
    }
}
