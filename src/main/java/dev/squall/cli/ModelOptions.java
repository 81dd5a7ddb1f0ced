package dev.squall.cli;

import dev.squall.plan.Plan;
import dev.squall.predict.Calibration;
import dev.squall.predict.Model;
import dev.squall.predict.Prediction;
import dev.squall.predict.UnpredictableException;
import dev.squall.quantity.Quantity;
import dev.squall.report.RunDirectory;
import dev.squall.stats.Statistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--calibrate",
            paramLabel = "RUN",
            description = "Reads the server and the way to it from a run directory.")
    private @Nullable Path calibrate;

    @Option(
            names = "--here",
            description =
                    "Predicts a run on the machine of the run that --calibrate names: its processors carry all clients and"
                            + " nodes, one step after the other. Default: each client is a machine of its own.")
    private boolean here;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** The model: ideal, or as it was measured, but for what is given. */
    Model model() throws IOException, UnpredictableException {
        if (here && calibrate == null) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--here: which machine? (expected: --calibrate RUN with it)");
        }
        Model model = calibrate == null ? Model.IDEAL : calibrated(new RunDirectory(calibrate));
        for (String pair : server) {
            model = with(model, pair);
        }
        if (model.backlog() > 0 && model.handshakesPerSecond() == 0) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--server backlog=" + model.backlog() + ": a node that accepts any number has nobody waiting"
                            + " (expected: handshakes with it, as --server handshakes=800/s)");
        }
        return model;
    }

    private Model calibrated(RunDirectory run) throws IOException, UnpredictableException {
        Plan plan = Plan.read(run.plan());
        if (here) {
            if (plan.nodes().isEmpty()) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(),
                        "--here: " + run.path() + " is a run against a server of somebody else's"
                                + " (expected: one with mock nodes)");
            }
            Prediction.check(plan, Runtime.getRuntime().maxMemory());
        }
        Statistics statistics = Statistics.read(run.path(), plan, share -> {});
        Calibration calibration = new Calibration(statistics);
        if (!here) {
            return calibration.model();
        }
        ReadingLine progress = ReadingLine.on(spec.commandLine().getErr(), "calibrating");
        Model model = calibration.modelHere(progress::show);
        progress.end();
        return model;
    }

    /** Where the model is from, in words. */
    String source(Model model) {
        List<String> sources = new ArrayList<>();
        sources.add(calibrate == null ? "an ideal server" : "as in " + calibrate);
        String described = Calibration.described(model);
        if (!described.isEmpty()) {
            sources.add(described);
        }
        if (!server.isEmpty()) {
            sources.add("given " + String.join(", ", server));
        }
        return String.join("; ", sources);
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
