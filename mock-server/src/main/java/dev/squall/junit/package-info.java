/**
 * The mock server for tests of a WebSocket client with JUnit: {@link dev.squall.junit.MockServerExtension}. It stands beside
 * {@code node.admin}: both see and steer a {@link dev.squall.node.MockServer} from outside.
 */
@NullMarked
package dev.squall.junit;

import org.jspecify.annotations.NullMarked;
