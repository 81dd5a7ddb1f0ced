package dev.squall.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A page that needs no network: what stands in double braces in its HTML is a script or style beside it, of this package or of
 * uPlot, or data. Its Content Security Policy lets those very scripts and styles run, by their hashes, and loads nothing.
 */
public final class Template {

    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-zA-Z.]+)}}");
    private static final String POLICY = "policy";
    private static final String CHARTS = "/META-INF/resources/webjars/uplot/" + chartVersion() + "/dist/";

    private final Class<?> beside;
    private final String html;

    /** By the name of its HTML, a resource of this package. */
    Template(String name) {
        this(Template.class, name);
    }

    /** By the name of its HTML, a resource beside a class. */
    public Template(Class<?> beside, String name) {
        this.beside = beside;
        this.html = resource(beside, name);
    }

    /**
     * The page.
     *
     * @param data JSON by the name of its place; what would end a script in it is escaped
     */
    public String with(Map<String, String> data) {
        // In one pass: what looks like a place within the data is none.
        return PLACE.matcher(html).replaceAll(place -> Matcher.quoteReplacement(content(place.group(1), data)));
    }

    private String content(String name, Map<String, String> data) {
        if (name.equals(POLICY)) {
            return "default-src 'none'; base-uri 'none'; form-action 'none'; script-src " + hashes(".js")
                    + "; style-src " + hashes(".css");
        }
        String json = data.get(name);
        return json == null ? file(name) : json.replace("<", "\\u003c");
    }

    private String hashes(String suffix) {
        return PLACE.matcher(html)
                .results()
                .map(place -> place.group(1))
                .filter(name -> name.endsWith(suffix))
                .map(name -> "'sha256-" + hash(file(name)) + "'")
                .collect(Collectors.joining(" "));
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private String file(String name) {
        return switch (name) {
            case "uplot.js" -> resource(Template.class, CHARTS + "uPlot.iife.min.js");
            case "uplot.css" -> resource(Template.class, CHARTS + "uPlot.min.css");
            default -> resource(beside.getResource(name) == null ? Template.class : beside, name);
        };
    }

    private static String chartVersion() {
        Properties properties = new Properties();
        try (InputStream in = open(Template.class, "/META-INF/maven/org.webjars.npm/uplot/pom.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "");
    }

    private static String resource(Class<?> beside, String name) {
        try (InputStream in = open(beside, name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(Class<?> beside, String resource) {
        InputStream in = beside.getResourceAsStream(resource);
        if (in == null) {
            throw new IllegalStateException("no " + resource + " in the class path");
        }
        return in;
    }
}
