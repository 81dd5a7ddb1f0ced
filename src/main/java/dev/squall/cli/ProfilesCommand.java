package dev.squall.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.profile.Outage;
import dev.squall.profile.Profile;
import dev.squall.profile.Profiles;
import dev.squall.protocol.CloseCode;
import dev.squall.quantity.Quantity;
import dev.squall.reconnect.Reaction;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.report.Paragraph;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "profiles",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description =
                "Lists the reconnect policies that clients can follow, those of real libraries among them; with NAME, tells"
                        + " all of one; with --on, who comes back after a close code, how soon and how often.",
        footer = {"", "Example: squall profiles phoenix-js", "         squall profiles --on 1012"})
final class ProfilesCommand implements Callable<Integer> {

    /** The codes whose reactions are told: those that a client meets when a server goes away, and its own 1010. */
    private static final List<CloseCode> CODES = List.of(
            CloseCode.NORMAL_CLOSURE,
            CloseCode.GOING_AWAY,
            CloseCode.ABNORMAL_CLOSURE,
            CloseCode.MANDATORY_EXTENSION,
            CloseCode.INTERNAL_ERROR,
            CloseCode.SERVICE_RESTART,
            CloseCode.TRY_AGAIN_LATER);

    private static final int TRIES = 10;
    private static final int CHART_COLUMNS = 48;
    private static final long MINUTE_MICROS = 60_000_000;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "A profile, as an experiment's reconnect names it.")
    private @Nullable String name;

    @Option(
            names = "--on",
            paramLabel = "CODE",
            description = "A close code, 1000 to 4999: who comes back after it, while the server refuses.")
    private @Nullable Integer on;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        String asked = name;
        Integer code = on;
        List<Profile> profiles = asked == null
                ? List.copyOf(Profiles.all().values())
                : List.of(Profiles.named(asked).orElseThrow(() -> bad("NAME: " + asked, Profiles.names())));
        if (code != null && (code < 1000 || code > 4999)) {
            throw bad("--on: " + code, "a close code, 1000 to 4999");
        }
        if (json) {
            ArrayNode array = JsonMapper.builder().build().createArrayNode();
            profiles.forEach(profile -> json(array.addObject(), profile, code));
            out.println(array.toPrettyString());
        } else if (code != null) {
            comeBack(out, profiles, code);
        } else if (asked == null) {
            profiles.forEach(p -> out.printf("%-22s  %-48s  %s%n", p.name(), p.about(), p.origin()));
            out.println("\nAn experiment names one, or mixes them: reconnect: {mix: {phoenix-js: 60%, signalr: 40%}}");
            out.println("next: squall profiles phoenix-js      squall profiles --on 1012");
        } else {
            print(out, profiles.get(0));
        }
        out.flush();
        return ExitCode.PASS;
    }

    private CommandLine.ParameterException bad(String what, String expected) {
        return new CommandLine.ParameterException(spec.commandLine(), what + " (expected: " + expected + ")");
    }

    // ---- one profile

    private static void print(PrintWriter out, Profile profile) {
        ReconnectPolicy policy = profile.policy();
        out.println(profile.name() + "   " + profile.about());
        out.println();
        out.println(Paragraph.of("  of        ", profile.origin()));
        out.println(Paragraph.of("  runs in   ", profile.runtime().title()));
        out.println(Paragraph.of("  models    ", profile.models()));
        out.println(Paragraph.of("  omits     ", profile.omits()));
        out.println(Paragraph.of("  gives up  ", givesUp(policy)));
        out.println(Paragraph.of("  forgets   ", forgets(policy)));
        out.println();
        chart(out, policy);
        out.println("after a close with");
        for (CloseCode code : CODES) {
            boolean own = code == CloseCode.MANDATORY_EXTENSION;
            out.printf(
                    "  %d %-22s %s%s%n",
                    code.code(),
                    code.title(),
                    words(Outage.survived(policy, code.code()).reaction()),
                    !own ? "" : profile.cannotSend1010() ? "; but a browser cannot send it" : "; its own code");
        }
        out.println();
        out.println("settings and their sources");
        profile.spelled()
                .forEach((setting, value) -> out.println(Paragraph.of(
                        String.format("  %-13s ", setting),
                        value + " (" + profile.sources().get(setting) + ")")));
        out.println(Paragraph.of(
                "  codes         ", String.valueOf(profile.sources().get("codes"))));
        out.println();
        out.println("next: squall run --set load.NAME.reconnect=" + profile.name());
    }

    private static String givesUp(ReconnectPolicy policy) {
        String failed = switch (policy.failedTries()) {
            case RETRIED -> "";
            case RETRIED_ONCE_PROVED -> "; at once if its first connection fails";
            case FATAL -> "; at once if a try is refused or fails otherwise before it is open";
        };
        return (policy.attempts() == ReconnectPolicy.UNLIMITED
                        ? "never"
                        : policy.attempts() == 0 ? "at once" : "after " + policy.attempts() + " failed tries")
                + failed;
    }

    private static String forgets(ReconnectPolicy policy) {
        return "failed tries "
                + (policy.provedWhenReady() ? "once a connection is ready" : "once a connection is open")
                + (policy.stableMicros() == 0
                        ? ""
                        : " and has lasted " + Quantity.DURATION.format(policy.stableMicros())
                                + "; a shorter one counts as a failed try");
    }

    /** The delays before the first tries, as figures and as bars on one scale. */
    private static void chart(PrintWriter out, ReconnectPolicy policy) {
        Outage outage = Outage.survived(policy, CloseCode.SERVICE_RESTART.code());
        List<Outage.Delays> delays = outage.delays(TRIES);
        if (delays.isEmpty()) {
            out.println("It makes no try after a loss.\n");
            return;
        }
        long scale =
                Math.max(1, delays.stream().mapToLong(Outage.Delays::most).max().orElse(1));
        String end = time(scale);
        out.println("delay before each try after a 1012, while "
                + (outage.closes() ? "every try is closed before it is ready" : "every try fails"));
        out.printf("  try   least     median    most      0 s%" + (CHART_COLUMNS - "0 s".length()) + "s%n", end);
        for (int i = 0; i < delays.size(); i++) {
            Outage.Delays each = delays.get(i);
            out.printf(
                    "  %-5d %-9s %-9s %-9s %s%n",
                    i + 1, time(each.least()), time(each.median()), time(each.most()), bar(each, scale));
        }
        out.println();
    }

    /** From the least to the most, with the median in it. */
    private static String bar(Outage.Delays delays, long scale) {
        int least = column(delays.least(), scale);
        int most = column(delays.most(), scale);
        StringBuilder bar = new StringBuilder(" ".repeat(least) + "-".repeat(most - least + 1));
        bar.setCharAt(column(delays.median(), scale), 'o');
        return bar.toString();
    }

    private static int column(long micros, long scale) {
        return (int) Math.round((CHART_COLUMNS - 1) * (double) micros / scale);
    }

    /** In whole milliseconds, the grain of most clients' clocks. */
    private static String time(long micros) {
        return Quantity.DURATION.format(Math.round(micros / 1e3) * 1e3);
    }

    private static String words(Reaction reaction) {
        return switch (reaction) {
            case RETRY -> "comes back";
            case AT_ONCE -> "comes back at once";
            case STOP -> "stays away";
        };
    }

    // ---- all of them after one code

    private static void comeBack(PrintWriter out, List<Profile> profiles, int code) {
        out.println("Who comes back after " + code + " " + CloseCode.title(code) + ", while the server refuses");
        out.println();
        String form = "%-23s %-19s %-9s %-9s %-9s %-13s %s%n";
        out.println(String.format(Locale.ROOT, form, "", "", "first try", "", "", "tries in the", "")
                .stripTrailing());
        out.printf(form, "profile", "after " + code, "least", "median", "most", "first minute", "gives up");
        for (Profile profile : profiles) {
            Outage outage = new Outage(profile.policy(), code, false);
            List<Outage.Delays> first = outage.delays(1);
            OptionalLong last = outage.lastTry();
            out.printf(
                    Locale.ROOT,
                    form,
                    profile.name(),
                    words(outage.reaction()),
                    first.isEmpty() ? "" : time(first.get(0).least()),
                    first.isEmpty() ? "" : time(first.get(0).median()),
                    first.isEmpty() ? "" : time(first.get(0).most()),
                    first.isEmpty() ? "" : String.format(Locale.ROOT, "%,d", outage.triesWithin(MINUTE_MICROS)),
                    last.isEmpty()
                            ? "never"
                            : last.getAsLong() == 0
                                    ? "at once"
                                    : last.getAsLong() == 1
                                            ? "after the first try that fails"
                                            : "after " + last.getAsLong() + " tries");
        }
        out.println();
        out.println("Libraries have their defaults; squall profiles NAME tells what is modelled and what is not.");
    }

    // ---- JSON

    private static void json(ObjectNode node, Profile profile, @Nullable Integer code) {
        ReconnectPolicy policy = profile.policy();
        node.put("name", profile.name());
        if (code != null) {
            Outage outage = new Outage(policy, code, false);
            node.put("code", code).put("reaction", spelled(outage.reaction()));
            delays(node, outage, 1, "firstDelaySeconds");
            node.put("triesInFirstMinute", outage.triesWithin(MINUTE_MICROS));
            OptionalLong last = outage.lastTry();
            node.put("givesUpAfterTries", last.isPresent() ? last.getAsLong() : null);
            return;
        }
        node.put("about", profile.about())
                .put("origin", profile.origin())
                .put("runtime", profile.runtime().title())
                .put("models", profile.models())
                .put("omits", profile.omits())
                .put("attempts", policy.attempts() == ReconnectPolicy.UNLIMITED ? null : policy.attempts());
        ObjectNode settings = node.putObject("settings");
        profile.spelled().forEach(settings::put);
        ObjectNode sources = node.putObject("sources");
        profile.sources().forEach(sources::put);
        ObjectNode reactions = node.putObject("reactions");
        CODES.forEach(each -> reactions.put(
                Integer.toString(each.code()),
                spelled(Outage.survived(policy, each.code()).reaction())));
        delays(node, Outage.survived(policy, CloseCode.SERVICE_RESTART.code()), TRIES, "delaySeconds");
    }

    private static String spelled(Reaction reaction) {
        return reaction.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void delays(ObjectNode node, Outage outage, int tries, String key) {
        ArrayNode array = node.putArray(key);
        outage.delays(tries)
                .forEach(each -> array.addObject()
                        .put("least", each.least() / 1e6)
                        .put("median", each.median() / 1e6)
                        .put("most", each.most() / 1e6));
    }
}
