/** How durations, sizes, rates and shares are spelled, in experiments and in what people read. Knows only the JDK. */
@NullMarked
package dev.squall.quantity;

import org.jspecify.annotations.NullMarked;
