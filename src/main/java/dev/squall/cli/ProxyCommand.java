package dev.squall.cli;

import dev.squall.plan.Plan;
import dev.squall.plan.Tls;
import dev.squall.protocol.WebSocketUri;
import dev.squall.run.Clearance;
import dev.squall.run.RunException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "proxy",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Stands before a WebSocket server, and makes things go wrong between it and its clients.",
        footer = {
            "",
            "What no fault touches passes as it comes. Faults come from --faults, or live, as of squall serve.",
            "It ends after --for, or by Ctrl-C (exit code 130), and prints what each client did.",
            "",
            "Exit codes: 0 pass, 1 an expectation failed, 2 usage, 3 inconclusive, 130 interrupted.",
            "",
            "Example: squall proxy --upstream ws://127.0.0.1:8080/ --identify address --faults restarts.yaml"
        })
final class ProxyCommand extends ServeCommand {

    @Option(names = "--upstream", paramLabel = "URL", description = "The server behind: " + WebSocketUri.EXPECTED + ".")
    private @Nullable String upstream;

    @Option(names = "--insecure", description = "Any certificate of the server behind will do.")
    private boolean insecure;

    @Option(
            names = "--trust",
            paramLabel = "FILE",
            description = "Certificates in PEM by which the server behind is known. Default: the JDK's.")
    private @Nullable Path trust;

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            description = "A certificate (chain) in PEM, with --key: clients come by wss.")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "Its key in PEM (PKCS8).")
    private @Nullable Path key;

    @Option(
            names = "--allow-target",
            paramLabel = "HOST",
            description = "Allows this host as the server behind, which is not this machine.")
    private List<String> allowed = new ArrayList<>();

    @Override
    Plan.Relay relay() throws RunException {
        if (upstream == null) {
            throw usage("--upstream: missing (expected: " + WebSocketUri.EXPECTED + ")");
        }
        WebSocketUri uri;
        try {
            uri = WebSocketUri.parse(upstream);
        } catch (IllegalArgumentException e) {
            throw usage("--upstream: " + upstream + ": " + e.getMessage());
        }
        if ((certificate == null) != (key == null)) {
            throw usage(
                    (key == null ? "--certificate" : "--key") + ": stands alone (expected: --certificate and --key)");
        }
        if (!uri.secure() && (insecure || trust != null)) {
            throw usage((insecure ? "--insecure" : "--trust") + ": stands beside ws: (expected: wss:, for ws: has no"
                    + " certificate to check)");
        }
        if (insecure && trust != null) {
            throw usage("--trust: stands beside --insecure, which takes any certificate (expected: one of both)");
        }
        Tls tls = new Tls(insecure, readable("--trust", trust), null, null, null, null, true, List.of());
        Plan.Endpoint endpoint = new Plan.Endpoint(
                upstream,
                List.of(),
                false,
                tls,
                null,
                false,
                List.of(),
                0,
                new Plan.ForeignRestarts(List.of(), 0, 0, 0));
        return new Plan.Relay(
                Clearance.of(endpoint, List.of(), allowed),
                readable("--certificate", certificate),
                readable("--key", key));
    }

    private @Nullable String readable(String option, @Nullable Path file) {
        if (file == null) {
            return null;
        }
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw usage(option + ": " + file + " (expected: a readable file in PEM)");
        }
        return file.toAbsolutePath().toString();
    }
}
