package io.ringgrid.node.config;

import java.util.List;

/** Settings that no member can start with. Its message names every problem and its place, one per line. */
public final class BadSettingsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    BadSettingsException(List<String> problems) {
        super(String.join("\n", problems));
    }
}
