/**
 * The child's side of the contract between the harness and its processes: plan and share in, {@code ready} out, {@code
 * start} in, status lines out, a journal file; the end of standard input means stop at once.
 */
@NullMarked
package dev.squall.role;

import org.jspecify.annotations.NullMarked;
