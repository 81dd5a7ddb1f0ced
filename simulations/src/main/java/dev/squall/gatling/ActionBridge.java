package dev.squall.gatling;

import com.typesafe.scalalogging.Logger;
import com.typesafe.scalalogging.StrictLogging;
import io.gatling.core.action.Action;
import io.gatling.core.session.Session;

/**
 * First of three steps from Scala's stacked traits to a Java class. The Scala compiler gives each class that mixes in
 * {@code ChainableAction} a hidden method by which the trait calls its super-trait; javac neither sees nor makes it.
 */
abstract class ActionBridge implements Action {

    private Logger logger;

    @SuppressWarnings("NullAway.Init") // StrictLogging's $init$ calls the logger's setter.
    ActionBridge() {
        StrictLogging.$init$(this);
        Action.$init$(this);
    }

    @Override
    public Logger logger() {
        return logger;
    }

    @Override
    public void com$typesafe$scalalogging$StrictLogging$_setter_$logger_$eq(Logger x$1) {
        logger = x$1;
    }

    /** {@code super.!} of ChainableAction. */
    public void io$gatling$core$action$ChainableAction$$super$$bang(Session session) {
        Action.super.$bang(session);
    }
}
