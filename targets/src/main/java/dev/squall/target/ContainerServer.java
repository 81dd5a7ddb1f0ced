package dev.squall.target;

import com.github.dockerjava.api.exception.DockerException;
import dev.squall.plan.Launch;
import dev.squall.undo.Step;
import dev.squall.undo.UndoLog;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.utility.DockerImageName;

/** A container, by Testcontainers, at a port of this machine that stays its own when it restarts. */
final class ContainerServer extends DockerServer {

    /** The run waits for it as it waits for any server. */
    private static final class NoWait extends AbstractWaitStrategy {
        @Override
        protected void waitUntilReady() {}
    }

    private final Launch.Container what;
    private final UndoLog undo;
    private final Step.Containers step;
    private @Nullable GenericContainer<?> container;

    ContainerServer(
            Launch.Container what, Readiness readiness, ServerLog log, UndoLog undo, String mark, Patience patience) {
        super(what, what.exec(), readiness, log, patience);
        this.what = what;
        this.undo = undo;
        this.step = new Step.Containers(mark, what.described());
    }

    @Override
    void create() throws IOException {
        engine();
        undo.add(step);
        @SuppressWarnings("resource") // Removed when the run is.
        GenericContainer<?> made = new GenericContainer<>(DockerImageName.parse(what.image()))
                .withLabel(UndoLog.LABEL, step.mark())
                .waitingFor(new NoWait());
        what.environment().forEach((name, value) -> made.withEnv(name, expanded(value)));
        if (!what.command().isEmpty()) {
            made.withCommand(what.command().stream().map(this::expanded).toArray(String[]::new));
        }
        if (what.hostNetwork()) {
            made.withNetworkMode("host");
        } else {
            made.setPortBindings(List.of("127.0.0.1:" + what.port() + ":" + what.inside() + "/tcp"));
        }
        try {
            made.start();
        } catch (ContainerLaunchException | ContainerFetchException e) {
            throw new IOException("the container of " + what.image() + " did not start: " + reason(e), e);
        }
        container = made;
    }

    /** Each layer of the client says that it failed; the last one says why. */
    private static String reason(Throwable failure) {
        Throwable reason = failure;
        while (reason.getCause() != null && !(reason instanceof DockerException)) {
            reason = reason.getCause();
        }
        return String.valueOf(reason.getMessage()).strip();
    }

    @Override
    List<String> ids() {
        GenericContainer<?> made = container;
        return made == null ? List.of() : List.of(made.getContainerId());
    }

    @Override
    void remove() throws IOException {
        Undoing.containers(UndoLog.LABEL, step.mark());
        undo.undone(step);
        container = null;
    }
}
