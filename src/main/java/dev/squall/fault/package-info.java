/**
 * Faults: what can go wrong on purpose, each a small record of its settings and one method that says what it does to whom it
 * strikes. They know no socket: {@code experiment} reads them, {@code plan} says when and whom they strike, and the node
 * carries out their {@link dev.squall.fault.Answer} and {@link dev.squall.fault.Conduct}.
 *
 * <p>To add one: a record here with a {@code KIND}, a line in {@link dev.squall.fault.Faults}, a test, a page in docs/faults.
 */
@NullMarked
package dev.squall.fault;

import org.jspecify.annotations.NullMarked;
