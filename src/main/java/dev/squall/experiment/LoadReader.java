package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Plan;
import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation;
import dev.squall.protocol.On1010;
import dev.squall.quantity.Quantity;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.ReconnectPolicy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code load}: the populations. */
final class LoadReader {

    private static final String EXTENSION =
            "an extension, as permessage-deflate or \"permessage-deflate; server_no_context_takeover\"";
    private static final long DEFAULT_CAP_MICROS = 60_000_000;
    private static final long DEFAULT_ARRIVAL_MICROS = 1_000_000;

    private final Processes processes;
    private final long duration;

    /** {@code duration} of the experiment, in microseconds. */
    LoadReader(Processes processes, long duration) {
        this.processes = processes;
        this.duration = duration;
    }

    List<Plan.Population> read(YamlValue root, @Nullable YamlValue load) {
        List<Plan.Population> populations = new ArrayList<>();
        if (load == null) {
            root.problem("load is missing (expected: a map of populations, as {phones: {clients: 1000}})");
            return populations;
        }
        load.entries("a map of populations, as {phones: {clients: 1000}}").forEach((name, value) -> {
            if (!ExperimentReader.NAME.matcher(name).matches()) {
                value.problem(name + " (expected: a name of " + ExperimentReader.NAME_FORM + ")");
            }
            populations.add(population(populations.size(), name, value));
        });
        if (load.isMap() && populations.isEmpty()) {
            load.problem("no population (expected: at least one, as {phones: {clients: 1000}})");
        }
        long clients = populations.stream().mapToLong(Plan.Population::clients).sum();
        long most = Math.min(ExperimentReader.MAX_CLIENTS, (long) Processes.MOST * processes.each());
        if (clients > most) {
            String limit = most == ExperimentReader.MAX_CLIENTS
                    ? ""
                    : ", with ulimit -n " + processes.descriptors() + processes.remedy(clients, Processes.MOST);
            load.problem(clients + " clients (expected: at most " + most + " on this machine" + limit + ")");
        }
        return populations;
    }

    private Plan.Population population(int index, String name, YamlValue value) {
        Map<String, YamlValue> fields =
                value.fields("clients", "arrive", "offer", "require", "on-1010", "message", "reconnect");
        long clients = 1;
        if (fields.containsKey("clients")) {
            clients = value(fields, "clients").whole(1, ExperimentReader.MAX_CLIENTS, 1);
        } else if (value.isMap()) {
            value.problem("clients is missing (expected: a whole number)");
        }
        long over = arrival(fields.get("arrive"), clients);
        List<String> offer = field(fields, "offer").map(this::extensions).orElse(List.of());
        List<String> require = field(fields, "require").map(this::extensions).orElse(List.of());
        if (fields.containsKey("require")) {
            checkOffered(value(fields, "require"), offer, require);
        }
        ReconnectPolicy policy = field(fields, "reconnect")
                .map(this::policy)
                .orElseGet(() -> Objects.requireNonNull(ReconnectPolicy.named().get("rfc6455")));
        On1010 byDefault = policy.reconnects() ? On1010.RETRY : On1010.STOP;
        Map<String, On1010> words = new LinkedHashMap<>();
        words.put("stop", On1010.STOP);
        words.put("retry", On1010.RETRY);
        words.put("retry-without", On1010.RETRY_WITHOUT);
        On1010 on1010 =
                field(fields, "on-1010").map(v -> v.oneOf(words, byDefault)).orElse(byDefault);
        Plan.Message message = field(fields, "message").map(this::message).orElse(null);
        return new Plan.Population(index, name, (int) clients, over, offer, require, on1010, message, policy);
    }

    private long arrival(@Nullable YamlValue arrive, long clients) {
        if (arrive == null) {
            return Math.min(DEFAULT_ARRIVAL_MICROS, duration);
        }
        Map<String, YamlValue> fields = arrive.fields("over", "rate");
        if (fields.size() != 1) {
            if (arrive.isMap()) {
                arrive.problem("has " + fields.size() + " settings (expected: one of {over: 10s}, {rate: 200/s})");
            }
            return 0;
        }
        long over = fields.containsKey("over")
                ? value(fields, "over").duration()
                : (long) (clients * 1e6 / value(fields, "rate").quantity(Quantity.RATE, 0.001, "0.001/s", 1e6));
        if (over > duration) {
            arrive.problem("the last client arrives after " + Quantity.DURATION.format(over)
                    + " (expected: within the duration, " + Quantity.DURATION.format(duration) + ")");
        }
        return over;
    }

    private List<String> extensions(YamlValue value) {
        List<String> extensions = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (YamlValue each : value.list("a list, as [permessage-deflate]")) {
            String text = each.scalar(EXTENSION, "", LoadReader::extension);
            if (!text.isEmpty()) {
                extensions.add(text);
                if (!names.add(Extension.parse(text).name())) {
                    each.problem(text + " stands twice (expected: each extension once)");
                }
            }
        }
        return extensions;
    }

    private void checkOffered(YamlValue value, List<String> offer, List<String> require) {
        try {
            new Negotiation(
                    offer.stream().map(Extension::parse).toList(),
                    require.stream().map(Extension::parse).toList());
        } catch (IllegalArgumentException e) {
            value.problem(String.valueOf(e.getMessage()).replaceFirst("^require: ", ""));
        }
    }

    private Plan.Message message(YamlValue value) {
        Map<String, YamlValue> fields = value.fields("every", "size");
        if (!fields.containsKey("every") && value.isMap()) {
            value.problem("every is missing (expected: " + Quantity.DURATION.expected() + ")");
        }
        long every =
                field(fields, "every").map(v -> v.positiveDuration(1_000_000)).orElse(1_000_000L);
        double size = field(fields, "size")
                .map(v -> v.quantity(Quantity.SIZE, 1, "1B", 64))
                .orElse(64.0);
        if (size > 1024 * 1024) {
            value(fields, "size").problem(Quantity.SIZE.format(size) + " (expected: at most 1MiB)");
        }
        return new Plan.Message(every, (int) size);
    }

    private ReconnectPolicy policy(YamlValue value) {
        Map<String, ReconnectPolicy> named = ReconnectPolicy.named();
        ReconnectPolicy fallback = Objects.requireNonNull(named.get("rfc6455"));
        if (!value.isMap()) {
            return value.scalar(
                    String.join(" | ", named.keySet()) + ", or a map with delay, growth, cap, ...", fallback, text -> {
                        ReconnectPolicy policy = named.get(text);
                        if (policy == null) {
                            throw new NumberFormatException();
                        }
                        return policy;
                    });
        }
        Map<String, YamlValue> fields =
                value.fields("delay", "growth", "cap", "jitter", "draw", "attempts", "stable-after");
        if (!fields.containsKey("delay")) {
            value.problem("delay is missing (expected: a duration or a range, as 3s or 1s..5s)");
            return fallback;
        }
        long[] delay =
                value(fields, "delay").scalar("a duration or a range, as 3s or 1s..5s", new long[2], this::range);
        double growth = field(fields, "growth")
                .map(v -> v.quantity(Quantity.NUMBER, 1, "1", 1))
                .orElse(1.0);
        long cap = field(fields, "cap")
                .map(YamlValue::duration)
                .orElse(growth > 1 ? Math.max(DEFAULT_CAP_MICROS, delay[1]) : delay[1]);
        Map<String, Jitter> jitters = new LinkedHashMap<>();
        for (Jitter jitter : Jitter.values()) {
            jitters.put(jitter.spelled(), jitter);
        }
        Jitter jitter =
                field(fields, "jitter").map(v -> v.oneOf(jitters, Jitter.NONE)).orElse(Jitter.NONE);
        Map<String, Boolean> draws = new LinkedHashMap<>();
        draws.put("each", false);
        draws.put("once", true);
        boolean once = field(fields, "draw").map(v -> v.oneOf(draws, false)).orElse(false);
        long attempts = field(fields, "attempts")
                .map(v -> v.whole(0, ReconnectPolicy.UNLIMITED - 1L, 0))
                .orElse((long) ReconnectPolicy.UNLIMITED);
        long stable = field(fields, "stable-after").map(YamlValue::duration).orElse(0L);
        try {
            return new ReconnectPolicy("inline", delay[0], delay[1], growth, cap, jitter, once, (int) attempts, stable);
        } catch (IllegalArgumentException e) {
            value.problem(String.valueOf(e.getMessage()));
            return fallback;
        }
    }

    private long[] range(String text) {
        String[] ends = text.split("\\.\\.", -1);
        if (ends.length > 2) {
            throw new NumberFormatException();
        }
        long low = (long) Quantity.DURATION.parse(ends[0]);
        long high = ends.length == 1 ? low : (long) Quantity.DURATION.parse(ends[1]);
        if (low < 0 || high < low) {
            throw new IllegalArgumentException(text + " (expected: >= 0s, the lower end first)");
        }
        return new long[] {low, high};
    }

    private static String extension(String text) {
        try {
            return Extension.parse(text).toString();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(text + " (expected: " + EXTENSION + "): " + e.getMessage(), e);
        }
    }
}
