package dev.squall.gatling;

import io.gatling.commons.util.Clock;
import io.gatling.core.CoreComponents;
import io.gatling.core.action.Action;
import io.gatling.core.stats.StatsEngine;

/** What Gatling asks of every action: its name, what comes next, the clock and the statistics. */
abstract class NamedAction extends ExitableBridge {

    final CoreComponents core;
    final Action next;
    private final String name;

    NamedAction(String name, CoreComponents core, Action next) {
        this.name = name;
        this.core = core;
        this.next = next;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final Action next() {
        return next;
    }

    @Override
    public final Clock clock() {
        return core.clock();
    }

    @Override
    public final StatsEngine statsEngine() {
        return core.statsEngine();
    }
}
