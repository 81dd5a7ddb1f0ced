package dev.squall.gatling;

import io.gatling.core.action.ChainableAction;
import io.gatling.core.session.Session;

/** Second step: an exception in the action is logged by Gatling and the virtual user moves on. */
abstract class ChainableBridge extends ActionBridge implements ChainableAction {

    /** {@code super.!} of ExitableAction. */
    public void io$gatling$core$action$ExitableAction$$super$$bang(Session session) {
        ChainableAction.super.$bang(session);
    }
}
