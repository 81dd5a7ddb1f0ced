package dev.squall.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.run.Progress;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetersTest {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Meters meters = new Meters(registry, Stands.PLAN);

    private String text(Progress progress) {
        meters.stands(progress);
        meters.refresh();
        return registry.scrape();
    }

    /** The samples of a text by name and labels. */
    private static Map<String, Double> samples(JsonNode families) {
        Map<String, Double> samples = new TreeMap<>();
        families.forEach(family -> family.get("samples")
                .forEach(sample -> samples.put(
                        sample.get("name").asText() + sample.get("labels"),
                        sample.get("value").asDouble())));
        return samples;
    }

    @Test
    void prometheusReadsThemWithTypesTextsAndUnits() throws Exception {
        JsonNode families = PrometheusParser.families(text(Stands.at(5)));

        Map<String, String> types = new TreeMap<>();
        families.properties().forEach(family -> {
            assertThat(family.getValue().get("help").asText())
                    .as(family.getKey())
                    .isNotBlank();
            types.put(family.getKey(), family.getValue().get("type").asText());
        });
        // A counter's family is without its suffix: the samples below have it.
        assertThat(types)
                .isEqualTo(Map.ofEntries(
                        Map.entry("squall_run_info", "gauge"),
                        Map.entry("squall_clients_open", "gauge"),
                        Map.entry("squall_clients_ready", "gauge"),
                        Map.entry("squall_attempts", "counter"),
                        Map.entry("squall_opened", "counter"),
                        Map.entry("squall_failed", "counter"),
                        Map.entry("squall_closed", "counter"),
                        Map.entry("squall_restarts", "counter"),
                        Map.entry("squall_stall_seconds", "gauge"),
                        Map.entry("squall_processors_busy_ratio", "gauge"),
                        Map.entry("squall_fault_active", "gauge")));
        String restart = "restart 1012, drain 1 s, downtime 2 s";
        String withhold = "withhold permessage-deflate, from 0 s to 2 s, probability 25%";
        assertThat(samples(families))
                .isEqualTo(Map.ofEntries(
                        Map.entry(
                                "squall_run_info{\"experiment\":\"" + Stands.PLAN.experiment() + "\",\"seed\":\"42\"}",
                                1.0),
                        Map.entry("squall_clients_open{}", 90.0),
                        Map.entry("squall_clients_ready{}", 80.0),
                        Map.entry("squall_attempts_total{}", 50.0),
                        Map.entry("squall_opened_total{}", 35.0),
                        Map.entry("squall_failed_total{\"cause\":\"http-503\"}", 5.0),
                        Map.entry("squall_failed_total{\"cause\":\"refused\"}", 10.0),
                        Map.entry("squall_closed_total{\"code\":\"1012\"}", 15.0),
                        Map.entry("squall_restarts_total{}", 1.0),
                        Map.entry("squall_stall_seconds{}", 0.012),
                        Map.entry("squall_processors_busy_ratio{}", 0.25),
                        Map.entry("squall_fault_active{\"fault\":\"" + restart + "\"}", 1.0),
                        Map.entry("squall_fault_active{\"fault\":\"" + withhold + "\"}", 0.0)));
    }

    @Test
    void aFaultIsActiveInItsWindowWhileTheRunGoesOn() {
        String withhold =
                "squall_fault_active{fault=\"withhold permessage-deflate, from 0 s to 2 s, probability 25%\"} ";
        assertThat(registry.scrape()).as("before the start").contains(withhold + "0", "squall_restarts_total 0");
        assertThat(text(Stands.at(1))).contains(withhold + "1");
        assertThat(text(Stands.at(Progress.Phase.CLOSING, 1))).contains(withhold + "0");
        assertThat(text(Stands.at(2))).contains(withhold + "0");
    }

    @Test
    void whatIsReadIsOfOneMoment() {
        text(Stands.at(5));
        meters.stands(Stands.at(6));

        assertThat(registry.scrape()).contains("squall_attempts_total 50", "squall_opened_total 35");
    }

    @Test
    void everyPanelOfTheDashboardShowsMetricsThatThereAre() throws IOException {
        JsonNode dashboard = JsonMapper.builder()
                .build()
                .readTree(Path.of("../docs/grafana/squall.json").toFile());
        Set<String> there = text(Stands.at(5))
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceFirst("[{ ].*", ""))
                .collect(Collectors.toSet());
        Set<String> shown = new TreeSet<>();
        List<Integer> ids = new ArrayList<>();
        for (JsonNode panel : dashboard.get("panels")) {
            ids.add(panel.get("id").asInt());
            assertThat(panel.get("title").asText()).isNotBlank();
            assertThat(panel.at("/datasource/uid").asText()).isEqualTo("${datasource}");
            assertThat(panel.at("/gridPos/x").asInt() + panel.at("/gridPos/w").asInt())
                    .isBetween(1, 24);
            assertThat(panel.get("targets")).isNotEmpty();
            for (JsonNode target : panel.get("targets")) {
                Set<String> named = named(target.get("expr").asText());
                assertThat(there).as(target.toString()).containsAll(named);
                assertThat(named).as(target.toString()).isNotEmpty();
                shown.addAll(named);
            }
        }
        for (JsonNode each : dashboard.at("/annotations/list")) {
            if (each.has("expr")) {
                shown.addAll(named(each.get("expr").asText()));
            }
        }
        for (JsonNode variable : dashboard.at("/templating/list")) {
            shown.addAll(named(variable.path("definition").asText()));
        }
        assertThat(new HashSet<>(ids)).as("ids are unique").hasSameSizeAs(ids);
        assertThat(shown).as("every metric is on the dashboard").isEqualTo(new TreeSet<>(there));
        assertThat(dashboard.get("uid").asText()).isNotBlank();
        assertThat(dashboard.get("schemaVersion").asInt()).isPositive();
        assertThat(dashboard.get("id").isNull()).as("an import makes a new one").isTrue();
    }

    private static Set<String> named(String expression) {
        return Pattern.compile("squall_[a-z_]+")
                .matcher(expression)
                .results()
                .map(found -> found.group())
                .collect(Collectors.toSet());
    }
}
