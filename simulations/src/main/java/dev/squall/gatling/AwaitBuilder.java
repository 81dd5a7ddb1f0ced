package dev.squall.gatling;

import io.gatling.javaapi.core.ActionBuilder;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What {@link SquallDsl#await} waits for; any message, for ten seconds, unless told otherwise. */
public final class AwaitBuilder implements ActionBuilder {

    static final Duration DEFAULT_WITHIN = Duration.ofSeconds(10);

    private final String request;
    private final Predicate<String> wanted;
    private final Duration within;

    AwaitBuilder(String request, Predicate<String> wanted, Duration within) {
        this.request = request;
        this.wanted = wanted;
        this.within = within;
    }

    /** The message must contain this. */
    public AwaitBuilder containing(String part) {
        return new AwaitBuilder(request, text -> text.contains(part), within);
    }

    /** This regular expression must be found in the message. */
    public AwaitBuilder matching(String regex) {
        return new AwaitBuilder(request, Pattern.compile(regex).asPredicate(), within);
    }

    /** It must come within this time, from when the action begins; else the request is KO and the virtual user failed. */
    public AwaitBuilder within(Duration limit) {
        return new AwaitBuilder(request, wanted, limit);
    }

    @Override
    public io.gatling.core.action.builder.ActionBuilder asScala() {
        long micros = within.dividedBy(ChronoUnit.MICROS.getDuration());
        return new ClientAction.Builder("await", session -> user -> user.await(request, wanted, micros)).asScala();
    }
}
