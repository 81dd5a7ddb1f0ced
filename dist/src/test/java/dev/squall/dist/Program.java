package dev.squall.dist;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs of others that a test runs, as far as this machine has them. */
final class Program {

    private Program() {}

    /** Whether a command that is run in this directory succeeds. */
    static boolean runs(Path directory, String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }

    /** The first Python that has websockets: Debian's has it for its own Python only; empty if none has. */
    static String python() throws InterruptedException {
        for (String python : List.of("python3", "/usr/bin/python3")) {
            if (runs(Path.of("."), python, "-c", "import websockets")) {
                return python;
            }
        }
        return "";
    }

    /** A main class of the tests, as a process of its own that is soon warm. */
    static List<String> java(String main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        return command;
    }
}
