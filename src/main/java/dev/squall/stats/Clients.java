package dev.squall.stats;

import dev.squall.journal.JournalRow;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import java.util.HashMap;
import java.util.Map;

/** The clients of a plan as numbers from 0, one population after the other. */
public final class Clients {

    /** A row of somebody else's connection to our node. */
    static final int NOBODY = -1;

    private final Plan plan;
    private final int[] first;
    private final Map<String, Integer> populations = new HashMap<>();

    /** Of a plan. */
    public Clients(Plan plan) {
        this.plan = plan;
        first = new int[plan.populations().size() + 1];
        for (Population population : plan.populations()) {
            first[population.index() + 1] = first[population.index()] + population.clients();
            populations.put(population.name(), population.index());
        }
    }

    /** How many there are. */
    public int count() {
        return first[first.length - 1];
    }

    /** The number of a row's client; {@link #NOBODY} if the plan does not know it. */
    int of(JournalRow row) {
        int population = population(row.population());
        boolean known = population != NOBODY
                && row.client() >= 0
                && row.client() < plan.populations().get(population).clients();
        return known ? first[population] + (int) row.client() : NOBODY;
    }

    /** The index of a population of this name; {@link #NOBODY} if there is none. */
    int population(String name) {
        return populations.getOrDefault(name, NOBODY);
    }

    /** The index of a client's population. */
    public int population(int client) {
        int population = 0;
        while (client >= first[population + 1]) {
            population++;
        }
        return population;
    }

    /** The number of the client of this index within its population. */
    public int number(int population, int within) {
        return first[population] + within;
    }

    /** A client's index within its population. */
    public int within(int population, int client) {
        return client - first[population];
    }
}
