package dev.squall.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.report.Browser;
import dev.squall.run.Progress;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The live page in a browser, before, during and after a run. */
@Timeout(60)
class LivePageTest {

    private static final String POINTS = "window.squallPlots?.[arguments[0]]?.data[arguments[1]] ?? []";

    private static Browser browser;

    @BeforeAll
    static void start() {
        browser = new Browser();
    }

    @AfterAll
    static void stop() {
        if (browser != null) { // Where there is none, it is not there.
            browser.close();
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - until)
                    .as("waiting; the page shows " + browser.value("document.body.innerText") + browser.console())
                    .isNegative();
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private static void awaitText(String selector, String text) throws InterruptedException {
        await(() -> browser.text(selector).contains(text));
    }

    @Test
    void aPageThatComesLateShowsTheRunFromItsBeginningAndGoesOnToTheVerdict() throws Exception {
        JsonMapper json = JsonMapper.builder().build();
        try (LiveServer server = LiveServer.start("127.0.0.1", 0, Set.of(), null, "t")) {
            server.begins(Stands.PLAN);
            for (int second = 0; second <= 3; second++) {
                server.stands(Stands.at(second));
            }
            browser.open(server.url());
            await(() -> browser.value(POINTS, "attempts", 1).size() == 3);
            assertThat(browser.text("h1")).isEqualTo(Stands.PLAN.experiment());
            assertThat(browser.text("#meta")).isEqualTo("seed 42, 100 clients, 3 s of 60 s");
            assertThat(browser.text("#figures")).contains("Attempts\n30", "refused: 6", "1012: 9");
            assertThat(browser.text(".bands")).contains("restart 5 s to 8 s", "withhold 0 s to 2 s");

            server.stands(Stands.at(4));
            server.stands(Stands.at(Progress.Phase.CLOSING, 5));
            server.stands(Stands.at(Progress.Phase.JUDGING, 5));
            awaitText("#meta", "judging");
            server.ends("fail", Path.of("/runs/<b>x</b>/report.html"));
            awaitText("#meta", "over");

            JsonNode ten = json.readTree("[10,10,10,10,10]");
            assertThat(browser.value(POINTS, "attempts", 0)).isEqualTo(json.readTree("[0,1,2,3,4]"));
            assertThat(browser.value(POINTS, "attempts", 1)).isEqualTo(ten);
            assertThat(browser.value(POINTS, "attempts", 3)).isEqualTo(json.readTree("[3,3,3,3,3]"));
            assertThat(browser.value(POINTS, "open", 1)).isEqualTo(json.readTree("[90,90,90,90,90]"));
            assertThat(browser.value(POINTS, "closes", 1)).isEqualTo(json.readTree("[3,3,3,3,3]"));
            assertThat(browser.value(POINTS, "machine", 1)).isEqualTo(json.readTree("[12,12,12,12,12]"));
            assertThat(browser.text("#verdict")).contains("FAIL", "The run failed", "/runs/<b>x</b>/report.html");
            assertThat(browser.console()).isEmpty();

            // A repeat of the experiment begins anew.
            server.begins(Stands.PLAN);
            server.stands(Stands.at(0));
            server.stands(Stands.at(1));
            await(() -> browser.value(POINTS, "timeline-1-attempts", 1).size() == 1);
            assertThat(browser.value("document.querySelector('#verdict').hidden")
                            .asBoolean())
                    .isTrue();
            assertThat(browser.console()).isEmpty();
        }
    }

    @Test
    void whereATokenIsAskedForThePageAsksForItAndThenShowsTheRun() throws Exception {
        try (LiveServer server = LiveServer.start("127.0.0.1", 0, Set.of(), "0123456789abcdef", "t")) {
            server.begins(Stands.PLAN);
            server.stands(Stands.at(0));
            server.stands(Stands.at(1));
            browser.value("(location.href = arguments[0], 1)", server.url());
            await(() -> !browser.value("document.querySelector('#token')?.hidden ?? true")
                    .asBoolean());
            assertThat(browser.text("main")).doesNotContain("Attempts");

            browser.value(
                    "(document.querySelector('#token-text').value = arguments[0],"
                            + " document.querySelector('#token').requestSubmit(), 1)",
                    "0123456789abcdef");
            awaitText("#figures", "Attempts\n10");
            assertThat(browser.text("h1")).isEqualTo(Stands.PLAN.experiment());
        }
    }
}
