package dev.squall.gatling;

import java.util.prefs.AbstractPreferences;
import java.util.prefs.Preferences;
import java.util.prefs.PreferencesFactory;
import org.jspecify.annotations.Nullable;

/**
 * Preferences that forget everything. At each start Gatling asks Maven Central whether there is a newer Gatling, and
 * notes in the user's preferences when it did so; no setting turns that off. These preferences claim that it has just
 * asked, so a run neither waits for the network nor writes to the user's home.
 */
public final class OfflinePreferences implements PreferencesFactory {

    @Override
    public Preferences systemRoot() {
        return new Node(null, "");
    }

    @Override
    public Preferences userRoot() {
        return new Node(null, "");
    }

    private static final class Node extends AbstractPreferences {

        /** Where Gatling keeps the time of its last question. */
        private static final String LAST_CHECK = "lastCheckTimestamp";

        Node(@Nullable AbstractPreferences parent, String name) {
            super(parent, name);
        }

        @Override
        protected @Nullable String getSpi(String key) {
            return key.equals(LAST_CHECK) ? Long.toString(Long.MAX_VALUE) : null;
        }

        @Override
        protected void putSpi(String key, String value) {}

        @Override
        protected void removeSpi(String key) {}

        @Override
        protected void removeNodeSpi() {}

        @Override
        protected String[] keysSpi() {
            return new String[0];
        }

        @Override
        protected String[] childrenNamesSpi() {
            return new String[0];
        }

        @Override
        protected AbstractPreferences childSpi(String name) {
            return new Node(this, name);
        }

        @Override
        protected void syncSpi() {}

        @Override
        protected void flushSpi() {}
    }
}
