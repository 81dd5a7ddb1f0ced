package dev.squall.dist;

import com.github.dockerjava.api.command.InspectVolumeResponse;
import com.github.dockerjava.api.model.Network;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;

/** The Docker engine of this machine, if one runs; on CI one must. */
final class DockerEngine implements ExecutionCondition {

    /** On a test that is skipped where no engine runs, and says so; on CI it fails there. */
    @Target({ElementType.TYPE, ElementType.METHOD})
    @Retention(RetentionPolicy.RUNTIME)
    @ExtendWith(DockerEngine.class)
    @interface Needed {}

    /** The images, built once for all tests. */
    private static boolean built;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if ("true".equals(System.getenv("CI")) || DockerClientFactory.instance().isDockerAvailable()) {
            return ConditionEvaluationResult.enabled("an engine runs, or must");
        }
        return ConditionEvaluationResult.disabled(
                "no Docker engine answers (to run these: dist/src/test/docker/engine.sh start, and what it prints)");
    }

    /** Builds the images as a user does, by the command of docs/images.md. */
    static synchronized void images(Path directory) throws IOException, InterruptedException {
        if (!built) {
            Squall.Answer answer = new Squall(directory).call("images");
            if (answer.exitCode() != 0 || !answer.out().contains("built    squall-injector:")) {
                throw new AssertionError(answer.toString());
            }
            built = true;
        }
    }

    /** The networks whose names begin so. */
    static List<String> networks(String prefix) {
        return DockerClientFactory.instance().client().listNetworksCmd().exec().stream()
                .map(Network::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    /** The volumes whose names begin so. */
    static List<String> volumes(String prefix) {
        return DockerClientFactory.instance().client().listVolumesCmd().exec().getVolumes().stream()
                .map(InspectVolumeResponse::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    /** The images whose names begin so. */
    static List<String> images(String prefix) {
        return DockerClientFactory.instance().client().listImagesCmd().exec().stream()
                .flatMap(image -> image.getRepoTags() == null ? Stream.empty() : Stream.of(image.getRepoTags()))
                .filter(tag -> tag.startsWith(prefix))
                .toList();
    }

    /** The containers that run, or ran, of an image of this name. */
    static List<String> containers(String image) {
        return DockerClientFactory.instance().client().listContainersCmd().withShowAll(true).exec().stream()
                .filter(each -> each.getImage().startsWith(image))
                .map(each -> each.getId() + " " + each.getStatus())
                .toList();
    }
}
