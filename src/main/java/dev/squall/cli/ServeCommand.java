package dev.squall.cli;

import dev.squall.experiment.ExperimentException;
import dev.squall.experiment.ServerReader;
import dev.squall.plan.Identification;
import dev.squall.plan.Plan;
import dev.squall.protocol.CloseCode;
import dev.squall.quantity.Quantity;
import dev.squall.run.Harness;
import dev.squall.run.Progress;
import dev.squall.run.RunException;
import dev.squall.verdict.Expectation;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Runs the mock server alone, for clients that you bring, and judges how they behaved.",
        footer = {
            "",
            "It echoes messages. Faults come from --faults, or live: open http://127.0.0.1:9002/ or see /openapi.yaml there.",
            "Bound to another address than loopback, the live control wants a bearer token: set SQUALL_ADMIN_TOKEN.",
            "It ends after --for, or by Ctrl-C (exit code 130), and prints what each client did.",
            "",
            "Exit codes: 0 pass, 1 an expectation failed, 2 usage, 3 inconclusive, 130 interrupted.",
            "",
            "Example: squall serve --identify query:client --for 60s --expect \"client.reconnect.delay.p50 in 1s..5s\""
        })
class ServeCommand implements Callable<Integer> {

    private static final int LAST_PORT = 65_535;

    @Option(names = "--host", paramLabel = "HOST", description = "Where to listen. Default: ${DEFAULT-VALUE}.")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description =
                    "Where clients come. Default: ${DEFAULT-VALUE}. Choose one below 32768: above, a client that dials"
                            + " while nothing listens may come to be connected to itself.")
    private int port = 9001;

    @Option(
            names = "--admin-host",
            paramLabel = "HOST",
            description = "Where the live control listens. Default: ${DEFAULT-VALUE}.")
    private String adminHost = "127.0.0.1";

    @Option(
            names = "--admin-port",
            paramLabel = "PORT",
            description = "The live control's port; 0: none. Default: ${DEFAULT-VALUE}.")
    private int adminPort = 9002;

    @Option(
            names = "--faults",
            paramLabel = "FILE",
            description =
                    "A YAML file: a list of faults as in an experiment, or a map with extensions, capacity and faults."
                            + " Their times count from the start.")
    private @Nullable Path faults;

    @Option(
            names = "--identify",
            paramLabel = "BY",
            description = "How clients are told apart: " + Identification.EXPECTED + ". Default: not at all.")
    private @Nullable String identify;

    @Option(names = "--ping", paramLabel = "TIME", description = "Pings each client so often. Default: never.")
    private @Nullable String ping;

    @Option(names = "--for", paramLabel = "TIME", description = "Ends after this time. Default: by Ctrl-C.")
    private @Nullable String time;

    @Option(
            names = "--stop-code",
            paramLabel = "CODE",
            description = "The close code with which it takes leave of its clients when it ends: 1012 is a restart."
                    + " Default: 1001.")
    private String stopCode = "1001";

    @Option(
            names = "--expect",
            paramLabel = "EXPECTATION",
            description =
                    "What is expected of the clients, as \"client.reconnect.delay.p50 in 1s..5s\" (squall help metrics)."
                            + " May be given several times.")
    private List<String> expect = List.of();

    @Option(names = "--out", paramLabel = "DIR", description = "Where run directories go. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("runs");

    @Option(names = "--seed", paramLabel = "N", description = "The seed of every random value. Default: chosen.")
    private @Nullable Long seed;

    @Option(names = "--json", description = "Prints results.json instead of the table.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        PrintWriter stdout = spec.commandLine().getOut();
        Plan plan = plan();
        List<String> command = SquallCommand.words(spec);
        Harness.Request request = new Harness.Request(
                plan,
                faults == null ? "" : Files.readString(faults),
                faults == null ? "" : faults.toString(),
                List.of(),
                command,
                out,
                false,
                false);
        Interruption interruption = Interruption.awaited();
        StatusLine status = StatusLine.on(err, StatusLine::ofServer);
        AtomicReference<@Nullable Harness> running = new AtomicReference<>();
        return interruption.carryOut(
                request,
                running::set,
                progress -> show(plan, progress, running, status, json ? err : stdout),
                status,
                json,
                stdout,
                err);
    }

    /** The first time it says where the server is. */
    private void show(
            Plan plan,
            Progress progress,
            AtomicReference<@Nullable Harness> running,
            StatusLine status,
            PrintWriter where) {
        Harness harness = running.getAndSet(null);
        if (harness != null) {
            where.println(told(plan.relay()) + host + ":" + port + "/   seed " + plan.seed());
            if (adminPort != 0) {
                where.println("control   http://" + adminHost + ":" + adminPort + "/");
            }
            where.println("files     " + harness.directory().path());
            where.flush();
        }
        status.show(progress);
    }

    private Plan plan() throws ExperimentException, RunException {
        long duration = time == null ? Plan.WITHOUT_END_MICROS : option("--for", time, ServeCommand::micros);
        ServerReader.Server server =
                faults == null ? ServerReader.Server.DEFAULT : new ServerReader(System::getenv).read(faults, duration);
        address("--host", host);
        checkPort("--port", port, 1);
        checkPort("--admin-port", adminPort, 0);
        if (port == adminPort && host.equals(adminHost)) {
            throw usage("--admin-port: " + adminPort + " is --port too (expected: another)");
        }
        if (adminPort != 0
                && !address("--admin-host", adminHost).isLoopbackAddress()
                && System.getenv(ADMIN_TOKEN) == null) {
            throw usage(
                    "--admin-host: " + adminHost + " is not loopback (expected: the bearer token that the live control"
                            + " then wants, in the variable " + ADMIN_TOKEN + ")");
        }
        for (String text : expect) {
            Expectation expectation = option("--expect", text, Expectation::parse);
            if (expectation.steady()) {
                throw usage("--expect: " + text + " is of a run's steady state (expected: [client:] metric op value)");
            }
            expectation
                    .metric()
                    .unmeasurableServing(identify != null, ping != null)
                    .ifPresent(why -> {
                        throw usage("--expect: " + expectation.metric().name() + " cannot be measured: " + why);
                    });
        }
        Identification by = identify == null ? null : option("--identify", identify, Identification::parse);
        long pingMicros = ping == null ? 0 : option("--ping", ping, ServeCommand::micros);
        Plan plan = Plan.ofServer(
                SquallCommand.seed(seed, OptionalLong.empty()),
                duration,
                new Plan.Node(0, host, port),
                new Plan.Serving(
                        by, pingMicros, adminHost, adminPort, option("--stop-code", stopCode, ServeCommand::closeCode)),
                server.extensions(),
                server.capacity(),
                server.faults(),
                server.restarts(),
                expect);
        Plan.Relay relay = relay();
        if (relay != null && !server.replies().isEmpty()) {
            throw usage("--faults: replies (expected: none, for the server behind the proxy replies)");
        }
        return plan.replying(server.replies()).before(relay);
    }

    /** What it stands in front of; null: nothing, it echoes. */
    Plan.@Nullable Relay relay() throws RunException {
        return null;
    }

    private static String told(Plan.@Nullable Relay relay) {
        String scheme = relay != null && relay.certificate() != null ? "wss://" : "ws://";
        return relay == null
                ? "serving   " + scheme
                : "proxy     before " + relay.upstream().described() + "\nserving   " + scheme;
    }

    /** The environment variable with the live control's bearer token. */
    private static final String ADMIN_TOKEN = "SQUALL_ADMIN_TOKEN";

    private void checkPort(String option, int value, int least) {
        if (value < least || value > LAST_PORT) {
            throw usage(option + ": " + value + " (expected: " + least + " to " + LAST_PORT + ")");
        }
    }

    private InetAddress address(String option, String name) {
        try {
            return InetAddress.getByName(name);
        } catch (UnknownHostException e) {
            throw usage(option + ": " + name + " is not known (expected: a name or address of this machine)");
        }
    }

    private <T> T option(String name, String text, Function<String, T> reader) {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException e) {
            throw usage(name + ": " + e.getMessage());
        }
    }

    private static int closeCode(String text) {
        try {
            return CloseCode.parseOfServer(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(text + " (expected: " + CloseCode.OF_A_SERVER + ")", e);
        }
    }

    private static long micros(String text) {
        long micros = (long) Quantity.DURATION.parse(text);
        if (micros < 1_000) {
            throw new IllegalArgumentException(text + " (expected: >= 1ms)");
        }
        return micros;
    }

    /** A usage error of this command. */
    final CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }
}
