package dev.squall.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/**
 * A server that does with each connection what a test says, by hand on plain sockets: it shares no WebSocket code with the
 * clients under test.
 */
public final class ScriptedServer implements AutoCloseable {

    /** What happens to one connection; n counts them from 1. An exception ends the connection. */
    public interface Script {
        void play(Peer peer, int n) throws Exception;
    }

    /** One frame as it was received, unmasked. */
    public record Frame(boolean fin, int rsv, int opcode, byte[] payload) {
        public int closeCode() {
            return payload.length < 2 ? 1005 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }

        public String closeReason() {
            return payload.length < 2 ? "" : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }
    }

    public static final int TEXT = 1;
    static final int BINARY = 2;
    public static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int READ_TIMEOUT_MILLIS = 15_000;

    private final ServerSocket socket;
    private final Script script;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    /** What scripts threw; a test that cares asserts that it is empty. */
    final List<Throwable> failures = new CopyOnWriteArrayList<>();

    public ScriptedServer(Script script) throws IOException {
        this(freePort(), script);
    }

    ScriptedServer(int port, Script script) throws IOException {
        this(new ServerSocket(), port, script);
    }

    /** Over TLS. */
    public ScriptedServer(SSLContext tls, Script script) throws IOException {
        this(tls.getServerSocketFactory().createServerSocket(), freePort(), script);
    }

    /** Over TLS, for clients with a certificate. */
    static ScriptedServer mutual(SSLContext tls, Script script) throws IOException {
        SSLServerSocket socket = (SSLServerSocket) tls.getServerSocketFactory().createServerSocket();
        socket.setNeedClientAuth(true);
        return new ScriptedServer(socket, freePort(), script);
    }

    /** At every loopback address. */
    static ScriptedServer everywhere(Script script) throws IOException {
        return new ScriptedServer(new ServerSocket(), new InetSocketAddress(freePort()), script);
    }

    private ScriptedServer(ServerSocket unbound, int port, Script script) throws IOException {
        this(unbound, new InetSocketAddress(loopback(), port), script);
    }

    private ScriptedServer(ServerSocket unbound, InetSocketAddress address, Script script) throws IOException {
        this.script = script;
        socket = unbound;
        socket.setReuseAddress(true);
        socket.bind(address, 1024);
        daemon(this::accept);
    }

    static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    /** A port below the ephemeral range at which nothing listens. */
    public static int freePort() throws IOException {
        for (int i = 0; i < 100; i++) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
            try (ServerSocket probe = new ServerSocket()) {
                probe.setReuseAddress(true);
                probe.bind(new InetSocketAddress(loopback(), port));
                return port;
            } catch (BindException taken) {
                // The next one.
            }
        }
        throw new IOException("no free port in 20000..30000");
    }

    public int port() {
        return socket.getLocalPort();
    }

    public int connections() {
        return connections.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket accepted = socket.accept();
                int n = connections.incrementAndGet();
                open.add(accepted);
                daemon(() -> {
                    try (accepted) {
                        accepted.setSoTimeout(READ_TIMEOUT_MILLIS);
                        accepted.setTcpNoDelay(true);
                        script.play(new Peer(accepted), n);
                    } catch (Throwable e) {
                        failures.add(e);
                    } finally {
                        open.remove(accepted);
                    }
                });
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "scripted-server");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket one : open) {
            one.close();
        }
    }

    /** The server's end of one connection. */
    public static final class Peer {
        private final Socket socket;
        private final DataInputStream in;
        private final OutputStream out;

        /** The request's headers, names in lower case. */
        public final Map<String, String> headers = new TreeMap<>();

        String requestLine = "";

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            this.out = socket.getOutputStream();
        }

        /** The client's address. */
        String source() {
            return socket.getInetAddress().getHostAddress();
        }

        /** Where the client has dialled to. */
        String destination() {
            return socket.getLocalAddress().getHostAddress();
        }

        /** Hands all bytes on both ways until both ends have ended. */
        void splice(Socket other) throws IOException {
            daemon(() -> copy(other, socket));
            copy(socket, other);
        }

        private static void copy(Socket from, Socket to) {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
                to.shutdownOutput();
            } catch (IOException ended) {
                // The other direction sees it, too.
            }
        }

        public void readRequest() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            while (true) {
                int b = in.readByte();
                if (b != '\n') {
                    line.write(b);
                    continue;
                }
                String text = line.toString(StandardCharsets.US_ASCII).strip();
                line.reset();
                if (text.isEmpty()) {
                    return;
                }
                int colon = text.indexOf(": ");
                if (requestLine.isEmpty()) {
                    requestLine = text;
                } else if (colon > 0) {
                    headers.put(text.substring(0, colon).toLowerCase(java.util.Locale.ROOT), text.substring(colon + 2));
                }
            }
        }

        /** A header of the request, its name in lower case. */
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }

        /** The 101, with these further header lines. */
        public byte[] upgrade(String... lines) throws Exception {
            byte[] hash = MessageDigest.getInstance("SHA-1")
                    .digest((headers.get("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                            .getBytes(StandardCharsets.US_ASCII));
            StringBuilder response = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n")
                    .append("Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: ")
                    .append(Base64.getEncoder().encodeToString(hash))
                    .append("\r\n");
            for (String line : lines) {
                response.append(line).append("\r\n");
            }
            return response.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        }

        /** Reads the request and completes the handshake. */
        public void open(String... lines) throws Exception {
            readRequest();
            write(upgrade(lines));
        }

        public void write(byte[]... parts) throws IOException {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (byte[] part : parts) {
                all.write(part);
            }
            out.write(all.toByteArray());
            out.flush();
        }

        public static byte[] frame(int opcode, byte[] payload) {
            return frame(0x80 | opcode, 0, payload);
        }

        /** A frame from its first byte; {@code maskBit} 0x80 makes it a masked one (with mask 0), which is wrong. */
        public static byte[] frame(int firstByte, int maskBit, byte[] payload) {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frame.write(firstByte);
            if (payload.length < 126) {
                frame.write(maskBit | payload.length);
            } else {
                frame.write(maskBit | 126);
                frame.write(payload.length >>> 8);
                frame.write(payload.length);
            }
            if (maskBit != 0) {
                frame.writeBytes(new byte[4]);
            }
            frame.writeBytes(payload);
            return frame.toByteArray();
        }

        public static byte[] closeFrame(int code, String reason) {
            byte[] text = reason.getBytes(StandardCharsets.UTF_8);
            byte[] payload = new byte[text.length + 2];
            payload[0] = (byte) (code >>> 8);
            payload[1] = (byte) code;
            System.arraycopy(text, 0, payload, 2, text.length);
            return frame(CLOSE, payload);
        }

        /** Closes with 1000 and waits for the answer. */
        void sendAway() throws IOException {
            write(closeFrame(1000, ""));
            readClose();
        }

        public Frame readFrame() throws IOException {
            int first = in.readUnsignedByte();
            int second = in.readUnsignedByte();
            if ((second & 0x80) == 0) {
                throw new IOException("a client's frame must be masked");
            }
            long length = second & 0x7f;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            byte[] mask = in.readNBytes(4);
            byte[] payload = in.readNBytes((int) length);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i & 3];
            }
            return new Frame((first & 0x80) != 0, first >>> 4 & 7, first & 0xf, payload);
        }

        /** Frames up to the client's Close. */
        public Frame readClose() throws IOException {
            Frame frame = readFrame();
            while (frame.opcode() != CLOSE) {
                frame = readFrame();
            }
            return frame;
        }

        /** Whether the client ends TCP within this time rather than waiting for us. */
        public boolean endsWithin(int millis) throws IOException {
            socket.setSoTimeout(millis);
            try {
                return in.read() < 0;
            } catch (java.net.SocketTimeoutException quiet) {
                return false;
            } catch (IOException reset) {
                return true;
            } finally {
                socket.setSoTimeout(READ_TIMEOUT_MILLIS);
            }
        }

        /** Echoes until the client's Close, answers that and returns it. */
        public Frame echoUntilClose() throws IOException {
            while (true) {
                Frame frame = readFrame();
                if (frame.opcode() == CLOSE) {
                    write(frame(CLOSE, frame.payload()));
                    return frame;
                }
                if (frame.opcode() == TEXT || frame.opcode() == BINARY) {
                    write(frame(0x80 | frame.rsv() << 4 | frame.opcode(), 0, frame.payload()));
                }
            }
        }

        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Until the client ends TCP or the read times out. */
        public void waitForEnd() {
            try {
                while (in.read() >= 0) {
                    continue;
                }
            } catch (IOException ended) {
                // That is an end, too.
            }
        }
    }
}
