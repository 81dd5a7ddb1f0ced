package dev.squall.journal;

/** The kinds of a journal's rows. Who writes it, and what {@code value} and {@code detail} hold, stands beside each. */
public enum JournalEvent {
    /** Client. It begins; value: microseconds behind its planned arrival. */
    ARRIVED,
    /**
     * Client. It dials; attempt: failed tries since the last loss; value: microseconds behind the intended time; detail:
     * {@code limited} where the limit of attempts a second held it back, {@code node-N} where a balance chose the node.
     */
    CONNECTING,
    /** Both. A 101 to a client with an offer (a node: to one that is not ours always); value: on a node 1 within a withhold window; detail: outcome by extension. */
    NEGOTIATED,
    /** Client. Handshake complete with all that it requires; value: microseconds since the intended dialling. */
    OPENED,
    /** Client. The dialogue after the handshake is done (without one, at once). */
    READY,
    /** Client. The try ended before it was open; code: HTTP status if any; value: as OPENED; detail: the cause. */
    FAILED,
    /** Both. A Close frame was decoded; code (1005 for none); detail: reason. */
    CLOSE_RECEIVED,
    /** Both. A Close frame was written; time: when it was handed over; value: on a node the restart's index; detail: reason. */
    CLOSE_SENT,
    /** Both. TCP ended; code: of the first Close, else 1006; value: microseconds since the last byte; detail: who and how. */
    CLOSED,
    /** Client. It waits for its next try; attempt as CONNECTING; value: the chosen delay in microseconds. */
    WAITING,
    /** Client. It will not come back; attempt: failed tries. */
    GAVE_UP,
    /** Client. It ended on purpose; detail: 1010, end. */
    FINISHED,

    /** Node. An upgrade request came; detail: by what a client that is not ours named itself. */
    ACCEPTED,
    /** Node. A handshake was answered with another status; code: that status; detail: why. */
    REJECTED,
    /** Node. A restart begins; value: its index; detail: what kind. */
    RESTART_BEGUN,
    /** Node. The port listens; value: the index of the restart that this ends, -1 at the start. */
    LISTENING,

    /** Node. A fault begins to strike; value: its index; detail: what it is. */
    FAULT_BEGUN,
    /** Node. It strikes no more; value: its index. */
    FAULT_ENDED,
    /** Node. A fault struck a connection; value: its index; detail: its name. */
    STRUCK,
    /** Node. A ping was written. */
    PING_SENT,
    /** Node. Its pong came; value: microseconds since it was handed over. */
    PONG_RECEIVED,

    /** All. An event loop, or the process, stood still; value: microseconds. */
    STALL,
    /** All. The process stood still for a garbage collection that ended now; value: microseconds. */
    GC,
    /** All. Processor time of this process in the last second; value: microseconds. */
    CPU,
    /** All. Its control group's quota kept it from the processors in the last second; value: microseconds. */
    THROTTLED,
    /** Harness. The share of all processors in use in the last second, by whomever; value: thousandths. */
    PROCESSORS,
    /** All. The journal had no room; value: events lost since the last such row. */
    DROPPED,
    /** All. The journal's last row: its process closed it in order. Readers consume it. */
    JOURNAL_ENDED,

    /** Harness. A child was started; client: its index; detail: role, name and process id. */
    CHILD_STARTED,
    /** Harness. A child is ready; detail: role and name, as of the rows that follow. */
    CHILD_READY,
    /** Harness. A child ended; code: its exit code; detail: planned or lost. */
    CHILD_EXITED,
    /** Harness. A child was killed because the plan says so; value: the restart's index. */
    CHILD_KILLED,
    /** Harness. A command that restarts the foreign server was started; value: the restart's index. */
    COMMAND_STARTED,
    /** Harness. It ended; code: its exit code; value: the restart's index; detail: why it failed, if it did. */
    COMMAND_ENDED,
    /** Harness. The server that it started ended though nobody asked it to; detail: how. */
    TARGET_EXITED,
    /** Harness. What is polled beside the run answered; population: its name; value: which poll, from 0; detail: the answer. */
    OBSERVED,
    /** Harness. It did not; detail: why. */
    UNOBSERVED,
    /**
     * Harness. The steady state was judged; client: which expectation on it, from 0; code: 1 if it held, else 0; detail: the
     * value, and why.
     */
    STEADY,
    /** Harness. A condition of abort-when holds, and ends the run; client: its place; detail: the value by which it does. */
    ABORTED,
    /** Harness. The run was interrupted: everything after this is the orderly stop. */
    INTERRUPTED,
    /** Harness. Every child has ended; without this row the harness itself died. */
    RUN_ENDED
}
