package dev.squall.predict;

import dev.squall.fault.ConnectionFault;
import dev.squall.fault.FaultWindow;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import java.util.ArrayList;
import java.util.List;

/** What of a plan cannot be predicted. */
final class Feasibility {

    private Feasibility() {}

    /** Why a plan cannot be predicted, each with what can; empty if it can. */
    static List<String> obstacles(Plan plan) {
        List<String> obstacles = new ArrayList<>();
        if (plan.nodes().isEmpty()) {
            obstacles.add("target: a server elsewhere (expected: mock, with the capacity that the server has)");
        }
        for (FaultWindow window : plan.faults()) {
            String name = "faults: " + window.fault().kind().name();
            if (window.fault() instanceof ConnectionFault) {
                obstacles.add(
                        name + " (expected: restart, or a fault of handshakes: what open connections suffer is not"
                                + " predicted)");
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
