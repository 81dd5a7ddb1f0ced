package dev.squall.node;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A WebSocket client by hand, which sees and sends exactly what is on the wire. It knows nothing of Netty or Vert.x. */
final class RawClient implements Closeable {

    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int TIMEOUT_MILLIS = 5_000;

    record Response(int status, Map<String, String> headers) {
        String header(String name) {
            return headers.get(name.toLowerCase(Locale.ROOT));
        }

        String extensions() {
            return header("Sec-WebSocket-Extensions");
        }
    }

    record Frame(boolean fin, boolean rsv1, int opcode, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** The code of a Close, 1005 of an empty one. */
        int code() {
            if (opcode != CLOSE) {
                throw new IllegalStateException("not a Close: " + this);
            }
            return payload.length == 0 ? 1005 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }

        String reason() {
            return payload.length < 2 ? "" : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        this.out = socket.getOutputStream();
    }

    /** Connects TCP. */
    static RawClient dial(int port) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
        return new RawClient(socket);
    }

    /** Over a socket that is connected, as with TLS. */
    static RawClient over(Socket socket) throws IOException {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return new RawClient(socket);
    }

    /** Connects and upgrades, or throws. */
    static RawClient open(int port, String identity, String... offer) throws IOException {
        RawClient client = dial(port);
        Response response = client.handshake(identity, offer);
        if (response.status() != 101) {
            client.close();
            throw new IOException("answered " + response.status());
        }
        return client;
    }

    void request(String identity, String... offers) throws IOException {
        StringBuilder request = new StringBuilder("GET /echo HTTP/1.1\r\nHost: squall\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        if (identity != null) {
            request.append("Squall-Connection: ").append(identity).append("\r\n");
        }
        for (String offer : offers) {
            request.append("Sec-WebSocket-Extensions: ").append(offer).append("\r\n");
        }
        send(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** One header line for each offer. */
    Response handshake(String identity, String... offers) throws IOException {
        request(identity, offers);
        return response();
    }

    Response response() throws IOException {
        String status = line();
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).trim());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        in.readNBytes(length);
        Response response = new Response(Integer.parseInt(status.split(" ")[1]), headers);
        if (response.status() == 101) {
            // RFC 6455 section 1.3: the answer to its sample key.
            if (!"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".equals(response.header("Sec-WebSocket-Accept"))) {
                throw new IOException("wrong accept: " + headers);
            }
        }
        return response;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.readUnsignedByte(); b != '\n'; b = in.readUnsignedByte()) {
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** A masked frame. */
    static byte[] frame(boolean fin, boolean rsv1, int opcode, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write((fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else if (payload.length < 65536) {
            frame.write(0x80 | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) payload.length >> shift));
            }
        }
        byte[] mask = {1, 2, 3, 4};
        frame.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ mask[i & 3]);
        }
        return frame.toByteArray();
    }

    void send(int opcode, byte[] payload) throws IOException {
        send(frame(true, false, opcode, payload));
    }

    void text(String text) throws IOException {
        send(TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    void sendClose(int code, String reason) throws IOException {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        send(CLOSE, payload);
    }

    Frame read() throws IOException {
        int first = in.readUnsignedByte();
        int second = in.readUnsignedByte();
        if ((second & 0x80) != 0) {
            throw new IOException("a server must not mask (RFC 6455 section 5.1)");
        }
        long length = second & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        byte[] payload = new byte[(int) length];
        in.readFully(payload);
        return new Frame((first & 0x80) != 0, (first & 0x40) != 0, first & 0xf, payload);
    }

    /** So many bytes, whatever they are. */
    byte[] readBytes(int count) throws IOException {
        return in.readNBytes(count);
    }

    /** Waits for the server's FIN; anything else is an exception. */
    void readEnd() throws IOException {
        try {
            int more = in.readUnsignedByte();
            throw new IOException("more came: " + more);
        } catch (EOFException end) {
            // As it should be.
        }
    }

    /** Whether the server is silent for this time. */
    boolean isSilentFor(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            in.readUnsignedByte();
            return false;
        } catch (EOFException end) {
            return false;
        } catch (java.net.SocketTimeoutException silent) {
            return true;
        } finally {
            socket.setSoTimeout(TIMEOUT_MILLIS);
        }
    }

    /** Answers a Close as RFC 6455 section 5.5.1 asks for, and lets the server end TCP. */
    Frame answerClose() throws IOException {
        Frame close = read();
        sendClose(close.code(), "");
        readEnd();
        close();
        return close;
    }

    /** Sends RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
