package dev.squall.stats;

import dev.squall.plan.Plan;
import dev.squall.plan.WhileDown;
import java.util.BitSet;
import java.util.List;

/** The figures of a foreign server's restart, loss by loss. */
public final class ForeignRestart {

    private final RestartFigures figures;

    /** {@code open}: clients that were open when it began. */
    public ForeignRestart(long open) {
        Plan.Restart restart =
                new Plan.Restart(0, 0, 0, null, 0, 30_000_000, 1012, WhileDown.REFUSE, 0, true, false, List.of(0));
        figures = new RestartFigures(new RestartFinder.Found(restart, 30_000_000, null, new BitSet()), List.of());
        figures.untouched = open;
    }

    /** So many clients learn of their loss, evenly from one time to the other. */
    public ForeignRestart lost(int clients, int code, String how, String node, long from, long to) {
        for (int i = 0; i < clients; i++) {
            figures.lost(new Seen(code, how, node), from + (to - from) * i / clients);
            figures.recovered++;
            figures.untouched--;
        }
        return this;
    }

    /** A try has failed. */
    public ForeignRestart refused() {
        figures.failed.add("refused");
        return this;
    }

    /** A client was back so long after its loss. */
    public ForeignRestart backAfter(long micros) {
        figures.outage.add(micros);
        return this;
    }

    /** The figures. */
    public RestartFigures figures() {
        return figures;
    }
}
