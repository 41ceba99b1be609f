package io.ringgrid.wire;

import io.ringgrid.replica.Mutation;
import io.ringgrid.replica.Row;
import io.ringgrid.replica.StreamMessage;
import io.ringgrid.replica.StreamMessage.Ack;
import io.ringgrid.replica.StreamMessage.Differs;
import io.ringgrid.replica.StreamMessage.Digest;
import io.ringgrid.replica.StreamMessage.FillAck;
import io.ringgrid.replica.StreamMessage.FillBegin;
import io.ringgrid.replica.StreamMessage.FillChunk;
import io.ringgrid.replica.StreamMessage.Handover;
import io.ringgrid.replica.StreamMessage.Mutations;
import io.ringgrid.replica.StreamMessage.Tail;
import io.ringgrid.replica.StreamMessage.TailRequest;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.RegisterMessage;
import io.ringgrid.topology.RegisterMessage.Bye;
import io.ringgrid.topology.RegisterMessage.CreateMap;
import io.ringgrid.topology.RegisterMessage.Filled;
import io.ringgrid.topology.RegisterMessage.Heartbeat;
import io.ringgrid.topology.RegisterMessage.HeartbeatAck;
import io.ringgrid.topology.RegisterMessage.Held;
import io.ringgrid.topology.RegisterMessage.Join;
import io.ringgrid.topology.RegisterMessage.JoinRefused;
import io.ringgrid.topology.RegisterMessage.Lease;
import io.ringgrid.topology.RegisterMessage.LeaseRequest;
import io.ringgrid.topology.RegisterMessage.Leave;
import io.ringgrid.topology.RegisterMessage.Probe;
import io.ringgrid.topology.RegisterMessage.RemoveBackup;
import io.ringgrid.topology.RegisterMessage.StandForElection;
import io.ringgrid.topology.RegisterMessage.Vote;
import io.ringgrid.topology.RegisterMessage.VoteRequest;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Settings;
import java.util.ArrayList;
import java.util.List;

/**
 * What members say to each other, as bytes: one byte of code, then the message's fields in the order of its record.
 * Stateless.
 */
public final class PeerCodec {
    private static final int ID_BYTES = 16;
    private static final int MUTATION_BYTES = 50;

    private enum Code {
        HEARTBEAT,
        HEARTBEAT_ACK,
        VOTE_REQUEST,
        VOTE,
        HELD,
        JOIN,
        JOIN_REFUSED,
        LEAVE,
        BYE,
        STAND_FOR_ELECTION,
        LEASE_REQUEST,
        LEASE,
        REMOVE_BACKUP,
        FILLED,
        CREATE_MAP,
        PROBE,
        MUTATIONS,
        ACK,
        TAIL_REQUEST,
        TAIL,
        HANDOVER,
        FILL_BEGIN,
        FILL_CHUNK,
        FILL_ACK,
        DIGEST,
        DIFFERS;

        private static final Code[] ALL = values();
    }

    private PeerCodec() {}

    /** Appends the message. */
    public static void encode(PeerMessage message, ByteWriter out) {
        if (message instanceof StreamMessage stream) {
            encodeStream(stream, out);
        } else if (message instanceof RegisterMessage register) {
            encodeRegister(register, out);
        } else {
            throw new IllegalArgumentException("no code for " + message.getClass());
        }
    }

    private static ByteWriter code(Code code, ByteWriter out) {
        return out.u8(code.ordinal());
    }

    private static void encodeStream(StreamMessage message, ByteWriter out) {
        if (message instanceof Mutations m) {
            code(Code.MUTATIONS, out).i32(m.partition()).i32(m.epoch()).i64(m.committedSeq());
            encodeMutations(m.mutations(), out);
        } else if (message instanceof Ack m) {
            code(Code.ACK, out).i32(m.partition()).i32(m.epoch()).i64(m.applied());
            out.i32(m.fillPermille()).bool(m.refused());
        } else if (message instanceof TailRequest m) {
            code(Code.TAIL_REQUEST, out).i32(m.partition()).i32(m.epoch()).i64(m.after());
        } else if (message instanceof Tail m) {
            code(Code.TAIL, out).i32(m.partition()).i32(m.epoch()).i64(m.applied());
            encodeMutations(m.mutations(), out);
        } else if (message instanceof Handover m) {
            code(Code.HANDOVER, out).i32(m.partition()).i32(m.epoch());
        } else if (message instanceof FillBegin m) {
            code(Code.FILL_BEGIN, out).i32(m.partition()).i32(m.epoch()).i64(m.base());
            out.i64(m.clock()).i64(m.lastTick());
        } else if (message instanceof FillChunk m) {
            code(Code.FILL_CHUNK, out)
                    .i32(m.partition())
                    .i32(m.epoch())
                    .i32(m.index())
                    .bool(m.last())
                    .i64(m.forgottenFor());
            encodeMutations(m.entries(), out);
        } else if (message instanceof FillAck m) {
            code(Code.FILL_ACK, out).i32(m.partition()).i32(m.epoch()).i32(m.next());
            out.i32(m.fillPermille()).bool(m.refused());
        } else if (message instanceof Digest m) {
            code(Code.DIGEST, out).i32(m.partition()).i32(m.epoch()).i64(m.seq());
            out.i64(m.from()).i64(m.to()).i64(m.sum());
        } else if (message instanceof Differs m) {
            code(Code.DIFFERS, out).i32(m.partition()).i32(m.epoch()).bool(m.lacks());
        }
    }

    private static void encodeMutations(List<Mutation> mutations, ByteWriter out) {
        out.i32(mutations.size());
        for (Mutation m : mutations) {
            out.u8(m.kind().ordinal()).i64(m.seq()).i64(m.version()).i32(m.map());
            out.bytes(m.key()).bytes(m.value()).i32(m.flags()).i64(m.time()).i64(m.idle());
            if (m.kind() == Mutation.Kind.COMPOUND) {
                encodeMutations(m.parts(), out);
            }
            Row row = m.row();
            out.bool(row != null);
            if (row != null) {
                out.i64(row.session()).i64(row.number()).i64(row.below());
                ResultCodec.encode(row.result(), out);
            }
        }
    }

    private static void encodeRegister(RegisterMessage message, ByteWriter out) {
        if (message instanceof Heartbeat m) {
            code(Code.HEARTBEAT, out).id(m.cluster()).i64(m.term()).i64(m.sentNanos());
            out.i64(m.committedTerm()).i64(m.committedVersion());
            Topology topology = m.topology();
            out.bool(topology != null);
            if (topology != null) {
                TopologyCodec.encode(topology, out);
            }
        } else if (message instanceof HeartbeatAck m) {
            code(Code.HEARTBEAT_ACK, out).id(m.cluster()).i64(m.term()).i64(m.echoNanos());
            out.i64(m.heldTerm())
                    .i64(m.heldVersion())
                    .bool(m.wrote())
                    .bool(m.leased())
                    .i64(m.settledVersion());
            out.i32(m.heard().size());
            m.heard().forEach(out::id);
        } else if (message instanceof LeaseRequest m) {
            code(Code.LEASE_REQUEST, out).id(m.cluster()).i64(m.sentNanos()).i64(m.sentWall());
            out.i64(m.heldTerm()).i64(m.heldVersion());
        } else if (message instanceof Lease m) {
            code(Code.LEASE, out).id(m.cluster()).i64(m.sentNanos()).i64(m.sentWall());
            out.i64(m.committedTerm()).i64(m.committedVersion());
        } else if (message instanceof VoteRequest m) {
            code(Code.VOTE_REQUEST, out).i64(m.term());
            TopologyCodec.encode(m.topology(), out);
            out.bool(m.pre()).bool(m.handed());
        } else if (message instanceof Vote m) {
            code(Code.VOTE, out).id(m.cluster()).i64(m.term()).bool(m.pre()).bool(m.granted());
        } else if (message instanceof Held m) {
            code(Code.HELD, out);
            TopologyCodec.encode(m.topology(), out);
            out.bool(m.committed());
        } else {
            encodeRequest(message, out);
        }
    }

    private static void encodeRequest(RegisterMessage message, ByteWriter out) {
        if (message instanceof Join m) {
            code(Code.JOIN, out);
            Member member = m.member();
            out.id(member.id()).string(member.name()).string(member.host()).i32(member.port());
            out.string(member.zone()).i32(member.weight()).i32(member.respPort());
            Settings settings = m.settings();
            out.i32(settings.partitions()).u8(settings.backups()).i32(settings.maxValueBytes());
        } else if (message instanceof JoinRefused m) {
            code(Code.JOIN_REFUSED, out).string(m.reason());
        } else if (message instanceof Leave m) {
            code(Code.LEAVE, out).id(m.cluster());
        } else if (message instanceof Bye m) {
            code(Code.BYE, out).id(m.cluster());
        } else if (message instanceof StandForElection m) {
            code(Code.STAND_FOR_ELECTION, out).id(m.cluster()).i64(m.term());
        } else if (message instanceof RemoveBackup m) {
            code(Code.REMOVE_BACKUP, out).id(m.cluster()).i64(m.term()).i64(m.heardNanos());
            out.i32(m.partition()).i32(m.epoch()).id(m.copy());
        } else if (message instanceof Filled m) {
            code(Code.FILLED, out).id(m.cluster()).i64(m.term()).i64(m.heardNanos());
            out.i32(m.partition()).i32(m.epoch()).id(m.copy());
        } else if (message instanceof CreateMap m) {
            code(Code.CREATE_MAP, out).id(m.cluster()).string(m.name());
        } else if (message instanceof Probe m) {
            code(Code.PROBE, out).id(m.cluster()).bool(m.wrote());
        }
    }

    /**
     * Reads one message, to the end of the bytes.
     *
     * @throws MalformedFrameException if these bytes are none
     */
    public static PeerMessage decode(ByteReader in) {
        try {
            int code = in.u8();
            if (code >= Code.ALL.length) {
                throw new MalformedFrameException("no message between members has code " + code);
            }
            PeerMessage message = read(Code.ALL[code], in);
            in.end();
            return message;
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException("not a message between members: " + e.getMessage());
        }
    }

    private static PeerMessage read(Code code, ByteReader in) {
        return switch (code) {
            case HEARTBEAT ->
                new Heartbeat(
                        in.id(), in.i64(), in.i64(), in.i64(), in.i64(), in.bool() ? TopologyCodec.decode(in) : null);
            case HEARTBEAT_ACK ->
                new HeartbeatAck(
                        in.id(), in.i64(), in.i64(), in.i64(), in.i64(), in.bool(), in.bool(), in.i64(), readIds(in));
            case VOTE_REQUEST -> new VoteRequest(in.i64(), TopologyCodec.decode(in), in.bool(), in.bool());
            case VOTE -> new Vote(in.id(), in.i64(), in.bool(), in.bool());
            case HELD -> new Held(TopologyCodec.decode(in), in.bool());
            case JOIN -> readJoin(in);
            case JOIN_REFUSED -> new JoinRefused(in.string());
            case LEAVE -> new Leave(in.id());
            case BYE -> new Bye(in.id());
            case STAND_FOR_ELECTION -> new StandForElection(in.id(), in.i64());
            case LEASE_REQUEST -> new LeaseRequest(in.id(), in.i64(), in.i64(), in.i64(), in.i64());
            case LEASE -> new Lease(in.id(), in.i64(), in.i64(), in.i64(), in.i64());
            case REMOVE_BACKUP -> new RemoveBackup(in.id(), in.i64(), in.i64(), in.i32(), in.i32(), in.id());
            case FILLED -> new Filled(in.id(), in.i64(), in.i64(), in.i32(), in.i32(), in.id());
            case CREATE_MAP -> new CreateMap(in.id(), in.string());
            case PROBE -> new Probe(in.id(), in.bool());
            case MUTATIONS -> new Mutations(in.i32(), in.i32(), in.i64(), readMutations(in, true));
            case ACK -> new Ack(in.i32(), in.i32(), in.i64(), in.i32(), in.bool());
            case TAIL_REQUEST -> new TailRequest(in.i32(), in.i32(), in.i64());
            case TAIL -> new Tail(in.i32(), in.i32(), in.i64(), readMutations(in, true));
            case HANDOVER -> new Handover(in.i32(), in.i32());
            case FILL_BEGIN -> new FillBegin(in.i32(), in.i32(), in.i64(), in.i64(), in.i64());
            case FILL_CHUNK ->
                new FillChunk(in.i32(), in.i32(), in.i32(), in.bool(), in.i64(), readMutations(in, false));
            case FILL_ACK -> new FillAck(in.i32(), in.i32(), in.i32(), in.i32(), in.bool());
            case DIGEST -> new Digest(in.i32(), in.i32(), in.i64(), in.i64(), in.i64(), in.i64());
            case DIFFERS -> new Differs(in.i32(), in.i32(), in.bool());
        };
    }

    private static Join readJoin(ByteReader in) {
        Member member = new Member(
                in.id(), in.string(), in.string(), in.i32(), in.string(), in.i32(), MemberState.ACTIVE, in.i32());
        return new Join(member, new Settings(in.i32(), in.u8(), in.i32()));
    }

    private static List<Id> readIds(ByteReader in) {
        List<Id> ids = new ArrayList<>();
        for (int left = in.count(ID_BYTES); left > 0; left--) {
            ids.add(in.id());
        }
        return ids;
    }

    private static List<Mutation> readMutations(ByteReader in, boolean compounds) {
        int count = in.count(MUTATION_BYTES);
        List<Mutation> mutations = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Mutation.Kind kind = Mutation.Kind.of(in.u8());
            if (kind == Mutation.Kind.COMPOUND && !compounds) {
                throw new MalformedFrameException("a compound within another, or among entries");
            }
            mutations.add(new Mutation(
                    kind,
                    in.i64(),
                    in.i64(),
                    in.i32(),
                    in.bytes(),
                    in.bytes(),
                    in.i32(),
                    in.i64(),
                    in.i64(),
                    kind == Mutation.Kind.COMPOUND ? readMutations(in, false) : List.of(),
                    in.bool() ? new Row(in.i64(), in.i64(), in.i64(), ResultCodec.decode(in)) : null));
        }
        return mutations;
    }
}
