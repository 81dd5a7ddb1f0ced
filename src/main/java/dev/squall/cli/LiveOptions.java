package dev.squall.cli;

import dev.squall.live.LiveServer;
import dev.squall.live.Onlooker;
import dev.squall.live.OtlpPush;
import dev.squall.plan.Plan;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Who is told of a run while it goes on. */
final class LiveOptions {

    /** The environment variable with the bearer token of the live view. */
    private static final String TOKEN = "SQUALL_LIVE_TOKEN";

    /** As OpenTelemetry's specification has it: the whole URL, for figures alone. */
    private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

    private static final int LAST_PORT = 65_535;

    @Option(
            names = "--live",
            paramLabel = "PORT",
            arity = "0..1",
            fallbackValue = "" + LiveServer.PORT,
            preprocessor = PortOrNone.class,
            description =
                    "Serves how the run stands while it goes on: a page at /, its event stream at /events, figures for"
                            + " Prometheus at /metrics. Default: ${FALLBACK-VALUE}, or the next port that is free.")
    private @Nullable Integer port;

    @Option(
            names = "--live-host",
            paramLabel = "HOST",
            description =
                    "Where the live view listens. Default: 127.0.0.1. Elsewhere than on loopback it wants a bearer token:"
                            + " set " + TOKEN + ".")
    private @Nullable String host;

    @Option(
            names = "--otlp",
            paramLabel = "URL",
            description = "Pushes the same figures to an OpenTelemetry collector, as http://localhost:4318/v1/metrics."
                    + " Default: " + ENDPOINT + ", if it is set.")
    private @Nullable String otlp;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /**
     * Begins to listen and to push.
     *
     * @param plan whose ports are not taken
     * @param told is told where
     * @throws IOException if no port is free
     */
    Onlookers open(Plan plan, PrintWriter told, PrintWriter err) throws IOException {
        if (host != null && port == null) {
            throw usage("--live-host: " + host + " without --live (expected: both)");
        }
        String url = otlp != null ? otlp : System.getenv(ENDPOINT);
        Optional<Onlooker> push = url == null || url.isBlank() ? Optional.empty() : Optional.of(push(url, err));
        Onlookers onlookers = new Onlookers();
        if (port != null) {
            LiveServer server = server(port, plan);
            onlookers.add(server);
            told.println("live   " + server.url());
            told.flush();
        }
        push.ifPresent(onlookers::add); // Last, for its last push may take seconds.
        return onlookers;
    }

    private Onlooker push(String url, PrintWriter err) {
        try {
            return new OtlpPush(url, warning -> err.println("warning: " + warning));
        } catch (IllegalArgumentException e) {
            throw usage((otlp != null ? "--otlp: " : ENDPOINT + ": ") + e.getMessage());
        }
    }

    private LiveServer server(int first, Plan plan) throws IOException {
        if (first < 0 || first > LAST_PORT) {
            throw usage("--live: " + first + " (expected: 0 to " + LAST_PORT + "; 0: any that is free)");
        }
        String where = host == null ? "127.0.0.1" : host;
        String token = System.getenv(TOKEN);
        if (token == null && !InetAddress.getByName(where).isLoopbackAddress()) {
            throw usage("--live-host: " + where + " is not loopback (expected: the bearer token that the live view then"
                    + " wants, in the variable " + TOKEN + ")");
        }
        try {
            return LiveServer.start(
                    where,
                    first,
                    plan.nodes().stream().map(Plan.Node::port).collect(Collectors.toSet()),
                    token,
                    Long.toString(Instant.now().toEpochMilli(), Character.MAX_RADIX));
        } catch (IllegalArgumentException e) {
            throw usage(TOKEN + ": " + e.getMessage());
        }
    }

    /** What follows {@code --live} is its port only if it is a number: else it is the experiment's file. */
    static final class PortOrNone implements CommandLine.IParameterPreprocessor {

        @Override
        @SuppressWarnings("JdkObsolete") // Picocli's.
        public boolean preprocess(
                Stack<String> args, CommandSpec command, CommandLine.Model.ArgSpec option, Map<String, Object> info) {
            boolean attached = !" ".equals(info.get("separator"));
            if (!attached && (args.isEmpty() || !args.peek().matches("[0-9]+"))) {
                args.push(String.valueOf(LiveServer.PORT));
            }
            return false;
        }
    }

    private CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }
}
