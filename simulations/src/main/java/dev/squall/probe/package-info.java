/**
 * The probe role: a process that makes one WebSocket handshake and tells it step by step. It is linear and blocking, so that
 * each step is told as it happens; the codecs and the judgement of the response are those of the virtual clients.
 */
@NullMarked
package dev.squall.probe;

import org.jspecify.annotations.NullMarked;
