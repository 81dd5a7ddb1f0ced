package dev.squall.gatling;

import io.gatling.app.Gatling$;
import io.gatling.javaapi.core.Simulation;
import io.gatling.netty.util.Transports;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;

/** A Gatling run inside this process, silent and without files. */
public final class GatlingRun {

    /** Name, on the class path, of the configuration that turns off console, simulation.log and analytics. */
    private static final String CONFIGURATION = "squall-gatling.conf";

    private GatlingRun() {}

    /**
     * Keeps Gatling and Netty quiet. Sets system properties, so call it before either is loaded.
     *
     * @param eventLoops how many event loops the virtual users share
     */
    public static void prepare(int eventLoops) {
        System.setProperty("gatling.conf.file", CONFIGURATION);
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

    /** Event loops like those of a run, for use outside of one. */
    public static EventLoopGroup eventLoops(int threads) {
        return Transports.newEventLoopGroup(true, false, threads, "squall");
    }

    /** Sockets that fit the event loops that Gatling makes: epoll where there is epoll. */
    public static ChannelFactory<? extends SocketChannel> sockets() {
        return Transports.newSocketChannelFactory(true, false);
    }
}
