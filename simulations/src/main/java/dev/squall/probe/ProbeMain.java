package dev.squall.probe;

import dev.squall.client.Identity;
import dev.squall.role.ChildLink;
import dev.squall.role.ProbeRequest;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;

/**
 * The probe process.
 *
 * <p>Exit codes: 0 a strict client would stay, 1 it would leave or no WebSocket answers, 3 standard input ended, 70 a
 * defect.
 */
public final class ProbeMain {

    private static final int STOPPED = 3;
    private static final int DEFECT = 70;

    private ProbeMain() {}

    public static void main(String... args) {
        // Netty's words go to the JDK's logger, which keeps the small ones to itself.
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        var unused = new ChildLink(System.in, System.err)
                .stopped()
                .thenRun(() -> Runtime.getRuntime().halt(STOPPED));
        int code = DEFECT;
        try {
            ProbeRequest request = ProbeRequest.parse(args);
            Telling telling = new Telling(System.out, request.json());
            Conclusion conclusion = new Probe(request, telling, Identity.ownAgent(), Tls.trusted(null)).run();
            telling.conclude(request.url(), conclusion);
            code = conclusion.stays() ? 0 : 1;
        } catch (RuntimeException | Error e) {
            e.printStackTrace();
        }
        System.exit(code);
    }
}
