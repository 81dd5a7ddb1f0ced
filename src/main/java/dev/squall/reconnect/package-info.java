/** How a client waits between connections: pure functions from (retry, random bits) to a delay. Knows only the JDK. */
@NullMarked
package dev.squall.reconnect;

import org.jspecify.annotations.NullMarked;
