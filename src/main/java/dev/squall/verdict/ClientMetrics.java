package dev.squall.verdict;

import dev.squall.behaviour.Advice;
import dev.squall.behaviour.Behaviours;
import dev.squall.behaviour.ClientBehaviour;
import dev.squall.behaviour.Judgement.Answer;
import dev.squall.quantity.Quantity;
import dev.squall.stats.Quantile;
import dev.squall.stats.Served;
import dev.squall.stats.Share;
import dev.squall.verdict.Metric.Kind;
import dev.squall.verdict.Metric.Need;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What can be expected of clients under test: of all that identified themselves, or of one by its key. */
final class ClientMetrics {

    private static final String UNSEEN =
            "what nobody could see, while nothing listened or after the watching, could turn it";

    private ClientMetrics() {}

    static List<Metric> all() {
        List<Metric> all = new ArrayList<>();
        for (Quantile quantile : Quantile.values()) {
            all.add(new Metric(
                    "client.reconnect.delay." + quantile.word(),
                    "client.reconnect.delay.pNN|max|mean",
                    Quantity.DURATION,
                    Kind.TIME,
                    Need.CLIENT_UNDER_TEST,
                    "from when a client could know of its loss (our Close, else the end of TCP) until it dialled again",
                    of((served, clients) -> delays(served, clients, quantile))));
        }
        all.add(share(
                "client.reconnect.rate",
                "losses after which the client dialled again, of all its losses",
                (served, clients) -> returned(served, clients)));
        for (Advice advice : Advice.values()) {
            all.add(share(
                    "client.delay." + advice.word() + ".rate",
                    "delays within " + advice.range() + ", of all; a client that never dialled again is not",
                    (served, clients) -> following(served, clients, advice)));
        }
        all.add(new Metric(
                "client.gave-up.count",
                "client.gave-up.count",
                Quantity.NUMBER,
                Kind.COUNT,
                Need.CLIENT_UNDER_TEST,
                "clients that stopped trying: silent since a loss or a failed attempt for more than 60 s and 3 times their"
                        + " longest wait",
                of(ClientMetrics::gaveUp)));
        all.add(share(
                "client.close-echo.rate",
                "Closes that we sent first and the client answered with the same code, of those whose answer we could see",
                (served, clients) -> exact(
                        served,
                        clients,
                        clients.stream().mapToLong(c -> c.closeAnswers().same()).sum(),
                        clients.stream().mapToLong(c -> c.closeAnswers().told()).sum())));
        all.add(count(
                "client.1010.count",
                "connections that a client ended with 1010",
                client -> client.mandatory().left()));
        all.add(count(
                "client.retried-after-1010.count",
                "how often a client dialled again after its own 1010",
                client -> client.mandatory().returned()));
        all.add(new Metric(
                "client.pong.rate",
                "client.pong.rate",
                Quantity.SHARE,
                Kind.COUNT,
                Need.PINGED_CLIENT,
                "pings that were answered, of those that had the time to be",
                of((served, clients) -> exact(
                        served,
                        clients,
                        clients.stream().mapToLong(c -> c.pings().answered()).sum(),
                        clients.stream().mapToLong(c -> c.pings().sent()).sum()))));
        for (Quantile quantile : Quantile.values()) {
            all.add(new Metric(
                    "client.pong.rtt." + quantile.word(),
                    "client.pong.rtt.pNN|max|mean",
                    Quantity.DURATION,
                    Kind.TIME,
                    Need.PINGED_CLIENT,
                    "from a ping to its pong, the latest 100 of each client",
                    of((served, clients) -> {
                        double value = quantile.of(Served.pongs(clients));
                        return reading(served, value, value, null, Double.isNaN(value) ? "no pong came" : "", "");
                    })));
        }
        return all;
    }

    /** Reads one value of some clients. */
    private interface Value {
        Reading of(Served served, List<ClientBehaviour> clients);
    }

    private static Metric.OfClients of(Value value) {
        return (served, clients) -> List.of(
                clients.isEmpty()
                        ? reading(served, Double.NaN, Double.NaN, null, "no such client came", "")
                        : value.of(served, clients));
    }

    private static Metric share(String name, String text, Value value) {
        return new Metric(name, name, Quantity.SHARE, Kind.COUNT, Need.CLIENT_UNDER_TEST, text, of(value));
    }

    private static Metric count(String name, String text, ToLongFunction<ClientBehaviour> count) {
        return new Metric(
                name, name, Quantity.NUMBER, Kind.COUNT, Need.CLIENT_UNDER_TEST, text, of((served, clients) -> {
                    double sum = clients.stream().mapToLong(count).sum();
                    return reading(served, sum, sum, null, "", beyond(served));
                }));
    }

    private static Reading delays(Served served, List<ClientBehaviour> clients, Quantile quantile) {
        double most = quantile.of(Served.delays(clients, false));
        double least = quantile.of(Served.delays(clients, true));
        long unkept = clients.stream().mapToLong(c -> c.reconnecting().unkept()).sum();
        String doubt = unkept > 0 ? unkept + " delays were not kept" : untold(served, clients);
        return reading(served, most, least, null, Double.isNaN(most) ? "no connection was lost" : "", doubt);
    }

    private static Reading returned(Served served, List<ClientBehaviour> clients) {
        long returned =
                clients.stream().mapToLong(c -> c.reconnecting().returned()).sum();
        long losses = clients.stream().mapToLong(c -> c.reconnecting().losses()).sum();
        long may = clients.stream()
                .map(ClientBehaviour::reconnecting)
                .filter(r -> r.isLost() && r.gaveUp().answer() != Answer.YES)
                .count();
        return counted(served, clients, returned, may, losses);
    }

    private static Reading following(Served served, List<ClientBehaviour> clients, Advice advice) {
        List<ClientBehaviour.Following> all =
                clients.stream().map(c -> c.reconnecting().following(advice)).toList();
        return counted(
                served,
                clients,
                all.stream().mapToLong(ClientBehaviour.Following::within).sum(),
                all.stream().mapToLong(ClientBehaviour.Following::unknown).sum(),
                all.stream().mapToLong(ClientBehaviour.Following::all).sum());
    }

    private static Reading gaveUp(Served served, List<ClientBehaviour> clients) {
        long sure = clients.stream()
                .filter(c -> c.reconnecting().gaveUp().answer() == Answer.YES)
                .count();
        long may = clients.stream()
                .map(ClientBehaviour::reconnecting)
                .filter(r -> r.awayMicros() >= 0 && r.gaveUp().answer() == Answer.UNKNOWN)
                .count();
        return reading(served, sure, sure + may, null, "", untold(served, clients));
    }

    private static Reading exact(Served served, List<ClientBehaviour> clients, long part, long whole) {
        Share share = new Share(part, whole);
        return reading(served, share.rate(), share.rate(), share, said(part, whole), beyond(served));
    }

    /** A share of which some cases may or may not count. */
    private static Reading counted(Served served, List<ClientBehaviour> clients, long sure, long may, long whole) {
        Share share = new Share(sure, whole);
        return reading(
                served,
                share.rate(),
                new Share(sure + may, whole).rate(),
                share,
                said(sure, whole) + (may > 0 ? ", " + may + " more perhaps" : ""),
                untold(served, clients));
    }

    private static String said(long part, long whole) {
        return whole == 0 ? "there was none" : part + " of " + whole;
    }

    /** Why nobody knows how some of these clients came back; empty if it is known of all. */
    private static String untold(Served served, List<ClientBehaviour> clients) {
        long untold = clients.stream()
                .filter(c -> c.lost() > 0 && !c.reconnecting().untold().isEmpty())
                .count();
        return untold > 0 ? untold + " clients had several connections at once" : beyond(served);
    }

    private static String beyond(Served served) {
        long beyond = served.clientele().beyond();
        return beyond == 0
                ? ""
                : beyond + " connections were of clients beyond the first " + Behaviours.MOST_CLIENTS + ", or beyond "
                        + Behaviours.MOST_LINKS + " at once";
    }

    /** {@code doubt}: why nobody can know it at all; where there is none it lies between {@code value} and {@code other}. */
    private static Reading reading(
            Served served, double value, double other, @Nullable Share share, String note, String doubt) {
        boolean ranges = doubt.isEmpty() && value != other && !Double.isNaN(value);
        return new Reading(
                value, ranges ? other : Double.NaN, share, "", note, 0, served.endMicros(), ranges ? UNSEEN : doubt);
    }
}
