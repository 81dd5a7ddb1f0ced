package dev.squall.run;

import dev.squall.report.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Gatling's HTML reports, one for each injector, made from their simulation.log by a process of its own. */
public final class GatlingReports {

    private static final String ROLE = "gatling-report";

    /** Gatling reads a million records in some seconds. */
    private static final long LIMIT_SECONDS = 120;

    private GatlingReports() {}

    /** What this home lacks for a report, and where to get it; empty if nothing. */
    public static Optional<String> lacking(Home home) {
        Path library = library(home);
        return Files.exists(library)
                ? Optional.empty()
                : Optional.of("no HTML of --gatling-report, only simulation.log: " + library
                        + " is missing (Squall may not ship it; put it there from Maven Central:"
                        + " io.gatling.highcharts:gatling-charts-highcharts:" + home.version("gatling") + ")");
    }

    private static Path library(Home home) {
        return home.charts().resolve("gatling-charts-highcharts-" + home.version("gatling") + ".jar");
    }

    /**
     * Makes the reports of a run that has ended, and says where they are. One that cannot be made is said, too, and
     * changes nothing else.
     *
     * @param injectors how many the run had
     */
    public static void make(Home home, RunDirectory directory, int injectors, PrintWriter to)
            throws RunException, InterruptedException {
        for (int i = 0; i < injectors; i++) {
            Path folder = directory.gatling(i);
            to.println(
                    "gatling   " + (lacking(home).isEmpty() ? report(home, folder) : told(folder, "simulation.log")));
            to.flush();
        }
    }

    private static Path log(Path folder) {
        return folder.resolve("report.log");
    }

    private static String told(Path folder, String file) {
        return Files.exists(folder.resolve(file)) ? folder.resolve(file).toString() : "no " + folder.resolve(file);
    }

    private static String report(Home home, Path folder) throws RunException, InterruptedException {
        if (!Files.exists(folder.resolve("simulation.log"))) {
            return told(folder, "simulation.log");
        }
        List<String> command = new ArrayList<>(home.command(ROLE));
        command.addAll(List.of(
                "--reports-only",
                String.valueOf(folder.getFileName()),
                "--results-folder",
                folder.resolveSibling(".").normalize().toString()));
        try (Reaper reaper = Reaper.start()) {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log(folder).toFile())
                    .start();
            reaper.watch(process.pid());
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "no report within " + LIMIT_SECONDS + " s; see " + log(folder);
            }
            return process.exitValue() == 0 ? told(folder, "index.html") : "no report; see " + log(folder);
        } catch (IOException e) {
            return "no report: " + e.getMessage();
        }
    }
}
