/**
 * Squall as a Gatling protocol: the only package that knows Gatling. It hands each virtual user to the {@link
 * dev.squall.gatling.Entrance} of the protocol and takes it back when its client has ended; what a client does in between
 * is no business of Gatling's.
 *
 * <p>{@code ActionBridge}, {@code ChainableBridge} and {@code ExitableBridge} depend on bytecode that Gatling makes no
 * promise about: the Gatling version is pinned, and nothing outside this package sees them.
 */
@NullMarked
package dev.squall.gatling;

import org.jspecify.annotations.NullMarked;
