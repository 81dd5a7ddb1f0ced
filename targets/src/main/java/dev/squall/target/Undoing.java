package dev.squall.target;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectVolumeResponse;
import com.github.dockerjava.api.command.ListVolumesResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Image;
import com.github.dockerjava.api.model.Network;
import dev.squall.plan.Expansion;
import dev.squall.undo.Step;
import dev.squall.undo.UndoLog;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Takes the steps of a run back, each as often as it is asked to. */
final class Undoing {

    private static final long KILL_MICROS = 5_000_000;

    private Undoing() {}

    /**
     * Takes one back.
     *
     * @throws IOException if it cannot be taken back, or nobody knows how; the message says so
     */
    static void undo(Step step, Path directory) throws IOException {
        if (step instanceof Step.Processes processes) {
            processes(processes);
        } else if (step instanceof Step.Containers containers) {
            containers(UndoLog.LABEL, containers.mark());
        } else if (step instanceof Step.Project project) {
            project(project.name());
        } else {
            command((Step.Command) step, directory);
        }
    }

    private static void processes(Step.Processes step) throws IOException {
        kill(new ProcessGroup(step.group(), step.startTicks(), step.mark()));
    }

    private static void kill(ProcessGroup group) throws IOException {
        try {
            group.kill(micros -> LockSupport.parkNanos(micros * 1000), KILL_MICROS);
        } catch (Stopped never) {
            throw new IllegalStateException("nobody stops this", never);
        }
    }

    /** Removes every container with this label. */
    static void containers(String label, String value) throws IOException {
        DockerClient engine = DockerServer.engine();
        try {
            for (Container each : engine.listContainersCmd()
                    .withShowAll(true)
                    .withLabelFilter(Map.of(label, value))
                    .exec()) {
                try {
                    engine.removeContainerCmd(each.getId())
                            .withForce(true)
                            .withRemoveVolumes(true)
                            .exec();
                } catch (NotFoundException | ConflictException gone) {
                    continue; // Somebody else removes it, or has.
                }
            }
        } catch (DockerException e) {
            throw new IOException("the engine says: " + e.getMessage(), e);
        }
    }

    /** Removes what compose has made for a project: containers, networks, volumes and the names of images that it built. */
    static void project(String name) throws IOException {
        kill(new ProcessGroup(0, 0, name)); // A compose that is still at it.
        containers(Compose.PROJECT, name);
        DockerClient engine = DockerServer.engine();
        try {
            for (Network each : engine.listNetworksCmd()
                    .withFilter("label", List.of(Compose.PROJECT + "=" + name))
                    .exec()) {
                engine.removeNetworkCmd(each.getId()).exec();
            }
            ListVolumesResponse volumes = engine.listVolumesCmd()
                    .withFilter("label", List.of(Compose.PROJECT + "=" + name))
                    .exec();
            if (volumes.getVolumes() != null) {
                for (InspectVolumeResponse each : volumes.getVolumes()) {
                    engine.removeVolumeCmd(each.getName()).exec();
                }
            }
            for (Image each : engine.listImagesCmd().exec()) {
                String[] tags = each.getRepoTags();
                for (String tag : tags == null ? new String[0] : tags) {
                    // As compose 1 and 2 name what they build; the layers stay, so that the next run need not build
                    // them.
                    if (tag.startsWith(name + "_") || tag.startsWith(name + "-")) {
                        engine.removeImageCmd(tag).withNoPrune(true).exec();
                    }
                }
            }
        } catch (DockerException e) {
            throw new IOException("the engine says: " + e.getMessage(), e);
        }
    }

    private static void command(Step.Command step, Path directory) throws IOException {
        if (step.undo().isEmpty()) {
            throw new IOException(
                    "nobody knows what puts it right (expected: target.restart.undo, as [systemctl, start,"
                            + " chat]): look after it, then remove " + directory.resolve(UndoLog.FILE));
        }
        Expansion expansion = new Expansion(System::getenv);
        List<String> words = new ArrayList<>();
        step.undo().forEach(word -> words.add(expansion.expand(word)));
        Process process = new ProcessBuilder(words)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("undo.log").toFile())
                .start();
        try {
            if (!process.waitFor(step.timeoutMicros(), TimeUnit.MICROSECONDS)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", step.undo()) + " did not end in time");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(
                    String.join(" ", step.undo()) + " ended with exit code " + process.exitValue() + "; see undo.log");
        }
    }
}
