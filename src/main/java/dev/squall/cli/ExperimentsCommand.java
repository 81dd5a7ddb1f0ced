package dev.squall.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.squall.run.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "experiments",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Lists the shipped experiments: each can be run by its name.",
        footer = {"", "Example: squall experiments"})
final class ExperimentsCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Prints the list as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        List<Path> shipped = Home.find().shipped();
        ArrayNode array = JsonMapper.builder().build().createArrayNode();
        for (Path file : shipped) {
            String name = String.valueOf(file.getFileName()).replace(".yaml", "");
            array.addObject().put("name", name).put("about", about(file)).put("file", file.toString());
            if (!json) {
                out.printf("%-22s %s%n", name, about(file));
            }
        }
        out.print(json ? array.toPrettyString() + "\n" : "\nnext: squall run NAME\n");
        out.flush();
        return ExitCode.PASS;
    }

    /** An experiment's first line is a comment that says what it is about. */
    private static String about(Path file) throws IOException {
        return Files.readAllLines(file).stream().findFirst().orElse("").replaceFirst("^#\\s*", "");
    }
}
