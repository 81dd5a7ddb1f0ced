package dev.squall.capacity;

import dev.squall.quantity.Quantity;
import java.util.List;
import java.util.stream.Stream;

/**
 * A setting of the experiment between two ends, one of which is to pass and the other to fail.
 *
 * @param name its path, as {@code --set} has it
 * @param unit what it is a quantity of
 * @param whole whether its values are whole in that unit
 * @param least the lower end, in the unit
 * @param most the upper end
 * @param precision how far from the answer its interval may reach, as a share of what lies between the ends
 */
public record Setting(String name, Quantity unit, boolean whole, double least, double most, double precision)
        implements Axis {

    private static final String EXPECTED =
            "A..B with the lower end first and the same unit on both, as 0s..60s, 10..500, 100/s..2000/s or 0%..50%";

    /** Round values are so many times as fine as the precision. */
    private static final double FINER = 5;

    private static final double[] ROUND = {1, 2, 5, 10};

    public Setting {
        if (!(least < most)) {
            throw new IllegalArgumentException(
                    unit.format(least) + ".." + unit.format(most) + " (expected: " + EXPECTED + ")");
        }
        Precision.check(precision);
    }

    /**
     * Reads its ends, spelled as experiments spell them.
     *
     * @throws IllegalArgumentException if they are not; the message says what is accepted
     */
    public static Setting parse(String name, String between, double precision) {
        Precision.check(precision);
        String[] ends = between.split("\\.\\.", -1);
        if (ends.length != 2) {
            throw new IllegalArgumentException("--between: " + between + " (expected: " + EXPECTED + ")");
        }
        // A share without its sign is a number, which is spelled the same.
        for (Quantity unit :
                List.of(Quantity.NUMBER, Quantity.DURATION, Quantity.RATE, Quantity.SIZE, Quantity.SHARE)) {
            if (isSpelled(ends[0], unit) && isSpelled(ends[1], unit) && unit.parse(ends[0]) < unit.parse(ends[1])) {
                boolean whole = switch (unit) {
                    case DURATION, SIZE -> true;
                    case NUMBER -> Stream.of(ends).noneMatch(end -> end.contains("."));
                    case RATE, SHARE -> false;
                };
                return new Setting(name, unit, whole, unit.parse(ends[0]), unit.parse(ends[1]), precision);
            }
        }
        throw new IllegalArgumentException("--between: " + between + " (expected: " + EXPECTED + ")");
    }

    private static boolean isSpelled(String text, Quantity unit) {
        try {
            unit.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false; // Of another unit: that is the answer, not an error.
        }
    }

    @Override
    public double position(double value) {
        return (value - least) / (most - least);
    }

    @Override
    public double value(double position) {
        return least + position * (most - least);
    }

    @Override
    public double tolerance() {
        return 2 * precision;
    }

    @Override
    public double step(double value) {
        double fine = (most - least) * precision / FINER;
        double decade = Math.pow(10, Math.floor(Math.log10(fine) + ROUNDING));
        double step = decade;
        for (double round : ROUND) {
            step = round * decade <= fine * (1 + ROUNDING) ? round * decade : step;
        }
        return whole ? Math.max(1, step) : step;
    }

    @Override
    public List<String> overrides(double value) {
        return List.of(name + "=" + unit.spelled(value));
    }

    @Override
    public String format(double value) {
        return unit.format(value);
    }

    @Override
    public String told(double value) {
        return name + " " + format(value);
    }
}
