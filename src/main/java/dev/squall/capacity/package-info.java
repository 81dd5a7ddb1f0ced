/** The search for the largest load, or the setting, at which every expectation holds. */
@NullMarked
package dev.squall.capacity;

import org.jspecify.annotations.NullMarked;
