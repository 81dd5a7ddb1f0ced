package dev.squall.gatling;

import io.gatling.app.Gatling$;
import io.gatling.javaapi.core.Simulation;
import io.gatling.netty.util.Transports;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A Gatling run inside this process, silent, and without files but for a simulation.log that is asked for. */
public final class GatlingRun {

    /** Name, on the class path, of the configuration that turns off console, simulation.log and analytics. */
    private static final String CONFIGURATION = "squall-gatling.conf";

    /** The same with simulation.log. */
    private static final String RECORDING = "squall-gatling-record.conf";

    private static final String LOG = "simulation.log";

    private GatlingRun() {}

    /**
     * Keeps Gatling and Netty quiet. Sets system properties, so call it before either is loaded.
     *
     * @param eventLoops how many event loops the virtual users share
     * @param recorded whether there will be a simulation.log
     */
    public static void prepare(int eventLoops, boolean recorded) {
        System.setProperty("gatling.conf.file", recorded ? RECORDING : CONFIGURATION);
        System.setProperty("java.util.prefs.PreferencesFactory", OfflinePreferences.class.getName());
        System.setProperty("io.netty.eventLoopThreads", Integer.toString(eventLoops));
        System.setProperty("io.netty.leakDetection.level", "disabled");
    }

    /**
     * Runs a simulation to its end. Gatling stops the logging system at the end: nothing can be logged afterwards.
     *
     * @return Gatling's status: 0 is success
     */
    public static int run(Class<? extends Simulation> simulation) {
        return Gatling$.MODULE$.fromArgs(new String[] {"--simulation", simulation.getName()});
    }

    /**
     * The same with a simulation.log, which {@link #prepare} was told of.
     *
     * @param folder where it goes
     * @param description of the run, for reports made of it
     * @throws IOException if it cannot be put there
     */
    public static int run(Class<? extends Simulation> simulation, Path folder, String description) throws IOException {
        int status = Gatling$.MODULE$.fromArgs(new String[] {
            "--simulation",
            simulation.getName(),
            "--results-folder",
            folder.toString(),
            "--run-description",
            description,
            "--no-reports"
        });
        // Gatling makes a folder for it, named by the simulation and the time.
        try (DirectoryStream<Path> made = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (Path inner : made) {
                Files.move(inner.resolve(LOG), folder.resolve(LOG));
                Files.delete(inner);
            }
        }
        return status;
    }

    /** Event loops like those of a run, for use outside of one. */
    public static EventLoopGroup eventLoops(int threads) {
        return Transports.newEventLoopGroup(true, false, threads, "squall");
    }

    /** Sockets that fit the event loops that Gatling makes: epoll where there is epoll. */
    public static ChannelFactory<? extends SocketChannel> sockets() {
        return Transports.newSocketChannelFactory(true, false);
    }
}
