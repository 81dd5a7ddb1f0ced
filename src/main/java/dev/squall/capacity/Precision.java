package dev.squall.capacity;

import dev.squall.quantity.Quantity;

/** How near an answer is to be. */
final class Precision {

    private static final double LEAST = 0.001;
    private static final double MOST = 0.5;

    private Precision() {}

    static void check(double precision) {
        if (!(precision >= LEAST && precision <= MOST)) {
            throw new IllegalArgumentException("--precision: " + Quantity.SHARE.format(precision) + " (expected: "
                    + Quantity.SHARE.format(LEAST) + " to " + Quantity.SHARE.format(MOST) + ")");
        }
    }
}
