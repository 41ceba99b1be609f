package io.ringgrid.node.process;

import io.ringgrid.node.process.Recording.Outcome;
import io.ringgrid.sim.History.Event;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A recorded client of a door that is spoken to in lines. It stays with a member until that one breaks the connection or
 * does not answer in time, which leaves the outcome open, and then goes to any. Thread-safe, as its superclass says.
 */
abstract class RecordedLines extends RecordedClient {
    private static final int PATIENCE_MILLIS = 1000;

    /** How one answer is read to its end, and then written down. */
    interface Answer {
        void take(String head, LineConnection from) throws IOException;
    }

    private final List<MemberProcess> members;
    private @Nullable LineConnection connection;

    RecordedLines(String who, Recording recording, SplittableRandom random, List<MemberProcess> members) {
        super(who, recording, random);
        this.members = members;
    }

    abstract LineConnection connect(MemberProcess member, int timeoutMillis) throws IOException;

    /** What an answer that begins with this line says of the outcome. */
    abstract Outcome outcome(String head);

    /** Asks, once connected to some member. */
    interface Question {
        Outcome ask(LineConnection door);
    }

    /** Connects if need be, so that what nobody was asked is not written down. */
    final Outcome ask(Question question) {
        try {
            if (connection == null) {
                connection = connect(members.get(random.nextInt(members.size())), PATIENCE_MILLIS);
            }
        } catch (IOException unreachable) {
            return Outcome.REFUSED;
        }
        Outcome outcome = question.ask(connection);
        recording.count(outcome);
        return outcome;
    }

    /** Sends a command and writes down what comes back. */
    final Outcome exchange(LineConnection door, Event event, String command, Answer answer) {
        try {
            door.send(command);
            String head = door.line();
            Outcome outcome = outcome(head);
            switch (outcome) {
                case ANSWERED -> answer.take(head, door);
                case REFUSED -> event.refused();
                case UNKNOWN -> event.unknown();
            }
            return outcome;
        } catch (IOException broken) {
            event.unknown();
            disconnect();
            return Outcome.UNKNOWN;
        }
    }

    static AssertionError wrong(Event event, String head) {
        return new AssertionError("'" + head + "' is no answer to " + event);
    }

    @Override
    final void disconnect() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        connection = null;
    }
}
