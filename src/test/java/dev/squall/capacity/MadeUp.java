package dev.squall.capacity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** Runs of a service that was never there: the outage grows with the clients, a millisecond with each. */
final class MadeUp {

    static final Path FOLDER = Path.of("runs", "made-up");

    private MadeUp() {}

    /** Its results.json; {@code observed} null: never. */
    static ObjectNode results(Double observed, String verdict, String note) {
        return results(observed, verdict, note, null);
    }

    /** The same of a finding that a stall of so many seconds could have turned. */
    static ObjectNode results(Double observed, String verdict, String note, Double stall) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ObjectNode outage = root.putArray("findings").addObject();
        outage.put("expect", "restart.outage.p99 <= 15s").put("observed", observed);
        outage.put("verdict", verdict).put("note", note).put("implied", false).put("stallSeconds", stall);
        finding(root, "restart.recovered.rate >= 99.9%", 1, "pass", false);
        finding(root, "ledger.causality == 0", 0, "pass", true);
        ObjectNode injector = root.putObject("injector").put("trusted", true);
        injector.putArray("reasons");
        injector.putObject("processors").put("saturatedSeconds", 0);
        return root;
    }

    private static void finding(ObjectNode root, String expect, double observed, String verdict, boolean implied) {
        ObjectNode finding = root.withArray("/findings").addObject();
        finding.put("expect", expect).put("observed", observed).put("verdict", verdict);
        finding.put("note", "").put("implied", implied);
    }

    /** A trial of so many clients. */
    static Trial trial(double clients, long seed) {
        double outage = clients / 1000;
        return trial(clients, seed, results(outage, outage <= 15 ? "pass" : "fail", ""));
    }

    static Trial trial(double clients, long seed, JsonNode results) {
        return Trial.of(clients, seed, FOLDER.resolve("run " + seed), 62.04, results);
    }

    /** The search that begins with 4,000 clients. */
    static Capacity capacity() {
        return capacity(new Study(new Clients(Map.of("phones", 4_000), 1_000_000, 0.05), 24, 7), MadeUp::trial);
    }

    static Capacity capacity(Study study, BiFunction<Double, Long, Trial> trials) {
        Study.Done done =
                study.carryOut((value, seed) -> Optional.of(trials.apply(value, seed)), (number, trial, bracket) -> {});
        return capacity(study, done);
    }

    static Capacity capacity(Study study, Study.Done done) {
        return new Capacity(
                "made-up",
                study,
                done.answer(),
                done.trials(),
                new Capacity.Context(
                        FOLDER.resolve("capacity-1"),
                        "2026-01-01T00:00:00Z",
                        Map.of(
                                "os", "Linux 6.1.0-30-amd64",
                                "arch", "amd64",
                                "processors", "2",
                                "descriptors", "20000",
                                "memoryBytes", "25769803776"),
                        Map.of(
                                "squall", "1.2.3",
                                "java", "OpenJDK 64-Bit Server VM 25.0.3+9-LTS",
                                "gatling", "3.15.1",
                                "vertx", "5.2.0",
                                "netty", "4.2.18.Final"),
                        List.of("capacity", "made-up.yaml", "--set", "name='x'")));
    }
}
