package dev.squall.fault;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Whom a fault may strike: its blast radius. A condition that is empty holds for everybody; all must hold. In patterns
 * {@code *} stands for any text.
 *
 * @param path pattern of the request's path
 * @param header patterns by header name; one of a name's lines must match
 * @param query patterns by query parameter; one of its values must match
 * @param nodes indices of nodes
 * @param population name of a population of ours
 */
public record Match(
        String path, Map<String, String> header, Map<String, String> query, List<Integer> nodes, String population) {

    /** Everybody. */
    public static final Match ALL = new Match("", Map.of(), Map.of(), List.of(), "");

    /** What a handshake request asked for, as far as a match looks at it. */
    public interface Request {

        /** The path, without the query. */
        String path();

        /** The values of a header, by its name in lower case. */
        List<String> header(String name);

        /** The values of a query parameter. */
        List<String> query(String name);

        /** The population of a client of ours, else empty. */
        String population();
    }

    /** A token (RFC 9110 section 5.6.2). */
    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    /** An IllegalArgumentException says that a header's name cannot be one. */
    public Match {
        TreeMap<String, String> lower = new TreeMap<>();
        header.forEach((name, pattern) -> {
            if (!HEADER_NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("header: " + name + " (expected: a header's name, as User-Agent)");
            }
            lower.put(name.toLowerCase(Locale.ROOT), pattern);
        });
        header = Collections.unmodifiableSortedMap(lower);
        query = Collections.unmodifiableSortedMap(new TreeMap<>(query));
        nodes = List.copyOf(nodes);
    }

    /** Whether it may strike on this node at all. */
    public boolean at(int node) {
        return nodes.isEmpty() || nodes.contains(node);
    }

    /** Whether it may strike this client. */
    public boolean matches(Request request) {
        return concerns(request.population())
                && (path.isEmpty() || matches(path, request.path()))
                && header.entrySet().stream().allMatch(e -> any(e.getValue(), request.header(e.getKey())))
                && query.entrySet().stream().allMatch(e -> any(e.getValue(), request.query(e.getKey())));
    }

    /** Whether it may strike clients of this population; of those that are not ours the name is empty. */
    public boolean concerns(String name) {
        return population.isEmpty() || population.equals(name);
    }

    /** Whether it looks at the request's text, and not only at whose it is. */
    @JsonIgnore
    public boolean looksAtRequest() {
        return !path.isEmpty() || !header.isEmpty() || !query.isEmpty();
    }

    private static boolean any(String pattern, List<String> values) {
        return values.stream().anyMatch(value -> matches(pattern, value));
    }

    /** Whether a pattern stands for the whole text. It looks at each character at most once for each one of the pattern. */
    static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1; // Let the last star stand for one more character.
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** For people: the conditions, each after a comma. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(path.isEmpty() ? "" : ", path " + path);
        header.forEach((name, pattern) ->
                text.append(", header ").append(name).append(": ").append(pattern));
        query.forEach((name, pattern) ->
                text.append(", query ").append(name).append('=').append(pattern));
        text.append(nodes.isEmpty() ? "" : ", nodes " + nodes);
        return text.append(population.isEmpty() ? "" : ", population " + population)
                .toString();
    }
}
