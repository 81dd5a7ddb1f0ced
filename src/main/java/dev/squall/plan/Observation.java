package dev.squall.plan;

import dev.squall.quantity.Quantity;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Something beside the run that is polled while the load goes on, such as what stands behind the server. Texts are as the
 * experiment spells them: references to secrets are not expanded.
 *
 * @param name by which results and expectations call it
 * @param kind how its answer is read
 * @param url where it is asked, http or https
 * @param selector what of the answer counts: a metric's name, a query, a JSON Pointer; empty of a status
 * @param labels of a metric: those that its series must have
 * @param everyMicros from one poll to the next, from {@value #LEAST_EVERY_MICROS}
 * @param headers of the request
 * @param unit of its value, for people; may be empty
 */
public record Observation(
        String name,
        Kind kind,
        String url,
        String selector,
        List<Request.Pair> labels,
        long everyMicros,
        List<Request.Pair> headers,
        String unit) {

    /** What is accepted as a URL, in words. */
    public static final String EXPECTED_URL = "a URL, as http://127.0.0.1:9100/metrics";

    /** No poll comes sooner after the one before, in microseconds. */
    public static final long LEAST_EVERY_MICROS = 1_000_000;

    /** How an answer is read. */
    public enum Kind {
        /** Prometheus' text format: the sum of the series that match. */
        PROMETHEUS,
        /** An instant query of Prometheus' HTTP API. */
        PROMETHEUS_QUERY,
        /** A number of a JSON document. */
        JSON,
        /** The HTTP status itself. */
        STATUS;

        /** The word for it in an experiment. */
        public String spelled() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public Observation {
        labels = List.copyOf(labels);
        headers = List.copyOf(headers);
        if (everyMicros < LEAST_EVERY_MICROS) {
            throw new IllegalArgumentException(
                    "every: " + Quantity.DURATION.format(everyMicros) + " (expected: >= 1s)");
        }
    }

    /**
     * A URL that can be asked.
     *
     * @throws IllegalArgumentException if it is none; the message does not repeat it, for it may be a secret
     */
    public static URI uri(String expanded) {
        URI uri;
        try {
            uri = new URI(expanded);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not a URL (expected: " + EXPECTED_URL + ")", e);
        }
        boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        if (!http || uri.getHost() == null || uri.getUserInfo() != null || uri.getFragment() != null) {
            throw new IllegalArgumentException(
                    "a URL that is not http://HOST or https://HOST, or has a user or a fragment" + " (expected: "
                            + EXPECTED_URL + "; credentials under headers)");
        }
        return uri;
    }

    /**
     * What is asked for, with references expanded, which may make it a secret.
     *
     * @throws IllegalArgumentException if it is no URL, or a reference cannot be expanded
     */
    public URI uri(Expansion expansion) {
        URI uri = uri(expansion.expand(url));
        if (kind != Kind.PROMETHEUS_QUERY) {
            return uri;
        }
        String base = uri.toString().replaceFirst("/+$", "");
        return URI.create(base + "/api/v1/query?query=" + URLEncoder.encode(selector, StandardCharsets.UTF_8));
    }

    /** How often it is polled before this time, in microseconds since the start: at the start, and then every so often. */
    public long polls(long micros) {
        return micros <= 0 ? 0 : (micros + everyMicros - 1) / everyMicros;
    }

    /** For people, as {@code prometheus http://127.0.0.1:9100/metrics pg_stat_activity_count{state="active"}}. */
    public String described() {
        String selected = labels.isEmpty()
                ? selector
                : selector
                        + labels.stream()
                                .map(label -> label.name() + "=\"" + label.value() + "\"")
                                .collect(Collectors.joining(",", "{", "}"));
        return (kind.spelled() + " " + url + " " + selected).strip();
    }
}
