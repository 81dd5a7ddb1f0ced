package dev.squall.role;

import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation;
import dev.squall.protocol.WebSocketUri;
import dev.squall.quantity.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a probe is asked: the options of {@code squall probe}, and as {@link #arguments} the command line of its child.
 *
 * @param url where to
 * @param negotiation what the handshake offers, and what a strict client requires of the response
 * @param insecure whether any certificate will do
 * @param timeoutMicros how long each step may take, 10 ms to 10 min
 * @param json whether the answer is one JSON object instead of lines
 */
public record ProbeRequest(
        WebSocketUri url, Negotiation negotiation, boolean insecure, long timeoutMicros, boolean json) {

    /** Longest URL in characters: a request that every server reads, and that one write takes. */
    private static final int MAX_URL = 8_000;

    private static final long MIN_TIMEOUT_MICROS = 10_000;
    private static final long MAX_TIMEOUT_MICROS = 600_000_000;

    public ProbeRequest {
        if (url.toString().length() > MAX_URL) {
            throw new IllegalArgumentException(
                    "URL: " + url.toString().length() + " characters (expected: at most " + MAX_URL + ")");
        }
        if (timeoutMicros < MIN_TIMEOUT_MICROS || timeoutMicros > MAX_TIMEOUT_MICROS) {
            throw new IllegalArgumentException(
                    "--timeout: " + Quantity.DURATION.format(timeoutMicros) + " (expected: 10ms to 10m)");
        }
    }

    /**
     * Of the options as they are spelled.
     *
     * @param require each is offered too
     * @param offer what else is offered; if empty, permessage-deflate
     * @throws IllegalArgumentException if one is not valid; the message names it and says what is accepted
     */
    public static ProbeRequest of(
            String url, List<String> require, List<String> offer, boolean insecure, String timeout, boolean json) {
        List<Extension> required = extensions("--require", require);
        List<Extension> offered = new ArrayList<>(extensions("--offer", offer));
        for (Extension extension : required) {
            if (!names(offered, extension)) {
                offered.add(extension);
            }
        }
        Extension deflate = Extension.parse(Extension.PERMESSAGE_DEFLATE);
        if (offer.isEmpty() && !names(offered, deflate)) {
            offered.add(0, deflate);
        }
        return new ProbeRequest(
                named("URL", () -> WebSocketUri.parse(url)),
                new Negotiation(offered, required),
                insecure,
                named("--timeout", () -> (long) Quantity.DURATION.parse(timeout)),
                json);
    }

    private static boolean names(List<Extension> extensions, Extension one) {
        return extensions.stream().anyMatch(e -> e.name().equals(one.name()));
    }

    private static List<Extension> extensions(String option, List<String> texts) {
        return texts.stream()
                .map(text -> named(option, () -> Extension.parse(text)))
                .toList();
    }

    private static <T> T named(String option, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
        }
    }

    /** The child's command line; {@link #parse} reads it. */
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("--url", url.toString(), "--timeout", timeoutMicros + "us"));
        negotiation.offered().forEach(e -> arguments.addAll(List.of("--offer", e.toString())));
        negotiation.required().forEach(e -> arguments.addAll(List.of("--require", e.toString())));
        arguments.addAll(List.of("--insecure", String.valueOf(insecure), "--json", String.valueOf(json)));
        return arguments;
    }

    /** Reads a child's command line. */
    public static ProbeRequest parse(String... arguments) {
        return of(
                last(arguments, "--url"),
                all(arguments, "--require"),
                all(arguments, "--offer"),
                Boolean.parseBoolean(last(arguments, "--insecure")),
                last(arguments, "--timeout"),
                Boolean.parseBoolean(last(arguments, "--json")));
    }

    private static List<String> all(String[] arguments, String option) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            if (arguments[i].equals(option)) {
                values.add(arguments[i + 1]);
            }
        }
        return values;
    }

    private static String last(String[] arguments, String option) {
        List<String> values = all(arguments, option);
        if (values.isEmpty()) {
            throw new IllegalArgumentException(option + ": missing (expected: its value after it)");
        }
        return values.get(values.size() - 1);
    }
}
