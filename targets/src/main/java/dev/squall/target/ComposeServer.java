package dev.squall.target;

import com.github.dockerjava.api.model.Container;
import dev.squall.plan.Launch;
import dev.squall.undo.Step;
import dev.squall.undo.UndoLog;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The services of a compose file, of which one is restarted. */
final class ComposeServer extends DockerServer {

    private final Launch.Compose what;
    private final UndoLog undo;
    private final Patience patience;
    private final Step.Project step;
    private List<String> ids = List.of();

    ComposeServer(
            Launch.Compose what, Readiness readiness, ServerLog log, UndoLog undo, String mark, Patience patience) {
        super(what, what.exec(), readiness, log, patience);
        this.what = what;
        this.undo = undo;
        this.patience = patience;
        this.step = new Step.Project(mark.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "-"), what.file());
    }

    @Override
    void create() throws IOException, Stopped {
        engine();
        undo.add(step);
        Compose compose = new Compose(step, log().file().resolveSibling("compose.log"), patience);
        what.environment().forEach((name, value) -> compose.environment().put(name, expanded(value)));
        compose.up();
        ids = engine()
                .listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of(Compose.PROJECT, step.name(), "com.docker.compose.service", what.service()))
                .exec()
                .stream()
                .map(Container::getId)
                .toList();
        if (ids.isEmpty()) {
            throw new IOException(what.file() + " has no service " + what.service()
                    + " that runs (expected: target.compose.service, one of its services)");
        }
    }

    @Override
    List<String> ids() {
        return ids;
    }

    @Override
    void remove() throws IOException {
        Undoing.project(step.name());
        undo.undone(step);
        ids = List.of();
    }
}
