package dev.squall.node;

import dev.squall.experiment.ExperimentException;
import dev.squall.journal.JournalEvent;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A running server as somebody beside it sees and steers it. Every method may be called from any thread and returns
 * without waiting for another. Times are microseconds since the start of the run.
 */
public interface Control {

    /** The longest {@link #recent}. */
    int MAX_EVENTS = 200;

    /** Before the first of every list. */
    long START = -1;

    /** What the server does with those who come. */
    enum State {
        /** It serves. */
        SERVING,
        /** A restart's drain window lasts. */
        DRAINING,
        /** A restart's downtime lasts. */
        DOWN
    }

    /**
     * A kind of fault.
     *
     * @param name as it is written in {@code faults}
     * @param text what it does, one sentence
     * @param example a text that {@link #inflict} takes, of a restart one that {@link #restart} takes
     */
    record FaultKind(String name, String text, String example) {}

    /**
     * A fault in force or yet to come.
     *
     * @param index from 0 in the order of coming into being; never given twice
     * @param settings on one line, as they would be written
     * @param fromMicros when it begins or began
     * @param toMicros when it ends; null: not by itself
     * @param struck how many connections or handshakes it has struck
     */
    record ActiveFault(
            int index,
            String name,
            String settings,
            long fromMicros,
            @Nullable Long toMicros,
            long struck) {}

    /**
     * A connection whose handshake is complete.
     *
     * @param connection the node's running number of it, from 1
     * @param client what identified its client; null: nothing did
     * @param sinceMicros when its upgrade request came
     * @param path of the request, with its query
     * @param peer address and port that it came from
     * @param faults indices of the faults that struck it
     * @param extensions as negotiated, in the form of Sec-WebSocket-Extensions; empty: none
     */
    record OpenConnection(
            long connection,
            @Nullable String client,
            long sinceMicros,
            String path,
            String peer,
            List<Integer> faults,
            String extensions) {
        public OpenConnection {
            faults = List.copyOf(faults);
        }
    }

    /**
     * Some of a list, in order of number.
     *
     * @param next where to go on: the last number of this page; null: no more
     */
    record Page<T>(List<T> items, @Nullable Long next) {
        public Page {
            items = List.copyOf(items);
        }
    }

    /**
     * Where the server stands.
     *
     * @param micros when this was so
     * @param open connections whose handshake is complete
     * @param accepted upgrade requests that came
     * @param rejected of these, answered with another status than 101
     * @param closed of these, ended
     * @param closesByCode how many ended with which code, 1006 for no Close; their sum is {@code closed}
     * @param echoed messages sent back
     * @param restarts begun
     */
    record Counts(
            long micros,
            State state,
            long open,
            long accepted,
            long rejected,
            long closed,
            SortedMap<Integer, Long> closesByCode,
            long echoed,
            long restarts) {}

    /**
     * Something that happened, as a row of the journal has it.
     *
     * @param client what identified the connection's client; null: nothing did, or the event is nobody's
     * @param connection null where the event is the node's own
     * @param code null where the event has none; so {@code value} and {@code detail}
     */
    record Event(
            long micros,
            JournalEvent event,
            @Nullable String client,
            @Nullable Long connection,
            @Nullable Long code,
            @Nullable Long value,
            @Nullable String detail) {}

    /** What is asked for is well formed but cannot be done now; the message says why and what to do. */
    final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        public RefusedException(String message) {
            super(message);
        }
    }

    /** Every kind of fault, restart among them. */
    List<FaultKind> kinds();

    /** The faults in force or yet to come, in order of index. */
    List<ActiveFault> faults();

    /**
     * Adds a fault, which begins at once unless it says otherwise.
     *
     * @param text one fault as an element of an experiment's {@code faults}, in YAML or JSON; times count from now
     * @throws ExperimentException if it is none, or a restart
     * @throws RefusedException if there are too many
     */
    ActiveFault inflict(String text) throws ExperimentException, RefusedException;

    /** Ends a fault; false where none has this index or it is over. */
    boolean lift(int index);

    /**
     * Restarts the server.
     *
     * @param text a restart as an element of an experiment's {@code faults}, in YAML or JSON, {@code at} counting from now
     *     and 0s if missing; empty: one with the defaults
     * @return the restart's index
     * @throws ExperimentException if it is none
     * @throws RefusedException if a restart is under way
     */
    int restart(String text) throws ExperimentException, RefusedException;

    /** Lifts every fault, forgets the restarts to come, and serves again if one is under way or was for good. */
    void reset();

    /**
     * The open connections of a greater number than {@code after}.
     *
     * @param after {@link #START}: from the first
     * @param limit the longest page, at least 1
     */
    CompletableFuture<Page<OpenConnection>> connections(long after, int limit);

    /**
     * How the identified clients of a greater number than {@code after} have behaved, each as JSON of plain values.
     *
     * @param after {@link #START}: from the first
     * @param limit the longest page, at least 1
     */
    CompletableFuture<Page<Map<String, Object>>> clients(long after, int limit);

    /** Where the server stands. */
    Counts counts();

    /** The last events, at most {@value #MAX_EVENTS}, the oldest first. */
    List<Event> recent();
}
