package dev.squall.observe;

import dev.squall.plan.Expansion;
import dev.squall.plan.Observation;
import dev.squall.plan.Request;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;

/**
 * One observation that is polled, on a thread of its own: where a name is looked up slowly, or an answer drips, no other
 * waits. A poll whose time has passed is not made up for.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What a poll came to is told to the observer.
final class Watch implements AutoCloseable {

    /** An answer that takes longer is none; shorter than the time to the next poll, so that one is under way at most. */
    static final long TIMEOUT_MILLIS = 900;

    /** A longer body is none. */
    static final int MOST_BYTES = 1 << 20;

    private final Observation observation;
    private final long polls;
    private final Expansion expansion;
    private final LongSupplier micros;
    private final Observers.Observer observer;
    private final ScheduledThreadPoolExecutor thread;
    private final HttpClient client;
    private long latest = -1;
    private volatile boolean closed;

    /** {@code polls}: how many are made at most. */
    Watch(Observation observation, long polls, Expansion expansion, LongSupplier micros, Observers.Observer observer) {
        this.observation = observation;
        this.polls = polls;
        this.expansion = expansion;
        this.micros = micros;
        this.observer = observer;
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "squall-observe-" + observation.name());
            made.setDaemon(true);
            return made;
        });
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .executor(thread)
                .build();
    }

    void begin() {
        thread.scheduleAtFixedRate(
                this::poll, Math.max(0, -micros.getAsLong()), observation.everyMicros(), TimeUnit.MICROSECONDS);
    }

    private void poll() {
        long poll = Math.floorDiv(micros.getAsLong(), observation.everyMicros());
        if (poll <= latest || poll >= polls || closed) {
            return; // All are made, or the thread was held up, and this one comes right after another.
        }
        latest = poll;
        HttpRequest request;
        try {
            request = request();
        } catch (IllegalArgumentException e) {
            // A file that it refers to has gone or changed since the experiment was read; what it says now is not told.
            told(poll, new UnreadableException("a URL or header that cannot be sent", e));
            return;
        }
        int most = observation.kind() == Observation.Kind.STATUS ? 0 : MOST_BYTES;
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, info -> new BoundedBody(most));
        answer.thenApply(this::value)
                .orTimeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                .whenComplete((value, failure) -> {
                    if (failure == null) {
                        told(poll, value);
                    } else {
                        answer.cancel(true);
                        told(poll, failure);
                    }
                });
    }

    private HttpRequest request() {
        HttpRequest.Builder request = HttpRequest.newBuilder(observation.uri(expansion))
                .timeout(Duration.ofMillis(TIMEOUT_MILLIS))
                .setHeader("User-Agent", "squall");
        if (observation.kind() == Observation.Kind.PROMETHEUS) {
            request.setHeader("Accept", "text/plain;version=0.0.4");
        }
        for (Request.Pair header : observation.headers()) {
            request.setHeader(header.name(), expansion.expand(header.value()));
        }
        return request.build();
    }

    private double value(HttpResponse<byte[]> response) {
        try {
            return new Answer(response.statusCode(), response.body()).value(observation);
        } catch (UnreadableException e) {
            throw new CompletionException(e);
        }
    }

    private void told(long poll, double value) {
        if (!closed) {
            observer.answered(observation, poll, value);
        }
    }

    private void told(long poll, Throwable failure) {
        if (!closed) {
            observer.missed(observation, poll, why(failure));
        }
    }

    /** In words of ours: a library's may repeat a URL, and that may be a secret. */
    private static String why(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof UnreadableException) {
                return String.valueOf(each.getMessage());
            }
            if (each instanceof TimeoutException || each instanceof HttpTimeoutException) {
                return "no answer within " + TIMEOUT_MILLIS + " ms";
            }
            if (each instanceof UnresolvedAddressException || each instanceof UnknownHostException) {
                return "no such host";
            }
            if (each instanceof SSLException) {
                return "TLS failed";
            }
        }
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof ConnectException) {
                return "no connection";
            }
        }
        return "no answer of HTTP";
    }

    @Override
    public void close() {
        closed = true;
        thread.shutdownNow();
    }
}
