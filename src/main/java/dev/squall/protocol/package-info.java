/**
 * RFC 6455 as far as Squall is about it: close codes, extensions, and the life of one client as a state machine without
 * sockets, clocks or random sources. Knows only the JDK and the reconnect policies.
 */
@NullMarked
package dev.squall.protocol;

import org.jspecify.annotations.NullMarked;
