package dev.squall.testcontainers;

import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * Squall's mock server in a container: it echoes, and restarts, withholds extensions and misbehaves when it is told. Its image
 * is built by {@code squall images}; nothing is pulled.
 *
 * <pre>{@code
 * try (MockServerContainer server = new MockServerContainer()) {
 *     server.start();
 *     client.connect(server.url());
 *     server.restart("{code: 1012, downtime: 1s}");
 *     ...
 * }
 * }</pre>
 *
 * <p>Stopping it ({@code docker stop}) is a restart to its clients: each gets Close 1012.
 */
public final class MockServerContainer extends GenericContainer<MockServerContainer> {

    /** The image that {@code squall images} builds. */
    public static final String IMAGE = "squall-mock-server";

    private static final int PORT = 9001;
    private static final int ADMIN_PORT = 9002;
    private static final String FAULTS = "/tmp/faults.yaml";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Pattern INDEX = Pattern.compile("\"index\"\\s*:\\s*([0-9]{1,9})");

    private final String image;
    private final String token = UUID.randomUUID().toString().replace("-", "");
    private final List<String> options = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    /** One of the image as {@code squall images} names it. */
    public MockServerContainer() {
        this(IMAGE);
    }

    /** One of an image of this name, as a registry of yours has it. */
    public MockServerContainer(String image) {
        super(DockerImageName.parse(image));
        this.image = image;
        withExposedPorts(PORT, ADMIN_PORT);
        withEnv("SQUALL_ADMIN_TOKEN", token);
        waitingFor(Wait.forHttp("/").forPort(PORT));
    }

    /**
     * With these faults from the start on.
     *
     * @param yaml as the file of {@code squall serve --faults}: a list of faults, or a map with extensions, capacity, replies
     *     and faults; its times count from the start
     */
    public MockServerContainer withFaults(String yaml) {
        withCopyToContainer(Transferable.of(yaml), FAULTS);
        return withOptions("--faults", FAULTS);
    }

    /** With this seed of every random value. */
    public MockServerContainer withSeed(long seed) {
        return withOptions("--seed", String.valueOf(seed));
    }

    /** With further options of {@code squall serve}. */
    public MockServerContainer withOptions(String... more) {
        options.addAll(List.of(more));
        return withCommand(options.toArray(String[]::new));
    }

    /**
     * Starts it.
     *
     * @throws IllegalStateException if its image is not there; the message says what builds it
     */
    @Override
    public void start() {
        if (!image.contains("/")) {
            try {
                getDockerClient().inspectImageCmd(image).exec();
            } catch (NotFoundException e) {
                throw new IllegalStateException("no image " + image + " (expected: built by: squall images)", e);
            }
        }
        super.start();
    }

    /** Where clients dial, as {@code ws://localhost:49153/}. */
    public String url() {
        return "ws://" + getHost() + ":" + getMappedPort(PORT) + "/";
    }

    /** Where its live control is, as a page and an API (openapi.yaml); it wants the {@link #adminToken}. */
    public String adminUrl() {
        return "http://" + getHost() + ":" + getMappedPort(ADMIN_PORT) + "/";
    }

    /** The bearer token of the live control. */
    public String adminToken() {
        return token;
    }

    /**
     * Restarts it, while its container runs on: the port stays the same.
     *
     * @param yaml the settings of a restart, as {@code {code: 1012, drain: 2s, downtime: 1s}}
     * @throws IllegalArgumentException if the server refuses that; the message says why
     */
    public void restart(String yaml) {
        ask("POST", "restart", yaml);
    }

    /**
     * Adds a fault, which begins at once unless it says otherwise.
     *
     * @param yaml an element of an experiment's faults, as <code>close: {after: 5s, code: 1011}</code>
     * @return its index, by which it is lifted
     * @throws IllegalArgumentException if the server refuses that; the message says why
     */
    public int inflict(String yaml) {
        Matcher index = INDEX.matcher(ask("POST", "faults", yaml));
        if (!index.find()) {
            throw new IllegalStateException("the server told no index");
        }
        return Integer.parseInt(index.group(1));
    }

    /**
     * Ends a fault.
     *
     * @throws IllegalArgumentException if there is none of this index
     */
    public void lift(int index) {
        ask("DELETE", "faults/" + index, "");
    }

    /** How it stands, in JSON: what its clients did, what it sent. */
    public String status() {
        return ask("GET", "status", "");
    }

    private String ask(String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(adminUrl() + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/yaml")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new IllegalArgumentException(
                        method + " /" + path + " was answered " + response.statusCode() + ": " + response.body());
            }
            return response.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
