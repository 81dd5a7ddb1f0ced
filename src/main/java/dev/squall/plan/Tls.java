package dev.squall.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How clients secure their connections to a server that is not ours. Files and passwords are as the experiment spells
 * them: references to secrets are not expanded.
 *
 * @param insecure whether any certificate will do
 * @param trust a file of certificates (PEM, PKCS12 or JKS) that are trusted in place of the JDK's; null: the JDK's
 * @param trustPassword of that file; null: none
 * @param certificate the clients' own, a chain in PEM or a PKCS12 file with its key; null: none
 * @param key the key of a chain in PEM, PKCS8; null: it is in the certificate's file
 * @param keyPassword of the key, or of the PKCS12 file; null: none
 * @param resume whether a client that comes back resumes its session, or shakes hands in full
 * @param versions those that it speaks, as TLSv1.3; empty: the JDK's choice
 */
public record Tls(
        boolean insecure,
        @Nullable String trust,
        @Nullable String trustPassword,
        @Nullable String certificate,
        @Nullable String key,
        @Nullable String keyPassword,
        boolean resume,
        List<String> versions) {

    /** As the JDK has it, with sessions resumed. */
    public static final Tls DEFAULT = of(false);

    public Tls {
        versions = List.copyOf(versions);
        if (insecure && trust != null) {
            throw new IllegalArgumentException("trust: " + trust + " (expected: none where any certificate will do)");
        }
        if (key != null && certificate == null) {
            throw new IllegalArgumentException("key: " + key + " (expected: with a certificate)");
        }
    }

    /** The default, or the same with any certificate. */
    public static Tls of(boolean insecure) {
        return new Tls(insecure, null, null, null, null, null, true, List.of());
    }
}
