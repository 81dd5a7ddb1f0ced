package dev.squall.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.plan.Plan;
import dev.squall.plan.WhileDown;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node as the harness has it: a process of its own. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class NodeMainTest {

    private static final String HEADER = "row,t_us,population,client,connection,event,code,attempt,value,detail";

    @TempDir
    Path out;

    private int port;
    private Process node;
    private BufferedReader lines;
    private Writer orders;

    @BeforeEach
    void choosePort() throws IOException {
        port = Plans.freePort();
    }

    @AfterEach
    void end() throws Exception {
        if (node != null) {
            node.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        }
    }

    private void launch(Plan plan, String... more) throws IOException {
        node = launch(out, plan, 64, more);
        lines = new BufferedReader(new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8));
        orders = node.outputWriter(StandardCharsets.UTF_8);
    }

    /** A node with so much heap, and as much memory outside of it. */
    static Process launch(Path out, Plan plan, int heapMib, String... more) throws IOException {
        Path file = out.resolve("plan.json");
        plan.write(file);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        command.addAll(List.of(
                "-Xmx" + heapMib + "m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                NodeMain.class.getName(),
                "--plan",
                file.toString(),
                "--share",
                "0/1",
                "--out",
                out.toString(),
                "--name",
                "node-0"));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectError(out.resolve("stderr").toFile())
                .start();
    }

    private void order(String order) throws IOException {
        orders.write(order + "\n");
        orders.flush();
    }

    private void begin() throws IOException {
        order("start " + System.currentTimeMillis() * 1000 + " " + System.nanoTime());
    }

    private List<String> rows() throws IOException {
        return Files.readAllLines(out.resolve("node-0.csv"));
    }

    @Test
    void goes_through_a_run_and_ends_in_order() throws Exception {
        launch(new Plans(port).restart(300, 0, 200, WhileDown.REFUSE, false).build());
        assertThat(lines.readLine()).isEqualTo("squall: ready 127.0.0.1:" + port);
        try (RawClient early = RawClient.dial(port)) {
            assertThat(early.handshake("people/0/1").status()).isEqualTo(503);
        }
        begin();
        RawClient first = openEventually("people/0/2");
        assertThat(first.answerClose().code()).isEqualTo(1012);
        RawClient second = openEventually("people/0/3");
        String status = lines.readLine();
        assertThat(status).matches("squall: status open=1 accepted=\\d+ rejected=\\d+ closed=1 dropped=0 stall=\\d+");
        order("finish");
        assertThat(second.answerClose().code()).isEqualTo(1001);
        assertThat(node.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(node.exitValue()).isZero();

        List<String> rows = rows();
        assertThat(rows.get(0)).isEqualTo(HEADER);
        assertThat(rows.get(1)).matches("0,-\\d+,,,,LISTENING,,,-1,");
        assertThat(rows).anyMatch(row -> row.matches("\\d+,\\d+,,,,RESTART_BEGUN,,,0,drain refuse"));
        assertThat(rows).anyMatch(row -> row.matches("\\d+,\\d+,people,0,2,CLOSE_SENT,1012,,0,restart"));
        assertThat(rows).anyMatch(row -> row.matches("\\d+,\\d+,,,,LISTENING,,,0,"));
        assertThat(rows).anyMatch(row -> row.matches("\\d+,\\d+,people,0,3,CLOSE_SENT,1001,,,end"));
        assertThat(rows).anyMatch(row -> row.matches("\\d+,\\d+,people,0,3,CLOSED,1001,,\\d+,server clean"));
        assertThat(rows).anyMatch(row -> row.contains(",CPU,"));
        for (int i = 1; i < rows.size(); i++) {
            assertThat(rows.get(i)).startsWith(i - 1 + ",");
        }
        assertThat(Files.readString(out.resolve("node-0.hlog"))).contains("Tag=stall");
        assertThat(Files.readString(out.resolve("stderr"))).isEmpty();
    }

    @Test
    void where_the_steady_state_comes_first_nothing_goes_wrong_until_it_is_told() throws Exception {
        launch(Plans.waiting(
                new Plans(port).restart(100, 0, 100, WhileDown.REFUSE, false).build()));
        lines.readLine();
        begin();
        long begun = System.nanoTime();
        for (int i = 1; System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(400); i++) {
            openEventually("people/0/" + i).close();
        }
        RawClient affected = openEventually("people/1/1");
        long told = micros(begun);
        order("inject");
        assertThat(affected.answerClose().code()).isEqualTo(1012);
        openEventually("people/1/2").close();
        order("finish");
        assertThat(node.waitFor(5, TimeUnit.SECONDS)).isTrue();

        assertThat(rows().stream().filter(row -> row.contains(",RESTART_BEGUN,")))
                .singleElement()
                .satisfies(row -> assertThat(Long.parseLong(row.split(",")[1])).isGreaterThanOrEqualTo(told));
    }

    private static long micros(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1000;
    }

    /** The node may not have read the order to start, or may be down. */
    private RawClient openEventually(String identity) throws Exception {
        IOException last = null;
        for (int i = 0; i < 500; i++) {
            try {
                return RawClient.open(port, identity);
            } catch (IOException refused) {
                last = refused;
                TimeUnit.MILLISECONDS.sleep(10);
            }
        }
        throw last;
    }

    @Test
    void a_port_in_use_is_named_with_what_to_do() throws Exception {
        try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            launch(new Plans(port).build());
            assertThat(lines.readLine())
                    .isEqualTo("squall: error 127.0.0.1:" + other.getLocalPort()
                            + ": port in use (expected: a free port; choose another)");
            assertThat(node.waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(node.exitValue()).isEqualTo(1);
        }
    }

    @Test
    void the_end_of_its_input_stops_it_at_once_with_its_rows() throws Exception {
        launch(new Plans(port).build());
        lines.readLine();
        begin();
        RawClient client = openEventually("people/0/1");
        long from = System.nanoTime();
        orders.close();
        assertThat(node.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - from)).isLessThan(3_000);
        assertThat(node.exitValue()).isEqualTo(3);
        client.readEnd();
        assertThat(rows()).anyMatch(row -> row.matches("\\d+,\\d+,people,0,1,CLOSED,1006,,\\d+,network stopped"));
    }

    @Test
    void the_end_of_its_input_before_the_start_stops_it_too() throws Exception {
        launch(new Plans(port).build());
        lines.readLine();
        orders.close();
        assertThat(node.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(node.exitValue()).isEqualTo(3);
    }

    @Test
    void a_killed_node_leaves_whole_rows_but_for_the_last() throws Exception {
        launch(new Plans(port).build());
        lines.readLine();
        begin();
        openEventually("people/0/1").close();
        lines.readLine(); // A second later: all this is written out.
        Thread load = new Thread(() -> {
            try {
                for (int i = 2; i < 100_000; i++) {
                    RawClient.open(port, "people/0/" + i).close();
                }
            } catch (IOException killed) {
                return;
            }
        });
        load.start();
        while (rows().size() < 200) {
            load.join(20);
        }
        node.destroyForcibly().waitFor();
        load.join();
        List<String> rows = rows();
        for (int i = 1; i < rows.size() - 1; i++) {
            assertThat(rows.get(i)).matches(i - 1 + ",-?\\d+,(people)?(,-?\\d*){2},[A-Z_]+(,-?\\d*){3},.*");
        }
    }

    @Test
    void a_node_in_place_of_a_killed_one_listens_when_its_restart_ends_and_not_before() throws Exception {
        launch(
                new Plans(port)
                        .restart(100, 0, 500, WhileDown.REFUSE, false, true)
                        .restart(4_000, 0, 100, WhileDown.REFUSE, false)
                        .build(),
                "--after-restart",
                "0");
        assertThat(lines.readLine()).isEqualTo("squall: ready 127.0.0.1:" + port);
        assertThatThrownBy(() -> RawClient.dial(port)).isInstanceOf(ConnectException.class);
        ServerSocket stale = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"));
        begin();
        TimeUnit.MILLISECONDS.sleep(700);
        stale.close(); // The address was still in use when it should have listened.
        RawClient client = openEventually("people/0/1");
        assertThat(client.answerClose().code()).isEqualTo(1012);
        openEventually("people/0/2").close();
        order("finish");
        assertThat(node.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(node.exitValue()).isZero();
        List<String> listening =
                rows().stream().filter(row -> row.contains(",LISTENING,")).toList();
        assertThat(listening).hasSize(2);
        assertThat(listening.get(0)).endsWith(",LISTENING,,,0,");
        assertThat(Long.parseLong(listening.get(0).split(",")[1])).isBetween(700_000L, 4_000_000L);
        assertThat(listening.get(1)).endsWith(",LISTENING,,,1,");
    }
}
