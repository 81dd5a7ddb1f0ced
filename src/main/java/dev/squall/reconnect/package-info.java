/** How a client waits between connections: pure functions from (retry, close code, previous delay, random bits). Knows only the JDK. */
@NullMarked
package dev.squall.reconnect;

import org.jspecify.annotations.NullMarked;
