package dev.squall.node;

import dev.squall.experiment.ExperimentException;
import dev.squall.experiment.ServerReader;
import dev.squall.fault.FaultWindow;
import dev.squall.fault.Faults;
import dev.squall.plan.Plan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A mock server as somebody beside it sees and steers it. */
final class ServerControl implements Control {

    private static final FaultKind RESTART =
            new FaultKind(Faults.RESTART, Faults.RESTART_TEXT, "{restart: {code: 1012, drain: 1s, downtime: 3s}}");

    private final Plan plan;
    private final NodeJournal journal;
    private final FaultBoard faults;
    private final Restarts restarts;
    private final List<Worker> workers;
    private final LiveView view;
    private final ServerReader reader = new ServerReader(System::getenv);

    ServerControl(
            Plan plan, NodeJournal journal, FaultBoard faults, Restarts restarts, List<Worker> workers, LiveView view) {
        this.plan = plan;
        this.journal = journal;
        this.faults = faults;
        this.restarts = restarts;
        this.workers = workers;
        this.view = view;
    }

    @Override
    public List<FaultKind> kinds() {
        return Stream.concat(
                        Stream.of(RESTART),
                        Faults.KINDS.stream().map(kind -> new FaultKind(kind.name(), kind.text(), kind.example())))
                .toList();
    }

    @Override
    public List<ActiveFault> faults() {
        return faults.postings().stream().map(ServerControl::told).toList();
    }

    static ActiveFault told(Posting posting) {
        FaultWindow window = posting.window();
        return new ActiveFault(
                window.index(),
                window.fault().kind().name(),
                window.toString(),
                window.fromMicros(),
                window.toMicros() == FaultWindow.OPEN_END ? null : Long.valueOf(window.toMicros()),
                posting.struck());
    }

    @Override
    public ActiveFault inflict(String text) throws ExperimentException, RefusedException {
        return told(faults.inflict(reader.fault(text, plan.extensions())));
    }

    @Override
    public boolean lift(int index) {
        return faults.lift(index);
    }

    @Override
    public int restart(String text) throws ExperimentException, RefusedException {
        Plan.Restart asked = reader.restart(text);
        try {
            return restarts.add(asked.at(0, journal.micros() + asked.atMicros(), asked.deadlineMicros()))
                    .index();
        } catch (IllegalStateException overlaps) {
            throw new RefusedException(String.valueOf(overlaps.getMessage()));
        }
    }

    @Override
    public void reset() {
        faults.clear();
        var unused = restarts.reset();
    }

    @Override
    public CompletableFuture<Page<OpenConnection>> connections(long after, int limit) {
        List<CompletableFuture<List<OpenConnection>>> asked = new ArrayList<>();
        for (Worker worker : workers) {
            CompletableFuture<List<OpenConnection>> told = new CompletableFuture<>();
            asked.add(told);
            worker.execute(() -> told.complete(worker.connections(after, limit)));
        }
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).thenApply(all -> {
            List<OpenConnection> items = asked.stream()
                    .flatMap(one -> one.join().stream())
                    .sorted(Comparator.comparingLong(OpenConnection::connection))
                    .toList();
            return page(items, limit, item -> item.connection());
        });
    }

    @Override
    public CompletableFuture<Page<Map<String, Object>>> clients(long after, int limit) {
        return view.clients(journal.micros()).thenApply(clientele -> ClientPages.of(clientele, after, limit));
    }

    /** The first of some items, of which each has a number. */
    private static <T> Page<T> page(List<T> items, int limit, java.util.function.ToLongFunction<T> number) {
        List<T> first = items.subList(0, Math.min(limit, items.size()));
        return new Page<>(first, items.size() > limit ? Long.valueOf(number.applyAsLong(first.get(limit - 1))) : null);
    }

    @Override
    public Counts counts() {
        long echoed = workers.stream().mapToLong(Worker::echoed).sum();
        return new Counts(
                journal.micros(),
                workers.get(0).state(),
                journal.open(),
                journal.accepted(),
                journal.rejected(),
                journal.ended(),
                view.closes(),
                echoed,
                journal.restarts());
    }

    @Override
    public List<Event> recent() {
        return view.recent();
    }
}
