package dev.squall.junit;

import dev.squall.behaviour.ClientBehaviour;
import dev.squall.behaviour.Clientele;
import dev.squall.experiment.ExperimentException;
import dev.squall.fault.Fault;
import dev.squall.fault.FaultWindow;
import dev.squall.node.Control;
import dev.squall.node.MockServer;
import dev.squall.plan.Identification;
import dev.squall.plan.Plan;
import dev.squall.plan.Reply;
import dev.squall.protocol.Extension;
import dev.squall.report.ClientTable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A mock server for tests of a WebSocket client: it echoes, makes things go wrong, and knows what each client did.
 *
 * <pre>{@code
 * @RegisterExtension
 * final MockServerExtension server = new MockServerExtension();
 *
 * @Test
 * void comesBackAfterARestart() throws Exception {
 *     client.connect(server.url("/?client=ann"));
 *     server.restart("{code: 1012, downtime: 500ms}");
 *     ClientBehaviour ann = server.await("ann", seen -> seen.reconnecting().returned() == 1);
 *     ...
 * }
 * }</pre>
 *
 * <p>A field of an instance has a server for each test, so that tests may run in parallel; a static one has a server for all
 * tests of the class, which share its faults: {@link #reset} between them, or a {@code match} on the client that a fault is
 * meant for. Each server listens on 127.0.0.1 on a port of its own. Every method may be called from any thread.
 */
public final class MockServerExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    /** How long {@link #await(String, Predicate)} waits. */
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final String HOST = "127.0.0.1";
    private static final int MOST_TRIES = 20;
    private static final int MOST_EVENTS = 20;

    /** A server, its port, and whose: the class' or, where it is empty, the test's. */
    private record Running(MockServer server, ReservedPort port, String owner) {}

    private Identification identification = Identification.parse("query:client");
    private Duration pings = Duration.ZERO;
    private final List<Reply> replies = new ArrayList<>();
    private @Nullable Running running;

    /** A server without faults, which tells clients apart by the query parameter {@code client}. */
    public MockServerExtension() {}

    /**
     * How clients are told apart.
     *
     * @param by {@code query:NAME}, {@code header:NAME}, {@code cookie:NAME}, {@code subprotocol} or {@code address}
     * @throws IllegalArgumentException if it is none of these
     */
    public synchronized MockServerExtension identify(String by) {
        identification = Identification.parse(by);
        return this;
    }

    /** Pings each client so often (RFC 6455 section 5.5.2); without this never. */
    public synchronized MockServerExtension pingEvery(Duration time) {
        pings = time;
        return this;
    }

    /**
     * Says something beyond the echo; may be called several times, and the first that fits is said.
     *
     * @param to {@code open}: when a connection opens; else in place of the echo of a text message that contains this
     * @param say a text of at most {@value Reply#MOST_CHARS} characters
     * @throws IllegalArgumentException if a text is too long, or {@code to} is empty
     */
    public synchronized MockServerExtension reply(String to, String say) {
        replies.add(new Reply(to, say));
        return this;
    }

    // Where it is.

    /** Its address, as {@code ws://127.0.0.1:23456/}. */
    public URI url() {
        return URI.create("ws://" + HOST + ":" + server().port() + "/");
    }

    /** The address of a path, with or without a query, as {@code /chat?client=ann}. */
    public URI url(String path) {
        return url().resolve(path);
    }

    // What goes wrong.

    /** Inflicts a fault on everybody, from now until it is lifted. */
    public Control.ActiveFault inflict(Fault fault) {
        return inflict(FaultWindow.during(0, fault, 1, 0, FaultWindow.OPEN_END));
    }

    /** Inflicts a fault when and on whom it says; times count from now. */
    public Control.ActiveFault inflict(FaultWindow window) {
        try {
            return server().inflict(window);
        } catch (Control.RefusedException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /**
     * Inflicts a fault as an element of an experiment's {@code faults}, as {@code {close: 1011, after: 5s}}; times count from
     * now.
     *
     * @throws IllegalArgumentException if it is none; the message says what is accepted
     */
    public Control.ActiveFault inflict(String fault) {
        try {
            return server().control().inflict(fault);
        } catch (ExperimentException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (Control.RefusedException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Ends a fault; false if it is over. */
    public boolean lift(Control.ActiveFault fault) {
        return server().control().lift(fault.index());
    }

    /**
     * Restarts the server, as {@code {code: 1012, drain: 1s, downtime: 500ms}} says; at once unless that has an {@code at}.
     *
     * @throws IllegalArgumentException if it is no restart; the message says what is accepted
     * @throws IllegalStateException if another is under way
     */
    public void restart(String restart) {
        try {
            server().control().restart(restart);
        } catch (ExperimentException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (Control.RefusedException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Begins anew, on the same port: no faults, no connections (all end), and no client that was ever seen. */
    public synchronized void reset() {
        Running old = running();
        stop(old.server());
        try {
            running = new Running(started(old.port().number()), old.port(), old.owner());
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    // What a client did.

    /**
     * What this client has done until now.
     *
     * @throws AssertionError if no client named itself so
     */
    public ClientBehaviour client(String key) {
        return of(seen(clients -> true, Duration.ZERO), key);
    }

    /** The same as of {@link #await(String, Predicate, Duration)} within {@link #PATIENCE}. */
    public ClientBehaviour await(String key, Predicate<ClientBehaviour> condition) {
        return await(key, condition, PATIENCE);
    }

    /**
     * Waits until something holds of what this client has done, and gives that.
     *
     * @throws AssertionError if it does not hold in time; the message shows what the client did
     */
    public ClientBehaviour await(String key, Predicate<ClientBehaviour> condition, Duration atMost) {
        Clientele seen = seen(clients -> clients.client(key).filter(condition).isPresent(), atMost);
        return checked(seen, key, condition, "did not hold within " + seconds(atMost));
    }

    /**
     * Watches for this time that something holds of what this client has done, and gives that.
     *
     * @throws AssertionError as soon as it does not hold; the message shows what the client did
     */
    public ClientBehaviour stays(String key, Predicate<ClientBehaviour> condition, Duration time) {
        Clientele seen = seen(clients -> clients.client(key).filter(condition).isEmpty(), time);
        return checked(seen, key, condition, "did not hold for " + seconds(time));
    }

    private ClientBehaviour checked(
            Clientele seen, String key, Predicate<ClientBehaviour> condition, String otherwise) {
        ClientBehaviour client = of(seen, key);
        if (!condition.test(client)) {
            throw new AssertionError("client " + key + ": what was asked of it " + otherwise + "\n\n"
                    + ClientTable.row(client) + "\n" + events(key));
        }
        return client;
    }

    private ClientBehaviour of(Clientele seen, String key) {
        return seen.client(key).orElseThrow(() -> new AssertionError("client " + key + " did not come" + others(seen)));
    }

    private Clientele seen(Predicate<Clientele> condition, Duration atMost) {
        try {
            return server().await(condition, atMost);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it waited for a client", e);
        }
    }

    private String others(Clientele seen) {
        String keys = seen.clients().stream().map(ClientBehaviour::key).collect(Collectors.joining(", "));
        long nameless = seen.unidentified().connections().asked();
        return " (" + (keys.isEmpty() ? "nobody did" : "those who did: " + keys)
                + (nameless == 0 ? "" : "; connections that did not say whose they are: " + nameless)
                + "; clients are told apart by " + identification + ")";
    }

    private static String seconds(Duration time) {
        return time.toMillis() / 1e3 + " s";
    }

    /** The last rows of the node's journal about a client, and about nobody in particular. */
    private String events(String key) {
        List<Control.Event> all = server().control().recent().stream()
                .filter(event -> event.connection() == null || key.equals(event.client()))
                .toList();
        return all.subList(Math.max(0, all.size() - MOST_EVENTS), all.size()).stream()
                .map(event -> String.format(
                        Locale.ROOT,
                        "%9.3f s  %-14s %s",
                        event.micros() / 1e6,
                        event.event(),
                        Stream.of(event.code(), event.detail())
                                .filter(Objects::nonNull)
                                .map(String::valueOf)
                                .collect(Collectors.joining(" "))))
                .collect(Collectors.joining("\n"));
    }

    // Its life.

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        start(context.getUniqueId());
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        start(context.getUniqueId());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        end(context.getUniqueId());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        end(context.getUniqueId());
    }

    /** Starts a server for a class or a test, unless it is within one that has it already. */
    synchronized void start(String owner) throws IOException {
        for (int tries = 1; running == null; tries++) {
            ReservedPort port = ReservedPort.any(InetAddress.getByName(HOST));
            try {
                running = new Running(started(port.number()), port, owner);
            } catch (IOException e) {
                port.close();
                if (tries == MOST_TRIES) {
                    throw e; // Somebody who reserves nothing has each of these TCP ports.
                }
            }
        }
    }

    private MockServer started(int port) throws IOException {
        Plan plan = Plan.ofServer(
                0,
                Plan.WITHOUT_END_MICROS,
                new Plan.Node(0, HOST, port),
                new Plan.Serving(identification, pings.toNanos() / 1_000, HOST, 0),
                List.of(Extension.PERMESSAGE_DEFLATE),
                null,
                List.of(),
                List.of(),
                List.of());
        MockServer server = MockServer.of(plan.replying(replies), 0);
        try {
            return server.start();
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    /** Ends it with whom it was started for. */
    synchronized void end(String owner) {
        Running last = running;
        if (last != null && last.owner().equals(owner)) {
            running = null;
            try {
                stop(last.server());
            } finally {
                last.port().close();
            }
        }
    }

    private static void stop(MockServer server) {
        Optional<Throwable> failure = server.failure();
        server.close();
        failure.ifPresent(cause -> {
            throw new IllegalStateException("the mock server failed: " + cause.getMessage(), cause);
        });
    }

    private MockServer server() {
        return running().server();
    }

    private synchronized Running running() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException(
                    "the mock server does not run (expected: @RegisterExtension at its field, and a"
                            + " test that runs)");
        }
        return now;
    }
}
