package io.ringgrid.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What this process listens on, as Linux tells it (proc(5)). Stateless. */
final class Listening {
    private static final List<String> LOOPBACK = List.of(
            "0100007F", // 127.0.0.1, in the processor's order
            "0000000000000000FFFF00000100007F", // the same as an IPv6 address
            "00000000000000000000000001000000"); // ::1
    private static final int ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final Pattern SPACE = Pattern.compile("\\s+");

    private Listening() {}

    /** The addresses beyond loopback, TCP's and UDP's, in hex as Linux writes them. */
    static List<String> beyondLoopback() throws IOException {
        Set<String> own = ownSockets();
        List<String> found = new ArrayList<>();
        for (String protocol : List.of("tcp", "tcp6", "udp", "udp6")) {
            String listens = protocol.startsWith("tcp") ? "0A" : "07";
            for (String line : Files.readAllLines(Path.of("/proc/self/net", protocol))) {
                String[] fields = SPACE.split(line.strip(), -1);
                if (fields[STATE].equals(listens)
                        && own.contains(fields[INODE])
                        && !LOOPBACK.contains(fields[ADDRESS].substring(0, fields[ADDRESS].indexOf(':')))) {
                    found.add(protocol + " " + fields[ADDRESS]);
                }
            }
        }
        return found;
    }

    private static Set<String> ownSockets() throws IOException {
        Set<String> inodes = new HashSet<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                String target = targetOf(descriptor);
                if (target.startsWith("socket:[")) {
                    inodes.add(target.substring("socket:[".length(), target.length() - 1));
                }
            }
        }
        return inodes;
    }

    private static String targetOf(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }
}
