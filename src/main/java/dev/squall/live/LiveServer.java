package dev.squall.live;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.squall.gate.Admission;
import dev.squall.plan.Plan;
import dev.squall.report.Template;
import dev.squall.run.Progress;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Serves how a run stands while it goes on: a page, its event stream, figures for Prometheus. It only tells. Nobody who reads
 * slowly, or not at all, holds up the harness or anybody else.
 */
public final class LiveServer implements Onlooker {

    /** Where it listens, unless told otherwise. */
    public static final int PORT = 9003;

    /** Ports that are tried, one after the other. */
    static final int MOST_PORTS = 50;

    /** Readers of the event stream; each has a thread. */
    static final int MOST_STREAMS = 16;

    private static final int THREADS = MOST_STREAMS + 4;

    /** Connections; as many as have a thread or a place in the queue for one. */
    private static final int MOST_CONNECTIONS = 64;

    /** For a request to arrive. */
    private static final int REQUEST_SECONDS = 10;

    /** Who takes nothing for so long is dropped. */
    private static final int PATIENCE_SECONDS = 5;

    /** A comment is sent after so long without an event, to find out whether the reader is there. */
    private static final long SILENCE_MILLIS = 10_000;

    /** For readers to get the last event. */
    static final long GRACE_MILLIS = 2_000;

    /** The JDK's server has these limits from system properties alone, and reads them once. */
    private static final Map<String, Integer> LIMITS = Map.of(
            "jdk.httpserver.maxConnections", MOST_CONNECTIONS,
            "sun.net.httpserver.maxReqTime", REQUEST_SECONDS);

    private static final String HTML = "text/html; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String EVENTS = "text/event-stream; charset=utf-8";

    private final InetAddress address;
    private final Admission admission;
    private final HttpServer server;
    private final Feed feed;
    private final Patience patience = new Patience(PATIENCE_SECONDS);
    private final Semaphore streams = new Semaphore(MOST_STREAMS);
    private final ThreadPoolExecutor threads;
    private final ScheduledExecutorService ticker;
    private final byte[] page =
            new Template(LiveServer.class, "live.html").with(Map.of()).getBytes(StandardCharsets.UTF_8);
    private final Object metrics = new Object();
    private @Nullable PrometheusMeterRegistry registry;
    private volatile @Nullable Meters meters;
    private volatile boolean closed;

    private LiveServer(InetAddress address, HttpServer server, Admission admission, String name, long tickMillis) {
        this.address = address;
        this.server = server;
        this.admission = admission;
        this.feed = new Feed(name);
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MOST_CONNECTIONS),
                daemons("squall-live-"),
                new ThreadPoolExecutor.DiscardPolicy()); // Never: there are not as many connections.
        threads.allowCoreThreadTimeOut(true);
        ticker = Executors.newSingleThreadScheduledExecutor(daemons("squall-live-ticker-"));
        var unused = ticker.scheduleAtFixedRate(patience::tick, tickMillis, tickMillis, TimeUnit.MILLISECONDS);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /**
     * Listens.
     *
     * @param host a name or address of this machine
     * @param port from 0 to 65535; if it is taken, the next one that is free; 0: any that is free
     * @param taken ports that will be needed by others
     * @param token what a client must present; null: none is asked for, which only a loopback address may do without
     * @param name of the event stream; no other that a reader may have met has it
     * @throws IOException if the host is not known or no port is free
     * @throws IllegalArgumentException if the token is missing or too weak
     */
    public static LiveServer start(String host, int port, Set<Integer> taken, @Nullable String token, String name)
            throws IOException {
        return start(host, port, taken, token, name, 1_000);
    }

    /** The same by a clock that may run faster. */
    static LiveServer start(
            String host, int port, Set<Integer> taken, @Nullable String token, String name, long tickMillis)
            throws IOException {
        InetAddress address = InetAddress.getByName(host);
        Admission admission = new Admission("live", address, token);
        LIMITS.forEach((limit, value) -> {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, String.valueOf(value));
            }
        });
        return new LiveServer(address, listening(address, port, taken), admission, name, tickMillis);
    }

    private static HttpServer listening(InetAddress address, int port, Set<Integer> taken) throws IOException {
        int last = Math.min(0xffff, port + MOST_PORTS - 1);
        BindException refused = new BindException("needed by the run");
        for (int each = port; each <= (port == 0 ? 0 : last); each++) {
            try {
                if (!taken.contains(each)) {
                    return HttpServer.create(new InetSocketAddress(address, each), 0);
                }
            } catch (BindException e) {
                refused = e;
            }
        }
        throw new IOException(
                "live port " + address.getHostAddress() + ":" + port + ": cannot listen there or at one of the next "
                        + MOST_PORTS + " (expected: a free port of this machine): " + refused.getMessage(),
                refused);
    }

    private static ThreadFactory daemons(String prefix) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Where it is, for a browser on this machine. */
    public String url() {
        String host = address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port() + "/";
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Who reads the event stream. */
    int readers() {
        return MOST_STREAMS - streams.availablePermits();
    }

    // ---- the run

    @Override
    public void begins(Plan plan) {
        synchronized (metrics) {
            registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            meters = new Meters(registry, plan);
        }
        feed.begin(RunEvents.RUN, RunEvents.run(plan));
    }

    @Override
    public void stands(Progress progress) {
        Meters told = meters;
        if (told != null) {
            told.stands(progress);
        }
        if (progress.isStarting()) {
            feed.add(RunEvents.STARTING, RunEvents.starting(progress));
        } else {
            feed.add(RunEvents.SECOND, RunEvents.second(progress));
        }
    }

    @Override
    public void ends(String verdict, Path report) {
        feed.add(RunEvents.VERDICT, RunEvents.verdict(verdict, report));
    }

    /** Lets readers get the last event, for 2 s at most, and frees the port. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        feed.end();
        try {
            if (!streams.tryAcquire(MOST_STREAMS, GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
                threads.shutdownNow(); // Whoever still writes is interrupted.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ticker.shutdownNow();
            server.stop(0);
            threads.shutdownNow();
        }
    }

    // ---- those who look

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Headers asked = exchange.getRequestHeaders();
            protect(exchange.getResponseHeaders());
            String path = exchange.getRequestURI().getPath();
            Admission.Refusal refusal = admission
                    .admit(asked.getFirst("Host"), asked.getFirst("Origin"))
                    .or(() -> path.equals("/") || path.equals("/healthz")
                            ? Optional.empty()
                            : admission.authorize(asked.getFirst("Authorization")))
                    .orElse(null);
            if (refusal != null) {
                refuse(exchange, refusal);
            } else if (!Set.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                refuse(exchange, new Admission.Refusal(405, "", "this server only tells (expected: GET)"));
            } else {
                tell(exchange, path);
            }
        } catch (RuntimeException | Error defect) {
            if (!closed) { // The JDK's server would keep it to itself.
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, defect);
            }
            throw defect;
        }
    }

    private void tell(HttpExchange exchange, String path) throws IOException {
        switch (path) {
            case "/" -> send(exchange, 200, HTML, page);
            case "/healthz" -> send(exchange, 200, TEXT, bytes("ok\n"));
            case "/metrics" -> send(exchange, 200, PROMETHEUS, bytes(scrape()));
            case "/events" -> {
                if (streams.tryAcquire()) {
                    try (exchange) { // Closed before the permit is back: until then the server does not end.
                        stream(exchange);
                    } finally {
                        streams.release();
                    }
                } else {
                    exchange.getResponseHeaders().set("Retry-After", "5");
                    refuse(
                            exchange,
                            new Admission.Refusal(503, "", "there are " + MOST_STREAMS + " readers (expected: fewer)"));
                }
            }
            default ->
                refuse(
                        exchange,
                        new Admission.Refusal(404, "", "nothing here (expected: /, /events, /metrics or /healthz)"));
        }
    }

    private void stream(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", EVENTS);
        boolean bodiless = exchange.getRequestMethod().equals("HEAD");
        long number = feed.number(exchange.getRequestHeaders().getFirst("Last-Event-ID"));
        exchange.sendResponseHeaders(200, bodiless ? -1 : 0);
        if (bodiless) {
            return;
        }
        OutputStream out = exchange.getResponseBody();
        while (!feed.isOver(number)) {
            List<Feed.Event> events;
            try {
                events = feed.after(number, SILENCE_MILLIS);
            } catch (InterruptedException e) {
                return; // The server closes.
            }
            String text = text(events);
            patience.during(() -> {
                out.write(bytes(text));
                out.flush();
            });
            number = events.isEmpty() ? number : events.get(events.size() - 1).number();
        }
    }

    /** As the HTML standard has it, section 9.2.6. */
    private String text(List<Feed.Event> events) {
        if (events.isEmpty()) {
            return ":\n\n";
        }
        StringBuilder text = new StringBuilder();
        for (Feed.Event event : events) {
            text.append("id: ").append(feed.id(event)).append('\n');
            text.append("event: ").append(event.name()).append('\n');
            text.append("data: ").append(event.data()).append("\n\n");
        }
        return text.toString();
    }

    private String scrape() {
        synchronized (metrics) {
            if (meters == null || registry == null) {
                return "";
            }
            meters.refresh();
            return registry.scrape();
        }
    }

    private void refuse(HttpExchange exchange, Admission.Refusal refusal) throws IOException {
        if (refusal.status() == 401) {
            exchange.getResponseHeaders().set("WWW-Authenticate", Admission.CHALLENGE);
        }
        var error = JsonNodeFactory.instance.objectNode();
        error.putArray("errors").addObject().put("field", refusal.header()).put("reason", refusal.reason());
        send(exchange, refusal.status(), JSON, bytes(error + "\n"));
    }

    private void send(HttpExchange exchange, int status, String contentType, byte[] content) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", contentType);
        boolean bodiless = exchange.getRequestMethod().equals("HEAD");
        patience.during(() -> {
            exchange.sendResponseHeaders(status, bodiless ? -1 : content.length);
            if (!bodiless) {
                exchange.getResponseBody().write(content);
                exchange.getResponseBody().close();
            }
        });
    }

    /** Nothing is kept, framed or guessed; what the page may load, it says itself. */
    private static void protect(Headers headers) {
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
