package dev.squall.run;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The home folder: {@code lib/}, {@code experiments/} and {@code roles.properties}, which says how each role's process is
 * started. The harness knows roles, never a class of another module.
 */
public final class Home {

    /** The system property that names it; the launcher sets it. */
    public static final String PROPERTY = "squall.home";

    private static final String ROLES = "roles.properties";
    private static final Pattern HEAP = Pattern.compile("-Xmx([0-9]{1,9})([kmgKMG]?)");
    private static final Map<String, Integer> HEAP_SHIFTS =
            Map.of("k", 10, "K", 10, "m", 20, "M", 20, "g", 30, "G", 30);

    private final Path path;
    private final Properties roles = new Properties();

    private List<String> more = List.of();

    private Home(Path path) {
        this.path = path;
    }

    /** The same home folder with more flags for the JVM of every role, over its own. */
    public Home with(List<String> flags) {
        Home home = new Home(path);
        home.roles.putAll(roles);
        home.more = List.copyOf(flags);
        return home;
    }

    /**
     * The home folder that the launcher named.
     *
     * @throws RunException if there is none
     */
    public static Home find() throws RunException {
        String name = System.getProperty(PROPERTY);
        if (name == null) {
            throw new RunException("no home folder (expected: Squall to be started by its launcher, ./squall)");
        }
        return of(Path.of(name));
    }

    /**
     * The home folder at this path.
     *
     * @throws RunException if it is none
     */
    public static Home of(Path path) throws RunException {
        Home home = new Home(path);
        try (InputStream in = Files.newInputStream(path.resolve(ROLES))) {
            home.roles.load(in);
        } catch (IOException e) {
            throw new RunException(
                    path + " is no home folder: " + e.getMessage() + " (expected: lib/ and roles.properties)", e);
        }
        return home;
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** Where the shipped experiments are. */
    public Path experiments() {
        return path.resolve("experiments");
    }

    /** Where Gatling's charts are: its users may have them from Maven Central, and nobody may ship them. */
    Path charts() {
        return path.resolve("charts");
    }

    /** The shipped experiments, by name. */
    public List<Path> shipped() throws IOException {
        try (Stream<Path> files = Files.list(experiments())) {
            return files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
        }
    }

    /** Squall's version. */
    public String version() {
        return roles.getProperty("version", "unknown");
    }

    /** A library's version, as roles.properties has it. */
    String version(String library) {
        return roles.getProperty("version." + library, "unknown");
    }

    /** The Java that children run on: that of this process. */
    public static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** The largest heap of a role, in bytes; empty if its flags do not say. */
    public OptionalLong heap(String role) {
        Matcher flag = HEAP.matcher(roles.getProperty(role + ".flags", ""));
        return flag.find()
                ? OptionalLong.of(Long.parseLong(flag.group(1)) << HEAP_SHIFTS.getOrDefault(flag.group(2), 0))
                : OptionalLong.empty();
    }

    /** Where roles are defined. */
    public Path roles() {
        return path.resolve(ROLES);
    }

    /** The command that starts a role, without its options. */
    public List<String> command(String role) throws RunException {
        return command(role, List.of());
    }

    /** The same with more flags for its JVM, over its own. */
    List<String> command(String role, List<String> moreFlags) throws RunException {
        String main = roles.getProperty(role + ".main");
        if (main == null) {
            throw new RunException(roles() + " has no role " + role);
        }
        List<String> command = new ArrayList<>();
        String environment = roles.getProperty(role + ".environment");
        if (environment != null) {
            command.add("/usr/bin/env");
            words(command, environment);
        }
        command.add(java().toString());
        words(command, roles.getProperty(role + ".flags", ""));
        for (int feature = 18; feature <= Runtime.version().feature(); feature++) {
            words(command, roles.getProperty("flags.from-" + feature, ""));
        }
        command.addAll(moreFlags);
        command.addAll(more);
        command.add("-cp");
        command.add(Stream.of(roles.getProperty(role + ".classpath", "lib/*").split(":"))
                .map(entry -> path.resolve(entry).toString())
                .collect(Collectors.joining(File.pathSeparator)));
        command.add(main);
        return command;
    }

    private static void words(List<String> command, String flags) {
        for (String flag : flags.strip().split("\\s+")) {
            if (!flag.isEmpty()) {
                command.add(flag);
            }
        }
    }
}
