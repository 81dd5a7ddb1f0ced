package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;

import dev.squall.fault.FaultWindow;
import dev.squall.plan.Expansion;
import dev.squall.plan.Plan;
import dev.squall.plan.Reply;
import dev.squall.protocol.Extension;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads what a server that stands alone is told: the file of {@code squall serve --faults}, or a fault while it runs. */
public final class ServerReader {

    /**
     * What a server is told.
     *
     * @param extensions what it negotiates
     * @param capacity what stands behind its handshake; null: nothing
     * @param replies what it says beyond its echo
     * @param faults what goes wrong, but for the restarts
     * @param restarts in order of time
     */
    public record Server(
            List<String> extensions,
            Plan.@Nullable Capacity capacity,
            List<Reply> replies,
            List<FaultWindow> faults,
            List<Plan.Restart> restarts) {

        /** A server without faults. */
        public static final Server DEFAULT =
                new Server(List.of(Extension.PERMESSAGE_DEFLATE), null, List.of(), List.of(), List.of());

        public Server {
            extensions = List.copyOf(extensions);
            replies = List.copyOf(replies);
            faults = List.copyOf(faults);
            restarts = List.copyOf(restarts);
        }
    }

    private static final long DAY_MICROS = 24L * 3600 * 1_000_000;

    private static final String KILL =
            "kill: true needs another process beside the server (expected: a restart without kill; squall run kills)";

    /** The settings of a restart. */
    public static final List<String> RESTART_SETTINGS = RestartReader.SETTINGS;

    private final UnaryOperator<@Nullable String> environment;

    /** {@code environment} gives a variable's value, null for an unset one. */
    public ServerReader(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    /**
     * Reads a file: a list of faults, or a map with {@code extensions}, {@code capacity}, {@code replies} and {@code
     * faults}.
     *
     * @param durationMicros how long it serves; of restarts that repeat, one day's are taken
     * @throws ExperimentException with every problem found
     */
    public Server read(Path file, long durationMicros) throws ExperimentException {
        return read(
                YamlText.of(file, "a file of faults, as - {close: 1011, after: 5s}"),
                file.toString(),
                (root, problems) -> {
                    Map<String, YamlValue> fields = root.isList()
                            ? new LinkedHashMap<>(Map.of("faults", root))
                            : root.fields("extensions", "capacity", "replies", "faults");
                    Experiment.Mock mock = new Experiment.Mock(
                            1,
                            0,
                            field(fields, "extensions")
                                    .map(TargetReader::supported)
                                    .orElse(Server.DEFAULT.extensions()),
                            field(fields, "capacity")
                                    .map(TargetReader::capacity)
                                    .orElse(null),
                            field(fields, "replies").map(RepliesReader::read).orElse(List.of()));
                    FaultReader faults = FaultReader.ofServer(mock, Math.min(durationMicros, DAY_MICROS));
                    field(fields, "faults").ifPresent(list -> {
                        faults.read(list);
                        if (faults.restarts().stream().anyMatch(Plan.Restart::kill)) {
                            list.problem(KILL);
                        }
                    });
                    return new Server(
                            mock.extensions(), mock.capacity(), mock.replies(), faults.faults(), faults.restarts());
                });
    }

    /**
     * Reads one fault, as an element of {@code faults}; its times count from now.
     *
     * @throws ExperimentException with every problem found
     */
    public FaultWindow fault(String text, List<String> extensions) throws ExperimentException {
        return read(
                text,
                "fault",
                (root, problems) -> FaultReader.ofServer(new Experiment.Mock(1, 0, extensions, null), DAY_MICROS)
                        .single(root));
    }

    /**
     * Reads one restart, as an element of {@code faults} or its settings alone; its times count from now, and it is due at
     * once where it has no {@code at}.
     *
     * @throws ExperimentException with every problem found
     */
    public Plan.Restart restart(String text) throws ExperimentException {
        return read(text.isBlank() ? "{}" : text, "restart", (root, problems) -> {
            Plan.Restart restart = FaultReader.ofServer(new Experiment.Mock(1, 0, List.of(), null), DAY_MICROS)
                    .singleRestart(root);
            if (restart.kill()) {
                root.problem(KILL);
            }
            return restart;
        });
    }

    /** Makes something of a value; what is wrong goes to its problems. */
    private interface Reading<T> {
        T of(YamlValue root, List<Problem> problems);
    }

    private <T> T read(String text, String file, Reading<T> reading) throws ExperimentException {
        Node root = YamlText.compose(text, file, "faults, as {close: 1011, after: 5s}");
        List<Problem> problems = new ArrayList<>();
        T value = reading.of(
                new YamlValue(root, "", new YamlValue.Context(file, problems, new Expansion(environment))), problems);
        ExperimentException.throwIfAny(problems);
        return value;
    }
}
