"""What applications do with Python's clients while members die and join; a wrong or lost answer ends it.

    clients_in_faults.py MEMBERS [OLD]

MEMBERS is host:memcached-port:redis-port of each member, with commas; OLD is host:port of a real memcached, from which
an application moves away. The member whose number is 0 lives all the time. Each client works in a thread of its own on keys
of its own: it writes, reads back, counts, and where it has transactions changes two keys at once. An error is allowed
at any time, but what was acknowledged must be there, and what was surely not executed must not. A key whose write ended
unknown is written no more, so its value is one of two.

Lines of standard input ask, and "done" answers when it is so, for which the caller has a limit of its own:

    served NUMBERS   each client that knows one of these members (0 is the first) has gone on without error for a while
    followed PORT    besides, the clients of Redis Cluster know each slot's owner as the member at this port tells it

Until then "waiting for" says each second which clients it is not so of, and what they have met.

At the end of the input everything that was acknowledged is read once more, through each member.
"""

import itertools
import logging
import sys
import threading
import time

import memcache
import pylibmc
import pymemcache.exceptions
import redis
from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient
from pymemcache.fallback import FallbackClient
from redis.cluster import ClusterNode, RedisCluster

CONNECT_SECONDS = 1
ANSWER_SECONDS = 2
KEYS = 40
ROUNDS_IN_A_ROW = KEYS
PAUSE_SECONDS = 0.01
# Each try at a dead member is an error and ends a row: the time between them is long against a row's on a slow machine.
DEAD_SECONDS = 15
ERRORS = (
    redis.RedisError,
    redis.exceptions.RedisClusterException,
    pymemcache.exceptions.MemcacheError,
    pylibmc.Error,
    OSError,
)


def surely_not_executed(error):
    return isinstance(error, redis.exceptions.ClusterDownError) or "temporarily unavailable" in str(error)


class Redis:
    """A plain client of one member."""

    repeats = False
    misses_without_asking = False

    def __init__(self, client):
        self.client = client

    def set(self, key, value):
        assert self.client.set(key, value) is True

    def get_many(self, keys):
        return [value and value.decode() for value in self.client.mget(keys)]

    def count(self, key):
        return self.client.incr(key)

    def set_both(self, one, other, value):
        pipeline = self.client.pipeline(transaction=True)
        assert pipeline.set(one, value).set(other, value).mget(one, other).execute() == [
            True,
            True,
            [value.encode()] * 2,
        ]


class Cluster(Redis):
    """It asks again by itself when a connection breaks, so an increment may happen twice; transactions it has none."""

    repeats = True

    def __init__(self, nodes, timeouts):
        self.nodes = nodes
        self.timeouts = timeouts
        self.connected = self.connect()

    def connect(self):
        return RedisCluster(startup_nodes=[ClusterNode(*node) for node in self.nodes], **self.timeouts)

    @property
    def client(self):
        if self.connected is None:
            self.connected = self.connect()
        return self.connected

    def give_up(self):
        """redis-py 4.3 cannot look for the members anew if one that it knows is dead: applications connect again."""
        self.connected = None

    def get_many(self, keys):
        return [value and value.decode() for value in map(self.client.get, keys)]

    def set_both(self, one, other, value):
        assert self.client.mset({one: value, other: value})

    def misled(self, keys, owners):
        """Those of these keys whose owner it has wrong."""
        client = self.connected
        try:
            return [key for key in keys if client.get_node_from_key(key).port != owners[client.keyslot(key)]]
        except (AttributeError, *ERRORS):
            return keys  # it is connecting


class Django:
    """Its counters in Redis are read and written, as there are no scripts."""

    repeats = False
    misses_without_asking = False
    set_both = None

    def __init__(self, name, cache, says):
        self.cache = cache
        self.says = says
        self.set(counter(name), 0)

    def set(self, key, value):
        assert self.cache.set(key, value, timeout=None) is self.says

    def get_many(self, keys):
        found = self.cache.get_many(keys)
        return [found.get(key) for key in keys]

    def count(self, key):
        return self.cache.incr(key)


class Memcached:
    """pymemcache; spread over all members a dead one's keys go to the others."""

    repeats = False
    set_both = None

    def __init__(self, name, client):
        self.client = client
        self.misses_without_asking = isinstance(client, HashClient)
        self.set(counter(name), b"0")

    def set(self, key, value):
        # False says that it has given up a server for a while and has not asked.
        if not self.client.set(key, value, noreply=False):
            raise OSError("not set")

    def get_many(self, keys):
        found = self.client.get_many(keys)
        return [found[key].decode() if key in found else None for key in keys]

    def count(self, key):
        return self.client.incr(key, 1, noreply=False)


class Fallback(Memcached):
    """An application that moves away from an old memcached; this client says nothing of what becomes of its changes."""

    def set(self, key, value):
        self.client.set(key, value, noreply=False)

    def get_many(self, keys):
        found = self.client.get_many(keys) or {}
        return [found[key].decode() if key in found else None for key in keys]

    def count(self, key):
        self.client.incr(key, 1, noreply=False)
        return int(self.client.get(key))


class Libmemcached:
    """pylibmc, spread over all members."""

    repeats = False
    misses_without_asking = True
    set_both = None

    def __init__(self, name, client):
        self.client = client
        self.set(counter(name), 0)

    def set(self, key, value):
        if not self.client.set(key, value):
            raise OSError("not set")

    def get_many(self, keys):
        found = self.client.get_multi(keys)
        return [found.get(key) for key in keys]

    def count(self, key):
        return self.client.incr(key)


class PythonMemcache(Libmemcached):
    """python-memcache, likewise; it takes whatever it is answered for the number."""

    def count(self, key):
        try:
            return self.client.incr(key)
        except ValueError as error:
            raise OSError("not counted: %s" % error) from error


def counter(name):
    return "faults:%s:counter" % name


class Worker:
    """One client at work. The lists of allowed values are its own; what it counts others read."""

    def __init__(self, name, members, client):
        self.name = name
        self.members = members
        self.client = client
        self.numbers = itertools.count()
        self.keys = [self.fresh() for _ in range(KEYS)]
        self.allowed = {}
        self.counted = self.counts = 0
        self.rounds = self.in_a_row = self.errors = 0
        self.longest_gap = 0.0
        self.last_error = self.failure = None
        self.last_error_at = 0.0

    def fresh(self):
        return "faults:%s:%d" % (self.name, next(self.numbers))

    def run(self, ending):
        last = time.monotonic()
        try:
            while not ending.is_set():
                try:
                    self.round()
                    self.in_a_row += 1
                    now = time.monotonic()
                    self.longest_gap = max(self.longest_gap, now - last)
                    last = now
                except ERRORS as error:
                    self.in_a_row = 0
                    self.errors += 1
                    self.last_error = error
                    self.last_error_at = time.monotonic()
                    if isinstance(error, redis.exceptions.RedisClusterException):
                        self.client.give_up()
                self.rounds += 1
                time.sleep(PAUSE_SECONDS)
        except BaseException as failure:
            self.failure = failure
            raise

    def round(self):
        at = self.rounds % KEYS
        key, value = self.keys[at], "%s wrote %d" % (self.name, self.rounds)
        self.attempt(lambda: self.client.set(key, value), [key], value, at)
        self.hear(key, self.client.get_many([key])[0])
        if self.client.set_both:
            one, other = ("{%s-%d}%s" % (self.name, self.rounds, end) for end in ("one", "other"))
            self.attempt(lambda: self.client.set_both(one, other, value), [one, other], value, None)
            values = self.client.get_many([one, other])
            if values[0] != values[1] and not self.client.repeats:
                raise AssertionError("%s: half a transaction: %r" % (self.name, values))
        if at % 10 == 0:
            for read, found in zip(self.keys, self.client.get_many(self.keys)):
                self.hear(read, found)
        self.counts += 1
        number = self.client.count(counter(self.name))
        if not number and self.client.misses_without_asking:
            raise OSError("not counted")
        if number is None or number <= self.counted or (number > self.counts and not self.client.repeats):
            raise AssertionError("%s: count %d is %r after %d" % (self.name, self.counts, number, self.counted))
        self.counted = number

    def attempt(self, call, keys, value, at):
        try:
            call()
        except ERRORS as error:
            # Who repeats may have been told so of the second attempt only.
            if self.client.repeats or not surely_not_executed(error):
                for key in keys:
                    self.allowed[key] = self.allowed.get(key, [None]) + [value]
                if at is not None:
                    self.keys[at] = self.fresh()
            raise
        for key in keys:
            self.allowed[key] = [value]

    def hear(self, key, found):
        if found is None and None not in self.allowed.get(key, [None]) and self.client.misses_without_asking:
            raise OSError("not found, or not asked")
        self.check(key, found)

    def check(self, key, found):
        allowed = self.allowed.get(key, [None])
        if found not in allowed:
            raise AssertionError("%s: %s is %r, not one of %r" % (self.name, key, found, allowed))

    def is_served(self):
        return self.in_a_row >= ROUNDS_IN_A_ROW

    def __str__(self):
        text = "%s (%d rounds, %d errors, %d in a row" % (self.name, self.rounds, self.errors, self.in_a_row)
        if self.last_error:
            text += ", %.1f s after %s" % (time.monotonic() - self.last_error_at, described(self.last_error))
        return text + ")"


def described(error):
    return error and "%s: %s" % (type(error).__name__, str(error)[:150])


def await_all(workers, holds):
    """Waits until this holds of each, and says each second of whom it does not hold yet; a failure ends it."""
    said = time.monotonic()
    for worker in workers:
        while not holds(worker):
            if any(other.failure for other in workers):
                return
            if time.monotonic() - said >= 1:
                said = time.monotonic()
                print("waiting for", *(other for other in workers if not holds(other)), flush=True)
            time.sleep(0.01)


def workers_of(members, old):
    addresses = [(host, int(memcached), int(port)) for host, memcached, port in (m.split(":") for m in members)]
    everywhere = range(len(members))
    workers = []

    def add(name, known, kind, *of_client):
        workers.append(Worker(name, known, kind(*of_client)))

    timeouts = {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": ANSWER_SECONDS}
    for number, (host, _, port) in enumerate(addresses):
        add("redis-%d" % number, [number], Redis, redis.Redis(host, port, **timeouts))
    nodes = [(host, port) for host, _, port in addresses]
    add("redis-cluster", everywhere, Cluster, nodes, timeouts)

    timeouts = {"connect_timeout": CONNECT_SECONDS, "timeout": ANSWER_SECONDS, "no_delay": True}
    nodes = [(host, memcached) for host, memcached, _ in addresses]
    spread = HashClient(nodes, retry_timeout=1, dead_timeout=DEAD_SECONDS, **timeouts)
    add("pymemcache", everywhere, Memcached, "pymemcache", spread)
    add("pooled", [0], Memcached, "pooled", PooledClient(nodes[0], **timeouts))
    if old:
        host, port = old.split(":")
        moving = FallbackClient((Client(nodes[0], **timeouts), Client((host, int(port)), **timeouts)))
        add("fallback", [0], Fallback, "fallback", moving)

    behaviors = {
        "tcp_nodelay": True,
        "ketama": True,
        "connect_timeout": CONNECT_SECONDS * 1000,
        "receive_timeout": ANSWER_SECONDS * 1_000_000,
        "send_timeout": ANSWER_SECONDS * 1_000_000,
        "retry_timeout": 1,
        "dead_timeout": DEAD_SECONDS,
        "remove_failed": 1,
    }
    servers = ["%s:%d" % node for node in nodes]
    add("pylibmc", everywhere, Libmemcached, "pylibmc", pylibmc.Client(servers, behaviors=behaviors))
    python_memcache = memcache.Client(servers, dead_retry=DEAD_SECONDS, socket_timeout=ANSWER_SECONDS)
    add("python-memcache", everywhere, PythonMemcache, "python-memcache", python_memcache)

    caches = django_caches(addresses[0])
    add("django-redis", [0], Django, "django-redis", caches["default"], True)
    add("django-pymemcache", [0], Django, "django-pymemcache", caches["pymemcache"], None)
    add("django-pylibmc", [0], Django, "django-pylibmc", caches["pylibmc"], None)
    return workers


def django_caches(address):
    from django.conf import settings

    host, memcached, port = address
    settings.configure(
        CACHES={
            "default": {
                "BACKEND": "django_redis.cache.RedisCache",
                "LOCATION": "redis://%s:%d/0" % (host, port),
                "KEY_FUNCTION": "clients_in_faults.same_key",
                "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": CONNECT_SECONDS, "SOCKET_TIMEOUT": ANSWER_SECONDS},
            },
            "pymemcache": {
                "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
                "LOCATION": "%s:%d" % (host, memcached),
                "KEY_FUNCTION": "clients_in_faults.same_key",
                # Django drops what pymemcache says of a set, so a server that is given up must be an error.
                "OPTIONS": {
                    "connect_timeout": CONNECT_SECONDS,
                    "timeout": ANSWER_SECONDS,
                    "no_delay": True,
                    "retry_attempts": 0,
                    "dead_timeout": 1,
                },
            },
            "pylibmc": {
                "BACKEND": "django.core.cache.backends.memcached.PyLibMCCache",
                "LOCATION": "%s:%d" % (host, memcached),
                "KEY_FUNCTION": "clients_in_faults.same_key",
            },
        }
    )
    from django.core.cache import caches

    return caches


def same_key(key, prefix, version):
    return key


def owners(port):
    """The port of each slot's owner, as the member at this port tells it."""
    told = {}
    for first, last, (_, owner, *_), *_ in redis.Redis(port=port).execute_command("CLUSTER SLOTS"):
        told.update((slot, owner) for slot in range(first, last + 1))
    return told


def followed(workers, port):
    clusters = [worker for worker in workers if isinstance(worker.client, Cluster)]
    assert clusters
    await_all(clusters, lambda worker: not worker.client.misled(list(worker.keys), owners(port)))


def main(members, old=None):
    logging.disable()  # redis-py logs each MOVED with its stack
    workers = workers_of(members, old)
    ending = threading.Event()
    threads = [threading.Thread(target=worker.run, args=(ending,)) for worker in workers]
    for thread in threads:
        thread.start()
    for line in sys.stdin:
        asked, argument = line.split()
        if asked == "served":
            numbers = set(map(int, argument.split(",")))
            asked_of = [worker for worker in workers if numbers & set(worker.members)]
            for worker in asked_of:
                worker.in_a_row = 0
            await_all(asked_of, Worker.is_served)
        else:
            followed(workers, int(argument))
        if any(worker.failure for worker in workers):
            break
        print("done", flush=True)
    ending.set()
    for thread in threads:
        thread.join()
    for worker in workers:
        print(
            "%s: %d rounds, %d errors, longest wait %.1f s, last error %s"
            % (worker.name, worker.rounds, worker.errors, worker.longest_gap, described(worker.last_error))
        )
    for worker in workers:
        if worker.failure:
            return "%s was answered wrongly: %s" % (worker.name, described(worker.failure))
    for member in members:
        host, memcached, port = member.split(":")
        read_again(workers, redis.Redis(host, int(port)), Client((host, int(memcached))))
    return 0


def read_again(workers, redis_client, memcached_client):
    count = 0
    for worker in workers:
        keys = list(worker.allowed)
        for start in range(0, len(keys), 500):
            chunk = keys[start : start + 500]
            found = memcached_client.get_many(chunk)
            for key, value in zip(chunk, redis_client.mget(chunk)):
                worker.check(key, decoded(worker, value))
                worker.check(key, decoded(worker, found.get(key)))
            count += len(chunk)
    print("read %d keys again" % count)


def decoded(worker, value):
    if value is None:
        return None
    return worker.client.cache.client.decode(value) if worker.name == "django-redis" else value.decode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].split(","), *sys.argv[2:]))
