package dev.squall.live;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events of a run, kept for those who come late. Each has an id, and a reader who names the last that it has seen gets
 * what came after it; one who names none, or one of another feed, gets all, from what the run is.
 */
final class Feed {

    /** Events kept of a run besides its first: four hours of seconds; of a longer run the oldest are forgotten. */
    static final int MOST_EVENTS = 14_400;

    /** Events that a reader is given at once. */
    static final int MOST_AT_ONCE = 100;

    /** Before the first event. */
    static final long NONE = 0;

    /** One event of the stream; {@code data} is one line. */
    record Event(long number, String name, String data) {}

    private final String name;
    private final Event[] kept = new Event[MOST_EVENTS];
    private @Nullable Event first;
    private long newest = NONE;
    private boolean ended;

    /** An empty one; no other that a reader may have met has its name. */
    Feed(String name) {
        this.name = name;
    }

    /** Begins with a run: those before it are forgotten. */
    synchronized void begin(String event, String data) {
        newest++;
        first = new Event(newest, event, data);
        notifyAll();
    }

    synchronized void add(String event, String data) {
        newest++;
        kept[place(newest)] = new Event(newest, event, data);
        notifyAll();
    }

    /** No more events come. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Whether no more events come than this reader has got. */
    synchronized boolean isOver(long after) {
        return ended && after >= newest;
    }

    /** What comes after an event, waiting for it at most so long; empty if nothing came. */
    synchronized List<Event> after(long number, long waitMillis) throws InterruptedException {
        if (number >= newest && !ended) {
            wait(waitMillis);
        }
        List<Event> events = new ArrayList<>();
        if (first == null) {
            return events;
        }
        if (number < first.number()) {
            events.add(first);
        }
        long oldest = Math.max(first.number(), newest - MOST_EVENTS) + 1;
        for (long n = Math.max(number + 1, oldest); n <= newest && events.size() < MOST_AT_ONCE; n++) {
            events.add(kept[place(n)]);
        }
        return events;
    }

    private static int place(long number) {
        return (int) (number % MOST_EVENTS);
    }

    /** The id of an event, as a reader names it when it comes again. */
    String id(Event event) {
        return name + "-" + event.number();
    }

    /** The event that an id names; {@link #NONE} if it is not of this feed. */
    synchronized long number(@Nullable String id) {
        if (id == null || !id.matches("\\Q" + name + "\\E-[0-9]{1,18}")) {
            return NONE;
        }
        long number = Long.parseLong(id.substring(name.length() + 1));
        return number > newest ? NONE : number;
    }
}
