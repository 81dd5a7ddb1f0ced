package dev.squall.profile;

import dev.squall.reconnect.ReconnectPolicy;
import java.util.List;
import java.util.Map;

/**
 * A reconnect policy that has a name: a document's, or what a real library does by its defaults.
 *
 * @param name as an experiment spells it
 * @param about in a few words
 * @param origin the document, or the library and its version
 * @param runtime where such a client runs
 * @param models what of it is modelled
 * @param omits what is not
 * @param settings its policy, as {@link PolicySettings}
 * @param spelled each setting as the file spells it
 * @param sources where each setting is from; and the reactions to close codes, as {@code codes}
 */
public record Profile(
        String name,
        String about,
        String origin,
        Runtime runtime,
        String models,
        String omits,
        PolicySettings settings,
        Map<String, String> spelled,
        Map<String, String> sources) {

    /** The source of the reactions to close codes. */
    static final String CODES = "codes";

    /** Where a client runs. */
    public enum Runtime {
        BROWSER("browser"),
        PYTHON("Python"),
        ANY("any");

        private final String title;

        Runtime(String title) {
            this.title = title;
        }

        /** Its name for people. */
        public String title() {
            return title;
        }
    }

    public Profile {
        for (String setting : spelled.keySet()) {
            if (!sources.containsKey(setting)) {
                throw new IllegalArgumentException(name + ": " + setting + " has no source");
            }
        }
        if (!sources.containsKey(CODES)) {
            throw new IllegalArgumentException(name + ": " + CODES + " has no source");
        }
        if (!List.of(about, origin, models, omits).stream().noneMatch(String::isBlank)) {
            throw new IllegalArgumentException(name + ": something is empty");
        }
    }

    /** Its policy. */
    public ReconnectPolicy policy() {
        return settings.policy(name);
    }

    /** Whether it runs where no script can send 1010: a browser's may close with 1000 and 3000 to 4999 only. */
    public boolean cannotSend1010() {
        return runtime == Runtime.BROWSER;
    }
}
