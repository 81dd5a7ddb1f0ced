package dev.squall.client;

import static dev.squall.client.ScriptedServer.BINARY;
import static dev.squall.client.ScriptedServer.CLOSE;
import static dev.squall.client.ScriptedServer.PING;
import static dev.squall.client.ScriptedServer.PONG;
import static dev.squall.client.ScriptedServer.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ScriptedServer.Peer;
import dev.squall.client.ScriptedServer.Script;
import dev.squall.plan.Plan;
import dev.squall.protocol.On1010;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a client makes of each misbehaviour of a server: one cause, exactly once, within the plan's limits. Each
 * misbehaviour meets a population of one client, all in one run: none may harm another's.
 */
@Timeout(30)
class RecordedCauseTest {

    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";
    private static final int CONTINUATION = 0;
    private static final long MILLIS = 4000;
    private static final long HANDSHAKE_MICROS = 2_500_000;
    private static final long CLOSING_MICROS = 1_500_000;
    private static final long PACE_NANOS = 1_000_000;
    private static final long SLACK_MICROS = 1_500_000;

    /** What tells how a connection went. */
    private static final Set<String> TELLING =
            Set.of("FAILED", "CLOSE_SENT", "CLOSE_RECEIVED", "CLOSED", "GAVE_UP", "FINISHED");

    private static final Map<String, Script> SCRIPTS = new LinkedHashMap<>();
    private static final Map<String, List<String>> ENDS = new LinkedHashMap<>();

    @TempDir
    static Path folder;

    private static TestRun run;

    // ---- how misbehaviours are spelled

    /** A response that fails the attempt. */
    private static void fails(String name, String failed, Script script) {
        SCRIPTS.put(name, script);
        ENDS.put(name, List.of(failed, "GAVE_UP"));
    }

    /** A 101 with these header lines in place of those that go by the same name. */
    private static void upgrade(String name, String failed, String... lines) {
        fails(name, failed, (peer, n) -> {
            String good = new String(peer.upgrade(), StandardCharsets.ISO_8859_1);
            for (String line : lines) {
                String header = line.substring(0, line.indexOf(':'));
                good = good.replaceFirst("(?m)^" + header + ": .*\r\n", "");
                good = good.replaceFirst("\r\n\r\n$", "\r\n" + line.replace("$", "\\$") + "\r\n\r\n");
            }
            peer.write(ascii(good.replaceAll("(?m)^[A-Za-z-]+:-\r\n", "")));
            peer.waitForEnd();
        });
    }

    /** A response that is no 101. */
    private static void response(String name, String failed, String text) {
        fails(name, failed, (peer, n) -> {
            peer.write(ascii(text));
            peer.waitForEnd();
        });
    }

    /** Frames against the protocol: the client sends a Close with this code and takes no answer (RFC 6455 7.1.7). */
    private static void violates(String name, int code, byte[]... frames) {
        violates(name, code, new String[0], frames);
    }

    private static void deflated(String name, int code, byte[]... frames) {
        violates(name, code, new String[] {DEFLATE}, frames);
    }

    private static void violates(String name, int code, String[] headers, byte[]... frames) {
        SCRIPTS.put(name, (peer, n) -> {
            peer.write(peer.upgrade(headers));
            peer.write(frames);
            peer.readClose();
        });
        ENDS.put(name, List.of("CLOSE_SENT " + code, "CLOSED " + code + " client eof", "GAVE_UP"));
    }

    /** A legal Close, unusual as it may be. */
    private static void closes(String name, int code, byte[] payload) {
        SCRIPTS.put(name, (peer, n) -> {
            peer.write(peer.upgrade());
            peer.write(Peer.frame(CLOSE, payload));
            peer.readClose();
        });
        ENDS.put(
                name,
                List.of("CLOSE_RECEIVED " + code, "CLOSE_SENT " + code, "CLOSED " + code + " server clean", "GAVE_UP"));
    }

    private static void opened(String name, Script script, String... ends) {
        SCRIPTS.put(name, (peer, n) -> {
            peer.write(name.contains("compressed") ? peer.upgrade(DEFLATE) : peer.upgrade());
            script.play(peer, n);
        });
        ENDS.put(name, List.of(ends));
    }

    /** Until the client has ended TCP; not as fast as it goes, for the others share the machine. */
    private static void forever(Peer peer, byte[] chunk) throws IOException {
        byte[] many = repeated(chunk, 1 + 8192 / chunk.length);
        while (true) {
            peer.write(many);
            LockSupport.parkNanos(PACE_NANOS);
        }
    }

    private static byte[] repeated(byte[] bytes, int times) {
        byte[] all = new byte[bytes.length * times];
        for (int i = 0; i < all.length; i++) {
            all[i] = bytes[i % bytes.length];
        }
        return all;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /** A text frame of these bytes. */
    private static byte[] text(int... values) {
        return Peer.frame(TEXT, bytes(values));
    }

    private static byte[] close(int code) {
        return Peer.closeFrame(code, "");
    }

    /** What permessage-deflate makes of these bytes (RFC 7692 section 7.2.1). */
    static byte[] compressed(byte[] plain) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(plain);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] some = new byte[4096];
        int n;
        do {
            n = deflater.deflate(some, 0, some.length, Deflater.SYNC_FLUSH);
            all.write(some, 0, n);
        } while (n == some.length);
        deflater.end();
        return Arrays.copyOf(all.toByteArray(), all.size() - 4);
    }

    // ---- the table

    static {
        // The handshake response (RFC 6455 section 4.1)
        upgrade("wrong-accept-key", "FAILED 101 bad-accept", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        upgrade("no-accept-key", "FAILED 101 bad-accept", "Sec-WebSocket-Accept:-");
        fails("two-accept-keys", "FAILED 101 bad-accept", (peer, n) -> {
            peer.write(peer.upgrade("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
            peer.waitForEnd();
        });
        upgrade("no-upgrade", "FAILED 101 bad-upgrade", "Upgrade:-");
        upgrade("other-upgrade", "FAILED 101 bad-upgrade", "Upgrade: h2c");
        upgrade("no-connection", "FAILED 101 bad-upgrade", "Connection:-");
        upgrade("other-connection", "FAILED 101 bad-upgrade", "Connection: close");
        upgrade("unasked-subprotocol", "FAILED 101 unasked-subprotocol", "Sec-WebSocket-Protocol: chat");
        upgrade("unoffered-extension", "FAILED 101 unoffered-extension", "Sec-WebSocket-Extensions: x-foo");
        upgrade("broken-extensions", "FAILED 101 unoffered-extension", "Sec-WebSocket-Extensions: ;;");
        upgrade("extension-twice", "FAILED 101 unoffered-extension", DEFLATE + ", permessage-deflate");
        fails("extension-in-two-headers", "FAILED 101 unoffered-extension", (peer, n) -> {
            peer.write(peer.upgrade(DEFLATE, DEFLATE));
            peer.waitForEnd();
        });
        upgrade("deflate-unheard-of", "FAILED 101 bad-extension-parameters", DEFLATE + "; level=9");
        upgrade("deflate-window-16", "FAILED 101 bad-extension-parameters", DEFLATE + "; server_max_window_bits=16");
        upgrade(
                "deflate-unasked-window",
                "FAILED 101 bad-extension-parameters",
                DEFLATE + "; client_max_window_bits=9");
        upgrade("deflate-twice-a-parameter", "FAILED 101 unoffered-extension", DEFLATE + "; a=1; a=2");
        fails("http-1-0", "FAILED 101 bad-upgrade", (peer, n) -> {
            peer.write(ascii(new String(peer.upgrade(), StandardCharsets.ISO_8859_1).replace("HTTP/1.1", "HTTP/1.0")));
            peer.waitForEnd();
        });
        response("moved", "FAILED 301 http-301", "HTTP/1.1 301 Moved\r\nLocation: ws://localhost/\r\n\r\n");
        response("bad-request", "FAILED 400 http-400", "HTTP/1.1 400 Bad Request\r\n\r\n");
        response("ok", "FAILED 200 http-200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        response("unknown-status", "FAILED 799 http-799", "HTTP/1.1 799 What\r\n\r\n");
        response("status-of-four-digits", "FAILED not-http", "HTTP/1.1 4000 Many\r\n\r\n");
        response("status-of-two-digits", "FAILED not-http", "HTTP/1.1 42 Few\r\n\r\n");
        response("status-in-words", "FAILED not-http", "HTTP/1.1 OK\r\n\r\n");
        response("garbage", "FAILED not-http", "\u0016\u0003\u0001 garbage\r\n\r\n");
        response("another-protocol", "FAILED not-http", "220 mail.example ESMTP\r\n");
        response("zeros", "FAILED not-http", "\0".repeat(5000));
        response("line-too-long", "FAILED response-too-long", "HTTP/1.1 200 " + "O".repeat(5000));
        response("header-too-long", "FAILED response-too-long", "HTTP/1.1 101 S\r\nX: " + "y".repeat(20_000));
        response("too-many-headers", "FAILED response-too-long", "HTTP/1.1 101 S\r\n" + "a:\r\n".repeat(1000));
        fails("endless-headers", "FAILED response-too-long", (peer, n) -> {
            peer.write(ascii("HTTP/1.1 101 Switching Protocols\r\n"));
            forever(peer, ascii("X-More: and more\r\n".repeat(20)));
        });
        fails("endless-informational", "FAILED timeout", (peer, n) -> {
            while (!peer.endsWithin(1)) {
                peer.write(ascii("HTTP/1.1 102 Processing\r\n\r\n"));
            }
        });
        fails("huge-body", "FAILED 400 http-400", (peer, n) -> {
            peer.write(ascii("HTTP/1.1 400 Bad Request\r\nContent-Length: 209715200\r\n\r\n"));
            forever(peer, new byte[8192]);
        });
        fails("endless-chunks", "FAILED 400 http-400", (peer, n) -> {
            peer.write(ascii("HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n"));
            while (!peer.endsWithin(1)) {
                peer.write(ascii("1\r\nx\r\n"));
            }
        });
        fails("slow-headers", "FAILED timeout", (peer, n) -> {
            for (byte b : peer.upgrade()) {
                peer.write(new byte[] {b});
                if (peer.endsWithin(50)) {
                    return;
                }
            }
        });
        fails("half-a-handshake", "FAILED timeout", (peer, n) -> {
            peer.write(Arrays.copyOf(peer.upgrade(), 60));
            peer.waitForEnd();
        });
        fails("silence", "FAILED timeout", (peer, n) -> peer.waitForEnd());
        fails("reset-in-mid-header", "FAILED reset", (peer, n) -> {
            peer.write(ascii("HTTP/1.1 101 Swi"));
            peer.reset();
        });

        // Frames (RFC 6455 section 5)
        violates("garbage-after-101", 1002, bytes(0xde, 0xad, 0xbe, 0xef, 0xde, 0xad));
        violates("http-after-101", 1002, ascii("HTTP/1.1 200 OK\r\n\r\n"));
        violates("masked", 1002, Peer.frame(0x81, 0x80, ascii("abc")));
        violates("masked-close", 1002, Peer.frame(0x88, 0x80, bytes(3, 232)));
        violates("rsv1-without-extension", 1002, Peer.frame(0xC1, 0, ascii("abc")));
        violates("rsv2-without-extension", 1002, Peer.frame(0xA1, 0, ascii("abc")));
        violates("rsv3-on-a-ping", 1002, Peer.frame(0x99, 0, ascii("abc")));
        for (int opcode : new int[] {3, 7, 11, 15}) {
            violates("reserved-opcode-" + opcode, 1002, Peer.frame(opcode, ascii("abc")));
        }
        violates("fragmented-ping", 1002, Peer.frame(PING, 0, ascii("abc")));
        violates("fragmented-close", 1002, Peer.frame(CLOSE, 0, bytes(3, 232)));
        violates("ping-too-long", 1002, Peer.frame(PING, new byte[126]));
        violates("close-too-long", 1002, Peer.closeFrame(1000, "x".repeat(124)));
        violates("continuation-of-nothing", 1002, Peer.frame(CONTINUATION, ascii("abc")));
        violates("message-in-a-message", 1002, Peer.frame(TEXT, 0, ascii("abc")), Peer.frame(TEXT, ascii("def")));
        violates("length-not-minimal", 1002, bytes(0x82, 126, 0, 125));
        violates("long-length-not-minimal", 1002, bytes(0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff));
        violates("length-2-to-63", 1002, bytes(0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0));
        violates("length-2-to-63-less-1", 1009, bytes(0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
        violates("frame-too-big", 1009, bytes(0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 1));
        violates("text-not-utf-8", 1007, text('a', 0xff, 'b'));
        violates("text-overlong", 1007, text(0xc0, 0xaf));
        violates("text-surrogate", 1007, text(0xed, 0xa0, 0x80));
        violates("text-beyond-unicode", 1007, text(0xf4, 0x90, 0x80, 0x80));
        violates("text-cut", 1007, text('a', 0xe2, 0x82));
        violates(
                "text-cut-by-a-fragment",
                1007,
                Peer.frame(TEXT, 0, bytes(0xe2)),
                Peer.frame(CONTINUATION, bytes(0x28)));
        violates("text-bad-early", 1007, bytes(0x81, 100, 0xff)); // The rest of the frame need not come.
        opened(
                "endless-fragments",
                (peer, n) -> {
                    peer.write(Peer.frame(BINARY, 0, new byte[60_000]));
                    for (int i = 0; i < 17; i++) {
                        peer.write(Peer.frame(CONTINUATION, 0, new byte[60_000]));
                    }
                    peer.readClose();
                },
                "CLOSE_SENT 1009",
                "CLOSED 1009 client eof",
                "GAVE_UP");

        // permessage-deflate (RFC 7692)
        deflated("compressed-rsv2", 1002, Peer.frame(0xA1, 0, ascii("abc")));
        deflated("compressed-rsv3", 1002, Peer.frame(0xD1, 0, compressed(ascii("abc"))));
        deflated("compressed-ping", 1002, Peer.frame(0xC9, 0, ascii("abc")));
        byte[] abc = compressed(ascii("abcabcabcabc"));
        deflated(
                "compressed-continuation",
                1002,
                Peer.frame(0x41, 0, Arrays.copyOf(abc, 2)),
                Peer.frame(0xC0, 0, Arrays.copyOfRange(abc, 2, abc.length)));
        deflated("compressed-garbage", 1007, Peer.frame(0xC2, 0, bytes(0xff, 0xff, 0xff, 0xff)));
        deflated("compressed-not-utf-8", 1007, Peer.frame(0xC1, 0, compressed(bytes('a', 0xff, 'b'))));
        deflated("compressed-cut", 1007, Peer.frame(0xC2, 0, Arrays.copyOf(compressed(new byte[5000]), 6)));
        byte[] bomb = compressed(new byte[8 << 20]);
        deflated("compressed-bomb", 1009, Peer.frame(0xC2, 0, bomb));
        opened(
                "compressed-bomb-in-fragments",
                (peer, n) -> {
                    for (int i = 0; i < bomb.length; i++) {
                        peer.write(Peer.frame(i == 0 ? 0x42 : 0, 0, new byte[] {bomb[i]}));
                    }
                    peer.readClose();
                },
                "CLOSE_SENT 1009",
                "CLOSED 1009 client eof",
                "GAVE_UP");

        // Close (RFC 6455 sections 5.5.1 and 7.4)
        for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
            violates("close-" + code, 1002, close(code));
        }
        violates("close-of-one-byte", 1002, Peer.frame(CLOSE, new byte[1]));
        violates("close-reason-not-utf-8", 1007, Peer.frame(CLOSE, bytes(3, 232, 0xff, 1)));
        violates("close-reason-cut", 1007, Peer.frame(CLOSE, bytes(3, 232, 0xe2, 0x82)));
        closes("close-1010", 1010, bytes(0x03, 0xf2)); // The client's code; no rule forbids a server to send it.
        closes("close-4999", 4999, bytes(0x13, 0x87));
        closes("close-empty", 1005, new byte[0]);
        closes("close-with-quotes-and-lines", 1000, ascii("\u0003\u00e8\"a\",\r\n1,2,3"));
        opened(
                "close-never-followed",
                (peer, n) -> {
                    peer.write(close(1001));
                    peer.waitForEnd();
                },
                "CLOSE_RECEIVED 1001",
                "CLOSE_SENT 1001",
                "CLOSED 1001 server timeout",
                "GAVE_UP");
        opened(
                "data-after-close",
                (peer, n) -> {
                    peer.write(close(1001));
                    forever(peer, Peer.frame(TEXT, bytes(0xff)));
                },
                "CLOSE_RECEIVED 1001",
                "CLOSE_SENT 1001",
                "CLOSED 1001 server timeout",
                "GAVE_UP");
        opened(
                "close-twice",
                (peer, n) -> {
                    peer.write(close(1001), close(1012));
                    peer.readClose();
                },
                "CLOSE_RECEIVED 1001",
                "CLOSE_SENT 1001",
                "CLOSED 1001 server clean",
                "GAVE_UP");
        opened(
                "data-after-a-violation",
                (peer, n) -> {
                    peer.write(Peer.frame(0x83, 0, new byte[0]), close(1000));
                    forever(peer, new byte[1000]);
                },
                "CLOSE_SENT 1002",
                "CLOSED 1002 client timeout",
                "GAVE_UP");

        // A stream that ends, stalls or never ends
        opened(
                "reset-in-mid-frame",
                (peer, n) -> {
                    peer.write(bytes(0x82, 100, 1, 2, 3), ascii("some"));
                    peer.endsWithin(50); // So that the bytes are read before the reset.
                    peer.reset();
                },
                "CLOSED 1006 network reset",
                "GAVE_UP");
        opened(
                "end-in-mid-frame",
                (peer, n) -> peer.write(bytes(0x82, 100, 1, 2, 3)),
                "CLOSED 1006 network eof",
                "GAVE_UP");
        String[] left = {"CLOSE_SENT 1000", "CLOSED 1000 client timeout", "FINISHED end"};
        opened(
                "half-a-frame",
                (peer, n) -> {
                    peer.write(bytes(0x82, 100, 1, 2, 3));
                    peer.waitForEnd();
                },
                left);
        opened(
                "slow-frame",
                (peer, n) -> {
                    peer.write(bytes(0x82, 126, 0xff, 0xff));
                    while (!peer.endsWithin(20)) {
                        peer.write(new byte[1]);
                    }
                },
                left);
        opened("endless-messages", (peer, n) -> forever(peer, Peer.frame(BINARY, new byte[1000])), left);
        opened(
                "endless-compressed-messages",
                (peer, n) -> forever(peer, Peer.frame(0xC2, 0, compressed(new byte[1000]))),
                left);
        opened("endless-pongs", (peer, n) -> forever(peer, Peer.frame(PONG, new byte[125])), left);
    }

    // ---- the run

    @BeforeAll
    static void meetThemAll() throws Exception {
        try (ScriptedServer server = new ScriptedServer(RecordedCauseTest::dispatch)) {
            TestRun all = new TestRun(folder);
            SCRIPTS.keySet().forEach(name -> all.with(TestRun.deflate(name, 1, "", On1010.STOP, 0)));
            run = all.limits(l -> new Plan.Limits(
                            HANDSHAKE_MICROS, CLOSING_MICROS, l.nodeClosingMicros(), l.closingPhaseMicros()))
                    .run(server.port(), MILLIS);
        }
    }

    /** Plays the script of the population that dials. */
    private static void dispatch(Peer peer, int n) throws Exception {
        peer.readRequest();
        String population = peer.headers.get("squall-connection").split("/")[0];
        SCRIPTS.get(population).play(peer, n);
    }

    static Stream<String> misbehaviours() {
        return SCRIPTS.keySet().stream();
    }

    private static String telling(TestRun.Row row) {
        boolean reasons = row.event().startsWith("CLOSE_"); // Free text
        return reasons ? row.event() + " " + row.code() : row.text();
    }

    @ParameterizedTest
    @MethodSource("misbehaviours")
    void endsInOneRecordedCause(String misbehaviour) {
        List<TestRun.Row> rows = run.rows().stream()
                .filter(r -> r.population().equals(misbehaviour))
                .toList();

        assertThat(rows.stream().filter(r -> TELLING.contains(r.event())).map(RecordedCauseTest::telling))
                .as("%s", rows)
                .containsExactlyElementsOf(ENDS.get(misbehaviour));
    }

    @ParameterizedTest
    @MethodSource("misbehaviours")
    void endsWithinTheLimits(String misbehaviour) {
        long began = micros(misbehaviour, "CONNECTING", 0);
        long failed = micros(misbehaviour, "FAILED", began);
        assertThat(failed - began).as("attempt").isLessThan(HANDSHAKE_MICROS + SLACK_MICROS);
        long closed = micros(misbehaviour, "CLOSED", 0);
        long closing = micros(misbehaviour, "CLOSE_SENT", Math.min(closed, MILLIS * 1000));
        assertThat(closed - closing).as("closing").isLessThan(CLOSING_MICROS + SLACK_MICROS);
    }

    private static long micros(String population, String event, long absent) {
        return run.rows(event).stream()
                .filter(r -> r.population().equals(population))
                .mapToLong(TestRun.Row::micros)
                .findFirst()
                .orElse(absent);
    }

    @Test
    void pongsThatNobodyReadsDoNotPileUp(@TempDir Path alone) throws Exception {
        byte[] pings = repeated(Peer.frame(PING, new byte[125]), 500);
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            while (true) {
                peer.write(pings);
            }
        })) {
            TestRun deaf =
                    new TestRun(alone).with(TestRun.population("deaf", 1)).run(server.port(), 2000);

            // 4 MB of them fill the kernel's buffer; after that the client's Close is never on the wire.
            assertThat(deaf.story("deaf", 0)).endsWith("READY", "CLOSED 1006 network timeout", "FINISHED end");
        }
    }

    @Test
    void theLastPingIsAnsweredOnceTheServerReads(@TempDir Path alone) throws Exception {
        List<Integer> last = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            for (int i = 0; i < 200; i++) {
                peer.write(repeated(Peer.frame(PING, new byte[125]), 500));
            }
            peer.write(Peer.frame(PING, bytes(7)));
            ScriptedServer.Frame frame = peer.readFrame();
            while (frame.payload().length != 1) {
                frame = peer.readFrame();
            }
            last.add((int) frame.payload()[0]);
            peer.echoUntilClose();
        })) {
            new TestRun(alone).with(TestRun.population("once", 1)).run(server.port(), 2500);

            assertThat(last).containsExactly(7);
        }
    }
}
