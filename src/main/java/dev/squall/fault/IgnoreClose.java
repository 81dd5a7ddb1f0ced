package dev.squall.fault;

/** Never answers the client's Close, and leaves TCP open: the client's closing timeout must end it. */
public record IgnoreClose() implements ConnectionFault {

    static final Kind KIND = new Kind(
            "ignore-close",
            IgnoreClose.class,
            "",
            "never answers the client's Close",
            "{ignore-close: true, probability: 50%}",
            settings -> new IgnoreClose());

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Conduct conduct() {
        return new Conduct(true, true, false, 0, 0, 0, null);
    }

    @Override
    public String toString() {
        return "ignore-close";
    }
}
