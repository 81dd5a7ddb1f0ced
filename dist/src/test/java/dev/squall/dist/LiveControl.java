package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;

/** The live control of a mock server on this machine. */
record LiveControl(int port) {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** Whether it listens yet. */
    boolean listens() throws IOException {
        try {
            send("GET", "/healthz", "");
            return true;
        } catch (ConnectException notYet) {
            return false;
        }
    }

    /** Each client that has come, by key. */
    Map<String, JsonNode> clients() throws IOException {
        Map<String, JsonNode> clients = new HashMap<>();
        get("/clients").get("clients").forEach(c -> clients.put(c.get("key").asText(), c));
        return clients;
    }

    JsonNode get(String path) throws IOException {
        return JsonMapper.builder().build().readTree(send("GET", path, ""));
    }

    /** What it answers, which must be 2xx. */
    String send(String method, String path, String body) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode())
                    .as("%s %s: %s", method, path, response.body())
                    .isBetween(200, 299);
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(e.getMessage());
        }
    }
}
