package dev.squall.capacity;

/**
 * What a search has found. NaN stands for what is not known.
 *
 * @param ending why it is over
 * @param value the last round value that passes, going from those that pass to those that fail
 * @param low the lower end of its 95% credible interval; where no bracket was found, of what the trials leave
 * @param high the upper end
 * @param safe the last round value at which a run passes with a probability of 95%, all that is not known included
 * @param passesBelow whether lower values pass, and higher ones fail; of a setting it may be the reverse
 */
public record Answer(Ending ending, double value, double low, double high, double safe, boolean passesBelow) {

    /** Whether a bracket was found: values that pass and values that fail. */
    public boolean bracketed() {
        return !Double.isNaN(value) && !Double.isNaN(low) && !Double.isNaN(high);
    }
}
