package dev.squall.experiment;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A YAML 1.2 text, of which JSON is a subset. */
final class YamlText {

    private YamlText() {}

    /** The text of a file; {@code expected} says what it should be. */
    static String of(Path file, String expected) throws ExperimentException {
        Location whole = new Location(file.toString(), 1, 1);
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new ExperimentException(whole, "no such file (expected: " + expected + ")");
        } catch (CharacterCodingException e) {
            throw new ExperimentException(whole, "not UTF-8 (expected: a YAML text file)");
        } catch (IOException e) {
            throw new ExperimentException(whole, "cannot be read: " + e.getMessage() + " (expected: a readable file)");
        }
    }

    /** The file's value; no part of it stands in two places. */
    static Node compose(String text, String file, String expected) throws ExperimentException {
        Optional<Node> root;
        try {
            root = new Compose(LoadSettings.builder()
                            .setLabel(file)
                            .setAllowNonScalarKeys(true)
                            .build())
                    .composeString(text);
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark();
            throw new ExperimentException(
                    new Location(
                            file,
                            mark.map(m -> m.getLine() + 1).orElse(1),
                            mark.map(m -> m.getColumn() + 1).orElse(1)),
                    "not YAML: " + e.getProblem() + " (expected: YAML 1.2)");
        } catch (StackOverflowError e) {
            throw new ExperimentException(new Location(file, 1, 1), "not YAML: nested too deeply (expected: YAML 1.2)");
        } catch (YamlEngineException e) {
            throw new ExperimentException(
                    new Location(file, 1, 1), "not YAML: " + e.getMessage() + " (expected: YAML 1.2)");
        }
        Node value = root.orElseThrow(
                () -> new ExperimentException(new Location(file, 1, 1), "empty (expected: " + expected + ")"));
        refuseAliases(value, file, Collections.newSetFromMap(new IdentityHashMap<>()));
        return value;
    }

    /** An aliased node is one value in two places: a --set of one would change the other. */
    private static void refuseAliases(Node node, String file, Set<Node> seen) throws ExperimentException {
        if (!seen.add(node)) {
            throw new ExperimentException(
                    YamlValue.location(node, file),
                    "an alias stands for this (expected: the value itself at each place)");
        }
        if (node instanceof SequenceNode sequence) {
            for (Node each : sequence.getValue()) {
                refuseAliases(each, file, seen);
            }
        } else if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                refuseAliases(tuple.getKeyNode(), file, seen);
                refuseAliases(tuple.getValueNode(), file, seen);
            }
        }
    }
}
