package dev.squall.node;

import static dev.squall.journal.JournalWriter.NONE;

import dev.squall.fault.FaultWindow;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.Rows;
import dev.squall.plan.Plan;
import dev.squall.role.RunClock;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What a node writes down, with the run's clock, and the counts of it for the status line. Used from any thread. */
final class NodeJournal {

    private static final int REQUEST_TIMEOUT = 408;

    private final Rows rows;
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong rejected = new AtomicLong();
    private final AtomicLong open = new AtomicLong();
    private final AtomicLong closed = new AtomicLong();
    private final AtomicLong restarts = new AtomicLong();
    private volatile RunClock clock = new RunClock(System.nanoTime());

    NodeJournal(Rows rows) {
        this.rows = rows;
    }

    /** From here on, times are this clock's. */
    void begin(RunClock runClock) {
        clock = runClock;
    }

    /** Now, in microseconds since the start of the run. */
    long micros() {
        return clock.micros();
    }

    /** An earlier reading of the monotonic clock, in microseconds since the start of the run. */
    long micros(long nanos) {
        return Math.floorDiv(nanos - clock.startNanos(), 1000L);
    }

    /** A time of the run as a reading of the monotonic clock. */
    long nanos(long micros) {
        return clock.startNanos() + 1000 * micros;
    }

    void accepted(Identity who) {
        accepted.incrementAndGet();
        row(micros(), who, JournalEvent.ACCEPTED, NONE, NONE, who.key());
    }

    void rejected(Identity who, int status, String why) {
        rejected.incrementAndGet();
        row(micros(), who, JournalEvent.REJECTED, status, NONE, why);
    }

    /** Somebody connected, and did not ask for an upgrade in time. */
    void neverAsked() {
        rows.add(micros(), "", NONE, NONE, JournalEvent.REJECTED, REQUEST_TIMEOUT, NONE, NONE, "handshake-timeout");
    }

    /** The 101 was written. */
    void opened() {
        open.incrementAndGet();
    }

    /** The 101 was written; {@code handed} is when it was handed to the socket. */
    void negotiated(long handed, Identity who, boolean covered, @Nullable String outcomes) {
        row(handed, who, JournalEvent.NEGOTIATED, 101, covered ? 1 : 0, outcomes);
    }

    /** A Close was written; {@code handed} is when it was handed to the socket, {@code restart} NONE or whose it is. */
    void closeSent(long handed, Identity who, int code, long restart, String reason) {
        row(handed, who, JournalEvent.CLOSE_SENT, code, restart, reason);
    }

    void closeReceived(Identity who, int code, String reason) {
        row(micros(), who, JournalEvent.CLOSE_RECEIVED, code, NONE, reason);
    }

    /** TCP ended; {@code lastByte} is when the peer was last heard. */
    void closed(Identity who, boolean wasOpen, int code, long lastByte, String ending) {
        if (wasOpen) {
            open.decrementAndGet();
        }
        closed.incrementAndGet();
        long now = micros();
        row(now, who, JournalEvent.CLOSED, code, now - lastByte, ending);
    }

    void faultBegun(FaultWindow fault) {
        row(micros(), JournalEvent.FAULT_BEGUN, fault.index(), fault.toString());
    }

    void faultEnded(FaultWindow fault) {
        row(micros(), JournalEvent.FAULT_ENDED, fault.index(), null);
    }

    void struck(Identity who, FaultWindow fault) {
        row(
                micros(),
                who,
                JournalEvent.STRUCK,
                NONE,
                fault.index(),
                fault.fault().kind().name());
    }

    void pinged(long handed, Identity who) {
        row(handed, who, JournalEvent.PING_SENT, NONE, NONE, null);
    }

    void ponged(Identity who, long rtt) {
        row(micros(), who, JournalEvent.PONG_RECEIVED, NONE, rtt, null);
    }

    void restartBegun(Plan.Restart restart) {
        restarts.incrementAndGet();
        String kind = restart.listenWhileDraining() ? "listen-while-draining" : "drain";
        row(
                micros(),
                JournalEvent.RESTART_BEGUN,
                restart.index(),
                kind + " " + restart.whileDown().spelled());
    }

    void listening(long micros, int restart) {
        row(micros, JournalEvent.LISTENING, restart, null);
    }

    /** Upgrade requests that came. */
    long accepted() {
        return accepted.get();
    }

    /** Of these, answered with another status than 101. */
    long rejected() {
        return rejected.get();
    }

    /** Of these, ended. */
    long ended() {
        return closed.get();
    }

    /** Restarts begun. */
    long restarts() {
        return restarts.get();
    }

    /** Connections whose handshake is complete. */
    long open() {
        return open.get();
    }

    /** The status line's pairs. */
    String status() {
        return "open=" + open + " accepted=" + accepted + " rejected=" + rejected + " closed=" + closed;
    }

    private void row(long micros, JournalEvent event, long value, @Nullable String detail) {
        rows.add(micros, "", NONE, NONE, event, NONE, NONE, value, detail);
    }

    private void row(long micros, Identity who, JournalEvent event, long code, long value, @Nullable String detail) {
        rows.add(micros, who.population(), who.client(), who.connection(), event, code, NONE, value, detail);
    }
}
