package dev.squall.gatling;

import static dev.squall.gatling.SquallDsl.await;
import static dev.squall.gatling.SquallDsl.close;
import static dev.squall.gatling.SquallDsl.connect;
import static dev.squall.gatling.SquallDsl.send;
import static dev.squall.gatling.SquallDsl.squall;
import static dev.squall.gatling.SquallDsl.stayFor;
import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.exitHereIfFailed;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.group;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.squall.protocol.On1010;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.ReconnectPolicy;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/** Each scenario does one thing that virtual users do, or get wrong; {@link SquallDslTest} has the server, and reads on. */
public class EveryActionSimulation extends Simulation {

    private static final Duration MOMENT = Duration.ofMillis(300);

    private static final ReconnectPolicy QUICK =
            new ReconnectPolicy("quick", 50_000, 50_000, 2, 1_000_000, Jitter.NONE, false, 2, 0);

    private final SquallProtocolBuilder server =
            squall(System.getProperty("url")).reconnect(QUICK).header("Client", "#{client}");

    private static final ChainBuilder TELL = exec(session -> {
        System.out.println(session.scenario() + (session.isFailed() ? " failed" : " well") + " code "
                + session.get(SquallDsl.CLOSE_CODE) + " tries " + session.get(SquallDsl.FAILED_TRIES)
                + " message " + session.get(SquallDsl.MESSAGE));
        return session;
    });

    private static PopulationBuilder users(int count, ScenarioBuilder scenario) {
        return scenario.exec(TELL).injectOpen(atOnceUsers(count));
    }

    {
        setUp(
                        users(
                                3,
                                scenario("restarted")
                                        .exec(group("first")
                                                .on(
                                                        connect(),
                                                        send("restart"),
                                                        await("bye").within(MOMENT)))
                                        .exec(group("then")
                                                .on(
                                                        stayFor(MOMENT),
                                                        exec(session -> session.set("thing", "tea")),
                                                        send("price of #{thing}?"),
                                                        await("answer").matching("^price of tea\\?$"),
                                                        close(1000)))),
                        users(1, scenario("reset").exec(connect(), send("reset"), stayFor(MOMENT), close(4001))),
                        users(1, scenario("twice").exec(connect(), close(1000), connect(), close(4002))),
                        users(1, scenario("without close").exec(connect())),
                        users(1, scenario("connected already").exec(connect(), connect())),
                        users(1, scenario("not connected").exec(send("x"), await("x"), stayFor(1), close(1000))),
                        users(
                                1,
                                scenario("too late")
                                        .exec(connect(), await("never").within(MOMENT))),
                        users(
                                1,
                                scenario("no attribute")
                                        .exec(connect(), send("#{unknown}"), send("restart"), stayFor(MOMENT))),
                        users(
                                1,
                                scenario("exits").exec(connect(), await("never").within(MOMENT), exitHereIfFailed())),
                        users(1, scenario("gives up").exec(connect(), send("y"), close(1000)))
                                .protocols(squall(System.getProperty("nobody")).reconnect(QUICK)),
                        users(1, scenario("strict").exec(connect()))
                                .protocols(server.require("permessage-deflate").on1010(On1010.STOP)))
                .protocols(server)
                .assertions(
                        details("first", "connect").successfulRequests().count().is(3L),
                        details("then", "reconnect after 1012")
                                .allRequests()
                                .count()
                                .is(3L),
                        details("then", "answer").successfulRequests().count().is(3L),
                        details("reconnect after 1012").allRequests().count().is(1L),
                        details("reconnect after 1006")
                                .successfulRequests()
                                .count()
                                .is(1L),
                        details("connect").successfulRequests().count().is(8L),
                        details("connect").failedRequests().count().is(3L),
                        details("never").failedRequests().count().is(2L),
                        details("never").responseTime().max().between(250, 1_000),
                        details("missing extension 1010")
                                .failedRequests()
                                .count()
                                .is(1L),
                        global().allRequests().count().is(32L));
    }
}
