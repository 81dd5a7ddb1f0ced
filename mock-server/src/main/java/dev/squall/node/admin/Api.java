package dev.squall.node.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.experiment.ExperimentException;
import dev.squall.node.Control;
import dev.squall.protocol.CloseCode;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.SecurityPolicyHandler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The routes of the live control, as {@code openapi.yaml} describes them. Everything runs on the admin's loop. */
final class Api {

    /** The longest body. */
    static final int MAX_BODY_BYTES = 64 << 10;

    /** The longest page of a list. */
    static final int MAX_PAGE = 1000;

    private static final int DEFAULT_PAGE = 100;

    /** How long the server's own loops may take to tell of their connections. */
    private static final long ANSWER_SECONDS = 2;

    /** Forms and plain text, which a page of another site can send unasked, are not among them. */
    private static final Set<String> BODIES =
            Set.of("application/yaml", "application/x-yaml", "text/yaml", "application/json");

    private static final long FIRST_SAMPLE_MILLIS = 1;

    private static final String JSON_TYPE = "application/json";

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final Control control;
    private final Gate gate;
    private final Consumer<Throwable> failures;
    private final PageFiles files = new PageFiles();
    private final History history = new History();
    private final Exposition exposition;
    private final Router router;

    /** {@code failures} takes defects, after which the server must not go on. */
    Api(Vertx vertx, Control control, Gate gate, Consumer<Throwable> failures) {
        this.control = control;
        this.gate = gate;
        this.failures = failures;
        this.exposition = new Exposition(control);
        this.router = Router.router(vertx);
        routes();
        vertx.setPeriodic(FIRST_SAMPLE_MILLIS, History.STEP_MILLIS, tick -> history.add(control.counts()));
    }

    Router router() {
        return router;
    }

    private void routes() {
        router.route().handler(Api::protect).handler(gate::admit).failureHandler(this::failed);
        router.errorHandler(
                400,
                context ->
                        refuse(context, new Refusal(400, "", "malformed (expected: a path in the form of RFC 3986)")));
        router.errorHandler(404, context -> refuse(context, nothingHere(context)));
        router.errorHandler(405, context -> refuse(context, notAllowed(context)));

        open("/", context -> file(context, files.index()));
        open("/page/:file", context -> file(context, files.other(context.pathParam("file"))));
        open("/openapi.yaml", context -> file(context, files.description()));
        open("/healthz", this::health);

        get("/metrics", context -> send(context, Exposition.CONTENT_TYPE, Buffer.buffer(exposition.scrape())));
        get("/status", this::status);
        get("/faults", context -> json(context, 200, Map.of("faults", control.faults())));
        get("/faults/kinds", context -> json(context, 200, Map.of("kinds", control.kinds())));
        get("/faults/:index", context -> json(context, 200, fault(context)));
        get("/connections", context -> list(context, "connections", control::connections));
        get("/clients", context -> list(context, "clients", control::clients));
        post("/faults", this::inflict);
        post("/restart", this::restart);
        post("/reset", context -> {
            control.reset();
            done(context);
        });
        delete("/faults", context -> {
            control.faults().forEach(fault -> control.lift(fault.index()));
            done(context);
        });
        delete("/faults/:index", this::lift);
    }

    /** A route that tells nothing of the run, for which no token is asked. */
    private void open(String path, Handler<RoutingContext> handler) {
        reading(path).handler(handler);
    }

    private void get(String path, Handler<RoutingContext> handler) {
        reading(path).handler(gate::authorize).handler(handler);
    }

    /** RFC 9110 section 9.1: where there is a GET there is a HEAD. */
    private Route reading(String path) {
        return router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD);
    }

    private void post(String path, Handler<RoutingContext> handler) {
        SecurityPolicyHandler authorize = gate::authorize; // By its type it may stand before the body is read.
        router.post(path)
                .handler(authorize)
                .handler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES))
                .handler(handler);
    }

    private void delete(String path, Handler<RoutingContext> handler) {
        router.delete(path).handler(gate::authorize).handler(handler);
    }

    /** The page loads from here only, nobody frames it, and nothing is kept. */
    private static void protect(RoutingContext context) {
        context.response()
                .putHeader(
                        "Content-Security-Policy",
                        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                                + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        context.next();
    }

    // Reading.

    private void health(RoutingContext context) {
        json(context, 200, Map.of("state", word(control.counts().state())));
    }

    private void status(RoutingContext context) {
        long after = number(context, "after", Control.START, Control.START, Long.MAX_VALUE);
        Control.Counts counts = control.counts();
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("micros", counts.micros());
        status.put("state", word(counts.state()));
        status.put("open", counts.open());
        status.put("accepted", counts.accepted());
        status.put("rejected", counts.rejected());
        status.put("closed", counts.closed());
        status.put("echoed", counts.echoed());
        status.put("restarts", counts.restarts());
        List<Map<String, Object>> closes = new ArrayList<>();
        counts.closesByCode()
                .forEach((code, count) ->
                        closes.add(Map.of("code", code, "name", CloseCode.title(code), "count", count)));
        status.put("closes", closes);
        status.put("faults", control.faults());
        status.put("events", control.recent());
        status.put("samples", history.after(after));
        json(context, 200, status);
    }

    private static String word(Control.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private Control.ActiveFault fault(RoutingContext context) {
        int index = index(context);
        return control.faults().stream()
                .filter(fault -> fault.index() == index)
                .findFirst()
                .orElseThrow(() -> noFault(context));
    }

    /** A page of a list, wherever the server keeps it. */
    @FunctionalInterface
    private interface Pages<T> {
        CompletionStage<Control.Page<T>> page(long after, int limit);
    }

    private <T> void list(RoutingContext context, String name, Pages<T> pages) {
        long after = number(context, "after", Control.START, Control.START, Long.MAX_VALUE);
        int limit = (int) number(context, "limit", DEFAULT_PAGE, 1, MAX_PAGE);
        Future.fromCompletionStage(pages.page(after, limit), context.vertx().getOrCreateContext())
                .timeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                .onSuccess(page -> {
                    Map<String, @Nullable Object> body = new LinkedHashMap<>();
                    body.put(name, page.items());
                    body.put("next", page.next());
                    json(context, 200, body);
                })
                .onFailure(context::fail);
    }

    private static long number(RoutingContext context, String name, long fallback, long least, long most) {
        String text;
        try {
            text = context.request().getParam(name);
        } catch (IllegalArgumentException undecodable) {
            throw new Refusal(400, name, "the query cannot be decoded (expected: %XX for bytes of UTF-8)");
        }
        if (text == null) {
            return fallback;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Told below, as a number out of bounds is.
        }
        throw new Refusal(
                400,
                name,
                text + " (expected: a whole number, " + least + (most == Long.MAX_VALUE ? " or more" : " to " + most)
                        + ")");
    }

    // Steering.

    private void inflict(RoutingContext context) {
        Control.ActiveFault fault = asked(text(context), control::inflict);
        context.response().putHeader(HttpHeaders.LOCATION, "/faults/" + fault.index());
        json(context, 201, fault);
    }

    private void restart(RoutingContext context) {
        int index = asked(isBare(context) ? "" : text(context), control::restart);
        json(context, 202, Map.of("index", index));
    }

    private void lift(RoutingContext context) {
        if (!control.lift(index(context))) {
            throw noFault(context);
        }
        done(context);
    }

    /** Something that is asked for in the words of an experiment. */
    @FunctionalInterface
    private interface Wish<T> {
        T grant(String text) throws ExperimentException, Control.RefusedException;
    }

    private static <T> T asked(String text, Wish<T> wish) {
        try {
            return wish.grant(text);
        } catch (ExperimentException invalid) {
            throw Refusal.of(invalid);
        } catch (Control.RefusedException refused) {
            throw new Refusal(409, "", String.valueOf(refused.getMessage()));
        }
    }

    private static boolean isBare(RoutingContext context) {
        return context.request().getHeader(HttpHeaders.CONTENT_TYPE) == null
                && context.body().length() <= 0;
    }

    private static String text(RoutingContext context) {
        String header = context.request().getHeader(HttpHeaders.CONTENT_TYPE);
        String type =
                header == null ? "none" : header.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
        if (!BODIES.contains(type)) {
            throw new Refusal(415, "Content-Type", type + " (expected: application/yaml or application/json)");
        }
        return context.body().length() <= 0 ? "" : context.body().asString();
    }

    private static int index(RoutingContext context) {
        try {
            return Integer.parseInt(context.pathParam("index"));
        } catch (NumberFormatException e) {
            throw noFault(context);
        }
    }

    private static Refusal noFault(RoutingContext context) {
        return new Refusal(
                404, "index", context.pathParam("index") + " (expected: the index of a fault that GET /faults lists)");
    }

    // Answers.

    private static void file(RoutingContext context, PageFiles.@Nullable PageFile file) {
        if (file == null) {
            throw nothingHere(context);
        }
        send(context, file.contentType(), file.content());
    }

    private static void json(RoutingContext context, int status, Object body) {
        try {
            context.response().setStatusCode(status);
            send(context, JSON_TYPE, Buffer.buffer(JSON.writeValueAsBytes(body)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("nothing but plain values", e);
        }
    }

    private static void done(RoutingContext context) {
        context.response().setStatusCode(204);
        end(context, Buffer.buffer());
    }

    private static void send(RoutingContext context, String contentType, Buffer body) {
        context.response().putHeader(HttpHeaders.CONTENT_TYPE, contentType);
        end(context, body);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Who has gone needs no answer.
    private static void end(RoutingContext context, Buffer body) {
        context.response().end(body);
    }

    private static Refusal nothingHere(RoutingContext context) {
        return new Refusal(
                404, "", context.request().path() + ": nothing here (expected: a path that /openapi.yaml lists)");
    }

    /** RFC 9110 section 15.5.6: a 405 has Allow. */
    private Refusal notAllowed(RoutingContext context) {
        String path = context.request().path();
        String allowed = router.getRoutes().stream()
                .filter(route ->
                        route.getPath() != null && path.matches(route.getPath().replaceAll(":\\w+", "[^/]+")))
                .flatMap(route -> route.methods().stream())
                .map(HttpMethod::name)
                .distinct()
                .collect(Collectors.joining(", "));
        context.response().putHeader(HttpHeaders.ALLOW, allowed);
        return new Refusal(405, "", context.request().method() + " " + path + " (expected: " + allowed + ")");
    }

    private void failed(RoutingContext context) {
        Throwable failure = context.failure();
        if (failure instanceof Refusal refusal) {
            refuse(context, refusal);
        } else if (failure instanceof TimeoutException) {
            refuse(
                    context,
                    new Refusal(503, "", "no answer within " + ANSWER_SECONDS + " s: the server is overloaded"));
        } else if (context.statusCode() == 413) {
            refuse(context, new Refusal(413, "", "too long (expected: a body of at most 64 KiB)"));
        } else if (context.request().method().equals(HttpMethod.POST)
                && !context.request().isEnded()) {
            refuse(context, new Refusal(400, "", "the body cannot be read (expected: HTTP/1.1 as RFC 9112 has it)"));
        } else {
            refuse(context, new Refusal(500, "", "a defect: " + failure));
            failures.accept(failure == null ? new IllegalStateException("status " + context.statusCode()) : failure);
        }
    }

    private static void refuse(RoutingContext context, Refusal refusal) {
        if (context.response().headWritten()) {
            return;
        }
        json(context, refusal.status(), Map.of("errors", refusal.reasons()));
    }
}
