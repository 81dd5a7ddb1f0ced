/** The command line: what a person types and reads. The only package that prints, and with the children's mains exits. */
@NullMarked
package dev.squall.cli;

import org.jspecify.annotations.NullMarked;
