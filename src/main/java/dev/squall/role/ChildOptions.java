package dev.squall.role;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A child's command line: {@code --plan FILE --share I/N --out DIR --name NAME [--after-restart R] [--gatling FOLDER]
 * [--compress true]}.
 *
 * @param plan the plan.json
 * @param index this child's share, from 0
 * @param of how many children share the work
 * @param out the run directory, for the child's files
 * @param name what its files are called, as {@code node-0}: {@code node-0.csv}, {@code node-0.hlog}
 * @param afterRestart for a node that takes the place of a killed one: the index of that restart; else -1
 * @param gatling for an injector whose clients are to be in Gatling's statistics: the folder of their simulation.log
 * @param compress whether its journal is compressed
 */
public record ChildOptions(
        Path plan,
        int index,
        int of,
        Path out,
        String name,
        int afterRestart,
        @Nullable Path gatling,
        boolean compress) {

    /** Reads a command line. */
    public static ChildOptions parse(String... args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        String[] share = option(options, "--share", "I/N").split("/");
        if (share.length != 2 || args.length % 2 != 0) {
            throw new IllegalArgumentException("expected: --plan FILE --share I/N --out DIR --name NAME");
        }
        String gatling = options.get("--gatling");
        return new ChildOptions(
                Path.of(option(options, "--plan", "FILE")),
                Integer.parseInt(share[0]),
                Integer.parseInt(share[1]),
                Path.of(option(options, "--out", "DIR")),
                option(options, "--name", "NAME"),
                Integer.parseInt(options.getOrDefault("--after-restart", "-1")),
                gatling == null ? null : Path.of(gatling),
                Boolean.parseBoolean(options.get("--compress")));
    }

    private static String option(Map<String, String> options, String name, String expected) {
        String value = options.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + ": missing (expected: " + name + " " + expected + ")");
        }
        return value;
    }

    /** This child's journal. */
    public Path journal() {
        return out.resolve(name + (compress ? ".csv.gz" : ".csv"));
    }

    /** This child's interval log. */
    public Path latencies() {
        return out.resolve(name + ".hlog");
    }
}
