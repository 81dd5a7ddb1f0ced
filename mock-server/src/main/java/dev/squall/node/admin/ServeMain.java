package dev.squall.node.admin;

import dev.squall.node.MockServer;
import dev.squall.node.NodeMain;
import dev.squall.plan.Plan;
import java.io.IOException;

/** A node process of {@code squall serve}: a node for clients that are not ours, with its live control. */
public final class ServeMain {

    /** The environment variable with the bearer token of the live control. */
    private static final String TOKEN = "SQUALL_ADMIN_TOKEN";

    private ServeMain() {}

    /** Runs it; the arguments are those of {@link dev.squall.role.ChildOptions}. */
    public static void main(String... args) {
        System.exit(NodeMain.run(ServeMain::control, args));
    }

    private static void control(MockServer server, Plan.Serving serving) throws IOException {
        if (serving.adminPort() != 0) {
            var unused = AdminServer.start(
                    serving.adminHost(), serving.adminPort(), System.getenv(TOKEN), server.control(), server::fail);
        }
    }
}
