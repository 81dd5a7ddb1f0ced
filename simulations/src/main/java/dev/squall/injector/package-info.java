/**
 * The injector role: a process that runs one share of the plan's clients inside a Gatling run, between the harness's
 * {@code start} and the end of the closing phase.
 */
@NullMarked
package dev.squall.injector;

import org.jspecify.annotations.NullMarked;
