package io.ringgrid.node.config;

import io.ringgrid.wire.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** A file that holds a secret, and that nobody but its user may read or write. Stateless. */
public final class SecretFile {
    private static final int MAX_BYTES = 4096;
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private SecretFile() {}

    /**
     * Reads a secret; the end of the line does not belong to it.
     *
     * @throws IllegalArgumentException with what is wrong and what to do
     */
    public static Secret read(Path path) {
        try {
            Set<PosixFilePermission> tooMuch = Files.getPosixFilePermissions(path);
            tooMuch.retainAll(OTHERS);
            if (!tooMuch.isEmpty()) {
                throw new IllegalArgumentException(
                        "'" + path + "' is open to other users; close it with: chmod 600 " + path);
            }
            if (Files.size(path) > MAX_BYTES) {
                throw new IllegalArgumentException("'" + path + "' has more than " + MAX_BYTES + " bytes");
            }
            return Secret.of(Files.readString(path, StandardCharsets.ISO_8859_1).replaceFirst("\r?\n\\z", ""));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(
                    "there is no file '" + path + "'; make one with: " + Secret.RECIPE + " > " + path + "; chmod 600 "
                            + path,
                    e);
        } catch (IOException e) {
            throw new IllegalArgumentException("'" + path + "' cannot be read: " + e.getMessage(), e);
        }
    }
}
