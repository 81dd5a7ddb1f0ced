package dev.squall.gatling;

import io.gatling.core.action.ExitableAction;

/** Third step: Gatling's exitHere and the like hold for the action. A class of its own, so that $bang is this trait's. */
abstract class ExitableBridge extends ChainableBridge implements ExitableAction {}
