package dev.squall.stats;

import java.util.Locale;
import java.util.function.Consumer;

/**
 * What became of one client at one restart of one node. Times are microseconds since the start.
 *
 * @param population its index
 * @param client from 0 within the population; in the closed model the place
 * @param restart the restart, as all clients have met it
 * @param code that the client saw
 * @param lostMicros when its connection was lost
 * @param learnedMicros when it knew
 * @param firstMicros when it first tried to come back; {@link #NEVER} if it did not
 * @param backMicros when it was back; {@link #NEVER} if it was not
 * @param attempts until then, or until nobody looked any more
 */
public record Case(
        int population,
        int client,
        RestartFigures restart,
        int code,
        long lostMicros,
        long learnedMicros,
        long firstMicros,
        long backMicros,
        Fate fate,
        long attempts) {

    /** What did not happen. */
    public static final long NEVER = Long.MIN_VALUE;

    /** How a case ended. */
    public enum Fate {
        /** Back by the deadline. */
        RECOVERED(figures -> figures.recovered++),
        /** Back after the deadline, or not back when the load ended. */
        LATE(figures -> figures.late++),
        /** Its stay was over before it was back and before it was due. */
        LEFT(figures -> {
            figures.late++;
            figures.left++;
        }),
        /** Its policy allowed no further try. */
        GAVE_UP(figures -> figures.gaveUp++),
        /** It tried to come back, lacked an extension and left for good. */
        LEFT_WITH_1010(figures -> figures.leftWith1010++);

        private final Consumer<RestartFigures> count;

        Fate(Consumer<RestartFigures> count) {
            this.count = count;
        }

        void count(RestartFigures figures) {
            count.accept(figures);
        }

        /** As it is spelled, {@code left-with-1010}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
