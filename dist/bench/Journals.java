import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalWriter;
import dev.squall.journal.LatencyLog;
import dev.squall.plan.Draw;
import dev.squall.plan.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The journals of read-journals.sh: what a run of a plan would leave in which every client arrives, comes back after each
 * restart, and leaves at the end. Argument: a run directory that has a plan.json. Prints how many rows there are.
 */
public final class Journals {

    private static final long SECOND = 1_000_000;
    private static final long NONE = JournalWriter.NONE;
    private static final String HEADER = "row,t_us,population,client,connection,event,code,attempt,value,detail\n";

    /** What a client does next: dials for a restart's round, is sent away, or leaves; in order of time. */
    private record Step(long micros, int client, int round, boolean dials) implements Comparable<Step> {
        @Override
        public int compareTo(Step other) {
            int byTime = Long.compare(micros, other.micros);
            return byTime != 0 ? byTime : Integer.compare(client, other.client);
        }
    }

    /** One file. */
    private static final class Journal implements AutoCloseable {
        private final Writer writer;
        private long rows;
        private long newest;

        Journal(Path file) throws IOException {
            writer = Files.newBufferedWriter(file);
            writer.write(HEADER);
        }

        void row(
                long micros,
                String population,
                long client,
                long connection,
                JournalEvent event,
                long code,
                long attempt,
                long value,
                String detail) {
            try {
                writer.append(Long.toString(rows++)).append(',').append(Long.toString(micros));
                writer.append(',').append(population).append(text(client)).append(text(connection));
                writer.append(',').append(event.name()).append(text(code)).append(text(attempt));
                writer.append(text(value)).append(',').append(detail).append('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            newest = Math.max(newest, micros);
        }

        void row(long micros, JournalEvent event, long client, long code, long value, String detail) {
            row(micros, "", client, NONE, event, code, NONE, value, detail);
        }

        private static String text(long value) {
            return value == NONE ? "," : "," + value;
        }

        @Override
        public void close() throws IOException {
            row(newest, JournalEvent.JOURNAL_ENDED, NONE, NONE, NONE, "");
            writer.close();
        }
    }

    private final Plan plan;
    private final String population;
    private final List<Journal> nodes = new ArrayList<>();
    private final List<Journal> injectors = new ArrayList<>();
    private final PriorityQueue<Step> steps = new PriorityQueue<>();

    private final long[] delays;

    private Journals(Plan plan) {
        this.delays = new long[plan.clients()];
        this.plan = plan;
        this.population = plan.populations().get(0).name();
    }

    /** Writes them. */
    public static void main(String[] args) throws IOException {
        Path run = Path.of(args[0]);
        new Journals(Plan.read(run.resolve("plan.json"))).write(run);
    }

    private void write(Path run) throws IOException {
        try (Journal harness = new Journal(run.resolve("harness.csv"))) {
            for (Plan.Node node : plan.nodes()) {
                nodes.add(child(harness, run, "node", node.index(), "node-" + node.index()));
                nodes.get(node.index()).row(-SECOND, JournalEvent.LISTENING, NONE, NONE, -1, "");
            }
            for (int i = 0; i < plan.injectors(); i++) {
                injectors.add(child(harness, run, "injector", i, "clients-" + i));
            }
            for (int client = 0; client < plan.clients(); client++) {
                steps.add(new Step(plan.arrivalMicros(plan.populations().get(0), client), client, 0, true));
            }
            int begun = 0;
            for (Step step = steps.poll(); step != null; step = steps.poll()) {
                for (; begun < plan.restarts().size() && plan.restarts().get(begun).atMicros() <= step.micros(); begun++) {
                    for (Journal node : nodes) {
                        Plan.Restart restart = plan.restarts().get(begun);
                        node.row(restart.atMicros(), JournalEvent.RESTART_BEGUN, NONE, NONE, begun, "drain refuse");
                    }
                }
                take(step);
            }
            long rows = 0;
            long end = plan.durationMicros() + 20 * SECOND;
            for (Journal journal : injectors) {
                journal.close();
                rows += journal.rows;
            }
            for (Journal journal : nodes) {
                journal.close();
                rows += journal.rows;
            }
            for (int i = 0; i < injectors.size(); i++) {
                harness.row(end, JournalEvent.CHILD_EXITED, i, 0, NONE, "injector clients-" + i + " planned");
            }
            for (int i = 0; i < nodes.size(); i++) {
                harness.row(end, JournalEvent.CHILD_EXITED, i, 0, NONE, "node node-" + i + " planned");
            }
            harness.row(end, JournalEvent.RUN_ENDED, NONE, NONE, NONE, "");
            System.out.println(rows);
        }
    }

    private static Journal child(Journal harness, Path run, String role, int index, String name) throws IOException {
        harness.row(-3 * SECOND, JournalEvent.CHILD_STARTED, index, NONE, NONE, role + " " + name + " 0");
        harness.row(-2 * SECOND, JournalEvent.CHILD_READY, index, NONE, NONE, role + " " + name);
        new LatencyLog(run.resolve(name + ".hlog")).close();
        return new Journal(run.resolve(name + ".csv"));
    }

    private void take(Step step) {
        Journal injector = injectors.get(step.client() % injectors.size());
        Journal node = nodes.get(plan.node(0, step.client()).index());
        if (step.dials()) {
            dial(step, injector, node);
        } else if (step.round() < plan.restarts().size()) {
            sentAway(step, injector, node);
        } else {
            leave(step, injector, node);
        }
    }

    private void dial(Step step, Journal injector, Journal node) {
        long t = step.micros();
        int connection = step.round() + 1;
        if (step.round() == 0) {
            injector.row(t, population, step.client(), NONE, JournalEvent.ARRIVED, NONE, 0, 150, "");
        } else {
            // Its listener is back before the first of the clients that waited for it.
            Plan.Restart restart = plan.restarts().get(step.round() - 1);
            if (node.newest < restart.listeningMicros()) {
                node.row(restart.listeningMicros(), JournalEvent.LISTENING, NONE, NONE, step.round() - 1, "");
            }
        }
        client(injector, t, step, JournalEvent.CONNECTING, NONE, 0, 150, "");
        node.row(t + 300, population, step.client(), connection, JournalEvent.ACCEPTED, NONE, NONE, NONE, "");
        client(injector, t + 900, step, JournalEvent.OPENED, NONE, 0, 1050, "");
        client(injector, t + 900, step, JournalEvent.READY, NONE, 0, 1050, "");
        double place = (double) step.client() / plan.clients();
        long next = step.round() < plan.restarts().size()
                ? plan.restarts().get(step.round()).atMicros()
                        + (long) (place * plan.restarts().get(step.round()).drainMicros())
                : plan.durationMicros() + (long) (place * 10 * SECOND);
        steps.add(new Step(next, step.client(), step.round(), false));
    }

    private void sentAway(Step step, Journal injector, Journal node) {
        long t = step.micros();
        long who = Draw.who(step.client(), 0);
        long delay = plan.delayMicros(plan.populations().get(0), who, step.round() + 1, 0, 0, delays[step.client()]);
        delays[step.client()] = delay;
        node(node, t, step, JournalEvent.CLOSE_SENT, 1012, step.round(), "restart");
        client(injector, t + 300, step, JournalEvent.CLOSE_RECEIVED, 1012, NONE, NONE, "restart");
        client(injector, t + 302, step, JournalEvent.CLOSE_SENT, 1012, NONE, NONE, "");
        node(node, t + 600, step, JournalEvent.CLOSE_RECEIVED, 1012, NONE, "");
        node(node, t + 700, step, JournalEvent.CLOSED, 1012, 100, "server clean");
        client(injector, t + 900, step, JournalEvent.CLOSED, 1012, NONE, 300, "server clean");
        injector.row(
                t + 900, population, step.client(), NONE, JournalEvent.WAITING, NONE, 0, delay, "");
        steps.add(new Step(t + 900 + delay, step.client(), step.round() + 1, true));
    }

    private void leave(Step step, Journal injector, Journal node) {
        long t = step.micros();
        client(injector, t, step, JournalEvent.CLOSE_SENT, 1000, NONE, NONE, "");
        node(node, t + 300, step, JournalEvent.CLOSE_RECEIVED, 1000, NONE, "");
        node(node, t + 301, step, JournalEvent.CLOSE_SENT, 1000, NONE, "");
        client(injector, t + 600, step, JournalEvent.CLOSE_RECEIVED, 1000, NONE, NONE, "");
        node(node, t + 700, step, JournalEvent.CLOSED, 1000, 400, "client clean");
        client(injector, t + 800, step, JournalEvent.CLOSED, 1000, NONE, 200, "client clean");
        injector.row(t + 800, population, step.client(), NONE, JournalEvent.FINISHED, NONE, NONE, NONE, "end");
    }

    private void client(
            Journal journal, long t, Step step, JournalEvent event, long code, long attempt, long value, String detail) {
        journal.row(t, population, step.client(), step.round() + 1, event, code, attempt, value, detail);
    }

    private void node(Journal journal, long t, Step step, JournalEvent event, long code, long value, String detail) {
        journal.row(t, population, step.client(), step.round() + 1, event, code, NONE, value, detail);
    }
}
