package dev.squall.undo;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** One thing to take back. In JSON {@code kind} says which. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Step.Processes.class, name = "processes"),
    @JsonSubTypes.Type(value = Step.Containers.class, name = "containers"),
    @JsonSubTypes.Type(value = Step.Project.class, name = "project"),
    @JsonSubTypes.Type(value = Step.Command.class, name = "command")
})
public sealed interface Step {

    /** What is left while it is not taken back, for people. */
    @JsonIgnore
    String left();

    /**
     * A process group to kill, with all that came of it.
     *
     * @param group its id; 0: not yet known
     * @param startTicks when its first process was started, as /proc tells; 0: not yet known
     * @param mark the value of a variable that all its processes inherited
     * @param what for people
     */
    record Processes(long group, long startTicks, String mark, String what) implements Step {
        @Override
        public String left() {
            return what + (group == 0 ? "" : ", process group " + group);
        }
    }

    /**
     * Containers to remove.
     *
     * @param mark the value of their label {@link UndoLog#LABEL}
     * @param what for people
     */
    record Containers(String mark, String what) implements Step {
        @Override
        public String left() {
            return what + ", with the label " + UndoLog.LABEL + "=" + mark;
        }
    }

    /**
     * A compose project to take down: its containers and networks.
     *
     * @param name its name
     * @param file its compose file
     */
    record Project(String name, String file) implements Step {
        @Override
        public String left() {
            return "the compose project " + name + " of " + file;
        }
    }

    /**
     * A server to put right, whose restart was begun and did not end well.
     *
     * @param restart the command that restarted it, as the experiment spells it
     * @param undo what puts it right, likewise; empty: nobody knows
     * @param timeoutMicros how long that may take
     */
    record Command(List<String> restart, List<String> undo, long timeoutMicros) implements Step {
        public Command {
            restart = List.copyOf(restart);
            undo = List.copyOf(undo);
        }

        @Override
        public String left() {
            return "the server that " + String.join(" ", restart) + " was to restart, as the command left it";
        }
    }
}
