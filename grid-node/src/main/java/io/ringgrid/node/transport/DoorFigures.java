package io.ringgrid.node.transport;

/**
 * What a door has counted since it was opened. Immutable.
 *
 * @param connections that are open now
 * @param accepted connections, those that were refused included
 * @param refused connections, because there were too many
 * @param commands that were taken
 * @param errors that were answered
 * @param bytesRead from the peers
 * @param bytesWritten to the peers
 */
public record DoorFigures(
        int connections, long accepted, long refused, long commands, long errors, long bytesRead, long bytesWritten) {
    /** The sum of two ports of one door. */
    public DoorFigures plus(DoorFigures other) {
        return new DoorFigures(
                connections + other.connections,
                accepted + other.accepted,
                refused + other.refused,
                commands + other.commands,
                errors + other.errors,
                bytesRead + other.bytesRead,
                bytesWritten + other.bytesWritten);
    }
}
