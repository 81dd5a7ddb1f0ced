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
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The client of one virtual user, between Gatling's actions and the client proper. At any time one action may be under way;
 * it ends exactly once, and the virtual user goes on. Everything is on the virtual user's event loop.
 */
final class UserClient extends Recorder {

    /** Messages that nobody has waited for yet; older ones are forgotten. */
    private static final int MOST_MESSAGES = 16;

    private static final long NONE = -1;

    private enum State {
        UNBORN,
        AWAY,
        READY,
        ENDED
    }

    private final SquallProtocol.Components components;
    private final Deque<String> inbox = new ArrayDeque<>();
    private @Nullable Action next;

    /** Looks whether the present action is done, whenever something has happened; null while none is under way. */
    private @Nullable Step step;

    private @Nullable ScheduledFuture<?> timer;
    private @Nullable Client client;
    private State state = State.UNBORN;
    private boolean leaving;
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
        session().eventLoop().execute(task);
    }

    /** The next action of the virtual user begins. */
    void begin(Session present, Action following) {
        session(present);
        next = following;
    }

    // ---- actions

    void connect() {
        if (state != State.UNBORN) {
            crash("connected already (expected: one connect a virtual user, before all else)");
            return;
        }
        state = State.AWAY;
        under(() -> {
            if (state == State.READY) {
                done(true);
            }
        });
        client = components.arrive(session().eventLoop(), this);
        components.defect().ifPresent(this::broken);
    }

    void send(String text) {
        under(() -> {
            if (state == State.READY && present().say(text)) {
                sentMicros = micros();
                done(true);
            }
        });
    }

    void await(String request, Predicate<String> wanted, long withinMicros) {
        long since = sentMicros == NONE ? micros() : sentMicros;
        sentMicros = NONE;
        under(
                () -> {
                    String found = take(wanted);
                    if (found != null) {
                        record(request, since, micros(), true, null);
                        session(session().set(SquallDsl.MESSAGE, found));
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
        under(() -> {}, micros, () -> done(true));
    }

    void close(int code) {
        under(() -> {
            if (state == State.ENDED) {
                done(true);
            } else if (!leaving) {
                leaving = true;
                present().leave(code, "");
            }
        });
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

    /** An action is under way until {@code look} says {@link #done}; a client that has ended ends it as failed. */
    private void under(Runnable look) {
        begin(new Step(look));
    }

    /** The same; after so many microseconds {@code due} is done, if it is still under way. */
    private void under(Runnable look, long micros, Runnable due) {
        Step own = new Step(look);
        timer = session()
                .eventLoop()
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

        Step(Runnable look) {
            this.look = look;
        }

        @Override
        public void run() {
            if (state == State.UNBORN) {
                crash("not connected (expected: a connect before it)");
                return;
            }
            look.run();
            if (step == this && state == State.ENDED) {
                done(false);
            }
        }
    }

    private void look() {
        if (step != null) {
            step.run();
        }
    }

    private void done(boolean well) {
        step = null;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        Session told = session()
                .set(SquallDsl.CLOSE_CODE, closeCode)
                .set(SquallDsl.EXTENSIONS, extensions)
                .set(SquallDsl.FAILED_TRIES, failedTries);
        Objects.requireNonNull(next, "an action is under way").$bang(well ? told : told.markAsFailed());
    }

    private void crash(String what) {
        record("misuse", micros(), micros(), false, what);
        done(false);
    }

    private @Nullable String take(Predicate<String> wanted) {
        for (Iterator<String> each = inbox.iterator(); each.hasNext(); ) {
            String text = each.next();
            each.remove(); // What came before it will not be waited for any more.
            if (wanted.test(text)) {
                return text;
            }
        }
        return null;
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
        if (state != State.ENDED) {
            state = State.READY;
            look();
        }
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
        if (state != State.ENDED) {
            state = State.AWAY;
        }
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
        inbox.add(text);
        look();
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
            gone();
        }
    }
}
