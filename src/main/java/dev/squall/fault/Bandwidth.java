package dev.squall.fault;

import dev.squall.quantity.Quantity;

/**
 * Limits how fast the server sends on a connection.
 *
 * @param bytesPerSecond 1 to 1024 MiB
 */
public record Bandwidth(long bytesPerSecond) implements ConnectionFault {

    private static final long MOST = 1L << 30;

    static final Kind KIND = new Kind(
            "bandwidth",
            Bandwidth.class,
            "rate",
            "limits how fast the server sends on a connection",
            "{bandwidth: 16KiB/s}",
            Bandwidth::read);

    public Bandwidth {
        if (bytesPerSecond < 1 || bytesPerSecond > MOST) {
            throw new IllegalArgumentException("rate: " + bytesPerSecond + " B/s (expected: 1 to " + MOST + " B/s)");
        }
    }

    private static Fault read(Settings settings) {
        return new Bandwidth(settings.required("rate", "1B/s to 1024MiB/s, as 16KiB/s", 1024L, text -> {
            if (!text.endsWith("/s")) {
                throw new NumberFormatException();
            }
            long bytes = (long) Quantity.SIZE.parse(text.substring(0, text.length() - 2));
            if (bytes < 1 || bytes > MOST) {
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
