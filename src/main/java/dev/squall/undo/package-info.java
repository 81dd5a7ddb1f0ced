/**
 * What a run did to the world and has to take back: written down before it is done, crossed out once it is taken back. What
 * stands there when nobody runs any more is left behind, and {@code squall rollback} takes it back.
 */
@NullMarked
package dev.squall.undo;

import org.jspecify.annotations.NullMarked;
