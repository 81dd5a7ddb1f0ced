package dev.squall.gatling;

import dev.squall.client.Client;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Extension;
import io.gatling.core.CoreComponents;
import io.gatling.core.action.Action;
import io.gatling.core.session.Session;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The client of one virtual user, between Gatling's actions and the client proper. At any time one action may be under way;
 * it ends exactly once, and the virtual user goes on. Everything is on the virtual user's event loop.
 */
final class UserClient extends Recorder {

    /** How long an action waits at most for the client to be ready. */
    private static final long READY_WITHIN_MICROS = 60_000_000;

    /** Messages that nobody has waited for yet; older ones are forgotten. */
    private static final int MOST_MESSAGES = 16;

    private static final long NONE = -1;

    /** A message and when it came. */
    private record Received(String text, long micros) {}

    private enum State {
        UNBORN,
        AWAY,
        READY,
        ENDED
    }

    private final SquallProtocol.Components components;
    private final Deque<Received> inbox = new ArrayDeque<>();
    private @Nullable Action next;

    /** Looks whether the present action is done, whenever something has happened; null while none is under way. */
    private @Nullable Step step;

    private @Nullable ScheduledFuture<?> timer;
    private @Nullable Client client;
    private State state = State.UNBORN;
    private int closeCode;
    private String extensions = "";
    private int failedTries;
    private long sentMicros = NONE;

    UserClient(SquallProtocol.Components components, CoreComponents core, Session session) {
        super(core, session);
        this.components = components;
    }

    /** Runs something on its event loop. */
    void run(Runnable task) {
        session.eventLoop().execute(task);
    }

    /** The next action of the virtual user begins; what throws in it, ends it. */
    void begin(Session present, Action following, Consumer<UserClient> asked) {
        session = present;
        next = following;
        try {
            asked.accept(this);
        } catch (RuntimeException e) {
            forget(); // Gatling lets the virtual user go on.
            throw e;
        }
    }

    // ---- actions

    void connect() {
        if (state == State.AWAY || state == State.READY) {
            crash("connect", "connected already (expected: a close before the next connect)");
            return;
        }
        state = State.AWAY;
        inbox.clear();
        extensions = "";
        failedTries = 0;
        sentMicros = NONE;
        under(
                () -> {
                    if (state == State.READY) {
                        done(true);
                    }
                },
                READY_WITHIN_MICROS,
                () -> present().leave(CloseCode.NORMAL_CLOSURE.code(), ""));
        Throwable defect = components.defect();
        if (defect == null) {
            client = components.arrive(session.eventLoop(), this);
        } else {
            broken(defect);
        }
    }

    void send(String text) {
        if (isUnborn("send")) {
            return;
        }
        long since = micros();
        under(
                () -> {
                    if (state == State.READY && present().say(text)) {
                        sentMicros = micros();
                        done(true);
                    }
                },
                READY_WITHIN_MICROS,
                () -> {
                    record("send", since, micros(), false, "not ready in time");
                    done(false);
                });
    }

    void await(String request, Predicate<String> wanted, long withinMicros) {
        if (isUnborn(request)) {
            return;
        }
        long since = sentMicros == NONE ? micros() : sentMicros;
        sentMicros = NONE;
        under(
                () -> {
                    Received found = take(wanted);
                    if (found != null) {
                        record(request, since, Math.max(since, found.micros()), true, null);
                        session = session.set(SquallDsl.MESSAGE, found.text());
                        done(true);
                    } else if (state == State.ENDED) {
                        record(request, since, micros(), false, "the client has ended");
                    }
                },
                withinMicros,
                () -> {
                    record(request, since, micros(), false, "no such message in time");
                    done(false);
                });
    }

    void stay(long micros) {
        if (isUnborn("stayFor")) {
            return;
        }
        // It lasts its time without a client, too: a loop over it must not spin.
        begin(new Step(() -> {}, false), micros, () -> done(state != State.ENDED));
    }

    void close(int code) {
        if (isUnborn("close")) {
            return;
        }
        under(() -> {
            if (state == State.ENDED) {
                done(true);
            }
        });
        if (state != State.ENDED) {
            present().leave(code, "");
        }
    }

    /** The virtual user has ended, perhaps without closing. */
    void leave() {
        if (client != null && state != State.ENDED) {
            client.leave(CloseCode.NORMAL_CLOSURE.code(), "");
        }
    }

    private Client present() {
        return Objects.requireNonNull(client, "it is ready, so it was made");
    }

    /** Without a client there is nothing to be asked for. */
    private boolean isUnborn(String action) {
        if (state == State.UNBORN) {
            crash(action, "not connected (expected: a connect before it)");
        }
        return state == State.UNBORN;
    }

    /** An action is under way until {@code look} says {@link #done}; a client that has ended ends it as failed. */
    private void under(Runnable look) {
        begin(new Step(look, true));
    }

    /** The same; after so many microseconds {@code due} is done, if it is still under way. */
    private void under(Runnable look, long micros, Runnable due) {
        begin(new Step(look, true), micros, due);
    }

    private void begin(Step own, long micros, Runnable due) {
        timer = session.eventLoop()
                .schedule(
                        () -> {
                            if (step == own) {
                                due.run();
                            }
                        },
                        micros,
                        TimeUnit.MICROSECONDS);
        begin(own);
    }

    private void begin(Step own) {
        step = own;
        own.run();
    }

    /** Gatling runs the next action within {@link #done}: whoever looks further must see whether it is still its own. */
    private final class Step implements Runnable {
        private final Runnable look;
        private final boolean endsWithClient;

        Step(Runnable look, boolean endsWithClient) {
            this.look = look;
            this.endsWithClient = endsWithClient;
        }

        @Override
        public void run() {
            look.run();
            if (step == this && endsWithClient && state == State.ENDED) {
                done(false);
            }
        }
    }

    private void look() {
        if (step != null) {
            step.run();
        }
    }

    private void forget() {
        step = null;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void done(boolean well) {
        forget();
        Session told = session.set(SquallDsl.CLOSE_CODE, closeCode)
                .set(SquallDsl.EXTENSIONS, extensions)
                .set(SquallDsl.FAILED_TRIES, failedTries);
        Objects.requireNonNull(next, "an action is under way").$bang(well ? told : told.markAsFailed());
    }

    private void crash(String action, String what) {
        record(action, micros(), micros(), false, what);
        done(false);
    }

    /** What came before it will not be waited for any more. */
    private @Nullable Received take(Predicate<String> wanted) {
        Received first = inbox.poll();
        while (first != null && !wanted.test(first.text())) {
            first = inbox.poll();
        }
        return first;
    }

    private static long micros() {
        return System.nanoTime() / 1000;
    }

    // ---- what becomes of the client

    @Override
    public void opened(List<Extension> negotiated) {
        extensions = negotiated.stream().map(Extension::toString).collect(Collectors.joining(", "));
    }

    @Override
    public void ready(int after, long since, long now) {
        super.ready(after, since, now);
        state = State.READY;
        look();
    }

    @Override
    public void failed(String cause, long now) {
        super.failed(cause, now);
        failedTries++;
    }

    @Override
    public void lacking(String reason, long since, long now) {
        super.lacking(reason, since, now);
        closeCode = CloseCode.MANDATORY_EXTENSION.code();
        failedTries++;
    }

    @Override
    public void lost(int code, String how, long now) {
        closeCode = code;
        state = State.AWAY;
    }

    @Override
    public boolean wantsMessages() {
        return true;
    }

    @Override
    public void message(String text, long now) {
        if (inbox.size() == MOST_MESSAGES) {
            inbox.removeFirst();
        }
        inbox.add(new Received(text, micros()));
        look();
    }

    /** Gatling's user has no use for the journal's word: it left by its own action, or by its end. */
    @Override
    public void ended(int after, long since, long now, String why) {
        super.ended(after, since, now, why.equals("end") ? "left while away" : why);
    }

    @Override
    public void gone() {
        state = State.ENDED;
        look();
    }

    /** A defect of ours has ended it. */
    void broken(Throwable defect) {
        if (state != State.ENDED) {
            record("defect", micros(), micros(), false, "defect of Squall: " + defect);
            leave();
            gone();
        }
    }
}
