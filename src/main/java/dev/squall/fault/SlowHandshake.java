package dev.squall.fault;

/**
 * Answers the handshake late.
 *
 * @param delayMicros how late
 * @param jitterMicros how much later at most, drawn uniformly
 */
public record SlowHandshake(long delayMicros, long jitterMicros) implements HandshakeFault {

    static final Kind KIND = new Kind(
            "slow-handshake",
            SlowHandshake.class,
            "delay",
            "answers the handshake late",
            "{slow-handshake: 2s, jitter: 500ms}",
            SlowHandshake::read);

    private static Fault read(Settings settings) {
        return new SlowHandshake(settings.requiredDuration("delay"), settings.duration("jitter"));
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Answer answer(double chance) {
        return Answer.delayed(delayMicros + (long) (chance * jitterMicros));
    }

    @Override
    public String toString() {
        return "slow-handshake by " + Conduct.slowness(delayMicros, jitterMicros);
    }
}
