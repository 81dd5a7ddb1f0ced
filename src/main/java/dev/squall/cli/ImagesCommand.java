package dev.squall.cli;

import dev.squall.run.Home;
import dev.squall.run.RunException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "images",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description =
                "Builds the container images squall-mock-server and squall-injector, from scratch: nothing is pulled.",
        footer = {
            "",
            "It needs a Docker engine (DOCKER_HOST says which) and a JDK with jlink; see docs/images.md.",
            "",
            "Example: squall images && docker run --rm -p 127.0.0.1:9001:9001 squall-mock-server --admin-port 0"
        })
final class ImagesCommand implements Callable<Integer> {

    @Option(
            names = "--prefix",
            paramLabel = "NAME",
            description = "How the images' names begin, as a registry of yours wants it. Default: ${DEFAULT-VALUE}.")
    private String prefix = "squall";

    @Override
    public Integer call() throws RunException, IOException, InterruptedException {
        Home home = Home.find();
        List<String> command = new ArrayList<>(home.command("images"));
        command.addAll(List.of(home.path().toRealPath().toString(), prefix, home.version()));
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
