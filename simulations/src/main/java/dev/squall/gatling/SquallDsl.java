package dev.squall.gatling;

import dev.squall.protocol.CloseCode;
import io.gatling.javaapi.core.ActionBuilder;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * Squall's clients in a simulation of your own; import it statically.
 *
 * <pre>{@code
 * SquallProtocolBuilder protocol = squall("ws://127.0.0.1:9001/")
 *         .offer("permessage-deflate").require("permessage-deflate").reconnect("phoenix-js");
 *
 * setUp(scenario("phones")
 *         .exec(connect(), send("subscribe #{symbol}"), await("quote").containing("price"))
 *         .exec(stayFor(60))
 *         .exec(close(1000))
 *         .injectOpen(rampUsers(1000).during(10)))
 *     .protocols(protocol)
 *     .assertions(details("reconnect after 1012").successfulRequests().percent().gte(99.9));
 * }</pre>
 *
 * <p>A client reconnects by its policy from {@link #connect} until {@link #close} or the end of its scenario, whatever action
 * its virtual user is at. If it gives up, or leaves for good because an extension is missing, the virtual user is marked as
 * failed and goes on with the next action. Gatling's {@code throttle} does not hold for clients: bring them in by a profile.
 */
public final class SquallDsl {

    /** The request of a first connection: from when it was to be made until the client is ready, failed tries included. */
    public static final String CONNECT = "connect";

    /** Followed by the close code, the request of one time away: from the loss of a connection until ready again. */
    public static final String RECONNECT_AFTER = "reconnect after ";

    /** The request, always KO, of a handshake without a required extension: the client left with 1010. */
    public static final String MISSING_EXTENSION = "missing extension 1010";

    /** Session attribute: the close code of the last connection that ended, an Integer; 1006 for none. */
    public static final String CLOSE_CODE = "squall.closeCode";

    /** Session attribute: the extensions of the last good handshake as in its response, a String, perhaps empty. */
    public static final String EXTENSIONS = "squall.extensions";

    /** Session attribute: how many tries of this client have failed so far, an Integer. */
    public static final String FAILED_TRIES = "squall.failedTries";

    /** Session attribute: the message that {@link #await} waited for, a String. */
    public static final String MESSAGE = "squall.message";

    private SquallDsl() {}

    /**
     * The protocol.
     *
     * @param url of the server, as {@code wss://staging.example.com/chat}; its name is looked up once, when the simulation
     *     begins
     * @throws IllegalArgumentException if it is no WebSocket URL
     */
    public static SquallProtocolBuilder squall(String url) {
        return new SquallProtocolBuilder(url);
    }

    /**
     * Connects, and goes on as soon as the client is ready. One that is not ready within 60 s leaves, and its request is KO.
     * After {@link #close} a virtual user may connect again, as another client.
     */
    public static ActionBuilder connect() {
        return new ClientAction.Builder("connect", session -> UserClient::connect);
    }

    /**
     * Sends a text message, at once or as soon as the client is ready again; if that is not within 60 s, a request
     * {@code send} is KO.
     *
     * @param text in Gatling's expression language
     */
    public static ActionBuilder send(String text) {
        return new ClientAction.Builder("send", Texts.of(text).andThen(said -> user -> user.send(said)));
    }

    /**
     * Waits for a text message that came since the last one that was waited for.
     *
     * @param request its name in Gatling's statistics; its time counts from the last {@link #send}, if nothing was awaited
     *     since
     */
    public static AwaitBuilder await(String request) {
        return new AwaitBuilder(request, text -> true, AwaitBuilder.DEFAULT_WITHIN);
    }

    /** Does nothing for so many seconds, while the client answers pings and reconnects whenever it must. */
    public static ActionBuilder stayFor(long seconds) {
        return stayFor(Duration.ofSeconds(seconds));
    }

    /** Does nothing for a while, as {@link #stayFor(long)}. */
    public static ActionBuilder stayFor(Duration duration) {
        long micros = duration.dividedBy(ChronoUnit.MICROS.getDuration());
        return new ClientAction.Builder("stayFor", session -> user -> user.stay(micros));
    }

    /**
     * Closes the connection and goes on when it has ended; the client does not come back.
     *
     * @param code 1000, or another that a client may send
     * @throws IllegalArgumentException if it may not travel in a Close frame
     */
    public static ActionBuilder close(int code) {
        if (!CloseCode.mayTravel(code)) {
            throw new IllegalArgumentException(
                    "close: " + code + " (expected: a code that may travel, as 1000 or 4000)");
        }
        return new ClientAction.Builder("close", session -> user -> user.close(code));
    }
}
