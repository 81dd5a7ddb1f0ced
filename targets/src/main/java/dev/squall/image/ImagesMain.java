package dev.squall.image;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.exception.DockerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;

/** Builds the images: the process behind {@code squall images}. */
public final class ImagesMain {

    private static final int BUILT = 0;
    private static final int FAILED = 2;
    private static final long BUILD_SECONDS = 300;
    private static final double MEGABYTE = 1e6;

    /** Folders of the user {@code squall}. */
    private static final List<String> WRITABLE = List.of("tmp", "runs", "work");

    private static final String COMMAND = "[\"" + Root.JAVA + "/bin/java\", \"-XX:+UseSerialGC\","
            + " \"-XX:TieredStopAtLevel=1\", \"-Dsquall.home=" + Root.HOME + "\","
            + " \"-Dlogback.configurationFile=squall-injector-logback.xml\", \"-cp\", \"" + Root.HOME
            + "/lib/*\", \"dev.squall.cli.Main\"%s]";

    /** Its live control is reached from outside, so it wants a token. */
    private static final String SERVE =
            ", \"serve\", \"--host\", \"0.0.0.0\", \"--admin-host\", \"0.0.0.0\", \"--out\", \"/runs\","
                    + " \"--stop-code\", \"1012\"";

    private static final String ROOT = """
            FROM scratch
            COPY root /
            COPY --chown=10001:10001 writable /
            ENV PATH=/bin:/usr/bin HOME=/tmp LANG=C.UTF-8
            WORKDIR /work
            """;

    private final DockerClient engine;
    private final String prefix;
    private final String version;

    private ImagesMain(DockerClient engine, String prefix, String version) {
        this.engine = engine;
        this.prefix = prefix;
        this.version = version;
    }

    /** Builds them; the arguments are the home folder, how the names begin, and the version. */
    public static void main(String... args) {
        System.exit(run(Path.of(args[0]), args[1], args[2]));
    }

    private static int run(Path home, String prefix, String version) {
        try {
            new ImagesMain(engine(), prefix, version).build(home);
            return BUILT;
        } catch (IOException e) {
            System.err.println("squall: " + e.getMessage());
        } catch (DockerException | DockerClientException e) {
            System.err.println("squall: the engine says: " + e.getMessage());
        }
        return FAILED;
    }

    private static DockerClient engine() throws IOException {
        try {
            return DockerClientFactory.instance().client();
        } catch (IllegalStateException e) {
            throw new IOException("no Docker engine answers (expected: one that runs; DOCKER_HOST says where)", e);
        }
    }

    private void build(Path home) throws IOException {
        Path context = Files.createTempDirectory("squall-image");
        try {
            System.out.println("linking a Java for the images");
            Root.make(context.resolve("root"), Path.of(System.getProperty("java.home")), home);
            for (String folder : WRITABLE) {
                Files.createDirectories(context.resolve("writable").resolve(folder));
            }
            // By its number, for so an engine that admits no root knows that it is none.
            image(
                    context,
                    ROOT + "USER 10001:10001\nEXPOSE 9001 9002\nENTRYPOINT " + String.format(COMMAND, SERVE),
                    "mock-server");
            remove(context.resolve("root"));
            // Root, for the folder that is mounted into it is somebody's of whom nothing is known here.
            image(
                    context,
                    "FROM " + name("mock-server") + ":" + version + "\nUSER 0:0\nENTRYPOINT "
                            + String.format(COMMAND, ""),
                    "injector");
        } finally {
            remove(context);
        }
    }

    private String name(String which) {
        return prefix + "-" + which;
    }

    private void image(Path context, String file, String which) throws IOException {
        Files.writeString(context.resolve("Dockerfile"), file + "\n");
        String tag = name(which) + ":" + version;
        System.out.println("building " + tag);
        try (BuildImageResultCallback result = engine.buildImageCmd(context.toFile())
                .withTags(Set.of(tag, name(which) + ":latest"))
                .exec(new BuildImageResultCallback())) {
            result.awaitImageId(BUILD_SECONDS, TimeUnit.SECONDS);
        }
        Long bytes = engine.inspectImageCmd(tag).exec().getSize();
        System.out.printf("built    %s   %.0f MB%n", tag, bytes == null ? Double.NaN : bytes / MEGABYTE);
    }

    private static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
