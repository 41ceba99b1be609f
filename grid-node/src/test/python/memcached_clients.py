"""What applications do with memcached's Python clients, against members of a grid; every difference ends it.

    memcached_clients.py CHECK MEMBERS [OLD]

CHECK is pymemcache, fallback, pylibmc, python-memcache or django. MEMBERS is host:memcached-port of each member, with
commas. OLD is host:port of a real memcached, which an application moves away from.
"""

import concurrent.futures
import pickle
import sys
import time

MANY = 500
PATIENCE_SECONDS = 20


def address(member):
    host, port = member.split(":")
    return host, int(port)


def expect(wanted, heard):
    if wanted != heard:
        raise AssertionError("wanted %r, heard %r" % (wanted, heard))


def expires(get):
    """Waits until this returns None."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while get() is not None:
        if time.monotonic() > deadline:
            raise AssertionError("it never expired")
        time.sleep(0.05)


def text(stats, name):
    """A value of some statistics, whose names and values are bytes or text."""
    value = stats.get(name, stats.get(name.encode()))
    return value.decode() if isinstance(value, bytes) else str(value)


class Pickles:
    """What most applications give pymemcache: text as it is, all else pickled, with flags that say which."""

    def serialize(self, key, value):
        if isinstance(value, (bytes, str)):
            return (value, 1) if isinstance(value, str) else (value, 0)
        return pickle.dumps(value), 2

    def deserialize(self, key, value, flags):
        return value if flags == 0 else value.decode() if flags == 1 else pickle.loads(value)


# ---- pymemcache ----


def pymemcache_client(client, other):
    """The whole interface of one client; the other one sees the same entries through another member."""
    client.flush_all(noreply=False)
    expect(True, client.set("a", "text", noreply=False))
    expect("text", other.get("a"))
    expect(True, client.set("o", {"list": [1, 2.5, None]}, noreply=False))
    expect({"list": [1, 2.5, None]}, other.get("o"))
    expect(False, client.add("a", "x", noreply=False))
    expect(True, client.add("b", b"\x00\xff\r\nEND\r\n", noreply=False))
    expect(b"\x00\xff\r\nEND\r\n", other.get("b"))
    expect(False, client.replace("none", "x", noreply=False))
    expect(True, client.replace("b", b"middle", noreply=False))
    expect(True, client.append("b", b"-end", noreply=False))
    expect(True, client.prepend("b", b"start-", noreply=False))
    expect(b"start-middle-end", other.get("b"))
    expect(False, client.append("none", b"x", noreply=False))
    expect("fallback", client.get("none", "fallback"))

    value, unique = client.gets("a")
    expect("text", value)
    expect(True, other.cas("a", "new", unique, noreply=False))
    expect(False, client.cas("a", "newer", unique, noreply=False))
    expect(None, client.cas("none", "x", b"1", noreply=False))

    client.set("n", b"10", noreply=False)
    expect(15, other.incr("n", 5))
    expect(8, client.decr("n", 7))
    expect(b"8", other.get("n"))
    expect(0, client.decr("n", 100))
    expect(None, client.incr("none", 1))

    expect(True, client.touch("a", 100, noreply=False))
    expect(False, client.touch("none", 100, noreply=False))
    client.set("short", "x", expire=1, noreply=False)
    expires(lambda: other.get("short"))
    client.set("touched", "x", noreply=False)
    client.touch("touched", 1, noreply=False)
    expires(lambda: other.get("touched"))

    expect(True, client.delete("a", noreply=False))
    expect(False, client.delete("a", noreply=False))
    expect(None, other.get("a"))

    many = {"many-%d" % i: "value %d" % i for i in range(MANY)}
    expect([], client.set_many(many, noreply=False))
    expect(many, other.get_many(list(many) + ["none"]))
    versions = client.gets_many(list(many))
    expect(many, {key: value for key, (value, _) in versions.items()})
    expect(True, client.delete_many(list(many), noreply=False))
    expect({}, other.get_many(list(many)))

    longest = "k" * 250
    client.set(longest, "x", noreply=False)
    expect("x", other.get(longest))

    client.set("gone", "x", noreply=False)
    expect(True, client.flush_all(noreply=False))
    expect(None, other.get("gone"))
    client.set("later", "x", noreply=False)
    expect(True, client.flush_all(delay=2, noreply=False))
    expect("x", other.get("later"))
    expires(lambda: other.get("later"))


def check_pymemcache(members):
    from pymemcache.client.base import Client, PooledClient
    from pymemcache.client.hash import HashClient

    addresses = [address(member) for member in members]
    settings = {"serde": Pickles(), "no_delay": True, "timeout": 10, "connect_timeout": 5}
    first, second = (Client(each, **settings) for each in addresses[:2])
    pymemcache_client(first, second)
    expect(b"1.6.18", first.version().split()[0])
    stats = first.stats()
    expect("1.6.18", text(stats, "version"))
    expect(True, int(text(stats, "cmd_set")) > MANY)
    first.set_many({"counted-%d" % i: "x" for i in range(MANY)}, noreply=False)
    expect(True, int(text(first.stats("items"), "items:1:number")) > 0)
    expect("8388608", text(first.stats("settings"), "item_size_max"))
    first.quit()

    pooled = PooledClient(addresses[0], max_pool_size=8, **settings)
    pymemcache_client(pooled, second)
    pooled.set("sum", b"0", noreply=False)
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: pooled.incr("sum", 1), range(400)))
    expect(b"400", pooled.get("sum"))

    spread = HashClient(addresses, use_pooling=True, **settings)
    many = {"spread-%d" % i: i for i in range(MANY)}
    expect([], spread.set_many(many, noreply=False))
    expect(many, spread.get_many(list(many)))
    for each in addresses:
        expect(many, Client(each, **settings).get_many(list(many)))
    spread.set("n", b"1", noreply=False)
    expect(3, spread.incr("n", 2))
    expect(True, spread.delete("n", noreply=False))
    spread.delete_many(list(many), noreply=False)
    expect({}, second.get_many(list(many)))
    spread.flush_all(noreply=False)

    plain = Client(addresses[0], allow_unicode_keys=True, encoding="utf-8", key_prefix=b"prefix:")
    plain.set("schlüssel", "wert", noreply=False)
    expect(b"wert", Client(addresses[1], allow_unicode_keys=True).get("prefix:schlüssel"))


def check_fallback(members, old):
    """An application moves from an old memcached to the grid without a cold start."""
    from pymemcache.client.base import Client
    from pymemcache.fallback import FallbackClient

    memcached = Client(address(old), ignore_exc=True)
    grid = Client(address(members[0]))
    grid.flush_all(noreply=False)
    for i in range(MANY):
        memcached.set("key-%d" % i, "old %d" % i, noreply=False)
    moving = FallbackClient((grid, memcached))
    for i in range(0, MANY, 2):
        moving.set("key-%d" % i, "new %d" % i, noreply=False)
    for i in range(MANY):
        expect(b"%s %d" % (b"old" if i % 2 else b"new", i), moving.get("key-%d" % i))
    expect({"key-1": b"old 1", "key-3": b"old 3"}, moving.get_many(["key-1", "key-3"]))
    memcached.flush_all(noreply=False)
    expect(None, moving.get("key-1"))
    expect(b"new 2", moving.get("key-2"))


# ---- pylibmc ----


def check_pylibmc(members):
    import pylibmc

    client = pylibmc.Client(members, behaviors={"tcp_nodelay": True, "ketama": True, "cas": True})
    other = pylibmc.Client(members[1:2], behaviors={"cas": True})
    client.flush_all()
    for value in ["text", b"bytes", 12345, 1 << 80, 2.5, True, None, {"a": [1, (2, 3)]}, "ü" * 1000]:
        expect(True, client.set("typed", value))
        expect(value, other.get("typed"))
    expect(True, client.set("long", "compressible " * 10000, min_compress_len=100))
    expect("compressible " * 10000, other.get("long"))
    expect(False, client.add("typed", 1))
    expect(True, client.add("added", "x"))
    expect(True, client.replace("added", "y"))
    expect(True, client.append("added", "z"))
    expect(True, client.prepend("added", "x"))
    expect("xyz", other.get("added"))
    value, unique = other.gets("added")
    expect(True, other.cas("added", "swapped", unique))
    expect(False, other.cas("added", "again", unique))
    client.set("n", 10)
    expect(13, client.incr("n", 3))
    expect(8, client.decr("n", 5))
    expect(8, other.get("n"))
    expect(True, client.touch("n", 100))
    expect(False, client.touch("none", 100))
    client.set("short", "x", time=1)
    expires(lambda: other.get("short"))

    many = {"many-%d" % i: i for i in range(MANY)}
    expect([], client.set_multi(many, key_prefix="p-"))
    expect(many, client.get_multi(list(many), key_prefix="p-"))
    expect({"p-" + key: value for key, value in many.items()}, other.get_multi(["p-" + key for key in many]))
    client.incr_multi(list(many), key_prefix="p-", delta=1)
    expect({key: value + 1 for key, value in many.items()}, client.get_multi(list(many), key_prefix="p-"))
    expect(True, client.delete_multi(list(many), key_prefix="p-"))
    expect({}, client.get_multi(list(many), key_prefix="p-"))
    expect(True, client.delete("added"))
    expect(False, client.delete("added"))
    expect(len(members), len(client.get_stats()))
    expect("1.6.18", text(client.get_stats()[0][1], "version"))
    client.set("gone", "x")
    expect(True, client.flush_all())
    expect(None, other.get("gone"))


# ---- python-memcache ----


def check_python_memcache(members):
    import memcache

    client = memcache.Client(members, cache_cas=True)
    other = memcache.Client(members[1:2])
    client.flush_all()
    for value in ["text", b"bytes", 12345, 1 << 80, True, {"a": [1, (2, 3)]}, "ü" * 1000]:
        expect(True, bool(client.set("typed", value)))
        expect(value, other.get("typed"))
    client.set("long", "compressible " * 10000, min_compress_len=100)
    expect("compressible " * 10000, other.get("long"))
    expect(False, bool(client.add("typed", 1)))
    expect(True, bool(client.add("added", "x")))
    expect(True, bool(client.replace("added", "y")))
    expect(True, bool(client.append("added", "z")))
    expect(True, bool(client.prepend("added", "x")))
    expect("xyz", other.get("added"))
    expect("xyz", client.gets("added"))
    other.set("added", "changed")
    expect(False, bool(client.cas("added", "late")))
    expect("changed", client.gets("added"))
    expect(True, bool(client.cas("added", "swapped")))
    client.set("n", 10)
    expect(13, client.incr("n", 3))
    expect(8, client.decr("n", 5))
    expect(8, other.get("n"))
    expect(None, client.incr("none"))
    expect(True, bool(client.touch("n", 100)))
    client.set("short", "x", time=1)
    expires(lambda: other.get("short"))
    many = {"many-%d" % i: i for i in range(MANY)}
    expect([], client.set_multi(many, key_prefix="p-"))
    expect(many, client.get_multi(list(many), key_prefix="p-"))
    expect({"p-" + key: value for key, value in many.items()}, other.get_multi(["p-" + key for key in many]))
    expect(1, client.delete_multi(list(many), key_prefix="p-"))
    expect({}, client.get_multi(list(many), key_prefix="p-"))
    expect(True, bool(client.delete("added")))
    expect(None, other.get("added"))
    expect(len(members), len(client.get_stats()))
    expect("1.6.18", text(client.get_stats()[0][1], "version"))
    client.set_multi({"counted-%d" % i: "x" for i in range(MANY)})
    expect("1", text(client.get_stats("slabs")[0][1], "active_slabs"))
    expect(True, int(text(client.get_stats("items")[0][1], "items:1:number")) > 0)
    client.set("gone", "x")
    client.flush_all()
    expect(None, other.get("gone"))


# ---- Django ----


def check_django(members):
    from django.conf import settings

    settings.configure(
        CACHES={
            "pymemcache": {
                "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
                "LOCATION": members,
            },
            "pylibmc": {"BACKEND": "django.core.cache.backends.memcached.PyLibMCCache", "LOCATION": members},
            "default": {
                "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
                "LOCATION": members[1],
                "KEY_PREFIX": "site",
                "VERSION": 2,
            },
        }
    )
    from django.core.cache import caches

    for name in ("pymemcache", "pylibmc", "default"):
        django_cache(caches[name])


def django_cache(cache, missing_counter=ValueError):
    """The whole interface of a cache, whatever its backend; counting what is not there raises this."""
    expect(None, cache.clear())
    cache.set("a", "text")
    expect("text", cache.get("a"))
    for value in [1, 1 << 40, 2.5, True, None, b"bytes", "ü", {"a": [1, (2, 3)]}, {1, 2}]:
        cache.set("typed", value)
        expect(value, cache.get("typed", "absent"))
    expect("absent", cache.get("none", "absent"))
    expect(True, "a" in cache)
    expect(False, "none" in cache)
    expect(False, cache.add("a", "x"))
    expect(True, cache.add("added", "x"))

    cache.set("n", 10)
    expect(11, cache.incr("n"))
    expect(15, cache.incr("n", 4))
    expect(14, cache.decr("n"))
    expect(4, cache.decr("n", 10))
    expect(4, cache.get("n"))
    for missing in (cache.incr, cache.decr):
        try:
            missing("none")
            raise AssertionError("a counter that is not there was counted")
        except missing_counter:
            pass

    expect(True, cache.touch("a", 100))
    expect(False, cache.touch("none", 100))
    cache.set("short", "x", timeout=1)
    expect("x", cache.get("short"))
    expires(lambda: cache.get("short"))
    cache.set("touched", "x", timeout=None)
    expect(True, cache.touch("touched", 1))
    expires(lambda: cache.get("touched"))
    cache.set("never", "x", timeout=None)
    cache.set("at-once", "x", timeout=0)
    cache.set("negative", "x", timeout=-1)
    cache.set("long", "x", timeout=60 * 60 * 24 * 60)
    expect("x", cache.get("never"))
    expect(None, cache.get("at-once"))
    expect(None, cache.get("negative"))
    expect("x", cache.get("long"))
    expect(True, cache.touch("never", 0) in (True, False))
    expect(None, cache.get("never"))

    many = {"many-%d" % i: {"number": i} for i in range(MANY)}
    expect([], cache.set_many(many, timeout=100) or [])
    expect(many, cache.get_many(list(many) + ["none"]))
    cache.delete_many(list(many))
    expect({}, cache.get_many(list(many)))
    cache.set_many({"brief-1": 1, "brief-2": 2}, timeout=1)
    expires(lambda: cache.get_many(["brief-1", "brief-2"]) or None)

    calls = []
    for _ in range(3):
        expect("made", cache.get_or_set("made", lambda: calls.append(1) or "made", 100))
    expect([1], calls)
    expect(1, cache.get_or_set("one", 1))

    cache.set("versioned", "old", version=1)
    expect("old", cache.get("versioned", version=1))
    expect(2, cache.incr_version("versioned", version=1))
    expect("old", cache.get("versioned", version=2))
    expect(True, cache.delete("a"))
    expect(False, cache.delete("a"))
    cache.clear()
    expect(None, cache.get("n"))
    cache.close()


CHECKS = {
    "pymemcache": check_pymemcache,
    "fallback": check_fallback,
    "pylibmc": check_pylibmc,
    "python-memcache": check_python_memcache,
    "django": check_django,
}

if __name__ == "__main__":
    CHECKS[sys.argv[1]](sys.argv[2].split(","), *sys.argv[3:])
    print(sys.argv[1] + " is satisfied")
