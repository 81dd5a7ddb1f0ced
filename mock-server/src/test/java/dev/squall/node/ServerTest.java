package dev.squall.node;

import dev.squall.plan.Plan;
import dev.squall.role.RunClock;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/** A server for a test, with its rows. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
abstract class ServerTest {

    final Recorder rows = new Recorder();
    int port;
    private MockServer server;
    private RunClock clock;

    /** Loads the classes, so that the first test's times are like the others'. */
    @BeforeAll
    static void warmUp() throws IOException {
        try (MockServer first = MockServer.on("127.0.0.1", Plans.freePort()).start()) {
            boolean served = false;
            while (!served) {
                try (RawClient client = RawClient.dial(first.port())) {
                    served = client.handshake(null, "permessage-deflate").status() == 101;
                    client.sendClose(1000, "");
                }
            }
        }
    }

    /** The steps build the plan upon a free port. */
    MockServer start(Plan plan) throws IOException {
        port = plan.nodes().get(0).port();
        server = MockServer.of(plan, 0, rows);
        server.listen();
        clock = new RunClock(System.nanoTime());
        server.begin(clock, -1, late -> {});
        server.inject(-1);
        return server;
    }

    long micros() {
        return clock.micros();
    }

    /** Waits until this time of the run. */
    void waitUntil(long millis) throws InterruptedException {
        long left = 1000 * millis - micros();
        if (left > 0) {
            TimeUnit.MICROSECONDS.sleep(left);
        }
    }

    @AfterEach
    void noDefectAndStop() {
        if (server != null) {
            server.stop().join();
            server.close();
            if (server.failed().isDone()) {
                throw new AssertionError(server.failed().join());
            }
        }
    }
}
