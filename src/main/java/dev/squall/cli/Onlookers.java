package dev.squall.cli;

import dev.squall.live.Onlooker;
import dev.squall.plan.Plan;
import dev.squall.run.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All who look on; perhaps nobody. */
final class Onlookers implements Onlooker {

    private final List<Onlooker> each = new ArrayList<>();

    void add(Onlooker onlooker) {
        each.add(onlooker);
    }

    @Override
    public void begins(Plan plan) {
        each.forEach(onlooker -> onlooker.begins(plan));
    }

    @Override
    public void stands(Progress progress) {
        each.forEach(onlooker -> onlooker.stands(progress));
    }

    @Override
    public void ends(String verdict, Path report) {
        each.forEach(onlooker -> onlooker.ends(verdict, report));
    }

    @Override
    public void close() {
        each.forEach(Onlooker::close);
    }
}
