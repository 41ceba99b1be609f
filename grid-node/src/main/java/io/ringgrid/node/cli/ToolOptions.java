package io.ringgrid.node.cli;

import io.ringgrid.client.GridClient;
import io.ringgrid.node.config.SecretFile;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What every command takes, before or behind its name: whom to ask, and how to answer. Filled by picocli. */
final class ToolOptions {
    private static final String LOOPBACK = "127.0.0.1:7654";

    @Option(
            names = "--contact",
            scope = ScopeType.INHERIT,
            paramLabel = "<host:port>",
            description = "native door of any member; several with commas. Else GRID_CONTACT, else " + LOOPBACK)
    private @Nullable String contact;

    @Option(
            names = "--secret-file",
            scope = ScopeType.INHERIT,
            paramLabel = "<file>",
            description = "the cluster's secret. Else GRID_SECRET_FILE, else none")
    private @Nullable String secretFile;

    @Option(
            names = "--timeout",
            scope = ScopeType.INHERIT,
            paramLabel = "<seconds>",
            defaultValue = "5",
            description = "how long connecting, and each operation, may take (${DEFAULT-VALUE})")
    private int timeoutSeconds;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "answer in JSON, for programs")
    boolean json;

    /** A client of the cluster. */
    GridClient connect() {
        try {
            GridClient.Builder builder = GridClient.builder()
                    .contacts(given(contact, "GRID_CONTACT", LOOPBACK).split(",", -1))
                    .deadline(Duration.ofSeconds(timeoutSeconds));
            String file = given(secretFile, "GRID_SECRET_FILE", "");
            if (!file.isEmpty()) {
                builder.secret(SecretFile.read(Path.of(file)));
            }
            return builder.connect();
        } catch (IllegalArgumentException e) {
            throw new WrongUseException(String.valueOf(e.getMessage()));
        }
    }

    private static String given(@Nullable String option, String variable, String otherwise) {
        if (option != null) {
            return option;
        }
        String value = System.getenv(variable);
        return value == null || value.isEmpty() ? otherwise : value;
    }
}
