package dev.squall.cli;

import dev.squall.predict.Model;
import dev.squall.quantity.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a prediction is to take for true of the server and of the way to it. */
final class ModelOptions {

    private static final String KEYS = "round-trip=20ms, handshakes=800/s or backlog=4096";

    @Option(
            names = "--server",
            paramLabel = "K=V",
            description =
                    "What is known of each node: round-trip (to it and back; default 1ms), handshakes (that it accepts a"
                            + " second; default any number), backlog (that wait for it to accept them, beyond which SYNs are"
                            + " sent again after 1, 3, 7 s; default any number). May be given several times.")
    private List<String> server = new ArrayList<>();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** The model, made of this one by what was given. */
    Model over(Model base) {
        Model model = base;
        for (String pair : server) {
            model = with(model, pair);
        }
        return model;
    }

    /** Where the model is from, in words. */
    String source(String ofBase) {
        return server.isEmpty()
                ? ofBase
                : ofBase + "; given: " + server.stream().collect(Collectors.joining(", "));
    }

    private Model with(Model model, String pair) {
        int equals = pair.indexOf('=');
        String key = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        try {
            return switch (key) {
                case "round-trip" ->
                    new Model(
                            (long) Quantity.DURATION.parse(value),
                            model.handshakesPerSecond(),
                            model.backlog(),
                            model.bench());
                case "handshakes" ->
                    new Model(model.roundTripMicros(), Quantity.RATE.parse(value), model.backlog(), model.bench());
                case "backlog" ->
                    new Model(
                            model.roundTripMicros(),
                            model.handshakesPerSecond(),
                            Integer.parseInt(value),
                            model.bench());
                default -> throw new IllegalArgumentException(key);
            };
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--server " + pair + ": " + e.getMessage() + " (expected: " + KEYS + ")");
        }
    }
}
