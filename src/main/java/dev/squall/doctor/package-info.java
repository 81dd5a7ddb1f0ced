/** What this machine can carry: its limits as the kernel tells them, held against what a plan asks for. */
@NullMarked
package dev.squall.doctor;

import org.jspecify.annotations.NullMarked;
