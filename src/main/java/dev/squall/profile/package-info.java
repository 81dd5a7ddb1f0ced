/** The reconnect policies that have a name: those of documents and those of real libraries, from a file of data. */
@NullMarked
package dev.squall.profile;

import org.jspecify.annotations.NullMarked;
