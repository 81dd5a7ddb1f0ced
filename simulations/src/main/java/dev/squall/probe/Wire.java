package dev.squall.probe;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * TCP to the server, in clear or under TLS. No read outlasts the deadline, however slowly bytes drip; and what a probe writes,
 * a few kilobytes, fits the kernel's buffer.
 */
final class Wire implements AutoCloseable {

    private static final int BUFFER_BYTES = 16_384;

    private final DeadlineSocket tcp;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private Socket socket;
    private long dialledNanos;
    private long wroteNanos;
    private long readNanos;

    private Wire(DeadlineSocket tcp) {
        this.tcp = tcp;
        this.socket = tcp;
    }

    static Wire connect(InetSocketAddress address, long timeoutMicros) throws IOException {
        DeadlineSocket socket = new DeadlineSocket();
        try {
            socket.setTcpNoDelay(true);
            long begun = System.nanoTime();
            socket.connect(address, (int) TimeUnit.MICROSECONDS.toMillis(timeoutMicros));
            Wire wire = new Wire(socket);
            wire.dialledNanos = System.nanoTime() - begun;
            return wire;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** How long connecting took. */
    long dialledNanos() {
        return dialledNanos;
    }

    /** From the last write to the last read: the server's time, not that of a JVM that loads its classes. */
    long answeredNanos() {
        return readNanos - wroteNanos;
    }

    /** When the last read ended. */
    long readNanos() {
        return readNanos;
    }

    /** Whether it is connected to itself, as can happen to who dials a closed port of the ephemeral range. */
    boolean toItself() {
        return tcp.getLocalSocketAddress().equals(tcp.getRemoteSocketAddress());
    }

    /** What is read and written from now on goes through TLS, as soon as that has shaken hands. */
    SSLSocket under(SSLSocketFactory factory, String host, int port) throws IOException {
        SSLSocket tls = (SSLSocket) factory.createSocket(tcp, host, port, true);
        socket = tls;
        return tls;
    }

    /** Reads from now on end this much later. */
    void within(long micros) {
        tcp.deadlineNanos = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(micros);
    }

    /**
     * The next bytes; null at the end of TCP.
     *
     * @throws SocketTimeoutException at the deadline
     * @throws IOException when TCP was reset
     */
    @Nullable
    ByteBuf read() throws IOException {
        int count;
        try {
            count = socket.getInputStream().read(buffer);
        } finally {
            readNanos = System.nanoTime();
        }
        return count < 0 ? null : Unpooled.copiedBuffer(buffer, 0, count);
    }

    void write(ByteBuf bytes) throws IOException {
        wroteNanos = System.nanoTime();
        try {
            bytes.readBytes(socket.getOutputStream(), bytes.readableBytes());
            socket.getOutputStream().flush();
        } finally {
            bytes.release();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** The deadline holds at the lowest level, so that TLS cannot be made to wait for half a record. */
    private static final class DeadlineSocket extends Socket {

        private long deadlineNanos;

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    long millis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
                    if (millis <= 0) {
                        throw new SocketTimeoutException("the deadline has passed");
                    }
                    setSoTimeout((int) millis);
                    return super.read(into, offset, length);
                }
            };
        }
    }
}
