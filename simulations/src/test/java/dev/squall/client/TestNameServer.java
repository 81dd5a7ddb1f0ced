package dev.squall.client;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/** A name server over UDP on loopback (RFC 1035 section 4): answers each question for one name as a test says. */
final class TestNameServer implements AutoCloseable {

    private static final short TYPE_A = 1;
    private static final short CLASS_IN = 1;
    private static final int RESPONSE = 0x8180;
    private static final int NO_SUCH_NAME = 0x8183;
    private static final int HEADER_BYTES = 12;
    private static final int POINTER_TO_THE_QUESTION = 0xc00c;

    private final DatagramSocket socket =
            new DatagramSocket(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
    private final String name;
    private final IntFunction<List<String>> answers;

    /** What went wrong in it. */
    final AtomicReference<IOException> failure = new AtomicReference<>();

    /** The questions for the name so far. */
    final List<String> questions = new CopyOnWriteArrayList<>();

    /** {@code answers} gives the addresses of the n-th answer, from 1; none: there is no such name. */
    TestNameServer(String name, IntFunction<List<String>> answers) throws IOException {
        this.name = name;
        this.answers = answers;
        Thread thread = new Thread(this::serve, "name-server");
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    private void serve() {
        try {
            while (true) {
                DatagramPacket query = new DatagramPacket(new byte[512], 512);
                socket.receive(query);
                byte[] answer = answer(ByteBuffer.wrap(query.getData(), 0, query.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, query.getSocketAddress()));
            }
        } catch (IOException e) {
            if (!socket.isClosed()) {
                failure.set(e);
            }
        }
    }

    private byte[] answer(ByteBuffer query) throws IOException {
        short id = query.getShort(0);
        query.position(HEADER_BYTES);
        StringBuilder asked = new StringBuilder();
        for (int length = query.get(); length > 0; length = query.get()) {
            byte[] label = new byte[length];
            query.get(label);
            asked.append(asked.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
        }
        int endOfQuestion = query.position() + 4;
        boolean known = asked.toString().equals(name) && query.getShort() == TYPE_A;
        if (known) {
            questions.add(asked.toString());
        }
        List<String> addresses = known ? answers.apply(questions.size()) : List.of();
        ByteBuffer answer = ByteBuffer.allocate(512)
                .putShort(id)
                .putShort((short) (addresses.isEmpty() ? NO_SUCH_NAME : RESPONSE))
                .putShort((short) 1)
                .putShort((short) addresses.size())
                .putInt(0)
                .put(query.array(), HEADER_BYTES, endOfQuestion - HEADER_BYTES);
        for (String address : addresses) {
            answer.putShort((short) POINTER_TO_THE_QUESTION)
                    .putShort(TYPE_A)
                    .putShort(CLASS_IN)
                    .putInt(3600) // A resolver that keeps answers would keep this one.
                    .putShort((short) 4)
                    .put(InetAddress.getByName(address).getAddress());
        }
        byte[] bytes = new byte[answer.position()];
        answer.flip().get(bytes);
        return bytes;
    }

    @Override
    public void close() {
        socket.close();
    }
}
