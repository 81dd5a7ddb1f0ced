package dev.squall.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
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

    /** When it serves, and how long it may take. */
    Ready ready();

    /** How long it may take to stop by itself, in microseconds; then it is killed. */
    long graceMicros();

    /** What this is, for people. */
    @JsonIgnore
    String described();

    /**
     * When a server serves: all that is said here holds. Nothing said: its port accepts connections.
     *
     * @param http a path that answers with a status below 400; null: not asked
     * @param log a regular expression that a line of its output matches; null: not looked for
     * @param timeoutMicros how long it may take
     */
    record Ready(@Nullable String http, @Nullable String log, long timeoutMicros) {}

    /** What a restart does to a container. */
    enum Way {
        /** SIGTERM (or what the image says), SIGKILL after the grace; then it is started again. */
        STOP,
        /** SIGKILL; then it is started again. */
        KILL,
        /** All its processes stand still, and go on; nothing is closed. */
        PAUSE,
        /** A command inside of it does it. */
        EXEC;

        /** As an experiment spells it. */
        @JsonIgnore
        public String spelled() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * A program, with all that it starts: its process group.
     *
     * @param command program and arguments
     * @param environment put over the harness's own
     * @param directory where it runs; null: where Squall does
     * @param stop the signal that asks it to end, as {@code SIGTERM}
     */
    record Program(
            List<String> command,
            Map<String, String> environment,
            @Nullable String directory,
            String stop,
            long graceMicros,
            Ready ready)
            implements Launch {
        public Program {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
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
     * @param port inside
     * @param hostPort on this machine, on loopback
     * @param command over the image's own; empty: the image's
     * @param restart what a restart does
     * @param exec the command of {@link Way#EXEC}; else empty
     */
    record Container(
            String image,
            int port,
            int hostPort,
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
        public String described() {
            return "the service " + service + " of " + file;
        }
    }
}
