package dev.squall.experiment;

/** Where something stands in a file; lines and columns count from 1, 0 where there is none (a {@code --set}). */
public record Location(String file, int line, int column) {
    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line + ":" + column;
    }
}
