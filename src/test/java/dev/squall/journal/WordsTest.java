package dev.squall.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordsTest {

    private final Words words = new Words();

    private String of(String text) {
        return words.of(("<" + text + ">").toCharArray(), 1, text.length());
    }

    @Test
    void aTextThatComesAgainIsTheSameString() {
        assertThat(of("client clean")).isEqualTo("client clean").isSameAs(of("client clean"));
    }

    @Test
    void howeverManyTextsComeEachIsItself() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(of("key-" + i)).isEqualTo("key-" + i);
        }
        assertThat(of("key-5")).isEqualTo("key-5");
        assertThat(of("")).isEmpty();
    }
}
