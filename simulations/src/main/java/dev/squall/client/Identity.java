package dev.squall.client;

/**
 * What every handshake says of who it is, so that a server's people can tell a run from their users.
 *
 * @param agent the value of User-Agent
 * @param run the value of Squall-Run: the run's directory, as {@code quickstart/20260102T030405Z}
 */
public record Identity(String agent, String run) {

    /** What this version of Squall calls itself in User-Agent. */
    public static String ownAgent() {
        String version = Identity.class.getPackage().getImplementationVersion();
        return "squall/" + (version == null ? "dev" : version);
    }
}
