package dev.squall.export;

import dev.squall.stats.Case;
import java.math.BigDecimal;

/** How times are spelled. */
final class Seconds {

    private Seconds() {}

    /** Microseconds as seconds, exactly; nothing for what did not happen. */
    static String of(long micros) {
        return micros == Case.NEVER
                ? ""
                : BigDecimal.valueOf(micros, 6).stripTrailingZeros().toPlainString();
    }
}
