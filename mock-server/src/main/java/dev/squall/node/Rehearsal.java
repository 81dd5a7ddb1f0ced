package dev.squall.node;

import dev.squall.journal.JournalWriter;
import dev.squall.plan.Plan;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Extension;
import dev.squall.role.RunClock;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A little of everything before the run: connections to a server in this process shake hands, are echoed, leave with 1000
 * and are taken leave of with 1001. Where many nodes begin on few processors, their first clients would else wait for
 * seconds while each loads and compiles the same classes.
 */
final class Rehearsal {

    /** As many as the quick compiler waits for before it compiles a method, and half as many again. */
    private static final int CONNECTIONS = 300;

    /** Those that stay until the end. */
    private static final int STAYING = 50;

    /** Many nodes on few processors take their time; a node that is less warm than it could be shows in its stalls. */
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int READ_MILLIS = 5_000;
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: rehearsal\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    private static final String OFFER = "Sec-WebSocket-Extensions: " + Extension.PERMESSAGE_DEFLATE + "\r\n";
    private static final int END_OF_HEAD = 0x0D0A0D0A;

    /** A masked text of a few bytes (RFC 6455 section 5.2), its mask all zeros. */
    private static final byte[] MESSAGE = {(byte) 0x81, (byte) 0x84, 0, 0, 0, 0, 's', 'q', 'l', 'l'};

    private static final byte[] CLOSE = ByteBuffer.allocate(8)
            .put((byte) 0x88)
            .put((byte) 0x82)
            .putInt(0)
            .putShort((short) CloseCode.NORMAL_CLOSURE.code())
            .array();

    private Rehearsal() {}

    /**
     * Takes a second of processor time; afterwards nothing is left of it but warm code.
     *
     * @throws IOException if the host is no address of this machine, or there is no room for a file
     */
    static void run(String host) throws IOException {
        Path folder = Files.createTempDirectory("squall-rehearsal");
        Path rows = folder.resolve("rows.csv");
        try (JournalWriter journal = new JournalWriter(rows);
                MockServer server = MockServer.of(plan(host), 0, journal::add)) {
            server.listen();
            server.begin(new RunClock(System.nanoTime()), -1, late -> {});
            server.inject(-1);
            converse(InetAddress.getByName(host), server.boundPort());
        } finally {
            Files.deleteIfExists(rows);
            Files.deleteIfExists(folder);
        }
    }

    private static void converse(InetAddress host, int port) throws IOException {
        long end = System.nanoTime() + LIMIT_NANOS;
        List<Socket> staying = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS && System.nanoTime() < end; i++) {
                Socket socket = new Socket(host, port);
                staying.add(socket);
                socket.setSoTimeout(READ_MILLIS);
                boolean leaves = i >= STAYING;
                converse(socket, i % 2 == 0 ? OFFER : "", leaves);
                if (leaves) {
                    staying.remove(socket);
                    socket.close();
                }
            }
        } catch (SocketTimeoutException slow) {
            // The processors are all busy: what is not warm by now begins so.
        } finally {
            for (Socket socket : staying) {
                socket.close();
            }
        }
    }

    private static void converse(Socket socket, String offer, boolean leaves) throws IOException {
        OutputStream out = socket.getOutputStream();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        out.write((REQUEST + offer + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (int last = 0; last != END_OF_HEAD; ) {
            last = last << Byte.SIZE | in.readUnsignedByte();
        }
        out.write(MESSAGE);
        skipFrame(in);
        if (leaves) {
            out.write(CLOSE);
            skipFrame(in);
        }
    }

    /** One of ours: not masked, and short (RFC 6455 section 5.2). */
    private static void skipFrame(DataInputStream in) throws IOException {
        in.readUnsignedByte();
        in.readFully(new byte[in.readUnsignedByte()]);
    }

    /** At a port that the kernel chooses. */
    private static Plan plan(String host) {
        return new Plan(
                Plan.SCHEMA,
                "rehearsal",
                1,
                Plan.WITHOUT_END_MICROS,
                1,
                List.of(new Plan.Node(0, host, 0)),
                null,
                null,
                List.of(Extension.PERMESSAGE_DEFLATE),
                null,
                List.of(),
                List.of(),
                List.of(),
                Plan.Limits.DEFAULT,
                List.of(),
                0);
    }
}
