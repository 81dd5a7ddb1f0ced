/** What the machine tells of itself and of this process: read by the doctor before a run, and by every process in it. */
@NullMarked
package dev.squall.machine;

import org.jspecify.annotations.NullMarked;
