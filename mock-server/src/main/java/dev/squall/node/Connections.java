package dev.squall.node;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop: a list linked through its members, used on that loop only. */
final class Connections {

    private @Nullable Connection first;
    private int size;

    void add(Connection connection) {
        Connection next = first;
        connection.next = next;
        if (next != null) {
            next.previous = connection;
        }
        first = connection;
        size++;
    }

    void remove(Connection connection) {
        Connection next = connection.next;
        Connection previous = connection.previous;
        if (next != null) {
            next.previous = previous;
        }
        if (previous != null) {
            previous.next = next;
        } else {
            first = next;
        }
        connection.next = null;
        connection.previous = null;
        size--;
    }

    int size() {
        return size;
    }

    /** The action may remove the connection that it is given, but no other. */
    void forEach(Consumer<Connection> action) {
        Connection next;
        for (Connection one = first; one != null; one = next) {
            next = one.next;
            action.accept(one);
        }
    }
}
