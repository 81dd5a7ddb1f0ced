package dev.squall.observe;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.plan.Observation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What came back of a poll.
 *
 * @param status of HTTP
 * @param body what was read of it
 */
record Answer(int status, byte[] body) {

    private static final int OK = 200;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * The value that an observation looks for in it.
     *
     * @throws UnreadableException if it has none
     */
    double value(Observation observation) throws UnreadableException {
        if (observation.kind() == Observation.Kind.STATUS) {
            return status;
        }
        if (status != OK) {
            throw new UnreadableException("HTTP " + status);
        }
        return switch (observation.kind()) {
            case PROMETHEUS ->
                PrometheusText.sum(
                        new String(body, StandardCharsets.UTF_8), observation.selector(), observation.labels());
            case PROMETHEUS_QUERY -> ofQuery(json());
            case JSON -> number(json().at(JsonPointer.compile(observation.selector())));
            case STATUS -> status;
        };
    }

    private JsonNode json() throws UnreadableException {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new UnreadableException("not JSON", e);
        } catch (IOException e) {
            throw new IllegalStateException("of bytes in memory", e);
        }
    }

    private static double number(JsonNode node) throws UnreadableException {
        if (node.isMissingNode()) {
            throw new UnreadableException("no such field");
        }
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            throw new UnreadableException("not a number");
        }
        return node.doubleValue();
    }

    /** {@code {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [at, "1"]}]}}}. */
    private static double ofQuery(JsonNode answer) throws UnreadableException {
        if (!answer.path("status").asText().equals("success")) {
            throw new UnreadableException(
                    "the query failed: " + answer.path("errorType").asText("no reason"));
        }
        JsonNode result = answer.at("/data/result");
        return switch (answer.at("/data/resultType").asText()) {
            case "scalar" -> sample(result);
            case "vector" -> {
                if (result.size() != 1) {
                    throw new UnreadableException(result.size() + " series (expected: one; sum them in the query)");
                }
                yield sample(result.get(0).path("value"));
            }
            default -> throw new UnreadableException("neither a scalar nor an instant vector");
        };
    }

    /** A time and a value, which is a string. */
    private static double sample(JsonNode pair) throws UnreadableException {
        double value;
        try {
            value = Double.parseDouble(pair.path(1).asText());
        } catch (NumberFormatException e) {
            throw new UnreadableException("not a number", e);
        }
        if (!Double.isFinite(value)) {
            throw new UnreadableException("not a number: " + value);
        }
        return value;
    }
}
