package dev.squall.journal;

/** The texts that a journal repeats, each as one string: those that were seen last, so that its memory is bounded. */
final class Words {

    private static final int MOST = 1 << 10;

    private final String[] words = new String[MOST];

    /** The text as a string. */
    String of(char[] text, int offset, int length) {
        if (length == 0) {
            return "";
        }
        int hash = length;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + text[i];
        }
        int place = (hash ^ hash >>> 16) & MOST - 1;
        String known = words[place];
        if (known == null || !equal(known, text, offset, length)) {
            known = new String(text, offset, length);
            words[place] = known;
        }
        return known;
    }

    private static boolean equal(String word, char[] text, int offset, int length) {
        if (word.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (word.charAt(i) != text[offset + i]) {
                return false;
            }
        }
        return true;
    }
}
