package dev.squall.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.plan.Plan;
import dev.squall.protocol.CloseCode;
import dev.squall.report.PlannedFault;
import dev.squall.run.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What the event stream says of a run: counts are totals since its start, times seconds, as in results.json. */
final class RunEvents {

    /** What the run is. */
    static final String RUN = "run";
    /** How far its start is. */
    static final String STARTING = "starting";
    /** How it stands, once a second. */
    static final String SECOND = "second";
    /** What became of it. */
    static final String VERDICT = "verdict";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private RunEvents() {}

    static String run(Plan plan) {
        ObjectNode run = NODES.objectNode();
        run.put("experiment", plan.experiment()).put("seed", plan.seed());
        run.put("durationSeconds", plan.durationMicros() / 1e6).put("clients", plan.clients());
        ArrayNode faults = run.putArray("faults");
        PlannedFault.of(plan).forEach(fault -> faults.add(fault.json()));
        ArrayNode restarts = run.putArray("restarts");
        plan.restarts().forEach(each -> restarts.addObject().put("atSeconds", each.atMicros() / 1e6));
        ObjectNode names = run.putObject("names");
        for (CloseCode code : CloseCode.values()) {
            names.put(String.valueOf(code.code()), CloseCode.title(code.code()));
        }
        return run.toString();
    }

    static String starting(Progress progress) {
        return NODES.objectNode()
                .put("phase", phase(progress))
                .put("ready", progress.ready())
                .put("processes", progress.processes())
                .toString();
    }

    static String second(Progress progress) {
        ObjectNode second = NODES.objectNode();
        second.put("second", Math.max(0, progress.elapsedMicros()) / 1_000_000);
        second.put("phase", phase(progress));
        for (String count : List.of("open", "ready", "attempts", "opened", "failed")) {
            second.put(count, progress.count(count));
        }
        ObjectNode causes = second.putObject("failedByCause");
        progress.failuresByCause().forEach(causes::put);
        ObjectNode codes = second.putObject("closedByCode");
        progress.closesByCode().forEach(codes::put);
        if (progress.busyPermille().isPresent()) {
            second.put("processors", progress.busyPermille().getAsLong() / 1e3);
        } else {
            second.putNull("processors");
        }
        second.put("stallSeconds", progress.stallMicros() / 1e6);
        return second.toString();
    }

    static String verdict(String verdict, Path report) {
        return NODES.objectNode()
                .put("verdict", verdict)
                .put("report", report.toAbsolutePath().normalize().toString())
                .toString();
    }

    private static String phase(Progress progress) {
        return progress.phase().name().toLowerCase(Locale.ROOT);
    }
}
