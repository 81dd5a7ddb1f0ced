package dev.squall.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The file system of an image: a Java of the modules that Squall uses, the home folder, the few programs that it calls, and
 * the libraries of all these as they are on this machine.
 */
final class Root {

    /** Where things are inside. */
    static final String JAVA = "/opt/java";

    static final String HOME = "/opt/squall";

    /** What Squall and its libraries refer to; java.desktop and its like are not among it. */
    private static final String MODULES =
            "java.base,java.compiler,java.instrument,java.logging,java.management,java.naming,"
                    + "java.net.http,java.prefs,java.scripting,java.security.jgss,java.security.sasl,java.sql,java.xml,"
                    + "jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.naming.dns,jdk.net,jdk.unsupported,jdk.zipfs";

    /** What the harness and its reaper call. */
    private static final List<String> PROGRAMS = List.of("sh", "sed", "cut", "seq", "sleep");

    /** Of the home folder: Gatling's charts may not be passed on, and there is no engine inside. */
    private static final Set<String> LEFT_OUT = Set.of("charts", "targets", "docs");

    private static final Pattern LIBRARY = Pattern.compile("(/\\S+)");
    private static final long TOOL_SECONDS = 120;

    private final Path folder;
    private final Set<Path> libraries = new TreeSet<>();

    private Root(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes it.
     *
     * @param folder empty
     * @param java the JDK, as java.home names it
     * @throws IOException if that has no jlink, or a program is missing
     */
    static void make(Path folder, Path java, Path home) throws IOException {
        Root root = new Root(folder);
        root.java(java);
        root.home(home);
        for (String program : PROGRAMS) {
            root.program(program);
        }
        for (Path library : root.libraries) {
            copy(library, root.inside(library.toString()));
        }
        root.settings();
    }

    private Path inside(String path) {
        return folder.resolve(path.substring(1));
    }

    private void java(Path java) throws IOException {
        Path jlink = java.resolve("bin").resolve("jlink");
        if (!Files.isExecutable(jlink)) {
            throw new IOException(java + " has no jlink (expected: a JDK, in SQUALL_JAVA; Debian: apt-get install"
                    + " openjdk-17-jdk-headless)");
        }
        run(List.of(
                jlink.toString(),
                "--add-modules",
                MODULES,
                "--strip-java-debug-attributes",
                "--no-header-files",
                "--no-man-pages",
                Runtime.version().feature() < 21 ? "--compress=2" : "--compress=zip-6",
                "--output",
                inside(JAVA).toString()));
        try (Stream<Path> files = Files.walk(inside(JAVA))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (file.toString().endsWith(".so") || file.startsWith(inside(JAVA + "/bin"))) {
                    libraries(file);
                }
            }
        }
    }

    private void home(Path home) throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                Path name = home.relativize(file);
                if (!LEFT_OUT.contains(name.getName(0).toString())) {
                    copy(file, inside(HOME).resolve(name.toString()));
                }
            }
        }
    }

    private void program(String name) throws IOException {
        for (String folderOfPrograms : List.of("/bin", "/usr/bin")) {
            Path program = Path.of(folderOfPrograms, name);
            if (Files.isExecutable(program)) {
                Path real = program.toRealPath();
                // Where scripts look for it, whether or not the two folders are one here.
                copy(real, inside("/bin/" + name));
                copy(real, inside("/usr/bin/" + name));
                libraries(real);
                return;
            }
        }
        throw new IOException("no " + name + " in /bin or /usr/bin (expected: as every Linux has it)");
    }

    /** What the dynamic linker would load with it, and the linker itself. */
    private void libraries(Path file) throws IOException {
        for (String line : run(List.of("ldd", file.toString())).lines().toList()) {
            Matcher library = LIBRARY.matcher(line);
            if (library.find() && !library.group(1).startsWith(folder.toString())) {
                libraries.add(Path.of(library.group(1)));
            }
        }
    }

    private void settings() throws IOException {
        Files.createDirectories(inside("/etc"));
        Files.writeString(
                inside("/etc/passwd"), "root:x:0:0:root:/tmp:/bin/sh\nsquall:x:10001:10001:squall:/tmp:/bin/sh\n");
        Files.writeString(inside("/etc/group"), "root:x:0:\nsquall:x:10001:\n");
        Files.writeString(inside("/etc/nsswitch.conf"), "hosts: files dns\n");
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(new ArrayList<>(command))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(TOOL_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command.get(0) + " did not end within " + TOOL_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        // ldd answers 1 for what is linked statically: then there is nothing to copy.
        if (process.exitValue() != 0 && !command.get(0).equals("ldd")) {
            throw new IOException(
                    command.get(0) + " ended with exit code " + process.exitValue() + ": " + output.strip());
        }
        return output;
    }
}
