/** A run for other people's tools: notebooks, spreadsheets, HdrHistogram's own. */
@NullMarked
package dev.squall.export;

import org.jspecify.annotations.NullMarked;
