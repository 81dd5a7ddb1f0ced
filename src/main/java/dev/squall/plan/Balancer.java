package dev.squall.plan;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Chooses the node for each attempt of the clients of one process. But for {@link Balance#LEAST_CONNECTIONS} the choice is
 * a function of the plan and the time, so that it does not depend on how clients are spread over processes. Safe for any
 * number of threads; at worst they see each other's last choice late, as balancers do.
 */
public final class Balancer {

    private static final int[] BASES = {2, 3, 5, 7};

    private final Plan plan;
    private final Rotation rotation;
    private final AtomicIntegerArray connections;
    private final boolean counts;

    /** Of a plan with nodes. */
    public Balancer(Plan plan) {
        this.plan = plan;
        this.rotation = new Rotation(plan);
        this.connections = new AtomicIntegerArray(plan.nodes().size());
        this.counts = plan.balance() == Balance.LEAST_CONNECTIONS;
    }

    /**
     * The index of the node that an attempt dials.
     *
     * @param connection the attempt's number among those of the client, from 1
     * @param micros when it dials
     */
    public int node(int population, int client, int connection, long micros) {
        int home = plan.node(population, client).index();
        if (!plan.balance().moves()) {
            return home;
        }
        int[] nodes = rotation.at(micros);
        return switch (plan.balance()) {
            case STICKY -> home;
            case ROUND_ROBIN ->
                connection == 1 && nodes.length == plan.nodes().size()
                        ? home
                        : nodes[
                                (int) (dealt(
                                                home,
                                                (client + population)
                                                        / plan.nodes().size(),
                                                connection)
                                        * nodes.length)];
            case RANDOM -> nodes[(int) (chance(population, client, connection) * nodes.length)];
            case LEAST_CONNECTIONS -> emptiest(nodes, chance(population, client, connection));
        };
    }

    /**
     * A client's turn, from 0 to 1, by its place among those of its own node: a Halton sequence, each attempt another
     * dimension of it. So those who share a node, for whatever reason, are dealt out evenly over any number of others; by
     * steps along the nodes they would all fall upon the next one.
     */
    private double dealt(int home, int place, int connection) {
        int base = BASES[(connection - 1) % BASES.length];
        double turn = (home + 0.5) / plan.nodes().size();
        double digit = 1.0 / base;
        for (int rest = place + 1; rest > 0; rest /= base) {
            turn += rest % base * digit;
            digit /= base;
        }
        return turn % 1;
    }

    private double chance(int population, int client, int connection) {
        return Draw.unit(Draw.bits(plan.seed(), Draw.Purpose.BALANCE, population, client, connection, 0));
    }

    /** Of those with the fewest connections the one at this place, from 0 to 1. */
    private int emptiest(int[] nodes, double place) {
        int fewest = Integer.MAX_VALUE;
        int ties = 0;
        for (int node : nodes) {
            int has = connections.get(node);
            if (has < fewest) {
                fewest = has;
                ties = 0;
            }
            ties += has == fewest ? 1 : 0;
        }
        int chosen = nodes[0];
        int left = (int) (place * ties);
        for (int node : nodes) {
            if (connections.get(node) <= fewest) {
                chosen = node;
                if (left-- == 0) {
                    break;
                }
            }
        }
        return chosen;
    }

    /** A client dials this node. */
    public void dialled(int node) {
        if (counts) {
            connections.incrementAndGet(node);
        }
    }

    /** A connection to this node, or an attempt at one, has ended. */
    public void ended(int node) {
        if (counts) {
            connections.decrementAndGet(node);
        }
    }
}
