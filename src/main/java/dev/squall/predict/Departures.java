package dev.squall.predict;

import dev.squall.fault.Conduct;
import dev.squall.fault.ConnectionFault;
import dev.squall.fault.FaultWindow;
import dev.squall.plan.Plan;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The faults of a plan that end open connections, and whose connection they will end when. */
final class Departures {

    private final Plan plan;
    private final List<FaultWindow> windows;
    private final long[][] taken;

    /** When a fault ends each client's connection, and which; empty where no fault ends any. */
    private final long[] micros;

    private final int[] which;

    Departures(Plan plan, int clients) {
        this.plan = plan;
        windows = plan.faults().stream()
                .filter(window -> window.fault() instanceof ConnectionFault)
                .toList();
        taken = new long[windows.size()][plan.nodes().size()];
        micros = new long[windows.isEmpty() ? 0 : clients];
        Arrays.fill(micros, Calendar.NEVER);
        which = new int[micros.length];
    }

    /** The windows, each of which strikes who is open when it begins, or at its moments. */
    List<FaultWindow> windows() {
        return windows;
    }

    /** When a fault ends a client's connection; {@link Calendar#NEVER} if none does. */
    long micros(int client) {
        return micros.length == 0 ? Calendar.NEVER : micros[client];
    }

    /** The fault that ends it. */
    FaultWindow window(int client) {
        return windows.get(which[client]);
    }

    /** How it does. */
    static Conduct.Departure of(FaultWindow window) {
        Conduct.@Nullable Departure departure = window.fault() instanceof ConnectionFault fault
                ? fault.conduct().departure()
                : null;
        if (departure == null) {
            throw new IllegalArgumentException(window + " ends nothing");
        }
        return departure;
    }

    /** A client's connection has ended. */
    void forget(int client) {
        if (micros.length > 0) {
            micros[client] = Calendar.NEVER;
        }
    }

    /**
     * A window meets an open connection.
     *
     * @param moment which of its moments, from 0; 0 of one that lasts
     * @return whether it strikes
     */
    boolean strikes(
            FaultWindow window, int moment, int node, int population, int own, int client, int connection, long now) {
        int place = windows.indexOf(window);
        boolean concerns = window.match().at(node)
                && window.match().concerns(plan.populations().get(population).name());
        if (!concerns
                || !plan.strikes(window, moment, population, own, connection)
                || window.count() > 0 && taken[place][node]++ >= window.count()) {
            return false;
        }
        long due = now + of(window).afterMicros();
        boolean lifted = !window.moments() && due >= window.toMicros();
        if (!lifted && due < micros[client]) {
            micros[client] = due;
            which[client] = place;
        }
        return true;
    }
}
