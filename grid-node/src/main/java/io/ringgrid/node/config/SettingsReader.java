package io.ringgrid.node.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts a dedicated member's configuration together: the command line goes before the environment, that before the file,
 * and that before the defaults. Not thread-safe.
 *
 * <p>Everything that is given is read, also what something else goes before, and all problems are told at once, each with
 * the place where it was written.
 */
public final class SettingsReader {
    /** What the scripts and the command line read from the environment beside the settings. */
    private static final Set<String> OTHER_VARIABLES =
            Set.of("GRID_CONFIG", "GRID_CONTACT", "GRID_JVM_OPTIONS", "GRID_LOG", "GRID_NO_BUILD");

    private static final List<String> KEYS =
            Arrays.stream(Setting.values()).map(Setting::key).toList();
    private static final List<String> FLAGS =
            KEYS.stream().map(key -> "--" + key).toList();
    private static final List<String> VARIABLES =
            Arrays.stream(Setting.values()).map(Setting::variable).toList();

    /** Where something was written: first in the order of the sources, then by line and column. */
    private record Place(int source, int line, int column, String shown) {
        static final Comparator<Place> ORDER = Comparator.comparingInt(Place::source)
                .thenComparingInt(Place::line)
                .thenComparingInt(Place::column)
                .thenComparing(Place::shown);
    }

    private record Located(Place place, String text) {}

    private final NodeConfig.Builder builder = Setting.defaults();
    private final Map<Setting, Place> places = new EnumMap<>(Setting.class);
    private final Set<Setting> wrong = new HashSet<>();
    private final List<Located> problems = new ArrayList<>();

    private SettingsReader() {}

    /**
     * Reads everything.
     *
     * @param options by name without hyphens, as given on the command line; unknown ones are a problem
     * @param environment of the process; only what begins with {@code GRID_} is looked at
     * @param file of settings, or null
     * @return the configuration of a dedicated member
     * @throws BadSettingsException naming every problem
     */
    public static NodeConfig read(Map<String, String> options, Map<String, String> environment, @Nullable Path file) {
        SettingsReader reader = new SettingsReader();
        if (file != null) {
            reader.file(file);
        }
        reader.environment(environment);
        reader.options(options);
        return reader.finish();
    }

    private void file(Path path) {
        YamlFile yaml = YamlFile.read(path);
        for (YamlFile.Line line : yaml.lines()) {
            Setting setting = Setting.of(line.key());
            if (setting == null) {
                problem(inFile(path, line.keyAt()), line.key() + ": no such setting" + Suggestion.of(line.key(), KEYS));
            } else {
                set(setting, line.value(), inFile(path, line.valueAt()), line.key() + ": ");
            }
        }
        yaml.problems().forEach(problem -> problem(inFile(path, problem.at()), problem.text()));
    }

    private static Place inFile(Path path, YamlFile.Position at) {
        return new Place(0, at.line(), at.column(), path + ":" + at.line() + ":" + at.column() + ": ");
    }

    private void environment(Map<String, String> environment) {
        for (Setting setting : Setting.values()) {
            String text = environment.getOrDefault(setting.variable(), "");
            if (!text.isEmpty()) {
                set(setting, text, new Place(1, 0, 0, setting.variable() + ": "), "");
            }
        }
        for (String variable : new TreeMap<>(environment).keySet()) {
            boolean foreign = !variable.startsWith("GRID_") || OTHER_VARIABLES.contains(variable);
            if (!foreign && !VARIABLES.contains(variable)) {
                // Others may use such names too (Kubernetes, for a service called grid): only a slip is a problem.
                String suggestion = Suggestion.of(variable, VARIABLES);
                if (!suggestion.isEmpty()) {
                    problem(new Place(1, 0, 0, variable + ": "), "no such setting" + suggestion);
                }
            }
        }
    }

    private void options(Map<String, String> options) {
        options.forEach((key, text) -> {
            Place place = new Place(2, 0, 0, "--" + key + ": ");
            Setting setting = Setting.of(key);
            if (setting == null) {
                problem(place, "no such option" + Suggestion.of("--" + key, FLAGS));
            } else {
                set(setting, text, place, "");
            }
        });
    }

    private void set(Setting setting, String text, Place place, String prefix) {
        Place named = new Place(place.source, place.line, place.column, place.shown + prefix);
        places.put(setting, named);
        try {
            setting.read(builder, text);
        } catch (IllegalArgumentException e) {
            wrong.add(setting);
            problem(named, String.valueOf(e.getMessage()));
        }
    }

    private void problem(Place place, String text) {
        problems.add(new Located(place, text));
    }

    private NodeConfig finish() {
        NodeConfig config = null;
        try {
            config = builder.build();
        } catch (InvalidConfigException e) {
            e.problems().forEach(this::located);
        }
        if (config == null || !problems.isEmpty()) {
            throw new BadSettingsException(problems.stream()
                    .sorted(Comparator.comparing(Located::place, Place.ORDER))
                    .map(problem -> problem.place.shown + problem.text)
                    .toList());
        }
        return config;
    }

    private void located(InvalidConfigException.Problem problem) {
        Setting setting = Setting.of(problem.setting());
        if (setting == null || !wrong.contains(setting)) {
            Place place = setting == null ? null : places.get(setting);
            problem(place != null ? place : new Place(3, 0, 0, problem.setting() + ": "), problem.text());
        }
    }
}
