package dev.squall.plan;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import dev.squall.fault.Faults;
import dev.squall.reconnect.Backoff;
import dev.squall.reconnect.Decorrelated;
import dev.squall.reconnect.Exponential;
import dev.squall.reconnect.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A record of a run directory as a JSON file, which says in its {@code schema} of which version it is. */
public final class JsonFile {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The forms of a reconnect policy's delays: that package knows nothing of JSON. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "form")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Exponential.class, name = "exponential"),
        @JsonSubTypes.Type(value = Decorrelated.class, name = "decorrelated"),
        @JsonSubTypes.Type(value = Steps.class, name = "steps")
    })
    private interface BackoffForms {}

    static {
        JSON.addMixIn(Backoff.class, BackoffForms.class);
        Faults.KINDS.forEach(kind -> JSON.registerSubtypes(new NamedType(kind.type(), kind.name())));
    }

    private JsonFile() {}

    /**
     * Reads a record.
     *
     * @throws IOException if the file is missing, damaged or of another schema; the message names it
     */
    public static <T> T read(Path file, String schema, Class<T> type) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        String found;
        try {
            JsonNode tree = JSON.readTree(bytes);
            found = tree == null ? "none" : tree.path("schema").asText("none");
            if (schema.equals(found)) {
                return JSON.treeToValue(tree, type);
            }
        } catch (IOException e) {
            String what = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
            throw new IOException(
                    file + ": damaged: " + (e instanceof ValueInstantiationException ? "a part is missing" : what)
                            + " (expected: " + schema + ")",
                    e);
        }
        throw new IOException(file + ": schema " + found + " (expected: " + schema + ")");
    }

    /** The text of a file: a record, or a tree of plain values. */
    public static String text(Object value) {
        try {
            return JSON.writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("nothing but plain values", e);
        }
    }
}
