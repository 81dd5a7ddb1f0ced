import static io.gatling.javaapi.core.CoreDsl.bodyLength;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.ws;

import dev.squall.gatling.GatlingRun;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.WsFrameCheck;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * The clients of beside-gatling.sh that are Gatling's own: each sends a message every so often over Gatling's built-in
 * {@code ws} and awaits its echo. Arguments: port, clients, milliseconds from a message to the next, seconds. Prints
 * p50 and p99 of the round trips, in microseconds, and how many there were.
 */
public final class GatlingWs extends Simulation {

    private static final int BYTES = 64;
    private static final Duration ARRIVAL = Duration.ofSeconds(10);
    private static final ConcurrentHistogram TIMES = new ConcurrentHistogram(TimeUnit.SECONDS.toMicros(60), 3);

    private static int port;
    private static int clients;
    private static Duration every;
    private static Duration duration;
    private static long begin;

    public static void main(String... args) {
        port = Integer.parseInt(args[0]);
        clients = Integer.parseInt(args[1]);
        every = Duration.ofMillis(Long.parseLong(args[2]));
        duration = Duration.ofSeconds(Long.parseLong(args[3]));
        System.setProperty("logback.configurationFile", "squall-injector-logback.xml");
        GatlingRun.prepare(Runtime.getRuntime().availableProcessors(), false);
        begin = System.nanoTime();
        int status = GatlingRun.run(GatlingWs.class);
        System.out.println(TIMES.getValueAtPercentile(50) + " " + TIMES.getValueAtPercentile(99) + " "
                + TIMES.getTotalCount());
        System.exit(status);
    }

    public GatlingWs() {
        byte[] payload = new byte[BYTES];
        WsFrameCheck echo = ws.checkBinaryMessage("echo").check(bodyLength().is(BYTES));
        ChainBuilder message = exec(session -> session.set("sent", System.nanoTime()))
                .exec(ws("message").sendBytes(payload).await(10).on(echo))
                .exec(session -> {
                    TIMES.recordValue((System.nanoTime() - session.getLong("sent")) / 1000);
                    return session;
                });
        setUp(scenario("echo")
                        .exec(ws("connect").connect("/"))
                        .asLongAs(session -> System.nanoTime() - begin < duration.toNanos())
                        .on(exec(message).pace(every))
                        .exec(ws("close").close())
                        .injectOpen(rampUsers(clients).during(ARRIVAL)))
                .protocols(http.wsBaseUrl("ws://127.0.0.1:" + port));
    }
}
