package dev.squall.node.admin;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The files of the live page and the API's description, all read at the start. */
final class PageFiles {

    /** A file as it is served. */
    record PageFile(String contentType, Buffer content) {}

    private static final String HTML = "text/html; charset=utf-8";
    private static final String CSS = "text/css; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String YAML = "application/yaml";
    private static final String SVG = "image/svg+xml";

    private final PageFile index = file(HTML, "index.html");
    private final PageFile description = file(YAML, "openapi.yaml");
    private final Map<String, PageFile> others;

    PageFiles() {
        String chart = "/META-INF/resources/webjars/uplot/" + chartVersion() + "/dist/";
        others = Map.of(
                "page.css", file(CSS, "page.css"),
                "page.js", file(SCRIPT, "page.js"),
                "icon.svg", file(SVG, "icon.svg"),
                "uplot.css", file(CSS, chart + "uPlot.min.css"),
                "uplot.js", file(SCRIPT, chart + "uPlot.iife.min.js"));
    }

    PageFile index() {
        return index;
    }

    PageFile description() {
        return description;
    }

    /** What the page refers to; null where it refers to no such thing. */
    @Nullable
    PageFile other(String name) {
        return others.get(name);
    }

    private static PageFile file(String contentType, String resource) {
        return new PageFile(contentType, Buffer.buffer(bytes(resource)));
    }

    private static String chartVersion() {
        Properties properties = new Properties();
        try (InputStream in = open("/META-INF/maven/org.webjars.npm/uplot/pom.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "");
    }

    private static byte[] bytes(String resource) {
        try (InputStream in = open(resource)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String resource) {
        InputStream in = PageFiles.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IllegalStateException("no " + resource + " in the class path");
        }
        return in;
    }
}
