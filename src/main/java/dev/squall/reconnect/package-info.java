/**
 * Whether a client comes back and how long it waits: pure functions of the retry's number, the close code, the delay before
 * and random bits. Knows only the JDK.
 */
@NullMarked
package dev.squall.reconnect;

import org.jspecify.annotations.NullMarked;
