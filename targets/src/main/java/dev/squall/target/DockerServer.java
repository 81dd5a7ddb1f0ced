package dev.squall.target;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Frame;
import dev.squall.plan.Expansion;
import dev.squall.plan.Launch;
import dev.squall.role.ChildLink;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;

/** A server in containers: how they are restarted, watched and read, whoever made them. */
abstract class DockerServer implements Server {

    private static final long END_SECONDS = 30;
    private static final long LOG_SECONDS = 5;
    private static final String NO_ENGINE =
            "no Docker engine answers (expected: one that runs; DOCKER_HOST says where, as unix:///var/run/docker.sock)";

    private final Launch launch;
    private final List<String> exec;
    private final Readiness readiness;
    private final ServerLog log;
    private final Patience patience;
    private final Expansion expansion = new Expansion(System::getenv);
    /** Bytes of each container's log that are in the file, for an engine tells a log from its beginning. */
    private long written;

    private @Nullable Closeable follower;
    private boolean told;

    DockerServer(Launch launch, List<String> exec, Readiness readiness, ServerLog log, Patience patience) {
        this.launch = launch;
        this.exec = exec;
        this.readiness = readiness;
        this.log = log;
        this.patience = patience;
    }

    /** Makes the containers, and starts them. */
    abstract void create() throws IOException, Stopped;

    /** The containers that are restarted. */
    abstract List<String> ids();

    /** Takes all away, by force. */
    abstract void remove() throws IOException;

    final String expanded(String text) {
        return expansion.expand(text);
    }

    final ServerLog log() {
        return log;
    }

    /**
     * The engine.
     *
     * @throws IOException if none answers
     */
    static DockerClient engine() throws IOException {
        try {
            return DockerClientFactory.instance().client();
        } catch (IllegalStateException e) {
            throw new IOException(NO_ENGINE, e);
        }
    }

    @Override
    public void start() throws IOException, Stopped {
        long said = log.size();
        try {
            create();
            follow();
        } catch (DockerException e) {
            throw new IOException("the engine says: " + e.getMessage(), e);
        }
        told = false;
        readiness.await(said, this::end);
    }

    @Override
    public int restart(ChildLink.Order order) throws IOException, Stopped {
        try {
            return restarted(order);
        } catch (DockerException e) {
            throw new IOException("the engine says: " + e.getMessage(), e);
        }
    }

    private int restarted(ChildLink.Order order) throws IOException, Stopped {
        Launch.Way way = order.kill() ? Launch.Way.KILL : launch.restart();
        DockerClient engine = engine();
        long said = log.size();
        int code = NO_EXIT;
        switch (way) {
            case PAUSE -> {
                ids().forEach(id -> engine.pauseContainerCmd(id).exec());
                try {
                    patience.await(order.downtimeMicros());
                } finally {
                    ids().forEach(id -> engine.unpauseContainerCmd(id).exec());
                }
                said = log.size();
            }
            case EXEC -> {
                told = true;
                for (String id : ids()) {
                    exec(engine, id);
                }
                readiness.await(said, this::revived);
                told = false;
                return NO_EXIT;
            }
            default -> {
                told = true;
                for (String id : ids()) {
                    if (way == Launch.Way.STOP) {
                        stop(engine, id);
                    } else {
                        engine.killContainerCmd(id).exec();
                    }
                }
                for (String id : ids()) {
                    code = exitCode(engine, id);
                }
                unfollow();
                patience.await(order.downtimeMicros());
                ids().forEach(id -> engine.startContainerCmd(id).exec());
                follow();
                told = false;
            }
        }
        readiness.await(said, this::end);
        return code;
    }

    private void stop(DockerClient engine, String id) {
        try {
            engine.stopContainerCmd(id)
                    .withTimeout((int) Math.ceil(launch.graceMicros() / 1e6)) // The engine counts whole seconds.
                    .exec();
        } catch (NotModifiedException ended) {
            return; // By itself.
        }
    }

    private static int exitCode(DockerClient engine, String id) {
        try (WaitContainerResultCallback end = engine.waitContainerCmd(id).exec(new WaitContainerResultCallback())) {
            return end.awaitStatusCode(END_SECONDS, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void exec(DockerClient engine, String id) throws IOException {
        String run = engine.execCreateCmd(id)
                .withCmd(exec.stream().map(this::expanded).toArray(String[]::new))
                .withAttachStdout(true)
                .withAttachStderr(true)
                .exec()
                .getId();
        try (ResultCallback.Adapter<Frame> output = new Copy()) {
            if (!engine.execStartCmd(run).exec(output).awaitCompletion(END_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the command inside did not end within " + END_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Long code = engine.inspectExecCmd(run).exec().getExitCodeLong();
        if (code == null || code != 0) {
            throw new IOException("the command inside ended with exit code " + code);
        }
    }

    /** Writes frames into the log; of a container's own log not those that are in it already. */
    private final class Copy extends ResultCallback.Adapter<Frame> {
        private final OutputStream to;
        private long toSkip;
        private final boolean counts;

        Copy() throws IOException {
            this(0, false);
        }

        Copy(long toSkip, boolean counts) throws IOException {
            this.to = Files.newOutputStream(log.file(), StandardOpenOption.APPEND);
            this.toSkip = toSkip;
            this.counts = counts;
        }

        @Override
        public void onNext(Frame frame) {
            byte[] bytes = frame.getPayload();
            int skipped = (int) Math.min(toSkip, bytes.length);
            toSkip -= skipped;
            try {
                to.write(bytes, skipped, bytes.length - skipped);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (counts) {
                written += bytes.length - skipped;
            }
        }

        @Override
        public void close() throws IOException {
            try {
                super.close();
            } finally {
                to.close();
            }
        }
    }

    /** Reads what the first of them says, as it says it. */
    private void follow() throws IOException {
        follower = engine().logContainerCmd(ids().get(0))
                .withStdOut(true)
                .withStdErr(true)
                .withFollowStream(true)
                .exec(new Copy(written, true));
    }

    /** It has ended, and so will what it says. */
    private void unfollow() throws IOException {
        if (follower instanceof ResultCallback.Adapter<?> adapter) {
            try {
                adapter.awaitCompletion(LOG_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            adapter.close();
        }
        follower = null;
    }

    private @Nullable String end() throws IOException {
        try {
            DockerClient engine = engine();
            for (String id : ids()) {
                ContainerState state = engine.inspectContainerCmd(id).exec().getState();
                if (!Boolean.TRUE.equals(state.getRunning())) {
                    return "exit code " + state.getExitCodeLong()
                            + (Boolean.TRUE.equals(state.getOOMKilled()) ? ", out of memory" : "");
                }
            }
            return null;
        } catch (DockerException e) {
            return "the engine says: " + e.getMessage();
        }
    }

    /** Where the command inside has ended the container itself, it is started again, as its engine would be told to elsewhere. */
    private @Nullable String revived() throws IOException {
        if (end() != null) {
            unfollow();
            DockerClient engine = engine();
            ids().forEach(id -> engine.startContainerCmd(id).exec());
            follow();
        }
        return null;
    }

    @Override
    public @Nullable String takeEnd() throws IOException {
        String end = told ? null : end();
        told |= end != null;
        return end;
    }

    @Override
    public void remove(boolean gently) throws IOException {
        told = true;
        try {
            if (gently) {
                DockerClient engine = engine();
                ids().forEach(id -> stop(engine, id));
                unfollow();
            }
        } catch (DockerException e) {
            throw new IOException("the engine says: " + e.getMessage(), e);
        } finally {
            remove();
            unfollow();
        }
    }
}
