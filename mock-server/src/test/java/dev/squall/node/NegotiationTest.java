package dev.squall.node;

import static dev.squall.journal.JournalEvent.ACCEPTED;
import static dev.squall.journal.JournalEvent.CLOSED;
import static dev.squall.journal.JournalEvent.NEGOTIATED;
import static dev.squall.journal.JournalEvent.REJECTED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.fault.FaultWindow;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Plan;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NegotiationTest extends ServerTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "permessage-deflate | permessage-deflate",
                "permessage-deflate; server_no_context_takeover | permessage-deflate;server_no_context_takeover",
                "permessage-deflate; client_no_context_takeover | permessage-deflate;client_no_context_takeover",
                "permessage-deflate; client_max_window_bits | permessage-deflate",
                "permessage-deflate; client_max_window_bits=8 | permessage-deflate;client_max_window_bits=8",
                "permessage-deflate; no_such_parameter | none",
                "x-unknown | none",
                "permessage-deflate; no_such_parameter, permessage-deflate | permessage-deflate"
            })
    void answers_as_rfc_7692_says(String offer, String answer) throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.dial(port)) {
            assertThat(client.handshake("people/7/1", offer).extensions()).isEqualTo(answer);
        }
        Recorder.Row row = rows.await(1, NEGOTIATED).get(0);
        String name = offer.startsWith("x-") ? "x-unknown" : "permessage-deflate";
        assertThat(row.detail()).isEqualTo(name + (answer == null ? "=declined" : "=negotiated"));
        assertThat(row.code()).isEqualTo(101);
        assertThat(row.value()).isZero();
        assertThat(row.population()).isEqualTo("people");
        assertThat(row.client()).isEqualTo(7);
        assertThat(row.connection()).isEqualTo(1);
    }

    @Test
    void an_offer_over_two_header_lines_is_one_offer() throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.dial(port)) {
            assertThat(client.handshake("people/7/1", "x-unknown", "permessage-deflate")
                            .extensions())
                    .isEqualTo("permessage-deflate");
        }
        assertThat(rows.await(1, NEGOTIATED).get(0).detail())
                .isEqualTo("x-unknown=declined permessage-deflate=negotiated");
    }

    @Test
    void a_negotiated_extension_compresses_the_echo() throws Exception {
        start(new Plans(Plans.freePort()).build());
        byte[] text = "squall ".repeat(100).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try (RawClient client = RawClient.open(port, "people/0/1", "permessage-deflate")) {
            client.send(RawClient.frame(true, true, RawClient.TEXT, deflate(text)));
            RawClient.Frame echo = client.read();
            assertThat(echo.rsv1()).isTrue();
            assertThat(echo.payload().length).isLessThan(100);
            assertThat(inflate(echo.payload())).isEqualTo(text);
        }
    }

    @Test
    void a_compressed_message_that_does_not_decompress_is_refused_with_1007() throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.open(port, "people/0/1", "permessage-deflate")) {
            client.send(RawClient.frame(true, true, RawClient.TEXT, new byte[] {-1, -1, -1, -1, -1}));
            assertThat(client.read().code()).isEqualTo(1007);
            client.readEnd();
        }
    }

    @Test
    void what_the_plan_does_not_list_is_declined() throws Exception {
        start(new Plans(Plans.freePort()).extensions().build());
        try (RawClient client = RawClient.dial(port)) {
            assertThat(client.handshake("people/7/1", "permessage-deflate").extensions())
                    .isNull();
        }
        assertThat(rows.await(1, NEGOTIATED).get(0).detail()).isEqualTo("permessage-deflate=declined");
    }

    @Test
    void withholds_from_exactly_those_that_the_plan_says() throws Exception {
        Plan plan = new Plans(Plans.freePort())
                .withhold(0.3, 0, 60_000)
                .withhold(0.1, 50_000, 60_000)
                .build();
        start(plan);
        FaultWindow withhold = plan.withholds().get(0);
        int withheld = 0;
        for (int i = 0; i < 200; i++) {
            try (RawClient client = RawClient.dial(port)) {
                boolean planned = plan.strikes(withhold, 0, 0, i, 3);
                withheld += planned ? 1 : 0;
                assertThat(client.handshake("people/" + i + "/3", "permessage-deflate")
                                .extensions())
                        .isEqualTo(planned ? null : "permessage-deflate");
                Recorder.Row row = rows.await(i + 1, NEGOTIATED).get(i);
                assertThat(row.detail()).isEqualTo("permessage-deflate=" + (planned ? "withheld" : "negotiated"));
                assertThat(row.value()).isEqualTo(1);
            }
        }
        assertThat(withheld).isBetween(30, 90);
    }

    @Test
    void withholds_only_within_the_window() throws Exception {
        start(new Plans(Plans.freePort()).withhold(1, 300, 600).build());
        for (String[] step :
                new String[][] {{"0", "negotiated", "0"}, {"350", "withheld", "1"}, {"650", "negotiated", "0"}}) {
            waitUntil(Long.parseLong(step[0]));
            int before = rows.of(NEGOTIATED).size();
            RawClient.open(port, "people/1/1", "permessage-deflate").close();
            Recorder.Row row = rows.await(before + 1, NEGOTIATED).get(before);
            assertThat(row.detail()).isEqualTo("permessage-deflate=" + step[1]);
            assertThat(row.value()).isEqualTo(Long.parseLong(step[2]));
        }
    }

    @Test
    void who_is_none_of_ours_is_numbered_and_has_a_row_without_an_offer_too() throws Exception {
        start(new Plans(Plans.freePort()).build());
        for (String header : Arrays.asList(null, "nobody/1/1", "people/100000/1", "people/1/0", "people/1/1x")) {
            try (RawClient client = RawClient.dial(port)) {
                assertThat(client.handshake(header).extensions()).isNull();
            }
        }
        assertThat(rows.await(5, ACCEPTED)).allSatisfy(row -> {
            assertThat(row.population()).isEmpty();
            assertThat(row.client()).isEqualTo(JournalWriter.NONE);
        });
        assertThat(rows.of(ACCEPTED)).extracting(Recorder.Row::connection).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(rows.await(5, NEGOTIATED)).extracting(Recorder.Row::detail).containsOnlyNulls();
    }

    @Test
    void who_is_ours_and_offers_nothing_has_no_row() throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            client.sendClose(1000, "");
            assertThat(client.read().code()).isEqualTo(1000);
            client.readEnd();
        }
        rows.await(1, CLOSED);
        assertThat(rows.of(NEGOTIATED)).isEmpty();
    }

    @Test
    void a_malformed_offer_is_answered_400() throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.dial(port)) {
            assertThat(client.handshake("people/1/1", "permessage-deflate;;").status())
                    .isEqualTo(400);
            client.readEnd();
        }
        assertThat(rows.await(1, REJECTED).get(0).detail()).isEqualTo("malformed-extensions");
    }

    private static byte[] deflate(byte[] data) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        deflater.setInput(data);
        byte[] buffer = new byte[10_000];
        int length = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(buffer, length - 4); // RFC 7692 section 7.2.1 takes the last 00 00 ff ff away.
    }

    private static byte[] inflate(byte[] data) throws Exception {
        Inflater inflater = new Inflater(true);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(data);
        whole.writeBytes(new byte[] {0, 0, -1, -1});
        inflater.setInput(whole.toByteArray());
        byte[] buffer = new byte[10_000];
        int length = inflater.inflate(buffer);
        inflater.end();
        return Arrays.copyOf(buffer, length);
    }
}
