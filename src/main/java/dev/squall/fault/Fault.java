package dev.squall.fault;

import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** Something that goes wrong on purpose: its settings. In JSON {@code fault} is the name of its {@link Kind}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "fault")
public sealed interface Fault permits HandshakeFault, ConnectionFault {

    /** Its kind. */
    Kind kind();
}
