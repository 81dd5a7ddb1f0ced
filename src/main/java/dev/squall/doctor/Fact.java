package dev.squall.doctor;

/** What a machine may tell of itself. */
enum Fact {
    /** The version of Java that children run on. */
    JAVA,
    /** Whether that Java can be started: 1, or 0. */
    JAVA_STARTS,
    /** The width of its addresses, in bits. */
    JAVA_BITS,
    /** Files that a process may have open. */
    DESCRIPTORS,
    /** What an unprivileged process could raise that to. */
    HARD_DESCRIPTORS,
    /** What the superuser could raise that to. */
    NR_OPEN,
    /** Files that all processes together may still open. */
    OPEN_FILES,
    /** The first port that the kernel gives to a client, and the last. */
    FIRST_PORT,
    LAST_PORT,
    /** Whether a port may be used again before its minute of TIME_WAIT is over: 0 no, 1 yes, 2 on loopback. */
    TW_REUSE,
    /** Bytes that can be used without swapping. */
    MEMORY,
    /** Bytes that the control group leaves. */
    CGROUP_MEMORY,
    /** Bytes of heap that a node or an injector may have. */
    HEAP,
    /** Connections that may wait to be accepted, whatever a server asks for. */
    SOMAXCONN,
    /** Connections that may wait to be made, without SYN cookies. */
    SYN_BACKLOG,
    /** Processors that Java sees. */
    PROCESSORS,
    /** Processors' worth of time that the control group grants. */
    CGROUP_PROCESSORS,
    /** Processes and threads that the control group still allows. */
    CGROUP_TASKS,
    /** Processes and threads that one user may have. */
    USER_TASKS,
    /** Processes and threads that the machine may still start. */
    SYSTEM_TASKS,
    /** Bytes free where run directories go. */
    DISK,
    /** Connections that the firewall may still track. */
    CONNTRACK
}
