package dev.squall.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Headless Chromium with a page; a test is skipped where there is none. */
public final class Browser implements AutoCloseable {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** It warns that it does not know this Chromium's version, on which nothing here depends; held, or the JDK forgets. */
    private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

    private final ChromeDriver driver;

    public Browser() {
        assumeTrue(
                Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
                "no " + CHROMIUM + " and " + DRIVER + " (Debian's chromium and chromium-driver)");
        SELENIUM.setLevel(Level.SEVERE);
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions()
                .setBinary(CHROMIUM.toFile())
                .addArguments(
                        "--headless=new",
                        "--no-sandbox", // As root there is none.
                        "--disable-dev-shm-usage",
                        "--window-size=1280,1600");
        options.setCapability("goog:loggingPrefs", logs);
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(DRIVER.toFile())
                        .usingAnyFreePort()
                        .build(),
                options);
    }

    /** Opens a page, and expects that it says nothing to the console. */
    public void open(Path page) {
        open(page.toUri().toString());
    }

    /** The same of a page that is served. */
    public void open(String url) {
        driver.manage().logs().get(LogType.BROWSER);
        driver.get(url);
        assertThat(console()).isEmpty();
    }

    /** What the page, or the browser about it, has said to the console since this was last asked. */
    public List<String> console() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::getMessage)
                .toList();
    }

    /** The value of an expression in the page. */
    public JsonNode value(String expression, Object... arguments) {
        try {
            Object value = driver.executeScript("return JSON.stringify(" + expression + ")", arguments);
            return JSON.readTree(String.valueOf(value));
        } catch (JsonProcessingException e) {
            throw new AssertionError(expression, e);
        }
    }

    /** The text of an element as a person sees it. */
    public String text(String selector) {
        return value("document.querySelector(arguments[0]).innerText", selector).asText();
    }

    /** Shows the page on another medium, or in another colour scheme. */
    public void media(String medium, String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("media", medium, "features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** Shows the page in a window of so many pixels. */
    public void width(int pixels) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", pixels, "height", 800, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Shows the page in its own window again. */
    public void anyWidth() {
        driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }

    /** Prints the page, as PDF in base 64. */
    public String print() {
        return String.valueOf(driver.executeCdpCommand("Page.printToPDF", Map.of("printBackground", true))
                .get("data"));
    }

    /** WCAG's ratio of a text's colour to its ground. */
    double contrast(String text, String ground) {
        return ((Number) driver.executeScript("""
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

    @Override
    public void close() {
        driver.quit();
    }
}
