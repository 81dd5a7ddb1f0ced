package dev.squall.probe;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.client.Deflate;
import dev.squall.client.Flaw;
import dev.squall.client.Handshake;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation.Judgement;
import dev.squall.protocol.Negotiation.Outcome;
import dev.squall.role.ProbeRequest;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.X509ExtendedTrustManager;

/** One handshake, from the name to the end of TCP, told as it happens. */
final class Probe {

    private static final String UPGRADE = "Upgrade";
    private static final String CONNECTION = "Connection";
    private static final String ACCEPT = "Sec-WebSocket-Accept";
    private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

    /** The headers that matter, in the order of telling. */
    private static final List<String> HEADERS = List.of(
            UPGRADE,
            CONNECTION,
            ACCEPT,
            EXTENSIONS,
            "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Version",
            "Location",
            "Retry-After",
            "WWW-Authenticate",
            "Server",
            "Via");

    /** Those that a 101 should have: their absence is told. */
    private static final List<String> OF_101 = List.of(UPGRADE, CONNECTION, ACCEPT, EXTENSIONS);

    private final ProbeRequest request;
    private final Telling telling;
    private final String agent;
    private final X509ExtendedTrustManager trusted;
    private final Handshake handshake = new Handshake();

    Probe(ProbeRequest request, Telling telling, String agent, X509ExtendedTrustManager trusted) {
        this.request = request;
        this.telling = telling;
        this.agent = agent;
        this.trusted = trusted;
    }

    Conclusion run() {
        telling.facts().put("url", request.url().toString()).put("timeoutSeconds", request.timeoutMicros() / 1e6);
        try (Wire wire = new Address(request.url(), request.timeoutMicros(), telling).dial()) {
            String untrusted = request.url().secure()
                    ? new Tls(request.url(), request.insecure(), trusted, telling).secure(wire, request.timeoutMicros())
                    : plain();
            Conclusion conclusion = handshake(wire);
            return untrusted.isEmpty() ? conclusion : despite(untrusted, conclusion);
        } catch (DeadEnd end) {
            return end.conclusion();
        } catch (IOException e) {
            throw new IllegalStateException("the socket cannot be closed", e);
        }
    }

    private String plain() {
        telling.step("tls", "none: ws://" + (request.insecure() ? ", so --insecure changes nothing" : ""));
        return "";
    }

    private static Conclusion despite(String untrusted, Conclusion conclusion) {
        List<String> advice = new ArrayList<>(conclusion.advice());
        advice.add("The certificate was accepted only because of --insecure (" + untrusted
                + "): clients that look will refuse it.");
        return new Conclusion(conclusion.stays(), conclusion.text() + " (certificate NOT trusted: --insecure)", advice);
    }

    private Conclusion handshake(Wire wire) throws DeadEnd {
        String key = handshake.key();
        String offer = request.negotiation().header();
        telling.facts("request").put("offered", offer).put("required", required());
        telling.step(
                "request",
                "GET " + request.url().resource() + ", offers " + offer
                        + (required().isEmpty() ? "" : ", requires " + required()));
        Response response = ask(wire, key);
        tell(response, key, wire.answeredNanos());
        HttpResponseStatus status = response.http().status();
        if (!status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            throw new DeadEnd(
                    "no WebSocket: " + words(status),
                    StatusAdvice.of(
                            status.code(),
                            request.url(),
                            response.http().headers().get(HttpHeaderNames.LOCATION)));
        }
        List<Flaw> flaws = handshake.flaws(response.http(), key, List.of());
        if (!flaws.isEmpty()) {
            throw new DeadEnd(
                    "a client fails the connection: "
                            + flaws.stream().map(Flaw::toString).collect(Collectors.joining("; ")),
                    "RFC 6455 section 4.1 leaves it no choice. Mend the server, or the proxy that answers in its place: a"
                            + " cached or replayed response answers another key.");
        }
        return judge(wire, response);
    }

    private String required() {
        return request.negotiation().required().stream()
                .map(Extension::toString)
                .collect(Collectors.joining(", "));
    }

    /** RFC 6455 section 4.1. */
    private Response ask(Wire wire, String key) throws DeadEnd {
        String text = "GET " + request.url().resource() + " HTTP/1.1\r\nHost: "
                + request.url().authority() + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                + key + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: "
                + request.negotiation().header() + "\r\nUser-Agent: " + agent + "\r\n\r\n";
        try {
            return Response.to(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), wire, request.timeoutMicros());
        } catch (DeadEnd end) {
            throw told(end);
        }
    }

    private DeadEnd told(DeadEnd end) {
        telling.step("response", end.conclusion().text());
        telling.facts("response").put("error", end.conclusion().text());
        return end;
    }

    private static String words(HttpResponseStatus status) {
        return Telling.shown(status.code() + " " + status.reasonPhrase());
    }

    private void tell(Response response, String key, long nanos) {
        HttpResponseStatus status = response.http().status();
        HttpHeaders headers = response.http().headers();
        boolean upgraded = status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
        telling.step("response", words(status) + " in " + Telling.time(nanos));
        ObjectNode facts = telling.facts("response")
                .put("status", status.code())
                .put("phrase", status.reasonPhrase())
                .put("seconds", Telling.seconds(nanos));
        ObjectNode values = facts.putObject("headers");
        for (String name : HEADERS) {
            String value = String.join(", ", headers.getAll(name));
            if (headers.contains(name)) {
                values.put(name, value);
            }
            if (name.equals(ACCEPT) && upgraded) {
                String verdict = !headers.contains(name)
                        ? "missing"
                        : handshake.flaws(response.http(), key, List.of()).contains(Flaw.ACCEPT)
                                ? "not valid"
                                : "valid";
                facts.put("accept", verdict);
                telling.more(name + ": " + verdict);
            } else if (headers.contains(name)) {
                telling.more(name + ": " + Telling.shown(value));
            } else if (upgraded && OF_101.contains(name)) {
                telling.more(name + ": none");
            }
        }
    }

    private Conclusion judge(Wire wire, Response response) throws DeadEnd {
        Judgement judgement =
                request.negotiation().judge(Handshake.extensions(response.http().headers()));
        if (judgement.worst() == Outcome.UNOFFERED) {
            telling.step("extension", Telling.shown(judgement.reason()) + ": " + Outcome.UNOFFERED.word());
            telling.facts()
                    .putArray("extensions")
                    .addObject()
                    .put("name", judgement.reason())
                    .put("outcome", Outcome.UNOFFERED.word());
            throw new DeadEnd(
                    "a client fails the connection: the response has an extension that nobody offered, twice the same,"
                            + " or a malformed one",
                    "RFC 6455 section 4.1 leaves it no choice. Let the server answer only what is offered, in the"
                            + " spelling of section 9.1.");
        }
        outcomes(judgement);
        Extension deflate = Deflate.find(judgement.negotiated());
        if (deflate != null && !new Deflate(request.negotiation().offered()).accepts(deflate)) {
            throw new DeadEnd(
                    "a client fails the connection: " + deflate + " is no answer to what was offered",
                    "RFC 7692 section 7.1 says which parameters a server may answer with: mend the server, or offer what it"
                            + " takes.");
        }
        Frames frames = new Frames(wire, !judgement.negotiated().isEmpty(), response.rest());
        Conversation conversation = new Conversation(wire, frames, request.timeoutMicros(), telling);
        try {
            return judgement.worst() == Outcome.NEGOTIATED
                    ? stay(conversation, judgement)
                    : leave(conversation, judgement);
        } finally {
            frames.release();
        }
    }

    private void outcomes(Judgement judgement) {
        ArrayNode facts = telling.facts().putArray("extensions");
        String name = "extension";
        for (String outcome : judgement.outcomes().split(" ")) {
            String[] words = outcome.split("=");
            boolean required = request.negotiation().required().stream()
                    .anyMatch(e -> e.name().equals(words[0]));
            String answer = judgement.negotiated().stream()
                    .filter(e -> e.name().equals(words[0]) && !e.parameters().isEmpty())
                    .map(e -> ", as " + Telling.shown(e.toString()))
                    .findFirst()
                    .orElse("");
            telling.step(name, words[0] + ": " + words[1] + answer + (required ? " (required)" : ""));
            facts.addObject().put("name", words[0]).put("outcome", words[1]).put("required", required);
            name = "";
        }
    }

    private Conclusion stay(Conversation conversation, Judgement judgement) throws DeadEnd {
        telling.step("client", "stays" + (required().isEmpty() ? ": it requires no extension" : ""));
        telling.facts("client").put("stays", true);
        conversation.listen();
        conversation.leave(CloseCode.NORMAL_CLOSURE.code(), "");
        List<String> advice = new ArrayList<>(conversation.advice());
        if (judgement.outcomes().contains("=" + Outcome.MISSING.word())) {
            advice.add(
                    "The server declines what was offered, as it may; a client that requires it would leave with 1010."
                            + " To see that: --require.");
        }
        return new Conclusion(
                true,
                required().isEmpty()
                        ? "a WebSocket: a client stays"
                        : "a client that requires " + required() + " stays",
                advice);
    }

    private Conclusion leave(Conversation conversation, Judgement judgement) {
        int code = CloseCode.MANDATORY_EXTENSION.code();
        String reason = CloseCode.reason(judgement.reason());
        telling.step("client", "leaves with " + code + " \"" + reason + "\"");
        telling.facts("client").put("stays", false).put("code", code).put("reason", reason);
        conversation.leave(code, reason);
        List<String> advice = new ArrayList<>();
        advice.add(Conversation.advice(code));
        advice.addAll(conversation.advice());
        return new Conclusion(
                false, "a client that requires " + required() + " leaves with " + Conversation.title(code), advice);
    }
}
