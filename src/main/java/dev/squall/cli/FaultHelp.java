package dev.squall.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.experiment.ServerReader;
import dev.squall.fault.FaultWindow;
import dev.squall.fault.Faults;
import dev.squall.fault.HandshakeFault;
import dev.squall.fault.Kind;
import dev.squall.report.Paragraph;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code squall help faults} says of a fault.
 *
 * @param main the setting that a value under the name stands for; empty: none
 * @param settings its own
 * @param common names of settings that it shares with other faults
 */
record FaultHelp(String name, String text, String example, String main, List<Setting> settings, List<String> common) {

    private static final String PAGES = "docs/faults/";

    /** A setting; {@code expected} null: its page says it; {@code absent} null: it must be there, or its page says it. */
    record Setting(
            String name,
            @Nullable String expected,
            @Nullable String absent) {}

    /** Each fault, restart first. */
    static List<FaultHelp> all() {
        List<FaultHelp> all = new ArrayList<>();
        all.add(new FaultHelp(
                Faults.RESTART,
                Faults.RESTART_TEXT,
                "{restart: {at: 20s, code: 1012, drain: 1s, downtime: 3s}}",
                "at",
                ServerReader.RESTART_SETTINGS.stream()
                        .map(name -> new Setting(name, null, null))
                        .toList(),
                List.of()));
        Faults.KINDS.forEach(kind -> all.add(of(kind)));
        return all;
    }

    private static FaultHelp of(Kind kind) {
        boolean ofHandshakes = HandshakeFault.class.isAssignableFrom(kind.type());
        return new FaultHelp(
                kind.name(),
                kind.text(),
                kind.example(),
                kind.main(),
                kind.settings().stream()
                        .map(one -> new Setting(one.name(), one.expected(), one.absent()))
                        .toList(),
                FaultWindow.SETTINGS.stream()
                        .filter(setting ->
                                !ofHandshakes || !List.of("at", "every").contains(setting))
                        .toList());
    }

    /** Prints all. */
    static void list(PrintWriter out, List<FaultHelp> all) {
        all.forEach(fault -> {
            out.printf("%-15s %s%n", fault.name, fault.text);
            out.printf("%-15s %s%n", "", fault.example);
        });
        out.println();
        out.println(
                "They stand in faults: of an experiment, in squall serve --faults FILE, or come live by POST /faults.");
        out.println("next: squall help faults close      more: " + PAGES);
    }

    /** Prints this one with its settings. */
    void print(PrintWriter out) {
        out.println(name + "   " + text);
        out.println();
        for (Setting setting : settings) {
            String of = setting.expected == null ? "" : setting.expected;
            String absent = setting.absent == null
                    ? setting.expected == null ? "" : "; required"
                    : "; default " + (setting.absent.isEmpty() ? "empty" : setting.absent);
            String value = setting.name.equals(main) ? " (or as the value of " + name + ")" : "";
            out.println(Paragraph.of(String.format("  %-22s", setting.name), of + absent + value)
                    .stripTrailing());
        }
        if (!common.isEmpty()) {
            out.println(Paragraph.of("  when and whom         ", String.join(", ", common)));
        }
        out.println();
        out.println("Example: " + example);
        out.println("more: " + PAGES + name + ".md");
    }

    /** All of them as JSON. */
    static String json(List<FaultHelp> faults) {
        ArrayNode array = JsonMapper.builder().build().createArrayNode();
        for (FaultHelp fault : faults) {
            ObjectNode node = array.addObject();
            node.put("name", fault.name).put("text", fault.text).put("example", fault.example);
            node.put("main", fault.main.isEmpty() ? null : fault.main);
            ArrayNode settings = node.putArray("settings");
            fault.settings.forEach(setting -> settings.addObject()
                    .put("name", setting.name)
                    .put("expected", setting.expected)
                    .put("default", setting.absent));
            ArrayNode common = node.putArray("whenAndWhom");
            fault.common.forEach(common::add);
        }
        return array.toPrettyString();
    }
}
