package dev.squall.probe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.role.ProbeRequest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;

/** What a probe told. */
record Told(Conclusion conclusion, String text) {

    private static final String TIMEOUT = "10s";

    /** For servers that keep silent: long enough for a busy machine. */
    private static final String SHORT = "1500ms";

    /** Of a client that requires these extensions. */
    static Told probe(String url, String... require) {
        return probe(ProbeRequest.of(url, List.of(require), List.of(), false, TIMEOUT, false), Tls.trusted(null));
    }

    static Told impatient(String url, String... require) {
        return probe(ProbeRequest.of(url, List.of(require), List.of(), false, SHORT, false), Tls.trusted(null));
    }

    static Told secure(String url, boolean insecure, X509ExtendedTrustManager trusted) {
        return probe(ProbeRequest.of(url, List.of(), List.of(), insecure, TIMEOUT, false), trusted);
    }

    static JsonNode json(String url, String... require) throws Exception {
        return JsonMapper.builder()
                .build()
                .readTree(probe(
                                ProbeRequest.of(url, List.of(require), List.of(), false, TIMEOUT, true),
                                Tls.trusted(null))
                        .text());
    }

    private static Told probe(ProbeRequest request, X509ExtendedTrustManager trusted) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Telling telling = new Telling(new PrintStream(bytes, true, StandardCharsets.UTF_8), request.json());
        Conclusion conclusion = new Probe(request, telling, "squall/test", trusted).run();
        telling.conclude(request.url(), conclusion);
        return new Told(conclusion, bytes.toString(StandardCharsets.UTF_8));
    }

    /** The lines with each time as T, for they vary. */
    String timeless() {
        return text.replaceAll("\\b[0-9.,]+ (us|ms|s)\\b", "T");
    }

    String advice() {
        return String.join("\n", conclusion.advice());
    }
}
