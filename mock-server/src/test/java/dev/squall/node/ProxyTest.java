package dev.squall.node;

import static dev.squall.journal.JournalEvent.CLOSED;
import static dev.squall.journal.JournalEvent.CLOSE_RECEIVED;
import static dev.squall.journal.JournalEvent.CLOSE_SENT;
import static dev.squall.journal.JournalEvent.NEGOTIATED;
import static dev.squall.journal.JournalEvent.REJECTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.fault.Close;
import dev.squall.fault.IgnoreClose;
import dev.squall.fault.Unoffered;
import dev.squall.plan.WhileDown;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node before a server that the test plays, byte by byte. */
@Timeout(30)
class ProxyTest extends ServerTest {

    /** One connection to the server behind. */
    private static final class Behind implements AutoCloseable {
        final Socket socket;
        final DataInputStream in;
        String request = "";

        Behind(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new DataInputStream(socket.getInputStream());
            socket.setSoTimeout(5_000);
            while (!request.endsWith("\r\n\r\n")) {
                request += (char) in.readUnsignedByte();
            }
        }

        void send(byte... bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        }

        void send(String text) throws IOException {
            send(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        void accept(String... headers) throws IOException {
            send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                    + String.join(
                            "", Arrays.stream(headers).map(h -> h + "\r\n").toList()) + "\r\n");
        }

        byte[] read(int bytes) throws IOException {
            return in.readNBytes(bytes);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private ServerSocket behind;

    @BeforeEach
    void listen() throws IOException {
        behind = new ServerSocket(Plans.freePort(), 50, InetAddress.getByName("127.0.0.1"));
    }

    @AfterEach
    void stopListening() throws IOException {
        behind.close();
    }

    private Behind accepted() throws IOException {
        behind.setSoTimeout(5_000);
        return new Behind(behind.accept());
    }

    private void proxy(Plans plans) throws Exception {
        start(plans.before("ws://127.0.0.1:" + behind.getLocalPort() + "/chat?room=1")
                .build());
    }

    private Plans plans() throws Exception {
        return new Plans(Plans.freePort());
    }

    /** A client whose handshake the server behind answers so. */
    private RawClient through(CompletableFuture<Behind> server, String... headers) throws Exception {
        RawClient client = RawClient.dial(port);
        client.request("people/1/1", "permessage-deflate");
        Behind there = accepted();
        there.accept(headers);
        server.complete(there);
        RawClient.Response response = client.response();
        assertThat(response.status()).isEqualTo(101);
        return client;
    }

    @Test
    void the_request_goes_on_as_it_came_but_for_host_and_path_and_the_answer_comes_back() throws Exception {
        proxy(plans());
        try (RawClient client = RawClient.dial(port)) {
            client.request("people/1/1", "permessage-deflate; client_max_window_bits", "x-other");
            try (Behind there = accepted()) {
                assertThat(there.request)
                        .startsWith("GET /chat/echo?room=1 HTTP/1.1\r\nHost: 127.0.0.1:" + behind.getLocalPort())
                        .contains("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
                        .contains("Squall-Connection: people/1/1")
                        .containsPattern(
                                "(?i)Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-other")
                        .doesNotContain("Host: squall");
                there.accept("Sec-WebSocket-Extensions: permessage-deflate", "x-pod: a", "Set-Cookie: s=1");
                RawClient.Response response = client.response();
                assertThat(response.status()).isEqualTo(101);
                assertThat(response.extensions()).isEqualTo("permessage-deflate");
                assertThat(response.header("x-pod")).isEqualTo("a");
                assertThat(response.header("Set-Cookie")).isEqualTo("s=1");
            }
        }
        assertThat(rows.await(1, NEGOTIATED).get(0).detail())
                .isEqualTo("permessage-deflate=negotiated x-other=declined");
    }

    @Test
    void headers_pass_byte_for_byte_also_where_they_are_not_ascii() throws Exception {
        proxy(plans());
        String utf8 = new String("café".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        try (RawClient client = RawClient.dial(port)) {
            client.send(("GET /echo HTTP/1.1\r\nHost: squall\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                            + "Cookie: utf8=" + utf8 + "; latin1=caf\u00e9\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            try (Behind there = accepted()) {
                assertThat(there.request).contains("utf8=" + utf8 + "; latin1=caf\u00e9\r\n");
                there.accept("x-pod: " + utf8);
                assertThat(client.response().header("x-pod")).isEqualTo(utf8);
            }
        }
    }

    @Test
    void frames_pass_byte_for_byte_both_ways() throws Exception {
        proxy(plans());
        CompletableFuture<Behind> server = new CompletableFuture<>();
        try (RawClient client = through(server);
                Behind there = server.join()) {
            byte[] payload = new byte[70_000];
            new Random(1).nextBytes(payload);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(RawClient.frame(false, true, RawClient.TEXT, "compressed, for all we know".getBytes()));
            all.writeBytes(RawClient.frame(true, false, RawClient.PING, new byte[] {1, 2}));
            all.writeBytes(RawClient.frame(true, false, 0, payload));
            all.writeBytes(
                    RawClient.frame(true, false, 11, new byte[] {9})); // Against the protocol, and not ours to judge.
            client.send(all.toByteArray());
            assertThat(there.read(all.size())).isEqualTo(all.toByteArray());

            there.send(all.toByteArray()); // Masked by a server: nobody here minds.
            byte[] back = client.readBytes(all.size());
            assertThat(back).isEqualTo(all.toByteArray());
        }
    }

    @Test
    void what_the_server_says_right_behind_its_answer_is_not_lost() throws Exception {
        proxy(plans());
        try (RawClient client = RawClient.dial(port)) {
            client.request("people/1/1");
            try (Behind there = accepted()) {
                there.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\u0081\u0002hi");
                assertThat(client.response().status()).isEqualTo(101);
                assertThat(client.read().text()).isEqualTo("hi");
            }
        }
    }

    @Test
    void a_refusal_comes_back_with_its_headers_and_body() throws Exception {
        proxy(plans());
        try (RawClient client = RawClient.dial(port)) {
            client.request("people/1/1");
            try (Behind there = accepted()) {
                there.send("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 4\r\n\r\nno!\n");
                RawClient.Response response = client.response();
                assertThat(response.status()).isEqualTo(401);
                assertThat(response.header("WWW-Authenticate")).isEqualTo("Bearer");
                assertThat(response.header("Content-Length")).isEqualTo("4");
            }
        }
        assertThat(rows.await(1, REJECTED).get(0))
                .satisfies(row -> assertThat(row.code() + " " + row.detail()).isEqualTo("401 upstream"));
    }

    @Test
    void a_server_that_is_not_there_or_no_server_is_a_bad_gateway() throws Exception {
        proxy(plans());
        try (RawClient client = RawClient.dial(port)) {
            client.request("people/1/1");
            accepted().close();
            assertThat(client.response().status()).isEqualTo(502);
        }
        try (RawClient client = RawClient.dial(port)) {
            client.request("people/2/1");
            try (Behind there = accepted()) {
                there.send("SSH-2.0-OpenSSH\r\n\r\n");
                assertThat(client.response().status()).isEqualTo(502);
            }
        }
        behind.close();
        try (RawClient client = RawClient.dial(port)) {
            assertThat(client.handshake("people/3/1").status()).isEqualTo(502);
        }
        assertThat(rows.await(3, REJECTED))
                .extracting(Recorder.Row::detail)
                .containsExactly("upstream-eof", "upstream-not-http", "upstream-refused");
    }

    @Test
    void a_server_that_does_not_answer_in_time_is_a_gateway_timeout() throws Exception {
        proxy(plans().handshakeMillis(300));
        try (RawClient client = RawClient.dial(port)) {
            client.request("people/1/1");
            try (Behind there = accepted()) {
                assertThat(client.response().status()).isEqualTo(504);
                assertThat(there.in.read()).as("nobody waits for it any more").isEqualTo(-1);
            }
        }
    }

    @Test
    void a_withheld_extension_is_not_even_asked_for() throws Exception {
        proxy(plans().withhold(1, 0, 60_000));
        try (RawClient client = RawClient.dial(port)) {
            client.request("people/1/1", "permessage-deflate, x-other");
            try (Behind there = accepted()) {
                assertThat(there.request).containsPattern("(?i)Sec-WebSocket-Extensions: x-other\r\n");
                there.accept();
                assertThat(client.response().extensions()).isNull();
            }
        }
        assertThat(rows.await(1, NEGOTIATED).get(0).detail()).isEqualTo("permessage-deflate=withheld x-other=declined");
    }

    @Test
    void an_answer_is_altered_as_a_servers_own() throws Exception {
        proxy(plans().fault(new Unoffered("x-surprise")));
        CompletableFuture<Behind> server = new CompletableFuture<>();
        RawClient client = RawClient.dial(port);
        client.request("people/1/1", "permessage-deflate");
        try (Behind there = accepted()) {
            there.accept("Sec-WebSocket-Extensions: permessage-deflate");
            assertThat(client.response().extensions()).isEqualTo("permessage-deflate, x-surprise");
        }
        client.close();
        assertThat(server).isNotDone();
    }

    @Test
    void a_servers_close_and_its_answer_pass_and_are_written_down() throws Exception {
        proxy(plans());
        CompletableFuture<Behind> server = new CompletableFuture<>();
        try (RawClient client = through(server);
                Behind there = server.join()) {
            there.send(unmaskedClose(1001, "bye"));
            RawClient.Frame close = client.read();
            assertThat(close.code() + " " + close.reason()).isEqualTo("1001 bye");
            client.sendClose(1001, "");
            byte[] answer = there.read(8);
            assertThat(answer[0] & 0x0f).isEqualTo(RawClient.CLOSE);
            client.readEnd();
        }
        assertThat(rows.await(1, CLOSE_SENT).get(0).detail()).isEqualTo("bye");
        assertThat(rows.await(1, CLOSE_RECEIVED).get(0).code()).isEqualTo(1001);
        assertThat(rows.await(1, CLOSED).get(0))
                .satisfies(row -> assertThat(row.code() + " " + row.detail()).isEqualTo("1001 server clean"));
    }

    @Test
    void a_clients_close_is_answered_by_the_server_behind() throws Exception {
        proxy(plans());
        CompletableFuture<Behind> server = new CompletableFuture<>();
        try (RawClient client = through(server);
                Behind there = server.join()) {
            client.sendClose(4000, "done");
            assertThat(there.read(12)[0] & 0x0f).isEqualTo(RawClient.CLOSE);
            there.send(unmaskedClose(4000, ""));
            assertThat(client.read().code()).isEqualTo(4000);
            client.readEnd();
        }
        assertThat(rows.await(1, CLOSED).get(0))
                .satisfies(row -> assertThat(row.code() + " " + row.detail()).isEqualTo("4000 client clean"));
    }

    @Test
    void a_close_of_ours_waits_for_the_end_of_the_servers_frame() throws Exception {
        proxy(plans().restart(600, 0, 200, WhileDown.REFUSE, false));
        CompletableFuture<Behind> server = new CompletableFuture<>();
        try (RawClient client = through(server);
                Behind there = server.join()) {
            there.send((byte) 0x82, (byte) 10, (byte) 1, (byte) 2);
            assertThat(client.readBytes(4)).containsExactly(0x82, 10, 1, 2);
            assertThat(client.isSilentFor(900)).as("in the middle of a frame").isTrue();
            there.send(new byte[8]);
            client.readBytes(8);
            RawClient.Frame close = client.answerClose();
            assertThat(close.code()).isEqualTo(1012);
            // The server behind has lost its client: it is told so, and TCP ends.
            byte[] told = there.read(8);
            assertThat(told[0] & 0x0f).isEqualTo(RawClient.CLOSE);
            assertThat(there.in.read()).isEqualTo(-1);
        }
        assertThat(rows.await(1, CLOSE_SENT).get(0))
                .satisfies(row -> assertThat(row.code() + " " + row.value()).isEqualTo("1012 0"));
        assertThat(rows.await(1, CLOSED).get(0).detail()).isEqualTo("server clean");
    }

    @Test
    void faults_close_as_on_a_server_of_ours_and_nothing_follows() throws Exception {
        proxy(plans().fault(new Close(1011, "", 200_000, 0)));
        CompletableFuture<Behind> server = new CompletableFuture<>();
        try (RawClient client = through(server);
                Behind there = server.join()) {
            assertThat(client.read().code()).isEqualTo(1011);
            there.send((byte) 0x81, (byte) 2, (byte) 'h', (byte) 'i');
            assertThat(client.isSilentFor(200)).isTrue();
            client.sendClose(1011, "");
            client.readEnd();
        }
        assertThat(rows.await(1, CLOSE_SENT).get(0).code()).isEqualTo(1011);
    }

    @Test
    void a_close_that_is_to_be_ignored_is_not_answered_by_the_server_behind_either() throws Exception {
        proxy(plans().fault(new IgnoreClose()).closingMillis(500));
        CompletableFuture<Behind> server = new CompletableFuture<>();
        try (RawClient client = through(server);
                Behind there = server.join()) {
            client.sendClose(1000, "");
            there.read(8);
            there.send(unmaskedClose(1000, ""));
            assertThat(client.isSilentFor(300)).isTrue();
            assertThatThrownBy(() -> client.read()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void tcp_ends_on_one_side_as_it_ended_on_the_other() throws Exception {
        proxy(plans());
        CompletableFuture<Behind> server = new CompletableFuture<>();
        try (RawClient client = through(server)) {
            server.join().close();
            client.readEnd();
        }
        CompletableFuture<Behind> resetting = new CompletableFuture<>();
        try (RawClient client = through(resetting)) {
            resetting.join().socket.setSoLinger(true, 0);
            resetting.join().close();
            assertThatThrownBy(client::readEnd).isInstanceOf(SocketException.class);
        }
        CompletableFuture<Behind> left = new CompletableFuture<>();
        RawClient client = through(left);
        client.close();
        assertThat(left.join().in.read()).isEqualTo(-1);
        CompletableFuture<Behind> broken = new CompletableFuture<>();
        RawClient rude = through(broken);
        rude.reset();
        assertThatThrownBy(() -> broken.join().in.read()).isInstanceOf(SocketException.class);

        List<Recorder.Row> closed = rows.await(4, CLOSED);
        assertThat(closed)
                .extracting(Recorder.Row::detail)
                .containsExactlyInAnyOrder("network upstream", "network upstream", "network eof", "network reset");
    }

    @Test
    void who_does_not_read_is_not_sent_to_and_the_other_side_waits() throws Exception {
        proxy(plans());
        CompletableFuture<Behind> server = new CompletableFuture<>();
        try (RawClient client = through(server);
                Behind there = server.join()) {
            byte[] much = new byte[1 << 20];
            CompletableFuture<Long> sent = CompletableFuture.supplyAsync(() -> {
                long bytes = 0;
                try {
                    for (int i = 0; i < 64; i++) {
                        there.send(new byte[] {(byte) 0x82, 127, 0, 0, 0, 0, 0, 16, 0, 0});
                        there.send(much);
                        bytes += much.length;
                    }
                } catch (IOException e) {
                    return -1L;
                }
                return bytes;
            });
            assertThat(client.isSilentFor(1)).isFalse();
            LockSupport.parkNanos(700_000_000);
            assertThat(sent).as("64 MiB fit into no buffers").isNotDone();
            long got = 1; // The byte that was read for the silence.
            while (got < 64L * (much.length + 10)) {
                got += client.readBytes((int) Math.min(65_536, 64L * (much.length + 10) - got)).length;
            }
            assertThat(sent.join()).isEqualTo(64L << 20);
        }
    }

    private static byte[] unmaskedClose(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        byte[] frame = new byte[4 + text.length];
        frame[0] = (byte) 0x88;
        frame[1] = (byte) (2 + text.length);
        frame[2] = (byte) (code >> 8);
        frame[3] = (byte) code;
        System.arraycopy(text, 0, frame, 4, text.length);
        return frame;
    }
}
