package dev.squall.experiment;

/**
 * What is wrong with an experiment, or worth a warning, and where.
 *
 * @param path of the value in the experiment, as faults.0.at; empty where it is no single value's
 */
public record Problem(Location location, String path, String message) {

    Problem(Location location, String message) {
        this(location, "", message);
    }

    @Override
    public String toString() {
        return location + ": " + (path.isEmpty() ? "" : path + ": ") + message;
    }
}
