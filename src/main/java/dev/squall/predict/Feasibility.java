package dev.squall.predict;

import dev.squall.fault.Conduct;
import dev.squall.fault.ConnectionFault;
import dev.squall.fault.FaultWindow;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import java.util.ArrayList;
import java.util.List;

/** What of a plan cannot be predicted. */
final class Feasibility {

    private Feasibility() {}

    /** Whether all that a fault does is to end a connection at some time. */
    private static boolean isPlainDeparture(Conduct conduct) {
        Conduct.Departure departure = conduct.departure();
        return departure != null
                && departure.afterMessages() == 0
                && conduct.equals(new Conduct(true, true, true, 0, 0, 0, departure));
    }

    /** Why a plan cannot be predicted, each with what can; empty if it can. */
    static List<String> obstacles(Plan plan) {
        List<String> obstacles = new ArrayList<>();
        if (plan.nodes().isEmpty()) {
            obstacles.add("target: a server elsewhere (expected: mock, with the capacity that the server has)");
        }
        if (plan.relay() != null) {
            obstacles.add(
                    "target: a proxy before a server elsewhere (expected: mock, with the capacity that the server has)");
        }
        for (FaultWindow window : plan.faults()) {
            String name = "faults: " + window.fault().kind().name();
            if (window.fault() instanceof ConnectionFault fault && !isPlainDeparture(fault.conduct())) {
                obstacles.add(
                        name + " (expected: restart, a fault of handshakes, or close, reset or fin after a time: what"
                                + " messages suffer is not predicted)");
            } else if (window.match().looksAtRequest()) {
                obstacles.add(name + " with a match on path, header or query (expected: population, nodes)");
            }
        }
        for (Population population : plan.populations()) {
            if (population.timeouts().idleMicros() > 0) {
                obstacles.add("load." + population.name()
                        + ".timeouts.idle (expected: none, for messages are not predicted one by one)");
            }
        }
        return obstacles;
    }
}
