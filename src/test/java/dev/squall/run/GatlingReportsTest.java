package dev.squall.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.report.RunDirectory;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatlingReportsTest {

    @TempDir
    Path root;

    private Path library;
    private RunDirectory run;
    private Home home;

    @BeforeEach
    void aHomeWithoutCharts() throws Exception {
        // A class that is not there stands for a Gatling that fails.
        Files.writeString(root.resolve("roles.properties"), """
                version.gatling=1.2.3
                gatling-report.main=Missing
                gatling-report.classpath=lib/*:charts/*
                """);
        home = Home.of(root);
        library = root.resolve("charts").resolve("gatling-charts-highcharts-1.2.3.jar");
        run = new RunDirectory(root.resolve("run"));
    }

    private void putCharts() throws Exception {
        Files.createDirectories(library.getParent());
        Files.createFile(library);
    }

    private Path record(int injector) throws Exception {
        Files.createDirectories(run.gatling(injector));
        return Files.createFile(run.gatling(injector).resolve("simulation.log"));
    }

    private String made(int injectors) throws Exception {
        StringWriter told = new StringWriter();
        GatlingReports.make(home, run, injectors, new PrintWriter(told));
        return told.toString();
    }

    @Test
    void withoutTheChartsItIsSaidWhatIsMissingAndWhereItGoes() throws Exception {
        Path log = record(0);

        assertThat(GatlingReports.lacking(home).orElse(""))
                .contains(library + " is missing")
                .contains("io.gatling.highcharts:gatling-charts-highcharts:1.2.3");
        assertThat(made(1)).isEqualTo("gatling   " + log + System.lineSeparator());
        putCharts();
        assertThat(GatlingReports.lacking(home)).isEmpty();
    }

    @Test
    void aReportThatCannotBeMadeIsSaidAndTheOthersAreTried() throws Exception {
        putCharts();
        record(1);

        assertThat(made(2).lines())
                .containsExactly(
                        "gatling   no " + run.gatling(0).resolve("simulation.log"),
                        "gatling   no report; see " + run.gatling(1).resolve("report.log"));
        assertThat(run.gatling(1).resolve("report.log")).content().contains("Missing");
    }

    @Test
    void eachEntryOfARolesClassPathIsWithinTheHome() throws Exception {
        assertThat(home.command("gatling-report"))
                .containsSequence(
                        "-cp", root.resolve("lib/*") + File.pathSeparator + root.resolve("charts/*"), "Missing");
    }
}
