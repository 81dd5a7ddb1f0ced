package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Launch;
import dev.squall.protocol.WebSocketUri;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Reads how a server is started that Squall runs itself: {@code process}, {@code container} or {@code compose} of a target. */
final class LaunchReader {

    /** The kinds, as keys of {@code target}. */
    static final List<String> KINDS = List.of("process", "container", "compose");

    private static final long DEFAULT_GRACE_MICROS = 10_000_000;
    private static final long DEFAULT_READY_MICROS = 60_000_000;
    private static final int LAST_PORT = 65_535;
    private static final String COMMAND = "a list of program and arguments, as [node, server.mjs]";
    private static final String VARIABLES = "a map of names and values, as {LOG: debug}";
    private static final String SIGNAL = "a signal, as SIGTERM";
    private static final Pattern SIGNALS = Pattern.compile("SIG(HUP|INT|QUIT|TERM|USR1|USR2|WINCH)");

    private final List<Problem> warnings;

    LaunchReader(List<Problem> warnings) {
        this.warnings = warnings;
    }

    /**
     * A server to launch, and where it is dialled.
     *
     * @param url as it is spelled, at the port that it has inside where the one outside is not yet known
     * @param uri the same expanded
     */
    record Launched(Launch launch, String url, WebSocketUri uri) {}

    Launched read(String kind, YamlValue value) {
        return switch (kind) {
            case "process" -> process(value);
            case "container" -> container(value);
            default -> compose(value);
        };
    }

    private Launched process(YamlValue value) {
        Map<String, YamlValue> fields = value.fields(
                "command", "port", "path", "secure", "env", "directory", "ready", "stop", "restart", "grace");
        String signal = field(fields, "restart")
                .map(v -> v.text("stop, kill, pause, or " + SIGNAL))
                .filter(text -> SIGNALS.matcher(text).matches())
                .orElse("");
        Map<String, Launch.Way> ways = ways(Launch.Way.STOP, Launch.Way.KILL, Launch.Way.PAUSE);
        if (!signal.isEmpty()) {
            ways.put(signal, Launch.Way.SIGNAL);
        }
        int port = port(value, fields);
        return dialled(
                new Launch.Program(
                        words(value, fields, "command", true),
                        environment(fields),
                        field(fields, "directory").flatMap(LaunchReader::folder).orElse(null),
                        port,
                        field(fields, "stop")
                                .map(v -> v.scalar(SIGNAL, "SIGTERM", LaunchReader::signal))
                                .orElse("SIGTERM"),
                        field(fields, "restart")
                                .map(v -> v.oneOf(ways, Launch.Way.STOP))
                                .orElse(Launch.Way.STOP),
                        signal,
                        grace(fields),
                        ready(fields)),
                fields,
                port);
    }

    private Launched container(YamlValue value) {
        Map<String, YamlValue> fields = value.fields(
                "image",
                "port",
                "host-port",
                "network",
                "path",
                "secure",
                "env",
                "command",
                "ready",
                "restart",
                "exec",
                "grace");
        Map<String, Boolean> networks = new LinkedHashMap<>();
        networks.put("bridge", false);
        networks.put("host", true);
        boolean host =
                field(fields, "network").map(v -> v.oneOf(networks, false)).orElse(false);
        int inside = port(value, fields);
        int outside = field(fields, "host-port")
                .map(v -> (int) v.whole(1024, ExperimentReader.LAST_PORT, 0))
                .orElse(host ? inside : 0);
        if (host && fields.containsKey("host-port")) {
            value(fields, "host-port").problem("stands beside network: host (expected: port alone, which is both)");
        }
        Launch.Way way = way(fields);
        return dialled(
                new Launch.Container(
                        required(value, fields, "image", "the name of an image, as chat:1.4"),
                        inside,
                        outside,
                        host,
                        environment(fields),
                        words(value, fields, "command", false),
                        way,
                        exec(value, fields, way),
                        grace(fields),
                        ready(fields)),
                fields,
                outside == 0 ? inside : outside);
    }

    private Launched compose(YamlValue value) {
        Map<String, YamlValue> fields =
                value.fields("file", "service", "port", "path", "secure", "env", "ready", "restart", "exec", "grace");
        int port = port(value, fields);
        Launch.Way way = way(fields);
        String readable = "a compose file that can be read";
        String file = field(fields, "file")
                .flatMap(v -> v.spelled(readable, text -> {
                    if (!Files.isReadable(Path.of(text)) || Files.isDirectory(Path.of(text))) {
                        throw new IllegalArgumentException(text + " (expected: " + readable + ")");
                    }
                }))
                .orElse("");
        if (!fields.containsKey("file")) {
            value.problem("file is missing (expected: " + readable + ")");
        }
        return dialled(
                new Launch.Compose(
                        Path.of(file).toAbsolutePath().normalize().toString(),
                        required(value, fields, "service", "the service that is dialled and restarted"),
                        port,
                        environment(fields),
                        way,
                        exec(value, fields, way),
                        grace(fields),
                        ready(fields)),
                fields,
                port);
    }

    /** What a restart does to a container. */
    private static Launch.Way way(Map<String, YamlValue> fields) {
        return field(fields, "restart")
                .map(v -> v.oneOf(
                        ways(Launch.Way.STOP, Launch.Way.KILL, Launch.Way.PAUSE, Launch.Way.EXEC), Launch.Way.STOP))
                .orElse(Launch.Way.STOP);
    }

    private static Map<String, Launch.Way> ways(Launch.Way... each) {
        Map<String, Launch.Way> ways = new LinkedHashMap<>();
        for (Launch.Way way : each) {
            ways.put(way.spelled(), way);
        }
        return ways;
    }

    private List<String> exec(YamlValue container, Map<String, YamlValue> fields, Launch.Way way) {
        if (way != Launch.Way.EXEC) {
            field(fields, "exec").ifPresent(v -> v.problem("stands alone (expected: restart: exec beside it)"));
            return List.of();
        }
        return words(container, fields, "exec", true);
    }

    private static List<String> words(YamlValue of, Map<String, YamlValue> fields, String key, boolean required) {
        YamlValue value = fields.get(key);
        if (value == null) {
            if (required) {
                of.problem(key + " is missing (expected: " + COMMAND + ")");
            }
            return List.of();
        }
        List<String> words = new ArrayList<>();
        for (YamlValue word : value.list(COMMAND)) {
            words.add(word.spelled(COMMAND, expanded -> {}).orElse(""));
        }
        if (value.isList() && (words.isEmpty() || words.get(0).isBlank())) {
            value.problem("no program (expected: " + COMMAND + ")");
        }
        return words;
    }

    private static String required(YamlValue of, Map<String, YamlValue> fields, String key, String expected) {
        YamlValue value = fields.get(key);
        if (value == null) {
            of.problem(key + " is missing (expected: " + expected + ")");
            return "";
        }
        return value.literal(expected, "", text -> {
            if (text.isBlank() || text.contains(" ")) {
                throw new NumberFormatException();
            }
            return text;
        });
    }

    /** Values as they are spelled. */
    private static Map<String, String> environment(Map<String, YamlValue> fields) {
        Map<String, String> environment = new LinkedHashMap<>();
        field(fields, "env")
                .ifPresent(map -> map.entries(VARIABLES).forEach((name, value) -> {
                    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                        value.problem(name + " (expected: a variable's name, as LOG_LEVEL)");
                    }
                    value.spelled("a value", expanded -> {}).ifPresent(text -> environment.put(name, text));
                }));
        return environment;
    }

    private static Optional<String> folder(YamlValue value) {
        String expected = "a folder";
        return value.spelled(expected, text -> {
            if (!Files.isDirectory(Path.of(text))) {
                throw new IllegalArgumentException(text + " (expected: " + expected + ")");
            }
        });
    }

    private static String signal(String text) {
        if (!SIGNALS.matcher(text).matches()) {
            throw new NumberFormatException();
        }
        return text;
    }

    private int port(YamlValue of, Map<String, YamlValue> fields) {
        YamlValue value = fields.get("port");
        if (value == null) {
            of.problem("port is missing (expected: the port that it listens at)");
            return 1;
        }
        int port = (int) value.whole(1, LAST_PORT, 1);
        if (port > ExperimentReader.LAST_PORT && !of.path().endsWith("container")) {
            warnings.add(new Problem(
                    value.location(),
                    "port " + port + " may be taken by a client's connection while the server is down (expected: below "
                            + (ExperimentReader.LAST_PORT + 1) + ")"));
        }
        return port;
    }

    /** It is dialled on loopback, by the name that its certificate may have. */
    private static Launched dialled(Launch launch, Map<String, YamlValue> fields, int port) {
        boolean secure = field(fields, "secure").map(YamlValue::flag).orElse(false);
        String host = (secure ? "wss://" : "ws://") + "localhost:" + port;
        YamlValue path = fields.get("path");
        if (path == null) {
            return new Launched(launch, host + "/", WebSocketUri.parse(host + "/"));
        }
        String expected = "a path, as /chat?room=1";
        WebSocketUri uri = path.scalar(expected, WebSocketUri.parse(host + "/"), text -> {
            if (!text.startsWith("/")) {
                throw new NumberFormatException();
            }
            return WebSocketUri.parse(host + text);
        });
        return new Launched(launch, host + path.literal(expected, "/", Function.identity()), uri);
    }

    private static long grace(Map<String, YamlValue> fields) {
        return field(fields, "grace").map(YamlValue::duration).orElse(DEFAULT_GRACE_MICROS);
    }

    private static Launch.Ready ready(Map<String, YamlValue> fields) {
        YamlValue value = fields.get("ready");
        Map<String, YamlValue> ready = value == null ? Map.of() : value.fields("http", "log", "within");
        return new Launch.Ready(
                field(ready, "http").map(LaunchReader::path).orElse(null),
                field(ready, "log").map(LaunchReader::pattern).orElse(null),
                field(ready, "within")
                        .map(v -> v.positiveDuration(DEFAULT_READY_MICROS))
                        .orElse(DEFAULT_READY_MICROS));
    }

    private static @Nullable String path(YamlValue value) {
        String expected = "a path, as /health";
        return value.scalar(expected, "/", text -> {
            if (!text.startsWith("/")) {
                throw new IllegalArgumentException(text + " (expected: " + expected + ")");
            }
            return text;
        });
    }

    private static @Nullable String pattern(YamlValue value) {
        String expected = "a regular expression that a line of its output has, as listening on";
        return value.literal(expected, "", text -> {
            try {
                return Pattern.compile(text).pattern();
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        text + ": " + e.getDescription() + " (expected: " + expected + ")", e);
            }
        });
    }
}
