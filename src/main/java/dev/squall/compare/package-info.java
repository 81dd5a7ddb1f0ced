/** Runs held against runs, by their results.json. */
@NullMarked
package dev.squall.compare;

import org.jspecify.annotations.NullMarked;
