/** Squall as container images, made of this machine's Java and libraries: nothing is pulled. */
@NullMarked
package dev.squall.image;

import org.jspecify.annotations.NullMarked;
