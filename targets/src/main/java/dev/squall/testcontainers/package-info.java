/** Squall's mock server as a container, for other people's tests. */
@NullMarked
package dev.squall.testcontainers;

import org.jspecify.annotations.NullMarked;
