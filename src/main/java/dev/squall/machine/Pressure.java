package dev.squall.machine;

import java.util.List;
import java.util.OptionalLong;

/**
 * How hard the processors are pressed from one reading to the next: the machine's, and the quota of the control group that
 * this process is in. What the machine does not tell is empty.
 */
public final class Pressure {

    private static final String STAT = "proc/stat";

    /** The words of /proc/stat's first line: cpu user nice system idle iowait irq softirq steal. */
    private static final int FIRST = 1;

    private static final int IDLE = 4;
    private static final int WAITING = 5;
    private static final int LAST = 8;
    private static final int ALL = 1000;

    private final Kernel kernel;
    private long busy;
    private long total;
    private long throttled;

    /** Begins now. */
    public Pressure(Kernel kernel) {
        this.kernel = kernel;
        var unused = busyPermille();
        throttled = Cgroup.throttledMicros(kernel).orElse(0);
    }

    /** The share of all processors that was in use since the last call, in thousandths. */
    public OptionalLong busyPermille() {
        List<String> lines = kernel.lines(STAT);
        List<String> words = lines.isEmpty() ? List.of() : Kernel.words(lines.get(0));
        if (words.size() <= LAST || !words.stream().skip(FIRST).allMatch(word -> word.matches("[0-9]{1,18}"))) {
            return OptionalLong.empty();
        }
        long nowTotal = 0;
        long nowBusy = 0;
        for (int i = FIRST; i <= LAST; i++) {
            long ticks = Long.parseLong(words.get(i));
            nowTotal += ticks;
            nowBusy += i == IDLE || i == WAITING ? 0 : ticks;
        }
        long passed = nowTotal - total;
        long used = nowBusy - busy;
        total = nowTotal;
        busy = nowBusy;
        return passed <= 0 ? OptionalLong.empty() : OptionalLong.of(Math.max(0, Math.min(ALL, ALL * used / passed)));
    }

    /** How long the group's quota has kept it from the processors since the last call, in microseconds; 0 without a quota. */
    public long throttledMicros() {
        long now = Cgroup.throttledMicros(kernel).orElse(throttled);
        long since = now - throttled;
        throttled = now;
        return Math.max(0, since);
    }
}
