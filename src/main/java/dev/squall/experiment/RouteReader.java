package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Proxy;
import dev.squall.plan.Tls;
import dev.squall.protocol.WebSocketUri;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads how clients get to a server behind a URL: {@code tls}, {@code insecure}, {@code proxy}, {@code lookup}, {@code from}. */
final class RouteReader {

    private static final String FILE = "a readable file";
    private static final String PASSWORD = "a password, as ${env:PASSWORD}";
    private static final String ADDRESSES = "a list of this machine's addresses, as [192.0.2.10, 192.0.2.11]";
    private static final List<String> VERSIONS = List.of("TLSv1.2", "TLSv1.3");

    private final Map<String, YamlValue> target;
    private final WebSocketUri uri;

    /** The fields of {@code target}, and its URL expanded. */
    RouteReader(Map<String, YamlValue> target, WebSocketUri uri) {
        this.target = target;
        this.uri = uri;
    }

    Tls tls() {
        boolean insecure = field(target, "insecure").map(YamlValue::flag).orElse(false);
        if (insecure && !uri.secure()) {
            value(target, "insecure").problem("true (expected: only with wss:, ws: has no certificate to check)");
        }
        YamlValue tls = target.get("tls");
        if (tls == null) {
            return Tls.of(insecure);
        }
        if (!uri.secure()) {
            tls.problem("stands beside ws: (expected: wss:)");
        }
        Map<String, YamlValue> fields =
                tls.fields("trust", "trust-password", "certificate", "key", "key-password", "resume", "versions");
        if (insecure) {
            clash(fields, "trust", "stands beside insecure, which takes any certificate (expected: one of both)");
        }
        if (!fields.containsKey("trust")) {
            clash(fields, "trust-password", "stands alone (expected: trust beside it)");
        }
        if (!fields.containsKey("certificate")) {
            clash(fields, "key", "stands alone (expected: certificate beside it)");
            clash(fields, "key-password", "stands alone (expected: certificate beside it)");
        }
        return new Tls(
                insecure,
                insecure ? null : file(fields, "trust"),
                spelled(fields, "trust-password", PASSWORD, password -> true),
                file(fields, "certificate"),
                fields.containsKey("certificate") ? file(fields, "key") : null,
                spelled(fields, "key-password", PASSWORD, password -> true),
                field(fields, "resume").map(YamlValue::flag).orElse(true),
                field(fields, "versions").map(RouteReader::versions).orElse(List.of()));
    }

    private static void clash(Map<String, YamlValue> fields, String key, String what) {
        field(fields, key).ifPresent(value -> value.problem(what));
    }

    private static @Nullable String file(Map<String, YamlValue> fields, String key) {
        return spelled(fields, key, FILE, path -> Files.isReadable(Path.of(path)) && !Files.isDirectory(Path.of(path)));
    }

    /** The value as it is spelled, once what it expands to is known to be good. */
    private static @Nullable String spelled(
            Map<String, YamlValue> fields, String key, String expected, Predicate<String> isGood) {
        return field(fields, key)
                .flatMap(value -> value.spelled(expected, text -> {
                    if (!isGood.test(text)) {
                        throw new IllegalArgumentException(text + " (expected: " + expected + ")");
                    }
                }))
                .orElse(null);
    }

    private static List<String> versions(YamlValue value) {
        Map<String, String> words = new LinkedHashMap<>();
        VERSIONS.forEach(version -> words.put(version, version));
        List<String> versions = value.list("a list, as [TLSv1.3]").stream()
                .map(each -> each.oneOf(words, ""))
                .toList();
        if (value.isList() && versions.isEmpty()) {
            value.problem("no version (expected: " + String.join(" or ", VERSIONS) + ")");
        }
        return versions;
    }

    /** The proxy expanded. */
    @Nullable
    Proxy proxy() {
        return field(target, "proxy")
                .map(value -> value.scalar(Proxy.EXPECTED, new Proxy("localhost", 80, null, ""), Proxy::parse))
                .orElse(null);
    }

    /** The proxy as it is spelled. */
    @Nullable
    String spelledProxy() {
        return field(target, "proxy")
                .map(value -> value.literal(Proxy.EXPECTED, "", Function.identity()))
                .orElse(null);
    }

    boolean looksUpEach() {
        boolean each =
                field(target, "lookup").map(v -> v.isSecond("once", "each")).orElse(false);
        if (each && target.containsKey("proxy")) {
            value(target, "lookup").problem("each (expected: once beside a proxy, which looks the name up)");
        }
        return each;
    }

    /** Literal addresses of one family. */
    List<String> sources() {
        List<String> sources = new ArrayList<>();
        for (YamlValue each : field(target, "from").map(v -> v.list(ADDRESSES)).orElse(List.of())) {
            each.scalar("a literal IP address", false, text -> {
                if (!text.matches("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
                    throw new NumberFormatException(); // A name would be looked up.
                }
                try {
                    return sources.add(InetAddress.getByName(text).getHostAddress());
                } catch (UnknownHostException e) {
                    throw new IllegalArgumentException(text + " (expected: a literal IP address)", e);
                }
            });
        }
        if (sources.stream().map(source -> source.contains(":")).distinct().count() > 1) {
            value(target, "from").problem("IPv4 and IPv6 (expected: addresses of one family)");
        }
        return sources;
    }
}
