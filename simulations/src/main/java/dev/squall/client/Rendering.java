package dev.squall.client;

import dev.squall.plan.Expansion;
import dev.squall.plan.Population;
import dev.squall.plan.Request;
import dev.squall.plan.RequestField;
import dev.squall.plan.Template;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A part of a population's requests: bytes where it is the same for all, else rendered for each connection. */
final class Rendering {

    private static final Template NOTHING = Template.parse("", Template.OF_A_CLIENT);

    private final String population;
    private final byte[] bytes;
    private final @Nullable Template template;

    private Rendering(String population, Template text) {
        this.population = population;
        this.template = text.isConstant() ? null : text;
        this.bytes = template == null ? text.render(name -> null).getBytes(StandardCharsets.US_ASCII) : new byte[0];
    }

    /**
     * The query that all requests of a population have, and the character before it.
     *
     * @throws IllegalArgumentException if a reference of a value cannot be expanded
     */
    static Rendering query(Population population, boolean behindOthers, Expansion expansion) {
        Template query = NOTHING;
        String before = behindOthers ? "&" : "?";
        for (Request.Pair pair : population.request().query()) {
            query = query.plus(constant(before + encoded(pair.name()) + "="))
                    .plus(expanded(RequestField.QUERY, pair, expansion).map(Rendering::encoded));
            before = "&";
        }
        return new Rendering(population.name(), query);
    }

    /**
     * The header lines of a population's own, each with the end of the line before it.
     *
     * @throws IllegalArgumentException if a value, expanded, cannot stand in a header; the message does not repeat it
     */
    static Rendering headers(Population population, Expansion expansion) {
        Request request = population.request();
        Template lines = NOTHING;
        for (Request.Pair pair : request.headers()) {
            lines = lines.plus(constant("\r\n" + pair.name() + ": "))
                    .plus(expanded(RequestField.HEADER, pair, expansion));
        }
        String before = "\r\nCookie: ";
        for (Request.Pair pair : request.cookies()) {
            lines = lines.plus(constant(before + pair.name() + "="))
                    .plus(expanded(RequestField.COOKIE, pair, expansion));
            before = "; "; // RFC 6265 section 5.4: one header for all.
        }
        if (!request.subprotocols().isEmpty()) {
            lines = lines.plus(constant("\r\nSec-WebSocket-Protocol: " + String.join(", ", request.subprotocols())));
        }
        return new Rendering(population.name(), lines);
    }

    /** Its references are looked for in what the experiment spells, not in what a secret happens to hold. */
    private static Template expanded(RequestField field, Request.Pair pair, Expansion expansion) {
        Template value = Template.parse(pair.value(), Template.OF_A_CLIENT).map(expansion::expand);
        field.checkValue(pair.name(), value.render(name -> "0"));
        return value;
    }

    private static Template constant(String text) {
        return NOTHING.map(nothing -> text);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    void write(ByteBuf to, int client, int connection) {
        if (template == null) {
            to.writeBytes(bytes);
        } else {
            ByteBufUtil.writeAscii(
                    to, template.render(name -> Template.ofAClient(name, population, client, connection)));
        }
    }
}
