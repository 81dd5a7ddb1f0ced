/** What was expected, what is measured by which name, and whether the one holds for the other. */
@NullMarked
package dev.squall.verdict;

import org.jspecify.annotations.NullMarked;
