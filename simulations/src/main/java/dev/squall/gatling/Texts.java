package dev.squall.gatling;

import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.internal.Expressions;
import java.util.function.Function;

/** Texts in Gatling's expression language. */
final class Texts {

    private Texts() {}

    /** The text of a session; throws where it refers to an attribute that the session lacks. */
    static Function<io.gatling.core.session.Session, String> of(String expression) {
        Function<Session, String> text =
                Expressions.expressionToJavaFunction(Expressions.toStringExpression(expression));
        return session -> text.apply(new Session(session));
    }
}
