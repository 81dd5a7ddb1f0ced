/**
 * Which reconnect policy, and which drain window or batch size, is the cheapest that meets an experiment's expectations: many
 * predictions side by side. {@code cli -> advice -> predict, verdict}.
 */
@NullMarked
package dev.squall.advice;

import org.jspecify.annotations.NullMarked;
