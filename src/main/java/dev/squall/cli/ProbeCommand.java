package dev.squall.cli;

import dev.squall.role.ProbeRequest;
import dev.squall.run.Home;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "probe",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description =
                "Makes one WebSocket handshake and tells it step by step: what a strict client would do, and why.",
        footer = {
            "",
            "Exit codes: 0 a client that requires every --require stays; 1 it leaves, or no WebSocket answers; 2 usage.",
            "Redirects are told, never followed. It sends no credentials, Origin or subprotocol.",
            "",
            "Example: squall probe wss://staging.example.com/chat --require permessage-deflate"
        })
final class ProbeCommand implements Callable<Integer> {

    @Parameters(paramLabel = "URL", description = "A WebSocket URL: ws://HOST[:PORT][/PATH] or wss://...")
    private String url;

    @Option(
            names = "--require",
            paramLabel = "EXT",
            description = "An extension without which the client leaves with 1010, as permessage-deflate or"
                    + " \"permessage-deflate; server_no_context_takeover\"; it is offered too.")
    private List<String> require = List.of();

    @Option(
            names = "--offer",
            paramLabel = "EXT",
            description = "An extension that is offered only. Default: permessage-deflate.")
    private List<String> offer = List.of();

    @Option(names = "--insecure", description = "Goes on with a certificate that is not trusted.")
    private boolean insecure;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long each step may take, 10ms to 10m. Default: ${DEFAULT-VALUE}.")
    private String timeout = "10s";

    @Option(names = "--json", description = "Prints one JSON object with the same facts.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        ProbeRequest request = request();
        List<String> command = new ArrayList<>(Home.find().command("probe"));
        command.addAll(request.arguments());
        // Its standard input stays open as long as this process lives, and it ends with it.
        Process child = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return child.waitFor();
    }

    private ProbeRequest request() {
        try {
            return ProbeRequest.of(url, require, offer, insecure, timeout, json);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
