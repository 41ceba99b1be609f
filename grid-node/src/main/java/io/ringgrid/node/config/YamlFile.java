package io.ringgrid.node.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A file of settings, one {@code name: value} per line, as text with the places where it stands. Immutable once read. The
 * only user of the YAML library, which an embedded member does not need.
 */
final class YamlFile {
    private static final long MAX_BYTES = 1 << 20;
    private static final Position START = new Position(1, 1);

    /** Where something stands; both count from 1. */
    record Position(int line, int column) {}

    /** A name and its value; a list's values are joined by commas. */
    record Line(String key, Position keyAt, String value, Position valueAt) {}

    /** What is wrong with the file itself. */
    record Problem(Position at, String text) {}

    private final List<Line> lines = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    private YamlFile() {}

    /** Reads a file; what is wrong with it is among the {@link #problems}. */
    static YamlFile read(Path path) {
        YamlFile file = new YamlFile();
        try {
            if (Files.size(path) > MAX_BYTES) {
                file.problem(START, "this is no file of settings: it has more than 1 MiB");
            } else {
                file.parse(Files.readString(path));
            }
        } catch (NoSuchFileException e) {
            file.problem(START, "there is no such file");
        } catch (CharacterCodingException e) {
            file.problem(START, "this is not UTF-8 text");
        } catch (IOException e) {
            file.problem(START, "cannot be read: " + e.getMessage());
        }
        return file;
    }

    /** What is set, in the order of the file. */
    List<Line> lines() {
        return lines;
    }

    /** What keeps it from being settings. */
    List<Problem> problems() {
        return problems;
    }

    private void problem(Position at, String text) {
        problems.add(new Problem(at, text));
    }

    private void parse(String text) {
        Optional<Node> root;
        try {
            root = new Compose(LoadSettings.builder().setUseMarks(true).build()).composeString(text);
        } catch (MarkedYamlEngineException e) {
            problem(position(e.getProblemMark()), "this is not YAML: " + e.getProblem());
            return;
        } catch (YamlEngineException e) {
            problem(START, "this is not YAML: " + e.getMessage());
            return;
        }
        if (root.isPresent()) {
            if (root.get() instanceof MappingNode settings) {
                settings(settings);
            } else {
                problem(at(root.get()), "settings are expected here, one per line, such as 'port: 7654'");
            }
        }
    }

    private void settings(MappingNode settings) {
        Map<String, Position> known = new HashMap<>();
        for (NodeTuple tuple : settings.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problem(at(tuple.getKeyNode()), "the name of a setting is expected here");
                continue;
            }
            Position first = known.putIfAbsent(key.getValue(), at(key));
            if (first != null) {
                problem(at(key), key.getValue() + ": is set already, in line " + first.line);
                continue;
            }
            String value = value(key.getValue(), tuple.getValueNode());
            if (value != null) {
                lines.add(new Line(key.getValue(), at(key), value, at(tuple.getValueNode())));
            }
        }
    }

    private @Nullable String value(String key, Node node) {
        if (node instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)) {
            return scalar.getValue();
        }
        if (node instanceof SequenceNode list && list.getValue().stream().allMatch(ScalarNode.class::isInstance)) {
            return list.getValue().stream()
                    .map(item -> ((ScalarNode) item).getValue())
                    .collect(Collectors.joining(","));
        }
        problem(
                at(node),
                key
                        + (node instanceof ScalarNode
                                ? ": has no value; leave the line out to have the default"
                                : ": must be one value, or a list of them"));
        return null;
    }

    private static Position at(Node node) {
        return position(node.getStartMark());
    }

    private static Position position(Optional<Mark> mark) {
        return mark.map(at -> new Position(at.getLine() + 1, at.getColumn() + 1))
                .orElse(START);
    }
}
