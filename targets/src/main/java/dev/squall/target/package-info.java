/**
 * The server under test where the harness starts it itself: a process, a container, a service of a compose file. A child of
 * the harness (role {@code target}) owns it, restarts it when it is told, and takes it away with itself.
 */
@NullMarked
package dev.squall.target;

import org.jspecify.annotations.NullMarked;
