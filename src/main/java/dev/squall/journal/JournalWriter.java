package dev.squall.journal;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SleepingWaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes one process's journal. Any thread may add an event; it never blocks and allocates nothing: events go through a
 * ring of fixed size to one writing thread, and where the ring is full the event is dropped and counted. Rows reach the
 * file at row ends, at least once a second, so a killed process leaves whole rows but for one cut last one; or, where
 * they are compressed, whole gzip members but for one.
 */
public final class JournalWriter implements AutoCloseable {

    /** Events that may wait for the writing thread. */
    public static final int RING = 1 << 16;

    /** The value of a column that is left empty. */
    public static final long NONE = Long.MIN_VALUE;

    static final String HEADER = "row,t_us,population,client,connection,event,code,attempt,value,detail";

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MAX_ROW_BYTES = 2048;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long WAIT_SECONDS = 30;

    /** The time of a compressed journal's rows in one member: with a row each second, none waits longer than that. */
    private static final long MEMBER_MICROS = 500_000;

    private static final class Slot {
        long micros;
        String population = "";
        long client;
        long connection;
        JournalEvent event = JournalEvent.ARRIVED;
        long code;
        long attempt;
        long value;

        @Nullable
        String detail;
    }

    private final Path file;
    private final FileChannel channel;
    private final Disruptor<Slot> disruptor;
    private final RingBuffer<Slot> ring;
    private final AtomicLong dropped = new AtomicLong();
    private final Rows rows;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch written = new CountDownLatch(1);
    private volatile @Nullable IOException failure;

    /**
     * Opens a journal; it is compressed if its name ends in {@code .gz}.
     *
     * @throws IOException if the file exists already or cannot be written, as on a full disk
     */
    public JournalWriter(Path file) throws IOException {
        this.file = file;
        rows = new Rows();
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        disruptor = new Disruptor<>(
                Slot::new,
                RING,
                r -> {
                    Thread thread = new Thread(r, "squall-journal");
                    thread.setDaemon(true);
                    return thread;
                },
                ProducerType.MULTI,
                new SleepingWaitStrategy(0, POLL_NANOS));
        disruptor.handleEventsWith(rows);
        ring = disruptor.start();
        // A disruptor that is shut down before its thread has begun forgets what is in the ring.
        await(begun, "the writing thread did not begin");
        if (failure != null) {
            close(); // Not even the header: throws it.
        }
    }

    /**
     * Adds an event. Columns without a value are {@link #NONE}.
     *
     * @param micros when it happened, in microseconds since the start
     * @param population the client's population, empty if it has none
     * @param detail free text; null for none
     * @return false if the event was dropped
     */
    public boolean add(
            long micros,
            String population,
            long client,
            long connection,
            JournalEvent event,
            long code,
            long attempt,
            long value,
            @Nullable String detail) {
        long sequence;
        try {
            sequence = ring.tryNext();
        } catch (InsufficientCapacityException full) {
            dropped.incrementAndGet(); // A drop is better than a blocked event loop; the writer reports the count.
            return false;
        }
        try {
            Slot slot = ring.get(sequence);
            slot.micros = micros;
            slot.population = population;
            slot.client = client;
            slot.connection = connection;
            slot.event = event;
            slot.code = code;
            slot.attempt = attempt;
            slot.value = value;
            slot.detail = detail;
        } finally {
            ring.publish(sequence);
        }
        return true;
    }

    /** An event of the process rather than of a client. */
    public boolean add(long micros, JournalEvent event, long value, @Nullable String detail) {
        return add(micros, "", NONE, NONE, event, NONE, NONE, value, detail);
    }

    /** Events lost because the ring was full. */
    public long dropped() {
        return dropped.get();
    }

    /** Why writing failed, as on a full disk; null while it works. */
    public @Nullable IOException failure() {
        return failure;
    }

    /** Writes out what is waiting, and a last row that says so. */
    @Override
    public void close() throws IOException {
        try {
            disruptor.shutdown(WAIT_SECONDS, TimeUnit.SECONDS);
            // The writing thread writes its last rows after it was told to end.
            await(written, "the last rows were not written");
        } catch (com.lmax.disruptor.TimeoutException e) {
            throw new IOException(file + ": rows were still waiting after " + WAIT_SECONDS + " s", e);
        } finally {
            channel.close();
        }
        IOException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }

    private void await(CountDownLatch latch, String failed) throws IOException {
        try {
            if (!latch.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(file + ": " + failed + " within " + WAIT_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(file + ": interrupted", e);
        }
    }

    /** The writing thread's side: numbers the rows and formats them into one buffer. */
    private final class Rows implements EventHandler<Slot> {
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES + MAX_ROW_BYTES);
        private final @Nullable GzipMember members =
                file.toString().endsWith(JournalBytes.COMPRESSED) ? new GzipMember(BUFFER_BYTES + MAX_ROW_BYTES) : null;
        private long flushedMicros;
        private final StringBuilder line = new StringBuilder(MAX_ROW_BYTES);
        private long row;
        private long reportedDrops;
        private long lastMicros;

        @Override
        public void onStart() {
            buffer.put((HEADER + "\n").getBytes(StandardCharsets.UTF_8));
            flush();
            begun.countDown();
        }

        @Override
        public void onEvent(Slot slot, long sequence, boolean endOfBatch) {
            reportDrops();
            write(slot);
            slot.detail = null;
            if (buffer.position() >= BUFFER_BYTES || endOfBatch && mayFlush()) {
                flush();
            }
        }

        /** Many small members would be larger than the rows. */
        private boolean mayFlush() {
            return members == null || lastMicros - flushedMicros >= MEMBER_MICROS;
        }

        @Override
        public void onShutdown() {
            reportDrops();
            write(JournalEvent.JOURNAL_ENDED, NONE);
            flush();
            if (members != null) {
                members.close();
            }
            written.countDown();
        }

        private void reportDrops() {
            long drops = dropped.get();
            if (drops > reportedDrops) {
                write(JournalEvent.DROPPED, drops - reportedDrops);
                reportedDrops = drops;
            }
        }

        /** A row of the journal itself. */
        private void write(JournalEvent event, long value) {
            Slot slot = new Slot();
            slot.micros = lastMicros;
            slot.event = event;
            slot.client = slot.connection = slot.code = slot.attempt = NONE;
            slot.value = value;
            write(slot);
        }

        private void write(Slot slot) {
            lastMicros = slot.micros;
            line.setLength(0);
            line.append(row++).append(',').append(slot.micros).append(',').append(slot.population);
            column(slot.client);
            column(slot.connection);
            line.append(',').append(slot.event.name());
            column(slot.code);
            column(slot.attempt);
            column(slot.value);
            line.append(',');
            if (slot.detail != null) {
                detail(slot.detail);
            }
            line.append('\n');
            for (int i = 0; i < line.length(); i++) {
                char c = line.charAt(i);
                if (c >= 0x80) {
                    buffer.put(line.substring(i).getBytes(StandardCharsets.UTF_8));
                    return;
                }
                buffer.put((byte) c);
            }
        }

        private void column(long value) {
            line.append(',');
            if (value != NONE) {
                line.append(value);
            }
        }

        /** RFC 4180, and at most as long as the buffer's reserve allows for in UTF-8. */
        private void detail(String detail) {
            boolean quoted = detail.indexOf(',') >= 0 || detail.indexOf('"') >= 0;
            if (quoted) {
                line.append('"');
            }
            for (int i = 0; i < Math.min(detail.length(), 400); i++) {
                char c = detail.charAt(i);
                if (c == '"') {
                    line.append('"');
                }
                line.append(c < ' ' ? ' ' : Character.isSurrogate(c) ? '?' : c);
            }
            if (quoted) {
                line.append('"');
            }
        }

        private void flush() {
            buffer.flip();
            try {
                ByteBuffer bytes = members == null || failure != null ? buffer : members.of(buffer);
                // After a failure nothing more is written: a row after a hole would look whole.
                while (failure == null && bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                failure = new IOException(file + ": " + e.getMessage(), e); // The owner polls it and ends the process.
            }
            buffer.clear();
            flushedMicros = lastMicros;
        }
    }
}
