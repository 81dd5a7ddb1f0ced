package dev.squall.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.plan.JsonFile;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.CloseCode;
import dev.squall.stats.Scope;
import dev.squall.verdict.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;

/** report.html: results.json and what it does not tell, as people read it, in one file that needs nothing else. */
final class Page {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Page() {}

    /**
     * The text of report.html.
     *
     * @param results the text of results.json
     * @throws IOException if the run's experiment cannot be read
     */
    static String of(Assessment assessment, String results) throws IOException {
        return new Template("page.html").with(Map.of("results", results, "run", JsonFile.text(run(assessment))));
    }

    private static ObjectNode run(Assessment assessment) throws IOException {
        RunInfo info = assessment.info();
        ObjectNode root = NODES.objectNode();
        root.put("command", info.again());
        info.set().forEach(root.putArray("set")::add);
        info.versions().forEach(root.putObject("versions")::put);
        info.machine().forEach(root.putObject("machine")::put);
        Path experiment = assessment.directory().experiment();
        root.put("experiment", Files.exists(experiment) ? Files.readString(experiment) : "");
        ArrayNode findings = root.putArray("findings");
        assessment.findings().forEach(finding -> findings.add(finding(finding)));
        populations(root.putArray("populations"), assessment.statistics().plan());
        codes(root.putArray("codes"), assessment.statistics().all());
        return root;
    }

    private static ObjectNode finding(Finding finding) {
        return NODES.objectNode()
                .put("text", finding.expectation().metric().text())
                .put("observed", finding.observedText());
    }

    private static void populations(ArrayNode populations, Plan plan) {
        for (Population each : plan.populations()) {
            ObjectNode population = populations.addObject().put("name", each.name());
            each.offer().forEach(population.putArray("offer")::add);
            each.require().forEach(population.putArray("require")::add);
        }
    }

    /** Those that a connection ended with, and what is said of them. */
    private static void codes(ArrayNode codes, Scope all) {
        TreeSet<Integer> seen = new TreeSet<>(all.series().closedByCode().keySet());
        all.closes().keySet().forEach(close -> seen.add(close.code()));
        seen.add(CloseCode.MANDATORY_EXTENSION.code());
        for (int code : seen) {
            codes.addObject()
                    .put("code", code)
                    .put("name", CloseCode.title(code))
                    .put("meaning", CloseCode.of(code).map(CloseCode::meaning).orElse(CloseCode.UNREGISTERED))
                    .put("advice", CloseCode.of(code).map(CloseCode::advice).orElse(""));
        }
    }
}
