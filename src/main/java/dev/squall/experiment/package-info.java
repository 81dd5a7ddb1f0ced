/** The experiment file: read strictly, every error with its place, and turned into a plan. */
@NullMarked
package dev.squall.experiment;

import org.jspecify.annotations.NullMarked;
