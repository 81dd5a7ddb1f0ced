package dev.squall.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.plan.JsonFile;
import dev.squall.report.Template;
import java.util.List;
import java.util.Map;

/** Comparisons with one base as a page in one file, with the curves of both sides in one plot. */
public record ComparisonPage(List<Comparison> comparisons) {

    @Override
    public String toString() {
        ArrayNode data = JsonNodeFactory.instance.arrayNode();
        for (Comparison comparison : comparisons) {
            ObjectNode node = comparison.json();
            runs(node.putArray("baseRunsData"), comparison.base());
            runs(node.putArray("runRunsData"), comparison.run());
            data.add(node);
        }
        return new Template(ComparisonPage.class, "compare.html").with(Map.of("data", JsonFile.text(data)));
    }

    private static void runs(ArrayNode runs, Side side) {
        for (JsonNode run : side.runs()) {
            ObjectNode node = runs.addObject();
            node.put("seed", run.path("seed").asLong());
            node.set("quantiles", run.path("quantiles"));
            node.set("open", run.at("/series/open"));
            ArrayNode restarts = node.putArray("restarts");
            for (JsonNode restart : run.path("restarts")) {
                ObjectNode each = restarts.addObject();
                each.put(
                        "name",
                        "restart " + restart.path("index").asInt() + " of node "
                                + restart.path("node").asInt());
                each.set("outage", restart.at("/outageSeconds/curve"));
                each.set("attempts", restart.at("/storm/attempts"));
            }
        }
    }
}
