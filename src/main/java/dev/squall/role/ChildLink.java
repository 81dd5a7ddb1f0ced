package dev.squall.role;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A child's line to the harness. Lines out begin with {@value #PREFIX}: {@code ready DETAIL}, {@code status KEY=VALUE
 * ...}, {@code error TEXT}; of one that owns a server under test also {@code restarted} and {@code gone}. Lines in: {@code start
 * EPOCH_MICROS NANO_TIME}, {@code inject}, {@code finish}, and {@code restart} to such a one. The end of input is a harness that
 * is gone or in a hurry: stop at once.
 */
public final class ChildLink {

    /** How a line for the harness begins; any other line is the child's log. */
    public static final String PREFIX = "squall: ";

    /**
     * A restart of the server that a child owns.
     *
     * @param index of the restart in the plan
     * @param kill whether it is killed, however it is restarted else
     * @param downtimeMicros from its end until it is started again, or for how long it stands still
     */
    public record Order(int index, boolean kill, long downtimeMicros) {

        /** As it is told. */
        public String line() {
            return "restart " + index + " " + kill + " " + downtimeMicros;
        }

        private static Order of(String... words) {
            return new Order(Integer.parseInt(words[1]), Boolean.parseBoolean(words[2]), Long.parseLong(words[3]));
        }
    }

    /**
     * An order was carried out.
     *
     * @param nanos when, as {@link System#nanoTime} tells on this machine
     * @param code the exit code of what ended; -1: none
     * @param failure why the server does not serve again; empty if it does
     */
    public record Restarted(long nanos, int code, String failure) {

        private String line() {
            return "restarted " + nanos + " " + code + " " + failure.replace('\n', ' ');
        }

        /** Of what stands behind the word. */
        public static Restarted of(String text) {
            String[] words = text.split(" ", 3);
            return new Restarted(
                    Long.parseLong(words[0]), Integer.parseInt(words[1]), words.length > 2 ? words[2].strip() : "");
        }
    }

    private final PrintStream out;
    private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();
    private final CompletableFuture<RunClock> start = new CompletableFuture<>();
    private final CompletableFuture<Void> inject = new CompletableFuture<>();
    private final CompletableFuture<Void> finish = new CompletableFuture<>();
    private final CompletableFuture<Void> stop = new CompletableFuture<>();

    /** Begins to listen on a daemon thread. */
    public ChildLink(InputStream in, PrintStream out) {
        this.out = out;
        Thread reader = new Thread(() -> read(in), "squall-link");
        reader.setDaemon(true);
        reader.start();
    }

    private void read(InputStream in) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ");
                if (words[0].equals("start") && words.length == 3) {
                    start.complete(new RunClock(Long.parseLong(words[2])));
                } else if (words[0].equals("restart") && words.length == 4) {
                    orders.add(Order.of(words));
                } else if (words[0].equals("inject")) {
                    inject.complete(null);
                } else if (words[0].equals("finish")) {
                    finish.complete(null);
                } else {
                    error("not understood: " + line);
                }
            }
        } catch (IOException | NumberFormatException e) {
            error(String.valueOf(e.getMessage())); // Then stop, as at the end of input.
        } finally {
            stop.complete(null);
        }
    }

    /** Says that this child can begin; the detail names what it needs to tell, as its address. */
    public void ready(String detail) {
        line("ready " + detail);
    }

    /** Says how things stand, as {@code open=12 waiting=3}. */
    public void status(String pairs) {
        line("status " + pairs);
    }

    /** Says why this child cannot go on; it should exit with a code other than 0 after it. */
    public void error(String text) {
        line("error " + text.replace('\n', ' '));
    }

    /** Says that an order was carried out. */
    public void restarted(Restarted how) {
        line(how.line());
    }

    /** Says that the server ended by itself, and how. */
    public void gone(long nanos, String how) {
        line("gone " + nanos + " " + how.replace('\n', ' '));
    }

    private void line(String text) {
        synchronized (out) {
            out.print(PREFIX + text + "\n");
            out.flush();
        }
    }

    /** The run's clock, as soon as the harness has said when it starts. */
    public CompletableFuture<RunClock> started() {
        return start;
    }

    /** The restarts that were ordered, to be taken in turn. */
    public BlockingQueue<Order> orders() {
        return orders;
    }

    /** Completes when the steady state holds, where a plan asks for it: faults may begin, each at its time. */
    public CompletableFuture<Void> injecting() {
        return inject;
    }

    /** Completes when the harness wants an orderly end before the plan's. */
    public CompletableFuture<Void> finishing() {
        return finish;
    }

    /** Completes when the child must stop at once. */
    public CompletableFuture<Void> stopped() {
        return stop;
    }
}
