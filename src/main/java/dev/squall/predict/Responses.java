package dev.squall.predict;

import dev.squall.fault.Answer;
import dev.squall.fault.FaultWindow;
import dev.squall.fault.HandshakeFault;
import dev.squall.fault.Withhold;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** How the nodes of a plan answer handshakes: what its faults make of them, and which extensions they negotiate. */
final class Responses {

    /**
     * What the faults of a moment make of a handshake.
     *
     * @param covered whether a withhold window covered an extension that was offered
     */
    record Struck(Answer answer, boolean covered) {}

    private static final Struck UNTOUCHED = new Struck(Answer.NORMAL, false);

    /** What of it shows in the extensions of a response. */
    private record Key(
            int population,
            boolean relaxed,
            boolean covered,
            Set<String> withheld,
            List<Extension> altered,
            List<Extension> unoffered) {}

    private final Plan plan;
    private final List<FaultWindow> windows;
    private final long[][] taken;
    private final List<List<Negotiation>> negotiations = new ArrayList<>();
    private final List<Set<String>> offered = new ArrayList<>();
    private final Set<String> served;
    private final List<List<Response>> untouched = new ArrayList<>();
    private final Map<Key, Response> others = new HashMap<>();

    Responses(Plan plan) {
        this.plan = plan;
        windows = plan.faults().stream()
                .filter(window -> window.fault() instanceof HandshakeFault)
                .toList();
        taken = new long[windows.size()][plan.nodes().size()];
        served = plan.extensions().stream()
                .map(text -> Extension.parse(text).name())
                .collect(Collectors.toUnmodifiableSet());
        for (Population population : plan.populations()) {
            Negotiation negotiation = population.negotiation();
            negotiations.add(List.of(negotiation, negotiation.relaxed()));
            offered.add(negotiation.offered().stream().map(Extension::name).collect(Collectors.toUnmodifiableSet()));
            untouched.add(List.of(
                    respond(population.index(), false, UNTOUCHED), respond(population.index(), true, UNTOUCHED)));
        }
    }

    /** What the faults of this moment make of a client's handshake with a node. */
    Struck struck(int node, int population, int client, int connection, long micros) {
        Struck struck = UNTOUCHED;
        for (int i = 0; i < windows.size(); i++) {
            FaultWindow window = windows.get(i);
            if (!window.covers(micros)
                    || !window.match().at(node)
                    || !(window.fault() instanceof HandshakeFault fault)
                    || !concerns(window, fault, population)) {
                continue;
            }
            boolean covered = struck.covered || fault instanceof Withhold;
            boolean strikes = plan.strikes(window, 0, population, client, connection)
                    && (window.count() == 0 || taken[i][node]++ < window.count());
            Answer answer = strikes
                    ? struck.answer.and(fault.answer(plan.chance(window, population, client, connection)))
                    : struck.answer;
            struck = new Struck(answer, covered);
        }
        return struck;
    }

    private boolean concerns(FaultWindow window, HandshakeFault fault, int population) {
        return window.match().concerns(plan.populations().get(population).name())
                && fault.concerns(offered.get(population));
    }

    /** The response to a client that may have given up its requirement. */
    Response of(int population, boolean relaxed, Struck struck) {
        return struck.equals(UNTOUCHED)
                ? untouched.get(population).get(relaxed ? 1 : 0)
                : others.computeIfAbsent(
                        new Key(
                                population,
                                relaxed,
                                struck.covered,
                                struck.answer.withheld(),
                                struck.answer.altered(),
                                struck.answer.unoffered()),
                        key -> respond(population, relaxed, struck));
    }

    private Response respond(int population, boolean relaxed, Struck struck) {
        Negotiation negotiation = negotiations.get(population).get(relaxed ? 1 : 0);
        // What a client requires, relaxed or not, is what it offers.
        Negotiation asked = negotiations.get(population).get(0);
        Answer answer = struck.answer;
        if (asked.offered().isEmpty() && answer.unoffered().isEmpty()) {
            return Response.PLAIN;
        }
        List<String> header = new ArrayList<>();
        List<String> outcomes = new ArrayList<>();
        List<String> withheld = new ArrayList<>();
        for (Extension offer : asked.offered()) {
            String name = offer.name();
            if (answer.withheld().contains(name)) {
                withheld.add(name);
                outcomes.add(name + "=withheld");
            } else if (!served.contains(name)) {
                outcomes.add(name + "=declined");
            } else {
                outcomes.add(name + "=negotiated");
                header.add(find(answer.altered(), name)
                        .or(() -> find(asked.required(), name))
                        .map(Extension::toString)
                        .orElse(name));
            }
        }
        answer.unoffered().forEach(extension -> header.add(extension.toString()));
        Negotiation.Judgement judgement = negotiation.judge(header.isEmpty() ? null : String.join(", ", header));
        return new Response(
                String.join(" ", outcomes), withheld, struck.covered, judgement, outcomes(judgement.outcomes()));
    }

    private static Optional<Extension> find(List<Extension> extensions, String name) {
        return extensions.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    private static Map<String, Negotiation.Outcome> outcomes(String text) {
        Map<String, Negotiation.Outcome> outcomes = new LinkedHashMap<>();
        for (String pair : text.split(" ")) {
            int equals = pair.indexOf('=');
            for (Negotiation.Outcome outcome : Negotiation.Outcome.values()) {
                if (equals > 0 && outcome.word().equals(pair.substring(equals + 1))) {
                    outcomes.put(pair.substring(0, equals), outcome);
                }
            }
        }
        return outcomes;
    }
}
