package dev.squall.fault;

/** A fault that strikes an open connection. */
public non-sealed interface ConnectionFault extends Fault {

    /** How the server behaves on the connection while it lasts. */
    Conduct conduct();
}
