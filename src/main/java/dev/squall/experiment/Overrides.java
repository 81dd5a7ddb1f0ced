package dev.squall.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** {@code --set load.phones.clients=500}: puts values into a composed YAML document before it is read. */
final class Overrides {

    private Overrides() {}

    /** Applies {@code K=V}, K a path of keys and (into lists) numbers from 0, V any YAML. */
    static void apply(Node root, String override) throws ExperimentException {
        String name = "--set " + override;
        Location location = new Location(name, 0, 0);
        int equals = override.indexOf('=');
        if (equals < 1) {
            throw new ExperimentException(location, override + " (expected: PATH=VALUE, as load.phones.clients=500)");
        }
        Node value;
        try {
            value = new Compose(LoadSettings.builder().setLabel(name).build())
                    .composeString(override.substring(equals + 1))
                    .orElseGet(() -> new ScalarNode(Tag.NULL, true, "", ScalarStyle.PLAIN, mark(name), mark(name)));
        } catch (YamlEngineException | StackOverflowError e) {
            throw new ExperimentException(location, override.substring(equals + 1) + " (expected: a YAML value)");
        }
        String[] path = override.substring(0, equals).split("\\.", -1);
        if (List.of(path).contains("")) {
            throw new ExperimentException(
                    location, override.substring(0, equals) + " (expected: keys and numbers, one dot between two)");
        }
        Node at = root;
        for (int i = 0; i < path.length; i++) {
            boolean last = i == path.length - 1;
            if (at instanceof MappingNode mapping) {
                at = last ? put(mapping, path[i], value) : child(mapping, path[i], name);
            } else if (at instanceof SequenceNode sequence) {
                at = element(sequence, path[i], last ? Optional.of(value) : Optional.empty(), location);
            } else {
                throw new ExperimentException(
                        location,
                        path[i] + ": " + (i == 0 ? "the document" : path[i - 1])
                                + " is no map (expected: a path to a value)");
            }
        }
    }

    /** The place of a node that no file has. */
    private static Optional<Mark> mark(String name) {
        return Optional.of(new Mark(name, 0, 0, 0, new int[0], 0));
    }

    private static Node child(MappingNode mapping, String key, String name) {
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode scalar
                    && scalar.getValue().equals(key)) {
                return tuple.getValueNode();
            }
        }
        Node made = new MappingNode(Tag.MAP, true, new ArrayList<>(), FlowStyle.BLOCK, mark(name), mark(name));
        return put(mapping, key, made);
    }

    private static Node put(MappingNode mapping, String key, Node value) {
        List<NodeTuple> tuples = mapping.getValue();
        for (int i = 0; i < tuples.size(); i++) {
            Node old = tuples.get(i).getKeyNode();
            if (old instanceof ScalarNode scalar && scalar.getValue().equals(key)) {
                tuples.set(i, new NodeTuple(old, value));
                return value;
            }
        }
        // The new key's place is that of its value: the --set.
        tuples.add(new NodeTuple(
                new ScalarNode(Tag.STR, true, key, ScalarStyle.PLAIN, value.getStartMark(), value.getEndMark()),
                value));
        return value;
    }

    private static Node element(SequenceNode sequence, String index, Optional<Node> value, Location location)
            throws ExperimentException {
        List<Node> elements = sequence.getValue();
        int i = index.matches("[0-9]{1,6}") ? Integer.parseInt(index) : -1;
        if (i < 0 || i >= elements.size()) {
            throw new ExperimentException(
                    location, index + " (expected: a place in the list, 0 to " + (elements.size() - 1) + ")");
        }
        value.ifPresent(v -> elements.set(i, v));
        return elements.get(i);
    }
}
