package io.ringgrid.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code scripts/bench}: plans the rounds, has them measured, and tells or writes the tables. Confined to one thread. */
@Command(
        name = "scripts/bench",
        description = "Measures RingGrid beside its peers, and prints ratios with median and spread.")
final class Bench implements Callable<Integer> {
    private static final int QUICK_ENTRIES = 20_000;
    private static final double QUICK_SECONDS = 0.5;

    /** The benchmarks, by their names on the command line. */
    enum Name {
        EMBEDDED(new EmbeddedBenchmark(), 500_000, 5),
        MEMORY(new MemoryBenchmark(), 1_000_000, 3),
        EVICT(new EvictBenchmark(), 500_000, 5),
        HITS(new HitsBenchmark(), 1, 1);

        @SuppressWarnings("ImmutableEnumChecker") // benchmarks are stateless
        private final Benchmark benchmark;

        private final int entries;
        private final int rounds;

        Name(Benchmark benchmark, int entries, int rounds) {
            this.benchmark = benchmark;
            this.entries = entries;
            this.rounds = rounds;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Tells this.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES}; all unless given.")
    private List<Name> names = List.of(Name.values());

    @Option(
            names = "--rounds",
            description = "How often everything is measured; 5 times unless given, memory 3, hits once.")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", defaultValue = "5", description = "How long each figure takes (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--warm-up-seconds",
            defaultValue = "5",
            description = "How long the same is done before (${DEFAULT-VALUE}).")
    private double warmUpSeconds;

    @Option(names = "--entries", description = "How many entries; each benchmark has its own number.")
    private @Nullable Integer entries;

    @Option(names = "--peers", split = ",", description = "Beside whom: ${COMPLETION-CANDIDATES}; all unless given.")
    private List<Contender> peers = List.of(Contender.values());

    @Option(
            names = "--traces",
            paramLabel = "DIR",
            defaultValue = "../shared/traces",
            description = "Traces for hits (${DEFAULT-VALUE}); without them only what is made by rules.")
    private Path traces = Path.of("../shared/traces");

    @Option(names = "--quick", description = "A look whether it works: one round, half seconds, few entries.")
    private boolean quick;

    @Option(names = "--write", description = "Writes the tables into docs/BENCHMARKS.md.")
    private boolean write;

    @Option(names = "--page", hidden = true, defaultValue = "docs/BENCHMARKS.md")
    private Path page = Path.of("docs/BENCHMARKS.md");

    @Option(names = "--revision", hidden = true, defaultValue = "?")
    private String revision = "?";

    /** The benchmark of this name. */
    static Benchmark benchmark(String name) {
        return Name.valueOf(name).benchmark;
    }

    /** Exit status 0 if all was measured and every answer right, whatever the figures. */
    public static void main(String[] args) {
        CommandLine line = new CommandLine(new Bench());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.registerConverter(Contender.class, Bench::contender);
        line.setExecutionExceptionHandler((failure, failed, parsed) -> {
            System.err.println("scripts/bench: " + failure.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        });
        System.exit(line.execute(args));
    }

    private static Contender contender(String key) {
        return Arrays.stream(Contender.values())
                .filter(contender -> contender.toString().equals(key))
                .findFirst()
                .orElseThrow(() -> new CommandLine.TypeConversionException(
                        "there is no '" + key + "', but " + Arrays.toString(Contender.values())));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (write && quick) {
            throw new ParameterException(line(), "--quick says whether it works; its figures are not to be written");
        }
        Page tables = new Page(page);
        for (Name name : names) {
            if (write) {
                tables.check(name.toString());
            }
        }
        for (Name name : names) {
            Plan plan = plan(name);
            String text = told(name, plan, measured(name, plan));
            System.out.println("\n## " + name + "\n\n" + text);
            if (write) {
                tables.write(name.toString(), text);
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private CommandLine line() {
        return Objects.requireNonNull(spec, "picocli sets it").commandLine();
    }

    /** The command that makes this benchmark's table: as it was given, but for what decides nothing. */
    private String command(Name name) {
        StringBuilder command = new StringBuilder("scripts/bench " + name);
        for (OptionSpec option : line().getParseResult().matchedOptions()) {
            if (!option.hidden() && !List.of("--write", "--traces").contains(option.longestName())) {
                command.append(' ').append(String.join(" ", option.longestName(), values(option)));
            }
        }
        return command.toString().strip();
    }

    private static String values(OptionSpec option) {
        return option.arity().max() == 0 ? "" : String.join(",", option.originalStringValues());
    }

    private Plan plan(Name name) {
        int wanted = entries != null ? entries : quick ? QUICK_ENTRIES : name.entries;
        Set<Contender> contenders = new LinkedHashSet<>(List.of(Contender.RINGGRID));
        contenders.addAll(peers);
        return quick
                ? new Plan(1, QUICK_SECONDS, QUICK_SECONDS, wanted, List.copyOf(contenders), traces)
                : new Plan(
                        rounds != null ? rounds : name.rounds,
                        seconds,
                        warmUpSeconds,
                        wanted,
                        List.copyOf(contenders),
                        traces);
    }

    /** Round by round, A B C A B C: what changes on the machine meanwhile meets all alike. */
    private static Results measured(Name name, Plan plan) throws IOException, InterruptedException {
        Results results = new Results();
        for (int round = 1; round <= plan.rounds(); round++) {
            for (Trial trial : name.benchmark.trials(plan)) {
                double load = Machine.load();
                System.err.printf("%s, round %d of %d: %s (load %.1f)%n", name, round, plan.rounds(), trial, load);
                results.load(load);
                results.add(trial, Fork.measure(name.name(), name.benchmark, trial));
            }
        }
        return results;
    }

    private String told(Name name, Plan plan, Results results) throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("Made by `").append(command(name)).append("` on ").append(LocalDate.now(ZoneOffset.UTC));
        text.append(" of revision ").append(revision).append(". ").append(Machine.told());
        text.append(", load average before each trial ").append(results.loads().text(1));
        text.append("; ").append(Jvm.told(name.benchmark.heap()));
        for (String option : name.benchmark.jvmOptions()) {
            text.append(" `").append(option).append('`');
        }
        text.append(".\n\n").append(name.benchmark.method(plan)).append("\n\n");
        text.append(name.benchmark.report(plan, results)).append('\n');
        for (Contender contender : Contender.values()) {
            if (name.benchmark.trials(plan).stream().anyMatch(trial -> trial.contender() == contender)) {
                text.append("- **").append(contender.title()).append("** ").append(contender.version());
                text.append(": ").append(contender.configuration()).append(".\n");
            }
        }
        return text.toString();
    }
}
