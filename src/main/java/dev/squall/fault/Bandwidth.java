package dev.squall.fault;

import dev.squall.quantity.Quantity;

/**
 * Limits how fast the server sends on a connection.
 *
 * @param bytesPerSecond at least 1
 */
public record Bandwidth(long bytesPerSecond) implements ConnectionFault {

    static final Kind KIND = new Kind(
            "bandwidth",
            Bandwidth.class,
            "rate",
            "limits how fast the server sends on a connection",
            "{bandwidth: 16KiB/s}",
            Bandwidth::read);

    public Bandwidth {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("rate: " + bytesPerSecond + " B/s (expected: >= 1 B/s)");
        }
    }

    private static Fault read(Settings settings) {
        return new Bandwidth(settings.required("rate", "bytes a second, as 16KiB/s", 1024L, text -> {
            if (!text.endsWith("/s")) {
                throw new NumberFormatException();
            }
            long bytes = (long) Quantity.SIZE.parse(text.substring(0, text.length() - 2));
            if (bytes < 1) {
                throw new NumberFormatException();
            }
            return bytes;
        }));
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Conduct conduct() {
        return Conduct.slow(0, 0, bytesPerSecond);
    }

    @Override
    public String toString() {
        return "bandwidth " + Quantity.SIZE.format(bytesPerSecond) + "/s";
    }
}
