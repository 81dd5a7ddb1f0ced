package dev.squall.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the harness itself starts the server under test, restarts it, and ends it. References such as ${env:TOKEN} stand as
 * the experiment spells them. In JSON {@code kind} says which.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Launch.Program.class, name = "process"),
    @JsonSubTypes.Type(value = Launch.Container.class, name = "container"),
    @JsonSubTypes.Type(value = Launch.Compose.class, name = "compose")
})
public sealed interface Launch {

    /** What it says, in a file of the run directory. */
    String LOG = "server.log";

    /** What a restart does to it. */
    Way restart();

    /** The port that clients dial, on loopback; 0: the first that is free, not yet known. */
    int port();

    /** The same at this port. */
    Launch at(int chosen);

    /** When it serves, and how long it may take. */
    Ready ready();

    /** How long it may take to stop by itself, in microseconds; then it is killed. */
    long graceMicros();

    /** What this is, for people. */
    @JsonIgnore
    String described();

    /**
     * When a server serves: all that is said here holds. Nothing said: it answers HTTP at its port, with whatever status.
     *
     * @param http a path that answers with a status below 400; null: not asked
     * @param log a regular expression that a line of its output matches; null: not looked for
     * @param timeoutMicros how long it may take
     */
    record Ready(@Nullable String http, @Nullable String log, long timeoutMicros) {}

    /** What a restart does to it. */
    enum Way {
        /** It is asked to end (a container by what its image says), and killed after the grace; then it is started again. */
        STOP,
        /** SIGKILL; then it is started again. */
        KILL,
        /** All its processes stand still, and go on; nothing is closed. */
        PAUSE,
        /** A command inside of it does it. */
        EXEC,
        /** A signal to the process itself, as SIGHUP, by which it renews itself. */
        SIGNAL;

        /** As an experiment spells it; a signal is spelled by its own name. */
        public String spelled() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A program, with all that it starts: its process group.
     *
     * @param command program and arguments
     * @param environment put over the harness's own
     * @param directory where it runs; null: where Squall does
     * @param port where it listens, on loopback
     * @param stop the signal that asks it to end, as {@code SIGTERM}
     * @param signal that of {@link Way#SIGNAL}; else empty
     */
    record Program(
            List<String> command,
            Map<String, String> environment,
            @Nullable String directory,
            int port,
            String stop,
            Way restart,
            String signal,
            long graceMicros,
            Ready ready)
            implements Launch {
        public Program {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }

        @Override
        public Program at(int chosen) {
            return new Program(command, environment, directory, chosen, stop, restart, signal, graceMicros, ready);
        }

        @Override
        public String described() {
            return "the process " + String.join(" ", command);
        }
    }

    /**
     * A container.
     *
     * @param image which
     * @param inside the port that it listens at, inside
     * @param port on this machine, on loopback
     * @param hostNetwork whether it has no network of its own, so that both ports are one
     * @param command over the image's own; empty: the image's
     * @param restart what a restart does
     * @param exec the command of {@link Way#EXEC}; else empty
     */
    record Container(
            String image,
            int inside,
            int port,
            boolean hostNetwork,
            Map<String, String> environment,
            List<String> command,
            Way restart,
            List<String> exec,
            long graceMicros,
            Ready ready)
            implements Launch {
        public Container {
            environment = Map.copyOf(environment);
            command = List.copyOf(command);
            exec = List.copyOf(exec);
        }

        @Override
        public Container at(int chosen) {
            return new Container(
                    image, inside, chosen, hostNetwork, environment, command, restart, exec, graceMicros, ready);
        }

        @Override
        public String described() {
            return "a container of " + image;
        }
    }

    /**
     * Services of a compose file, of which one is dialled and restarted.
     *
     * @param file the compose file, absolute
     * @param service which is dialled and restarted
     * @param port that the file publishes on this machine
     */
    record Compose(
            String file,
            String service,
            int port,
            Map<String, String> environment,
            Way restart,
            List<String> exec,
            long graceMicros,
            Ready ready)
            implements Launch {
        public Compose {
            environment = Map.copyOf(environment);
            exec = List.copyOf(exec);
        }

        @Override
        public Compose at(int chosen) {
            return new Compose(file, service, chosen, environment, restart, exec, graceMicros, ready);
        }

        @Override
        public String described() {
            return "the service " + service + " of " + file;
        }
    }
}
