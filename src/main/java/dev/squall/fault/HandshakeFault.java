package dev.squall.fault;

/** A fault that strikes a handshake. */
public non-sealed interface HandshakeFault extends Fault {

    /**
     * What it makes of the answer.
     *
     * @param chance a number in [0, 1) for what is random in it, drawn for this handshake
     */
    Answer answer(double chance);
}
