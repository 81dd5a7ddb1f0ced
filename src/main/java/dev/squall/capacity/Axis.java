package dev.squall.capacity;

import dev.squall.quantity.Quantity;
import java.util.List;

/** What a search varies. Its values have positions on a line on which the same distance is the same precision everywhere. */
public sealed interface Axis permits Clients, Setting {

    /** What it is, as {@code clients} or {@code faults.0.restart.drain}. */
    String name();

    /** What its values are quantities of. */
    Quantity unit();

    /** The least value that may be tried. */
    double least();

    /** The greatest value that may be tried. */
    double most();

    /** How far from the answer its interval may reach, as a share: of the answer, or of what lies between the ends. */
    double precision();

    /** Where a value is on the line. */
    double position(double value);

    /** The value at a position, not rounded. */
    double value(double position);

    /** How far apart two positions may be that are as near as the precision asks for. */
    double tolerance();

    /** The distance of the round values about this one: no others are tried or told. */
    double step(double value);

    /** Values over those of the experiment, each {@code PATH=VALUE}, by which it is tried. */
    List<String> overrides(double value);

    /** A value for people. */
    String format(double value);

    /** A quantity of it for people, as {@code 17,500 clients}. */
    String told(double value);

    /** The greatest round value that is not above this one. */
    default double floor(double value) {
        double step = step(value);
        return within(Math.floor(value / step + ROUNDING) * step);
    }

    /** The least round value that is not below this one. */
    default double ceil(double value) {
        double step = step(value);
        return within(Math.ceil(value / step - ROUNDING) * step);
    }

    /** The same, or the end that it is beyond. */
    default double within(double value) {
        return Math.max(least(), Math.min(most(), value));
    }

    /** What a quotient of two floating numbers may be off. */
    double ROUNDING = 1e-9;
}
