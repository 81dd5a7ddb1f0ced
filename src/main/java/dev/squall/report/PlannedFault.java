package dev.squall.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.fault.FaultWindow;
import dev.squall.plan.Plan;
import java.util.List;
import java.util.stream.Stream;

/**
 * What was to go wrong, and when: a restart, or another fault.
 *
 * @param fault the name of its kind
 * @param text for people
 * @param fromMicros since the start of the run
 * @param toMicros when it is over; of moments the last; {@link FaultWindow#OPEN_END} of what lasts
 * @param nodes that it strikes; none: all
 */
public record PlannedFault(int index, String fault, String text, long fromMicros, long toMicros, List<Integer> nodes) {

    /** Those of a plan, restarts first. */
    public static List<PlannedFault> of(Plan plan) {
        Stream<PlannedFault> restarts = plan.restarts().stream()
                .map(restart -> new PlannedFault(
                        restart.index(),
                        "restart",
                        restart.toString(),
                        restart.atMicros(),
                        restart.listeningMicros(),
                        restart.nodes()));
        Stream<PlannedFault> others = plan.faults().stream()
                .map(fault -> new PlannedFault(
                        fault.index(),
                        fault.fault().kind().name(),
                        fault.toString(),
                        fault.fromMicros(),
                        fault.moments() && fault.everyMicros() == 0 ? fault.fromMicros() : fault.toMicros(),
                        fault.match().nodes()));
        return Stream.concat(restarts, others).toList();
    }

    /** Whether this time of the run is in its window. */
    public boolean covers(long micros) {
        return micros >= fromMicros && micros < toMicros;
    }

    /** As results.json has it. */
    public ObjectNode json() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("index", index).put("fault", fault).put("text", text);
        Results.number(node, "fromSeconds", fromMicros / 1e6);
        Results.number(node, "toSeconds", toMicros == FaultWindow.OPEN_END ? Double.NaN : toMicros / 1e6);
        nodes.forEach(node.putArray("nodes")::add);
        return node;
    }
}
