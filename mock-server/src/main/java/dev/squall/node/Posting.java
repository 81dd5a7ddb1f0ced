package dev.squall.node;

import dev.squall.fault.FaultWindow;
import java.util.concurrent.atomic.AtomicLong;

/** A fault that stands on a node's board: its window, and how many it struck. */
final class Posting {

    private final FaultWindow window;
    private final AtomicLong struck = new AtomicLong();

    Posting(FaultWindow window) {
        this.window = window;
    }

    FaultWindow window() {
        return window;
    }

    /** How many it struck. */
    long struck() {
        return struck.get();
    }

    /** Takes one of those that it may strike; false if there is none left. */
    boolean take() {
        long most = window.count();
        return most == 0 ? struck.incrementAndGet() > 0 : struck.getAndUpdate(n -> Math.min(n + 1, most)) < most;
    }
}
