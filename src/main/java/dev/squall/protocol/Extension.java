package dev.squall.protocol;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One element of a Sec-WebSocket-Extensions header (RFC 6455 section 9.1): a name and its parameters in order. A
 * parameter without a value maps to the empty string.
 */
public record Extension(String name, Map<String, String> parameters) {

    /** The name of the compression extension of RFC 7692, the only one in common use. */
    public static final String PERMESSAGE_DEFLATE = "permessage-deflate";

    private static final Set<String> WINDOWS = Set.of("server_max_window_bits", "client_max_window_bits");

    public Extension {
        if (name.isEmpty() || !name.chars().allMatch(Extension::isTokenChar)) {
            throw new IllegalArgumentException("extension: '" + name + "' (expected: a token, as permessage-deflate)");
        }
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** A single extension, as an experiment's {@code offer} and {@code require} spell it. */
    public static Extension parse(String text) {
        List<Extension> all = parseList(text);
        if (all.size() != 1) {
            throw new IllegalArgumentException("extension: '" + text
                    + "' (expected: one extension, as 'permessage-deflate; client_max_window_bits')");
        }
        return all.get(0);
    }

    /**
     * The extensions of a header's value; several header lines are joined by a comma before.
     *
     * @throws IllegalArgumentException if it does not follow the grammar: the connection must then be failed
     */
    public static List<Extension> parseList(String header) {
        Scanner scanner = new Scanner(header);
        List<Extension> extensions = new ArrayList<>();
        do {
            String name = scanner.token();
            Map<String, String> parameters = new LinkedHashMap<>();
            while (scanner.accept(';')) {
                String parameter = scanner.token();
                String value = scanner.accept('=') ? scanner.tokenOrQuoted() : "";
                if (parameters.put(parameter, value) != null) {
                    throw scanner.error("parameter '" + parameter + "' stands twice");
                }
            }
            extensions.add(new Extension(name, parameters));
        } while (scanner.accept(','));
        scanner.end();
        return List.copyOf(extensions);
    }

    /**
     * Whether this response has every parameter that {@code required} has; one without a value may have any here, and a
     * window of permessage-deflate may be smaller.
     */
    boolean fulfils(Extension required) {
        return required.parameters.entrySet().stream()
                .allMatch(p -> parameters.containsKey(p.getKey())
                        && (p.getValue().isEmpty() || fulfils(p.getKey(), p.getValue())));
    }

    private boolean fulfils(String parameter, String required) {
        String value = parameters.getOrDefault(parameter, "");
        if (name.equals(PERMESSAGE_DEFLATE) && WINDOWS.contains(parameter)) {
            // RFC 7692 sections 7.1.2.1 and 7.1.2.2: the same or a smaller one is what was asked for.
            int bits = windowBits(value);
            return bits > 0 && bits <= windowBits(required);
        }
        return value.equals(required);
    }

    /** A number of window bits, 0 if it is none (RFC 7692 section 7.1.2: decimal, 8 to 15, without leading zeros). */
    public static int windowBits(String value) {
        return value.matches("[89]|1[0-5]") ? Integer.parseInt(value) : 0;
    }

    /** As it stands in a header. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name);
        parameters.forEach((key, value) -> {
            text.append("; ").append(key);
            if (!value.isEmpty()) {
                text.append('=').append(value);
            }
        });
        return text.toString();
    }

    private static boolean isTokenChar(int c) {
        return c > 0x20 && c < 0x7f && "()<>@,;:\\\"/[]?={}".indexOf(c) < 0;
    }

    private static final class Scanner {
        private final String text;
        private int at;

        Scanner(String text) {
            this.text = text;
        }

        String token() {
            skipBlanks();
            int from = at;
            while (at < text.length() && isTokenChar(text.charAt(at))) {
                at++;
            }
            if (at == from) {
                throw error("a token was expected");
            }
            return text.substring(from, at);
        }

        String tokenOrQuoted() {
            skipBlanks();
            if (at == text.length() || text.charAt(at) != '"') {
                return token();
            }
            int close = text.indexOf('"', at + 1);
            if (close < 0) {
                throw error("the quoted value does not end");
            }
            // RFC 6455 section 9.1: a quoted value must, unquoted, still be a token.
            String value = text.substring(at + 1, close);
            if (value.isEmpty() || !value.chars().allMatch(Extension::isTokenChar)) {
                throw error("the quoted value is not a token");
            }
            at = close + 1;
            return value;
        }

        boolean accept(char c) {
            skipBlanks();
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        void end() {
            skipBlanks();
            if (at < text.length()) {
                throw error("unexpected '" + text.charAt(at) + "'");
            }
        }

        IllegalArgumentException error(String what) {
            return new IllegalArgumentException(
                    "Sec-WebSocket-Extensions: '" + text + "': " + what + " at character " + (at + 1));
        }

        private void skipBlanks() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
                at++;
            }
        }
    }
}
