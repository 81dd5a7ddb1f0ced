package example;

import static dev.squall.gatling.SquallDsl.close;
import static dev.squall.gatling.SquallDsl.connect;
import static dev.squall.gatling.SquallDsl.squall;
import static dev.squall.gatling.SquallDsl.stayFor;
import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.exitHereIfFailed;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.squall.gatling.SquallProtocolBuilder;
import dev.squall.protocol.On1010;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;

/** A server withholds permessage-deflate from every second client: those that need it leave with 1010, and do not return. */
public class StrictSimulation extends Simulation {

    SquallProtocolBuilder server = squall(System.getProperty("url", "ws://127.0.0.1:9001/"))
            .require("permessage-deflate")
            .on1010(On1010.STOP);

    ScenarioBuilder phones = scenario("phones")
            .exec(connect())
            .exec(exitHereIfFailed())
            .exec(stayFor(1))
            .exec(close(1000));

    {
        setUp(phones.injectOpen(atOnceUsers(100)))
                .protocols(server)
                .assertions(
                        details("missing extension 1010")
                                .failedRequests()
                                .count()
                                .between(20L, 80L),
                        details("connect").successfulRequests().percent().gt(20.0));
    }
}
