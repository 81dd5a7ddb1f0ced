package dev.squall.protocol;

import dev.squall.reconnect.ReconnectPolicy;

/**
 * What the connection machine needs to know of a population.
 *
 * @param policy when its clients try again
 * @param on1010 what they do after leaving with 1010
 * @param dialogue whether an open client must finish a dialogue before it is ready
 */
public record ClientRules(ReconnectPolicy policy, On1010 on1010, boolean dialogue) {

    /** Whether a client that left with 1010 stays away for good. */
    public boolean stopsAfter1010() {
        return on1010 == On1010.STOP || on1010 == On1010.AS_POLICY && policy.stopsAfter1010();
    }
}
