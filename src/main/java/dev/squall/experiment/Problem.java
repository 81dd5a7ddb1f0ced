package dev.squall.experiment;

/** What is wrong with an experiment, or worth a warning, and where. */
public record Problem(Location location, String message) {
    @Override
    public String toString() {
        return location + ": " + message;
    }
}
