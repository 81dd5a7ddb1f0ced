package dev.squall.report;

import dev.squall.behaviour.Advice;
import dev.squall.behaviour.ClientBehaviour;
import dev.squall.behaviour.Clientele;
import dev.squall.behaviour.Judgement;
import dev.squall.quantity.Quantity;
import dev.squall.stats.Quantile;
import dev.squall.stats.Served;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Clients under test for a terminal: a line a client, under it what the columns mean. A column that is empty is left out. */
public final class ClientTable {

    /** Lines of clients; of more only the number is told. */
    static final int MOST_LINES = 100;

    private static final int MOST_KEY = 28;
    private static final String NONE = "-";
    private static final String UNKNOWN = "?";

    private record Column(String head, String legend, Function<ClientBehaviour, String> cell) {}

    private static final List<Column> COLUMNS = columns();

    private final Clientele clientele;

    ClientTable(Clientele clientele) {
        this.clientele = clientele;
    }

    private static List<Column> columns() {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("client", "", client -> key(client.key())));
        columns.add(new Column("open", "connections that were opened, of those it asked for", ClientTable::opened));
        columns.add(new Column(
                "lost",
                "connections lost, by close code: this side closed or ended them, or a fault had struck them",
                client -> counts(client.losses())));
        columns.add(new Column(
                "left", "connections that it ended by itself, by close code", client -> counts(client.leaves())));
        columns.add(new Column("back", "losses after which it dialled again, of all", ClientTable::back));
        columns.add(new Column(
                "p50",
                "the median delay, from when it could know of a loss until it dialled; <= where an attempt before that may"
                        + " have been hidden by a downtime, > where it had not dialled when the watching ended",
                client -> delay(client, Quantile.P50)));
        columns.add(new Column("max", "the longest delay", client -> delay(client, Quantile.MAX)));
        columns.add(following("0..5s", Advice.RFC6455, "delays that RFC 6455 section 7.2.3 asks for, of all"));
        columns.add(following("1..5s", Advice.GUIDE, "those that the guide asks for"));
        columns.add(following("5..30s", Advice.IANA_1012, "those that the registration of 1012 at IANA asks for"));
        columns.add(new Column(
                "grew", "whether its waits grew from failure to failure, and by what factor", ClientTable::grew));
        columns.add(new Column(
                "jitter",
                "whether its waits differ where they could be equal",
                client -> answer(client, client.reconnecting().spread())));
        columns.add(new Column(
                "gave up",
                "whether it tries no more",
                client -> answer(client, client.reconnecting().gaveUp())));
        columns.add(new Column(
                "echo",
                "our Closes that it answered with the same code, of those whose answer could be seen",
                client -> share(
                        client.closeAnswers().same(), client.closeAnswers().told())));
        columns.add(new Column("tcp", "who ended TCP first: it, or this side (us)", ClientTable::tcp));
        columns.add(new Column(
                "1010",
                "connections that it ended with 1010, and how often it came back",
                client -> client.mandatory().left() == 0
                        ? NONE
                        : client.mandatory().left() + ", " + client.mandatory().returned() + " back"));
        columns.add(new Column(
                "pongs",
                "pings that it answered, of those that had the time to be, and the median round trip",
                ClientTable::pongs));
        columns.add(new Column("struck by", "faults that struck its connections", client -> counts(client.struck())));
        return List.copyOf(columns);
    }

    private static Column following(String head, Advice advice, String legend) {
        return new Column(head, legend, client -> {
            ClientBehaviour.Following following = client.reconnecting().following(advice);
            long most = following.within() + following.unknown();
            return following.all() == 0
                    ? NONE
                    : following.unknown() == 0
                            ? following.within() + "/" + following.all()
                            : following.within() + "-" + most + "/" + following.all();
        });
    }

    @Override
    public String toString() {
        List<ClientBehaviour> clients =
                clientele.clients().stream().limit(MOST_LINES).toList();
        StringBuilder text = new StringBuilder();
        if (clients.isEmpty()) {
            text.append("no client identified itself (tell clients apart: squall serve --identify)\n");
        } else {
            table(text, clients);
        }
        ClientBehaviour unidentified = clientele.unidentified();
        if (unidentified.connections().asked() > 0) {
            text.append(unidentified(unidentified)).append('\n');
        }
        if (clientele.beyond() > 0) {
            text.append(clientele.beyond()).append(" connections of clients that were too many to be told apart\n");
        }
        return text.toString();
    }

    /** One client: the heads of what is known of it, and its line. */
    public static String row(ClientBehaviour client) {
        StringBuilder text = new StringBuilder();
        lines(text, shown(List.of(client)), List.of(client));
        return text.toString();
    }

    private static List<Column> shown(List<ClientBehaviour> clients) {
        return COLUMNS.stream()
                .filter(column -> clients.stream()
                        .anyMatch(client -> !column.cell().apply(client).equals(NONE)))
                .toList();
    }

    private static void lines(StringBuilder text, List<Column> shown, List<ClientBehaviour> clients) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(shown.stream().map(Column::head).toList());
        clients.forEach(client -> lines.add(
                shown.stream().map(column -> column.cell().apply(client)).toList()));
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                int place = i;
                int width = lines.stream()
                        .mapToInt(l -> l.get(place).length())
                        .max()
                        .orElse(0);
                row.append(line.get(i)).append(" ".repeat(width - line.get(i).length() + 2));
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
    }

    private void table(StringBuilder text, List<ClientBehaviour> clients) {
        List<Column> shown = shown(clients);
        lines(text, shown, clients);
        int more = clientele.clients().size() - clients.size();
        if (more > 0) {
            text.append(String.format(Locale.ROOT, "and %,d more clients (all of them: --json)%n", more));
        }
        text.append('\n');
        int width =
                shown.stream().mapToInt(column -> column.head().length()).max().orElse(0);
        for (Column column : shown) {
            if (!column.legend().isEmpty()) {
                String head =
                        "  " + column.head() + " ".repeat(width - column.head().length() + 2);
                text.append(Paragraph.of(head, column.legend())).append('\n');
            }
        }
        text.append(Paragraph.of("  " + UNKNOWN + " ".repeat(width + 1), "it was not seen; --json has the reason"))
                .append('\n');
    }

    private static String unidentified(ClientBehaviour client) {
        long asked = client.connections().asked();
        String line = client.key() + " " + String.format(Locale.ROOT, "%,d connections", asked);
        for (String head : List.of("lost", "left", "echo", "pongs", "struck by")) {
            String cell = COLUMNS.stream()
                    .filter(column -> column.head().equals(head))
                    .findFirst()
                    .orElseThrow()
                    .cell()
                    .apply(client);
            line += cell.equals(NONE) ? "" : "   " + head + " " + cell;
        }
        return line + "   (who came back is not known: tell clients apart with --identify)";
    }

    private static String key(String key) {
        String plain = key.isEmpty() ? "(empty)" : key.replaceAll("\\p{C}", "?");
        return plain.length() <= MOST_KEY ? plain : plain.substring(0, MOST_KEY - 3) + "...";
    }

    private static String opened(ClientBehaviour client) {
        long asked = client.connections().asked();
        long opened = client.connections().opened();
        return opened == asked ? String.valueOf(opened) : opened + "/" + asked;
    }

    private static String back(ClientBehaviour client) {
        ClientBehaviour.Reconnecting reconnecting = client.reconnecting();
        return !reconnecting.untold().isEmpty() && client.lost() > 0
                ? UNKNOWN
                : share(reconnecting.returned(), reconnecting.losses());
    }

    private static String delay(ClientBehaviour client, Quantile quantile) {
        double most = quantile.of(Served.delays(List.of(client), false));
        double least = quantile.of(Served.delays(List.of(client), true));
        if (Double.isNaN(most)) {
            return NONE;
        }
        return most == least
                ? Quantity.DURATION.format(most)
                : Double.isInfinite(most)
                        ? "> " + Quantity.DURATION.format(least)
                        : "<= " + Quantity.DURATION.format(most);
    }

    private static String grew(ClientBehaviour client) {
        Judgement grew = client.reconnecting().grew();
        return grew.answer() == Judgement.Answer.YES
                ? String.format(Locale.ROOT, "x%.1f", client.reconnecting().growth())
                : answer(client, grew);
    }

    private static String answer(ClientBehaviour client, Judgement judgement) {
        if (judgement.answer() == Judgement.Answer.UNKNOWN) {
            // Of a client that never had to come back there is nothing to ask.
            boolean hadTo = client.lost()
                            + client.connections().rejected()
                            + client.connections().unanswered()
                    > 0;
            return hadTo ? UNKNOWN : NONE;
        }
        return judgement.answer().word();
    }

    private static String tcp(ClientBehaviour client) {
        long it = client.connections().tcpEndedByClient();
        long us = client.connections().tcpEndedByServer();
        return it + us == 0 ? NONE : it == 0 ? "us:" + us : us == 0 ? "it:" + it : "us:" + us + " it:" + it;
    }

    private static String pongs(ClientBehaviour client) {
        String share = share(client.pings().answered(), client.pings().sent());
        return client.pings().rtt().median().isEmpty()
                ? share
                : share + " "
                        + Quantity.DURATION.format(client.pings().rtt().median().getAsLong());
    }

    private static String share(long part, long whole) {
        return whole == 0 ? NONE : part + "/" + whole;
    }

    private static String counts(Map<?, Long> counts) {
        return counts.isEmpty()
                ? NONE
                : counts.entrySet().stream()
                        .map(e -> (e.getKey().equals(ClientBehaviour.OTHER_CODES) ? "other" : e.getKey()) + ":"
                                + e.getValue())
                        .collect(Collectors.joining(" "));
    }
}
