package dev.squall.fault;

import java.util.Set;

/** A fault that strikes a handshake. */
public non-sealed interface HandshakeFault extends Fault {

    /**
     * What it makes of the answer.
     *
     * @param chance a number in [0, 1) for what is random in it, drawn for this handshake
     */
    Answer answer(double chance);

    /** Whether it can make anything of a request that offers the extensions of these names. */
    default boolean concerns(Set<String> offered) {
        return true;
    }
}
