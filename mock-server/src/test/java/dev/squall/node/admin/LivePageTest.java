package dev.squall.node.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The page in headless Chromium, one for all tests; skipped where there is none. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LivePageTest {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final String TOKEN = "0123456789abcdef";

    /** It warns that it does not know this Chromium's version, on which nothing here depends; held, or the JDK forgets. */
    private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

    private static ChromeDriver browser;

    private final FakeControl control = new FakeControl();
    private final List<Throwable> defects = new CopyOnWriteArrayList<>();
    private AdminServer server;

    @BeforeAll
    static void open() {
        assumeTrue(
                Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
                "no " + CHROMIUM + " and " + DRIVER + " (Debian's chromium and chromium-driver)");
        SELENIUM.setLevel(Level.SEVERE);
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        ChromeOptions options = new ChromeOptions()
                .setBinary(CHROMIUM.toFile())
                .addArguments(
                        "--headless=new",
                        "--no-sandbox", // As root there is none.
                        "--disable-dev-shm-usage",
                        "--window-size=1280,1600");
        options.setCapability("goog:loggingPrefs", logs);
        browser = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(DRIVER.toFile())
                        .usingAnyFreePort()
                        .build(),
                options);
    }

    @AfterAll
    static void quit() {
        if (browser != null) {
            browser.quit();
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = AdminServer.start("127.0.0.1", 0, null, control, defects::add);
        browser.manage().logs().get(LogType.BROWSER);
        browser.manage().logs().get(LogType.PERFORMANCE);
    }

    @AfterEach
    void stop() {
        browser.get("about:blank");
        server.close();
        assertThat(defects).isEmpty();
    }

    @Test
    void itShowsTheServerAsItIs() {
        visit(server);
        until(() -> text("#open").equals("250"));

        assertThat(text("#state")).isEqualTo("serving");
        assertThat(text("#closes")).contains("1012 Service Restart 4,790");
        assertThat(text("#faults")).contains("No fault is active");
        assertThat(text("#events")).contains("closed").contains("14.3 s").contains("listening");
        // What a client may choose is text, not markup.
        assertThat(text("#events")).contains(FakeControl.HOSTILE);
        assertThat(browser.getTitle()).isEqualTo("Squall mock server");

        control.close(1012, 5);
        until(() -> text("#closes").contains("4,795"));
        until(() -> (Boolean) browser.executeScript("return charts.every(chart => chart.data[0].length > 1)"));
        assertThat(browser.findElements(By.cssSelector("#connections canvas"))).hasSize(2);

        assertThat(console()).isEmpty();
        assertThat(requestedHosts()).containsOnly("127.0.0.1:" + server.port());
    }

    @Test
    void aPersonTriggersAFaultAndLiftsIt() {
        visit(server);
        until(() -> !browser.findElements(By.id("kind-close")).isEmpty());
        assertThat(browser.findElements(By.cssSelector(".cards form")))
                .hasSize(control.kinds().size());

        button("Trigger close").click();

        until(() -> text("#faults tbody").contains("code: 1011"));
        assertThat(text("#kind-close-answer")).isEqualTo("Fault 0 is active.");
        assertThat(control.asked)
                .containsExactly(control.kinds().get(2).example().strip());

        // By keyboard.
        WebElement lift = button("Lift");
        assertThat(lift.getAccessibleName()).isEqualTo("Lift fault 0 (close)");
        lift.sendKeys(Keys.ENTER);
        until(() -> text("#faults").contains("No fault is active"));
        assertThat(control.faults()).isEmpty();
        assertThat(console()).isEmpty();
    }

    @Test
    void aPersonRestartsTheServerAndResetsIt() {
        visit(server);
        until(() -> !browser.findElements(By.id("kind-restart")).isEmpty());

        button("Restart").click();
        until(() -> text("#state").equals("draining"));
        assertThat(text("#kind-restart-answer")).isEqualTo("Restart 0 begins.");

        button("Reset").click();
        until(() -> text("#state").equals("serving"));
        assertThat(console()).isEmpty();
    }

    @Test
    void whatIsWrongWithAFaultStandsBesideIt() {
        visit(server);
        until(() -> !browser.findElements(By.id("kind-abort")).isEmpty());
        WebElement settings = browser.findElement(By.id("kind-abort"));
        assertThat(settings.getAccessibleName()).isEqualTo("Settings");

        settings.clear();
        settings.sendKeys("bad");
        button("Trigger abort").click();

        until(() -> text("#kind-abort-answer").contains("duration: line 1, column 11: bad (expected: "));
        assertThat(settings.getAttribute("aria-invalid")).isEqualTo("true");
        assertThat(control.faults()).isEmpty();
        // Chromium itself tells of every answer that is an error; nothing else is there.
        assertThat(console()).allMatch(line -> line.contains("/faults") && line.contains("status of 400"));
    }

    @Test
    void itAsksForTheTokenAndKeepsItInMemoryOnly() throws IOException {
        try (AdminServer locked = AdminServer.start("127.0.0.1", 0, TOKEN, control, defects::add)) {
            visit(locked);
            until(() -> browser.findElement(By.id("token")).isDisplayed());
            assertThat(text("#state")).isEqualTo("locked");
            assertThat(text("main")).doesNotContain("No fault is active");

            browser.findElement(By.id("token-text")).sendKeys("wrong", Keys.ENTER);
            until(() -> browser.findElement(By.id("token")).isDisplayed());
            until(() -> browser.switchTo().activeElement().getAttribute("id").equals("token-text"));
            browser.findElement(By.id("token-text")).sendKeys(TOKEN, Keys.ENTER);
            until(() -> text("#open").equals("250"));
            assertThat(browser.findElement(By.id("token")).isDisplayed()).isFalse();

            assertThat(browser.executeScript(
                            "return localStorage.length + sessionStorage.length + document.cookie.length"))
                    .isEqualTo(0L);
            browser.navigate().refresh();
            until(() -> browser.findElement(By.id("token")).isDisplayed());
            browser.get("about:blank");
        }
    }

    @Test
    void itReadsWellInLightAndDarkAndOnAPhone() {
        visit(server);
        until(() -> !browser.findElements(By.id("kind-close")).isEmpty());
        for (String scheme : List.of("light", "dark")) {
            browser.executeCdpCommand(
                    "Emulation.setEmulatedMedia",
                    Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
            assertThat(contrast("body", "body")).as(scheme).isGreaterThan(7);
            assertThat(contrast(".hint", "#kinds")).as(scheme).isGreaterThan(4.5);
            assertThat(contrast(".cards button", ".cards button")).as(scheme).isGreaterThan(4.5);
        }
        browser.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of()));

        browser.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", 390, "height", 800, "deviceScaleFactor", 1, "mobile", true));
        try {
            until(() -> (Long) browser.executeScript("return document.documentElement.scrollWidth") <= 390);
        } finally {
            browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
        }
    }

    private static void visit(AdminServer server) {
        browser.get("http://127.0.0.1:" + server.port() + "/");
    }

    private static void until(BooleanSupplier condition) {
        long since = System.nanoTime();
        while (!condition.getAsBoolean()) { // Each time a message to the browser and back: no pause is needed.
            assertThat(Duration.ofNanos(System.nanoTime() - since))
                    .as(() -> "the page:\n" + text("body"))
                    .isLessThan(Duration.ofSeconds(10));
        }
    }

    private static String text(String selector) {
        return browser.findElement(By.cssSelector(selector)).getText();
    }

    private static WebElement button(String label) {
        return browser.findElement(By.xpath("//button[normalize-space()='" + label + "']"));
    }

    /** WCAG's ratio of a text's colour to its ground. */
    private static double contrast(String text, String ground) {
        return ((Number) browser.executeScript("""
                        const light = (selector, property) => {
                          const channels = getComputedStyle(document.querySelector(selector))[property]
                            .match(/[0-9.]+/g).slice(0, 3)
                            .map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
                          return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2];
                        };
                        const [a, b] = [light(arguments[0], 'color'), light(arguments[1], 'backgroundColor')];
                        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                        """, text, ground)).doubleValue();
    }

    private static List<String> console() {
        return browser.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::getMessage)
                .toList();
    }

    /** Host and port of every request that the browser made since the test began, but for what it has in itself. */
    private static List<String> requestedHosts() {
        return browser.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
                .map(entry -> new JsonObject(entry.getMessage()).getJsonObject("message"))
                .filter(message -> message.getString("method").equals("Network.requestWillBeSent"))
                .map(message -> URI.create(
                        message.getJsonObject("params").getJsonObject("request").getString("url")))
                .filter(url -> !List.of("data", "about").contains(url.getScheme()))
                .map(URI::getAuthority)
                .distinct()
                .toList();
    }
}
