package example;

import static dev.squall.gatling.SquallDsl.await;
import static dev.squall.gatling.SquallDsl.close;
import static dev.squall.gatling.SquallDsl.connect;
import static dev.squall.gatling.SquallDsl.send;
import static dev.squall.gatling.SquallDsl.squall;
import static dev.squall.gatling.SquallDsl.stayFor;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.squall.gatling.SquallProtocolBuilder;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/** 200 phones meet restarts with 1012: all come back within 5 s each time, and what they ask is answered. */
public class RestartSimulation extends Simulation {

    SquallProtocolBuilder server =
            squall(System.getProperty("url", "ws://127.0.0.1:9001/")).reconnect("phoenix-js");

    ScenarioBuilder phones = scenario("phones")
            .exec(connect())
            .exec(stayFor(8))
            .exec(send("price of tea?"), await("answer").containing("price").within(Duration.ofSeconds(5)))
            .exec(close(1000));

    {
        setUp(phones.injectOpen(rampUsers(200).during(2)))
                .protocols(server)
                .assertions(
                        details("reconnect after 1012")
                                .successfulRequests()
                                .count()
                                .gte(200L),
                        details("reconnect after 1012").failedRequests().count().is(0L),
                        details("reconnect after 1012").responseTime().max().lt(5_000),
                        details("answer").failedRequests().count().is(0L));
    }
}
