package dev.squall.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {

    private static boolean isUtf8(byte[] bytes) {
        Utf8 utf8 = new Utf8();
        for (byte b : bytes) {
            if (!utf8.take(b)) {
                return false;
            }
        }
        return utf8.isWhole();
    }

    private static boolean jdkTakes(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }

    @Test
    void takes_of_two_and_three_bytes_what_the_jdk_takes() {
        for (int i = 0; i < 1 << 24; i += i < 1 << 16 ? 1 : 211) {
            byte[] bytes = i < 1 << 16
                    ? new byte[] {(byte) (i >> 8), (byte) i}
                    : new byte[] {(byte) (i >> 16), (byte) (i >> 8), (byte) i};
            if (isUtf8(bytes) != jdkTakes(bytes)) {
                throw new AssertionError(Arrays.toString(bytes));
            }
        }
    }

    @Test
    void takes_of_four_bytes_what_the_jdk_takes() {
        long seed = 42;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[4];
            random.nextBytes(bytes);
            bytes[0] = (byte) (0xF0 + i % 6);
            for (int k = 1; k < 4; k++) {
                bytes[k] = (byte) (bytes[k] & 0x7f | 0x80);
            }
            assertThat(isUtf8(bytes))
                    .as("seed %s: %s", seed, Arrays.toString(bytes))
                    .isEqualTo(jdkTakes(bytes));
        }
    }
}
