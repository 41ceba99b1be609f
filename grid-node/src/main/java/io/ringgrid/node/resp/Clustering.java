package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.node.resp.Layout.Range;
import io.ringgrid.ring.Slots;
import io.ringgrid.topology.Topology.Member;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** What clients of Redis Cluster ask. Primaries alone are told of: a copy serves nobody. Stateless. */
final class Clustering {
    private static final byte[] INVALID_SLOT = Replies.ascii("-ERR Invalid slot\r\n");
    private static final byte[] INVALID_SLOT_OR_COUNT = Replies.ascii("-ERR Invalid slot or number of keys\r\n");
    static final byte[] UNKNOWN = Replies.ascii("-CLUSTERDOWN this member has not joined a cluster yet\r\n");
    private static final String GROUP = "cluster";
    private static final String WORDS = "loading stale fast|connection";

    private static final List<Subcommand> SUBCOMMANDS = List.of(
            new Subcommand(
                    "countkeysinslot",
                    3,
                    "COUNTKEYSINSLOT <slot>",
                    "Return the number of keys in <slot>.",
                    Clustering::countKeysInSlot),
            new Subcommand(
                    "getkeysinslot",
                    4,
                    "GETKEYSINSLOT <slot> <count>",
                    "Return key names stored by current node in a slot.",
                    Clustering::getKeysInSlot),
            new Subcommand("info", 2, "INFO", "Return information about the cluster.", Clustering::info),
            new Subcommand("keyslot", 3, "KEYSLOT <key>", "Return the hash slot for <key>.", Clustering::keySlot),
            new Subcommand("myid", 2, "MYID", "Return the node id.", Clustering::myId),
            new Subcommand(
                    "nodes",
                    2,
                    "NODES",
                    "Return cluster configuration seen by node. Output format:\n"
                            + "<id> <ip:port> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...",
                    Clustering::nodes),
            new Subcommand(
                    "slots",
                    2,
                    "SLOTS",
                    "Return information about slots range mappings. Each range is made of:\n"
                            + "start, end, master and replicas IP addresses, ports and ids",
                    Clustering::slots),
            new Subcommand(
                    "shards",
                    2,
                    "SHARDS",
                    "Return information about slot range mappings and the nodes associated with them.",
                    Clustering::shards));

    static final List<Command> COMMANDS = List.of(
            Command.container("cluster", -2, "|", GROUP, "3.0.0", "Look into the cluster", SUBCOMMANDS)
                    .alone(),
            Command.of("readonly", 1, WORDS, GROUP, "3.0.0", "Nothing: no copy serves", Clustering::ok),
            Command.of("readwrite", 1, WORDS, GROUP, "3.0.0", "Nothing: no copy serves", Clustering::ok),
            Command.of("asking", 1, "fast|connection", GROUP, "3.0.0", "Nothing: nobody says ASK", Clustering::ok));

    private Clustering() {}

    private static void ok(RespConnection connection, Arguments arguments) {
        connection.answer(Replies.OK);
    }

    /** Writes a reply that needs the layout. */
    private interface Writer {
        void write(Layout layout, ByteBuf out);
    }

    private static void answer(RespConnection connection, Writer writer) {
        Layout layout = connection.layout();
        connection.answer(layout == null ? UNKNOWN : Replies.built(out -> writer.write(layout, out)));
    }

    private static void keySlot(RespConnection connection, Arguments arguments) {
        int slot = Slots.slot(arguments.bytes(), arguments.from(2), arguments.length(2));
        connection.answer(Replies.built(out -> Replies.number(out, slot)));
    }

    private static void myId(RespConnection connection, Arguments arguments) {
        connection.answer(Replies.built(
                out -> Replies.bulk(out, Layout.nodeId(connection.engine().self()))));
    }

    private static void slots(RespConnection connection, Arguments arguments) {
        answer(connection, (layout, out) -> {
            List<Range> ranges = layout.ranges();
            Replies.head(out, '*', ranges.size());
            for (Range range : ranges) {
                Replies.head(out, '*', 3);
                Replies.number(out, range.first());
                Replies.number(out, range.last());
                Replies.head(out, '*', 4);
                Replies.bulk(out, range.member().host());
                Replies.number(out, range.member().respPort());
                Replies.bulk(out, Layout.nodeId(range.member().id()));
                Replies.map(out, connection.protocol(), 0);
            }
        });
    }

    private static void shards(RespConnection connection, Arguments arguments) {
        int protocol = connection.protocol();
        answer(connection, (layout, out) -> {
            Map<Member, List<Range>> shards = layout.byMember();
            Replies.head(out, '*', shards.size());
            shards.forEach((member, ranges) -> {
                Replies.map(out, protocol, 2);
                Replies.bulk(out, "slots");
                Replies.head(out, '*', 2L * ranges.size());
                for (Range range : ranges) {
                    Replies.number(out, range.first());
                    Replies.number(out, range.last());
                }
                Replies.bulk(out, "nodes");
                Replies.head(out, '*', 1);
                Replies.map(out, protocol, 7);
                Replies.bulk(out, "id");
                Replies.bulk(out, Layout.nodeId(member.id()));
                Replies.bulk(out, "port");
                Replies.number(out, member.respPort());
                Replies.bulk(out, "ip");
                Replies.bulk(out, member.host());
                Replies.bulk(out, "endpoint");
                Replies.bulk(out, member.host());
                Replies.bulk(out, "role");
                Replies.bulk(out, "master");
                Replies.bulk(out, "replication-offset");
                Replies.number(out, 0);
                Replies.bulk(out, "health");
                Replies.bulk(out, "online");
            });
        });
    }

    private static void nodes(RespConnection connection, Arguments arguments) {
        int protocol = connection.protocol();
        answer(connection, (layout, out) -> {
            StringBuilder text = new StringBuilder();
            layout.byMember().forEach((member, ranges) -> {
                boolean self = member.id().equals(connection.engine().self());
                text.append(Layout.nodeId(member.id())).append(' ');
                text.append(member.host())
                        .append(':')
                        .append(member.respPort())
                        .append('@')
                        .append(member.port());
                text.append(self ? " myself,master" : " master");
                text.append(" - 0 0 ").append(layout.topology().version()).append(" connected");
                for (Range range : ranges) {
                    text.append(' ').append(range.first());
                    if (range.last() > range.first()) {
                        text.append('-').append(range.last());
                    }
                }
                text.append('\n');
            });
            Replies.text(out, text.toString().getBytes(StandardCharsets.UTF_8), protocol);
        });
    }

    private static void info(RespConnection connection, Arguments arguments) {
        int protocol = connection.protocol();
        answer(connection, (layout, out) -> {
            Map<Member, List<Range>> byMember = layout.byMember();
            int assigned = 0;
            for (Range range : layout.ranges()) {
                assigned += range.last() - range.first() + 1;
            }
            int lost = layout.lostSlots();
            long size = byMember.values().stream()
                    .filter(ranges -> !ranges.isEmpty())
                    .count();
            String text = "cluster_state:" + (lost == 0 && assigned == Slots.COUNT ? "ok" : "fail") + "\r\n"
                    + "cluster_slots_assigned:" + assigned + "\r\n"
                    + "cluster_slots_ok:" + (assigned - lost) + "\r\n"
                    + "cluster_slots_pfail:0\r\n"
                    + "cluster_slots_fail:" + lost + "\r\n"
                    + "cluster_known_nodes:" + byMember.size() + "\r\n"
                    + "cluster_size:" + size + "\r\n"
                    + "cluster_current_epoch:" + layout.topology().version() + "\r\n"
                    + "cluster_my_epoch:" + layout.topology().version() + "\r\n";
            Replies.text(out, text.getBytes(StandardCharsets.US_ASCII), protocol);
        });
    }

    private static boolean isSlot(long number) {
        return number >= 0 && number < Slots.COUNT;
    }

    private static void countKeysInSlot(RespConnection connection, Arguments arguments) {
        if (!connection.readNumber(2)) {
            connection.answer(Replies.NOT_AN_INTEGER);
        } else if (!isSlot(connection.number())) {
            connection.answer(INVALID_SLOT);
        } else {
            int slot = (int) connection.number();
            long[] count = {0};
            connection.walk(new SlotWalk(connection, slot) {
                @Override
                void found(byte[] key) {
                    count[0]++;
                }

                @Override
                boolean isEnough() {
                    return false;
                }

                @Override
                void write(ByteBuf out) {
                    Replies.number(out, count[0]);
                }
            });
        }
    }

    private static void getKeysInSlot(RespConnection connection, Arguments arguments) {
        if (!connection.readNumber(2)) {
            connection.answer(Replies.NOT_AN_INTEGER);
            return;
        }
        long slot = connection.number();
        if (!connection.readNumber(3)) {
            connection.answer(Replies.NOT_AN_INTEGER);
        } else if (!isSlot(slot) || connection.number() < 0) {
            connection.answer(INVALID_SLOT_OR_COUNT);
        } else {
            long most = connection.number();
            connection.walk(new Keyspace.Listing(
                    connection,
                    connection.partitionOf((int) slot),
                    most,
                    key -> Slots.slot(key, 0, key.length) == slot));
        }
    }

    /** The keys of one slot: a partition has several. */
    private abstract static class SlotWalk extends Walk {
        private static final int PAGE = 4096;

        private final int slot;

        SlotWalk(RespConnection connection, int slot) {
            super(connection.engine(), connection.map(), connection.partitionOf(slot), 0, PAGE);
            this.slot = slot;
        }

        abstract void found(byte[] key);

        @Override
        void see(byte[] key) {
            if (Slots.slot(key, 0, key.length) == slot) {
                found(key);
            }
        }
    }
}
