package dev.squall.node;

import dev.squall.fault.Conduct;
import dev.squall.fault.ConnectionFault;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The faults that a connection met, and how it behaves because of them. Made for those only that meet one. */
final class Strikes {

    /** One fault: {@code conduct} null if it was drawn and spared. */
    private static final class Strike {
        private final Posting fault;
        private final @Nullable Conduct conduct;
        private @Nullable ScheduledFuture<?> departure;
        private long messagesLeft;

        private Strike(Posting fault, @Nullable Conduct conduct) {
            this.fault = fault;
            this.conduct = conduct;
        }

        private void cancel() {
            if (departure != null) {
                departure.cancel(false);
            }
            messagesLeft = 0;
        }
    }

    private final Connection connection;
    private final Worker worker;
    private final List<Strike> strikes = new ArrayList<>(1);
    private Conduct conduct = Conduct.NORMAL;

    Strikes(Connection connection, Worker worker) {
        this.connection = connection;
        this.worker = worker;
    }

    /** How the connection behaves. */
    Conduct conduct() {
        return conduct;
    }

    /** Whether this fault was drawn for it already. */
    boolean has(Posting fault) {
        return strikes.stream().anyMatch(strike -> strike.fault == fault);
    }

    /** The indices of the faults that strike it. */
    List<Integer> indices() {
        return strikes.stream()
                .filter(strike -> strike.conduct != null)
                .map(strike -> strike.fault.window().index())
                .toList();
    }

    /** A fault was drawn for it: it strikes, or spares it. */
    void add(Posting fault, boolean strikesIt) {
        Conduct made = strikesIt && fault.window().fault() instanceof ConnectionFault one ? one.conduct() : null;
        Strike strike = new Strike(fault, made);
        strikes.add(strike);
        Conduct.Departure departure = made == null ? null : made.departure();
        behave();
        if (departure != null) {
            strike.messagesLeft = departure.afterMessages();
            if (departure.afterMicros() > 0) {
                strike.departure = worker.after(1000 * departure.afterMicros(), () -> connection.depart(departure));
            } else if (departure.afterMessages() == 0) {
                connection.depart(departure);
            }
        }
    }

    /** A fault is over. */
    void lift(Posting fault) {
        strikes.removeIf(strike -> {
            boolean over = strike.fault == fault;
            if (over) {
                strike.cancel();
            }
            return over;
        });
        behave();
    }

    /** A message of the client came. */
    void message() {
        for (Strike strike : strikes) {
            if (strike.messagesLeft > 0 && --strike.messagesLeft == 0) {
                Conduct made = strike.conduct;
                if (made != null && made.departure() != null) {
                    connection.depart(made.departure());
                    return;
                }
            }
        }
    }

    /** TCP ended. */
    void end() {
        strikes.forEach(Strike::cancel);
    }

    private void behave() {
        Conduct all = Conduct.NORMAL;
        for (Strike strike : strikes) {
            all = strike.conduct == null ? all : all.and(strike.conduct);
        }
        if (!all.equals(conduct)) {
            conduct = all;
            connection.behave(all);
        }
    }
}
