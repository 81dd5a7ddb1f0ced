package dev.squall.stats;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalRow;
import dev.squall.plan.Plan;
import dev.squall.plan.WhileDown;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the restarts of a server that does not tell of them, from the losses of its clients; a pass before the {@link
 * JournalPass}. Where a command restarted it: the losses from the command's start until it has ended and settled. Else a
 * burst: at least {@link #LEAST} and {@link #SHARE} of the open clients lose their connection within {@link
 * #WINDOW_MICROS} by other than their own Close, and on for as long as losses follow each other within that time.
 */
final class RestartFinder {

    static final int LEAST = 5;
    static final double SHARE = 0.05;
    static final long WINDOW_MICROS = 1_000_000;

    /**
     * A restart that was found.
     *
     * @param restart as a plan would have had it: from the first loss (or the command's start) to the last; its code is the
     *     most frequent, 0 if nobody was lost
     * @param untilMicros losses up to here are its own
     * @param command what restarted the server; null: unknown
     * @param untouched clients that were open when it began, and on until it was over
     */
    record Found(Plan.Restart restart, long untilMicros, HarnessJournal.@Nullable Command command, BitSet untouched) {}

    /** A loss that may be the first of many. */
    private record Loss(int client, long micros, int code, long openBefore) {}

    /** Losses that belong together. */
    private static final class Burst {
        final long from;
        long last;
        /** Who was open when it began, and is still. */
        final BitSet untouched = new BitSet();

        final Map<Integer, Long> codes = new TreeMap<>();

        Burst(long from) {
            this.from = from;
            this.last = from;
        }

        void add(long micros, int code) {
            last = Math.max(last, micros);
            codes.merge(code, 1L, Long::sum);
        }

        int code() {
            return codes.entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .map(Map.Entry::getKey)
                    .orElse(0);
        }
    }

    private final Plan plan;
    private final List<HarnessJournal.Command> commands;
    private final List<Burst> byCommand = new ArrayList<>();
    private final List<Burst> bursts = new ArrayList<>();
    private final Deque<Loss> recent = new ArrayDeque<>();
    private final Clients clients;
    private final BitSet open;
    private long openNow;
    private final int[] connection;
    private final long[] since;
    /** How many commands have started. */
    private int begun;

    private final long settle;
    private final long deadline;
    private final long end;

    /** Of a plan with an endpoint; {@code end} of the load. */
    RestartFinder(Plan plan, Plan.Endpoint endpoint, HarnessJournal harness, long end) {
        this.plan = plan;
        this.commands = harness.commands();
        this.clients = new Clients(plan);
        this.open = new BitSet(clients.count());
        this.connection = new int[clients.count()];
        this.since = new long[clients.count()];
        this.settle = endpoint.restarts().settleMicros();
        this.deadline = endpoint.restarts().deadlineMicros();
        this.end = end;
        commands.forEach(command -> byCommand.add(new Burst(command.startMicros())));
    }

    /** Takes the next row in order of time. */
    void accept(JournalRow row) {
        int client = clients.of(row);
        if (client == Clients.NOBODY || row.micros() >= end) {
            return;
        }
        begin(row.micros());
        boolean current = open.get(client) && connection[client] == row.connection();
        switch (row.event()) {
            case OPENED -> {
                openNow += open.get(client) ? 0 : 1;
                open.set(client);
                connection[client] = (int) row.connection();
                since[client] = row.micros();
            }
            case CLOSE_SENT -> {
                if (current) {
                    close(client, row.micros()); // Its own: no loss.
                }
            }
            case CLOSE_RECEIVED, CLOSED -> {
                if (current) {
                    lost(client, row);
                }
            }
            default -> {}
        }
    }

    /** The commands that have started by now begin with who is open. */
    private void begin(long micros) {
        while (begun < commands.size() && commands.get(begun).startMicros() <= micros) {
            byCommand.get(begun++).untouched.or(open);
        }
    }

    private void close(int client, long micros) {
        open.clear(client);
        openNow--;
        Burst present = present(micros);
        if (present != null) {
            present.untouched.clear(client);
        }
    }

    /** What takes connections now, as far as is known; null if nothing does. */
    private @Nullable Burst present(long micros) {
        // The latest command that it may be of: a window ends where the next begins.
        for (int i = commands.size() - 1; i >= 0; i--) {
            if (micros >= commands.get(i).startMicros() && micros <= until(commands.get(i))) {
                return byCommand.get(i);
            }
        }
        Burst last = bursts.isEmpty() ? null : bursts.get(bursts.size() - 1);
        return last != null && micros - last.last < WINDOW_MICROS ? last : null;
    }

    private void lost(int client, JournalRow row) {
        long openBefore = openNow;
        close(client, row.micros());
        int code = (int) row.code();
        Burst present = present(row.micros());
        if (present != null) {
            present.add(row.micros(), code);
            return;
        }
        while (!recent.isEmpty() && row.micros() - recent.getFirst().micros() >= WINDOW_MICROS) {
            recent.removeFirst();
        }
        recent.addLast(new Loss(client, row.micros(), code, openBefore));
        long needed = (long) Math.max(LEAST, Math.ceil(SHARE * recent.getFirst().openBefore()));
        if (recent.size() >= needed
                && recent.stream().mapToInt(Loss::client).distinct().count() >= needed) {
            Burst burst = new Burst(recent.getFirst().micros());
            burst.untouched.or(open);
            open.stream().filter(each -> since[each] >= burst.from).forEach(burst.untouched::clear);
            recent.forEach(loss -> burst.add(loss.micros(), loss.code()));
            recent.clear();
            bursts.add(burst);
        }
    }

    private long until(HarnessJournal.Command command) {
        return command.endMicros() == HarnessJournal.Command.RUNNING ? end : command.endMicros() + settle;
    }

    /** The restarts in order of time, numbered anew. */
    List<Found> found() {
        begin(end);
        List<Found> found = new ArrayList<>();
        for (int i = 0; i < commands.size(); i++) {
            HarnessJournal.Command command = commands.get(i);
            Burst losses = byCommand.get(i);
            long ended = Math.min(command.endMicros(), end);
            found.add(new Found(
                    restart(losses, Math.max(ended, losses.last), deadline(command.restart())),
                    until(command),
                    command,
                    losses.untouched));
        }
        bursts.forEach(
                burst -> found.add(new Found(restart(burst, burst.last, deadline), burst.last, null, burst.untouched)));
        found.sort(Comparator.comparingLong(f -> f.restart().atMicros()));
        List<Found> numbered = new ArrayList<>();
        for (Found each : found) {
            Plan.Restart r = each.restart();
            numbered.add(new Found(
                    r.at(numbered.size(), r.atMicros(), r.deadlineMicros()),
                    each.untilMicros(),
                    each.command(),
                    each.untouched()));
        }
        return numbered;
    }

    private long deadline(int planned) {
        return planned >= 0 && planned < plan.restarts().size()
                ? plan.restarts().get(planned).deadlineMicros()
                : deadline; // A damaged row, which costs trust elsewhere.
    }

    /** A client that comes back before the last loss may be lost again: it is one case, as while a node drains. */
    private static Plan.Restart restart(Burst losses, long over, long deadline) {
        return new Plan.Restart(
                0,
                losses.from,
                over - losses.from,
                null,
                0,
                deadline,
                losses.code(),
                WhileDown.REFUSE,
                0,
                true,
                false,
                List.of(0));
    }
}
