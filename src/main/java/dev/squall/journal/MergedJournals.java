package dev.squall.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** All journals of a run directory as one sequence in order of time; at equal times nodes come before clients. */
public final class MergedJournals implements AutoCloseable {

    /** Rows from one telling how far the reading is to the next: some ten milliseconds. */
    private static final long ROWS_UNTOLD = 1 << 14;

    private static final Pattern NODE_FILE = Pattern.compile("node-([0-9]+)(\\..*)?\\.(csv|csv\\.gz|hlog)");

    private final List<JournalReader> readers = new ArrayList<>();
    private final List<Integer> nodes = new ArrayList<>();
    private int source;

    /** Takes a row and the index of the node that wrote it, -1 for an injector's. */
    public interface RowSink {
        void accept(int node, JournalRow row);
    }

    /** Opens these journals of children. */
    public MergedJournals(List<Path> files) throws IOException {
        Comparator<Path> nodesFirst = Comparator.comparing(file -> node(file) < 0);
        try {
            for (Path file : files.stream()
                    .sorted(nodesFirst.thenComparing(Path::toString))
                    .toList()) {
                readers.add(new JournalReader(file));
                nodes.add(node(file));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** The node whose journal this is, as node-3.csv or node-3.1.csv; -1 for another's. */
    public static int node(Path file) {
        Matcher matcher = NODE_FILE.matcher(String.valueOf(file.getFileName()));
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
    }

    /** Passes every row to the sink. */
    public void forEach(RowSink sink) throws IOException {
        forEach(sink, share -> {});
    }

    /**
     * Passes every row to the sink.
     *
     * @param progress hears every so many rows which share of the files is read, in 0..1
     */
    public void forEach(RowSink sink, DoubleConsumer progress) throws IOException {
        long bytes = 0;
        for (JournalReader reader : readers) {
            bytes += Files.size(reader.file());
        }
        Heads heads = new Heads(readers.size());
        for (int each = 0; each < readers.size(); each++) {
            JournalRow row = readers.get(each).next();
            if (row != null) {
                heads.add(each, row);
            }
        }
        long rows = 0;
        for (JournalRow row = heads.first(); row != null; row = heads.first()) {
            if (++rows % ROWS_UNTOLD == 0) {
                long read = readers.stream().mapToLong(JournalReader::bytes).sum();
                progress.accept(Math.min(1, (double) read / bytes));
            }
            source = heads.source();
            sink.accept(nodes.get(source), row);
            heads.replace(readers.get(source).next());
        }
    }

    /** Which of the files, in order of source, the row is of that the sink is just given. */
    public int source() {
        return source;
    }

    /** The files' readers, for what they counted; in order of source. */
    public List<JournalReader> readers() {
        return List.copyOf(readers);
    }

    @Override
    public void close() throws IOException {
        for (JournalReader reader : readers) {
            reader.close();
        }
    }
}
