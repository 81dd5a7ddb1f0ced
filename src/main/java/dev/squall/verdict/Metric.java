package dev.squall.verdict;

import dev.squall.behaviour.ClientBehaviour;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.quantity.Quantity;
import dev.squall.stats.Evidence;
import dev.squall.stats.Scope;
import dev.squall.stats.Served;
import dev.squall.stats.Statistics;
import dev.squall.stats.SteadyState;
import java.util.List;
import java.util.Optional;

/**
 * Something that can be expected of a run: its name, unit and meaning, and how it is read from what was measured.
 *
 * @param name as an experiment spells it
 * @param family the name without its quantile, by which help lists it
 * @param unit of its value
 * @param kind what can make it untrue
 * @param need what a run must have for it to be measured
 * @param text what it is, in a sentence
 * @param reader its values: one, or one for each node of each restart
 */
public record Metric(String name, String family, Quantity unit, Kind kind, Need need, String text, Reader reader) {

    /** What can make a metric untrue. */
    public enum Kind {
        /** Counts and shares stand while no child is lost and no event dropped. */
        COUNT,
        /** Times also suffer from stalls of those who measure. */
        TIME,
        /** Measures of the measuring itself. */
        TRUST
    }

    /** What a run must have for a metric to be measured. */
    public enum Need {
        NOTHING("") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return true;
            }
        },
        RESTART("the experiment has no restart") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                // A foreign server may restart though nobody planned it.
                return !plan.restarts().isEmpty() || plan.endpoint() != null;
            }
        },
        CLOSING_RESTART("the experiment has no restart that closes connections") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return plan.restarts().stream().anyMatch(restart -> !restart.kill()) && plan.endpoint() == null;
            }
        },
        ROLLOUT(RESTART.unmet) {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return RESTART.met(plan, populations);
            }
        },
        RECOVERY("the experiment has no restart after which the server comes back") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return plan.restarts().stream().anyMatch(restart -> !restart.isForGood()) || plan.endpoint() != null;
            }
        },
        RELAPSE("no client of it has a hold, or there is no restart after which the server comes back") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return RECOVERY.met(plan, populations) && populations.stream().anyMatch(p -> p.holdMicros() > 0);
            }
        },
        NODE("what a server that is not ours sent and received is not known") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return plan.endpoint() == null;
            }
        },
        OFFER_TO_NODE("no client of it offers an extension to a node of ours") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return NODE.met(plan, populations)
                        && populations.stream().anyMatch(p -> !p.offer().isEmpty());
            }
        },
        REQUIRE("no client of it requires an extension") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return populations.stream().anyMatch(p -> !p.require().isEmpty());
            }
        },
        MESSAGE("no client of it sends messages") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return populations.stream().anyMatch(p -> p.message() != null);
            }
        },
        PING("no client of it sends pings") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return populations.stream().anyMatch(p -> p.ping() != null);
            }
        },
        OBSERVATION("the experiment observes nothing (observe)") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return !plan.observations().isEmpty();
            }
        },
        CLIENT_UNDER_TEST("it is measured of clients that are not ours: squall serve --expect") {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return false;
            }
        },
        PINGED_CLIENT(CLIENT_UNDER_TEST.unmet) {
            @Override
            boolean met(Plan plan, List<Population> populations) {
                return false;
            }
        };

        private final String unmet;

        Need(String unmet) {
            this.unmet = unmet;
        }

        /** Whether it is a restart, so that there is a value for each of them. */
        public boolean isOfRestarts() {
            return this == RESTART || this == CLOSING_RESTART || isOfRecovery();
        }

        /** Whether it says nothing of a restart after which the server does not come back. */
        boolean isOfRecovery() {
            return this == RECOVERY || this == RELAPSE;
        }

        abstract boolean met(Plan plan, List<Population> populations);
    }

    /** Reads a metric's values. */
    public sealed interface Reader {

        /** The values for a population, or a client under test; empty: for all. None if the evidence is of another kind. */
        List<Reading> read(Evidence evidence, String whose);
    }

    /** Of a run of clients of ours. */
    @FunctionalInterface
    non-sealed interface OfRun extends Reader {
        List<Reading> read(Statistics statistics, Scope scope);

        @Override
        default List<Reading> read(Evidence evidence, String whose) {
            return evidence instanceof Statistics statistics ? read(statistics, statistics.scope(whose)) : List.of();
        }
    }

    /** Of clients under test. */
    @FunctionalInterface
    non-sealed interface OfClients extends Reader {
        List<Reading> read(Served served, List<ClientBehaviour> clients);

        @Override
        default List<Reading> read(Evidence evidence, String whose) {
            return evidence instanceof Served served ? read(served, served.clients(whose)) : List.of();
        }
    }

    /** Of a run, and of what is known of one before its first fault. */
    record OfBoth(OfRun run, OfSteadyState steady) implements Reader {
        @Override
        public List<Reading> read(Evidence evidence, String whose) {
            return evidence instanceof SteadyState state
                    ? List.of(steady.read(state, whose))
                    : run.read(evidence, whose);
        }
    }

    /** Of what is known of a run before its first fault. */
    @FunctionalInterface
    interface OfSteadyState {
        Reading read(SteadyState steady, String population);
    }

    /** The same, which is known before the first fault, too. */
    Metric alsoBefore(OfSteadyState steady) {
        return new Metric(name, family, unit, kind, need, text, new OfBoth((OfRun) reader, steady));
    }

    /** Whether it is known before the first fault: then it can be expected of the steady state. */
    public boolean isKnownBefore() {
        return reader instanceof OfBoth;
    }

    /**
     * Why a run by this plan cannot measure it; empty if it can.
     *
     * @param whose a population, or the followers of a policy in it; empty: all clients
     */
    public Optional<String> unmeasurable(Plan plan, String whose) {
        List<Population> populations = plan.populations().stream()
                .filter(p -> whose.isEmpty()
                        || p.name().equals(whose)
                        || p.followers().contains(whose))
                .toList();
        if (!need.met(plan, populations)) {
            return Optional.of(need.unmet);
        }
        if (need == Need.OBSERVATION) {
            return ObservedMetrics.unmeasurable(name, plan, whose);
        }
        boolean ofFollowers = populations.stream().anyMatch(p -> p.followers().contains(whose));
        return ofFollowers && (need == Need.MESSAGE || need == Need.PING)
                ? Optional.of("round trips are measured of a whole population")
                : Optional.empty();
    }

    /** Why a prediction does not have it; empty if it has. */
    public Optional<String> unpredictable() {
        if (need == Need.MESSAGE || need == Need.PING) {
            return Optional.of("a prediction does not simulate messages and pings one by one");
        }
        if (need == Need.OBSERVATION) {
            return Optional.of("nothing stands beside a prediction that could be observed");
        }
        return kind == Kind.TRUST || name.startsWith("ledger.")
                ? Optional.of("nothing is sent in a prediction, and nothing measured")
                : Optional.empty();
    }

    /**
     * Why a node that serves clients which are not ours cannot measure it; empty if it can.
     *
     * @param identified whether it tells its clients apart
     * @param pinged whether it pings them
     */
    public Optional<String> unmeasurableServing(boolean identified, boolean pinged) {
        if (need != Need.CLIENT_UNDER_TEST && need != Need.PINGED_CLIENT) {
            return Optional.of("it needs clients of ours: squall run");
        }
        if (!identified) {
            return Optional.of("clients are not told apart: --identify");
        }
        return need == Need.PINGED_CLIENT && !pinged ? Optional.of("clients are not pinged: --ping") : Optional.empty();
    }
}
