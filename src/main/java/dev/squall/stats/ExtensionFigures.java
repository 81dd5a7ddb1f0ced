package dev.squall.stats;

import dev.squall.protocol.Negotiation;

/**
 * What became of one extension in the handshakes of one scope. A handshake is a 101 to a client that offered it; the
 * rates divide by those of clients that require it, within the withhold windows where the plan has one.
 */
public final class ExtensionFigures {

    private final String extension;
    private final double plannedRate;
    private long handshakes;
    private long inWindow;
    private long negotiated;
    private long missing;
    private long mismatched;
    private long closed1010;
    private long judged;
    private long judgedMissing;
    private long judgedMismatched;
    private long judgedClosed1010;
    private long unoffered;
    long withheldByNode;

    ExtensionFigures(String extension, double plannedRate) {
        this.extension = extension;
        this.plannedRate = plannedRate;
    }

    /** One more handshake; {@code counts} if the rates divide by it. */
    void handshake(Negotiation.Outcome outcome, boolean covered, boolean counts) {
        handshakes++;
        inWindow += covered ? 1 : 0;
        judged += counts ? 1 : 0;
        switch (outcome) {
            case NEGOTIATED -> negotiated++;
            case MISSING -> {
                missing++;
                judgedMissing += counts ? 1 : 0;
            }
            case MISMATCHED -> {
                mismatched++;
                judgedMismatched += counts ? 1 : 0;
            }
            case UNOFFERED -> unoffered++;
        }
    }

    /** A client left with 1010 for want of it. */
    void left(boolean counts) {
        closed1010++;
        judgedClosed1010 += counts ? 1 : 0;
    }

    public String extension() {
        return extension;
    }

    /** The probability with which the plan withholds it; NaN where the plan has none, or several, or one that
     * does not draw for each handshake. */
    public double plannedRate() {
        return plannedRate;
    }

    public long handshakes() {
        return handshakes;
    }

    /** Handshakes that a withhold window covered. */
    public long inWindow() {
        return inWindow;
    }

    public long negotiated() {
        return negotiated;
    }

    public long missing() {
        return missing;
    }

    public long mismatched() {
        return mismatched;
    }

    /** Handshakes that failed because the response had something which nobody offered, or was malformed. */
    public long unoffered() {
        return unoffered;
    }

    /** Clients that left with 1010 for want of it. */
    public long closed1010() {
        return closed1010;
    }

    /** Handshakes of clients that require it, from which the nodes say that they withheld it. */
    public long withheldByNode() {
        return withheldByNode;
    }

    /** 1010 of the handshakes that the rates divide by. */
    public Share failureRate() {
        return new Share(judgedClosed1010, judged);
    }

    /** Missing of the handshakes that the rates divide by. */
    public Share missingRate() {
        return new Share(judgedMissing, judged);
    }

    /** Mismatched of the handshakes that the rates divide by. */
    public Share mismatchedRate() {
        return new Share(judgedMismatched, judged);
    }
}
