"""redis-py before real members: redis_clients.py PORT PORT ... (the RESP ports); says "ok" at the end.

Nothing fails here, so no error is allowed. But on a machine that is too busy a member may be silent for so long that it
loses its partitions, and then errors are allowed: a part of this during which the topology has changed is begun anew.
"""
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import redis
from redis.cluster import RedisCluster
from redis.exceptions import ClusterDownError

PORTS = [int(port) for port in sys.argv[1:]]
DISTURBED_AT_MOST = 5


def undisturbed(part):
    for _ in range(DISTURBED_AT_MOST):
        while not whole():
            time.sleep(0.05)
        before = topology()
        try:
            redis.Redis(port=PORTS[0]).flushall()
            part()
            return
        except Exception as error:
            after = topology()
            if after == before and not isinstance(error, ClusterDownError):
                raise
            print("%s: the topology was %s and is %s: %r" % (part.__name__, before, after, error))
    raise AssertionError("%s was disturbed each time" % part.__name__)


def whole():
    """Each member has partitions, and each partition a backup."""
    r = redis.Redis(port=PORTS[0])
    owners = {port for _, _, (_, port, *_), *_ in r.execute_command("CLUSTER SLOTS")}
    return len(owners) == len(PORTS) and r.wait(0, 0) >= 1


def topology():
    return redis.Redis(port=PORTS[0]).execute_command("CLUSTER INFO")["cluster_current_epoch"]


def plain():
    r = redis.Redis(port=PORTS[0])
    pipe = r.pipeline()
    pipe.set("a", 1)
    pipe.incr("a")
    pipe.get("a")
    pipe.expire("a", 100)
    assert pipe.execute() == [True, 2, b"2", True]
    pipe = r.pipeline()  # MULTI and EXEC, over many slots
    for i in range(300):
        pipe.set("k%d" % i, i, ex=100)
    assert pipe.execute() == [True] * 300
    assert r.dbsize() == 301
    keys = list(r.scan_iter(count=7))
    assert len(keys) == 301 and len(set(keys)) == 301
    assert len(r.keys("k1?")) == 10
    assert r.randomkey() in keys
    assert r.set("lock", "me", nx=True, px=10000) and not r.set("lock", "you", nx=True)
    other = redis.Redis(port=PORTS[-1], db=3)
    other.set("x", 1)
    assert other.dbsize() == 1 and not r.exists("x")
    assert {client["db"] for client in r.client_list()} == {"0"}
    assert r.wait(0, 0) == 1
    other.flushdb()
    assert r.exists("a") == 1


def counted_by_watching():
    def add(pipe):
        value = int(pipe.get("{t}c") or 0)
        pipe.multi()
        pipe.set("{t}c", value + 1)
        pipe.set("{t}d", value + 1)

    def work(port):
        r = redis.Redis(port=port)
        for _ in range(25):
            r.transaction(add, "{t}c")

    with ThreadPoolExecutor() as pool:
        list(pool.map(work, [PORTS[i % len(PORTS)] for i in range(4)]))
    assert redis.Redis(port=PORTS[0]).mget("{t}c", "{t}d") == [b"100", b"100"]


def cluster():
    r = redis.Redis(port=PORTS[0])
    c = RedisCluster(host="127.0.0.1", port=PORTS[0])
    assert len(c.get_primaries()) == len(PORTS)
    for i in range(300):
        c.set("c%d" % i, i)
    assert r.dbsize() == 300
    assert sum(c.dbsize(target_nodes=[node]) for node in c.get_primaries()) == 300
    assert all(0 < c.dbsize(target_nodes=[node]) < 300 for node in c.get_primaries())
    assert c.get("c5") == b"5"
    assert len(list(c.scan_iter("c*", target_nodes=RedisCluster.PRIMARIES))) == 300
    assert c.mset({"{q}1": 1, "{q}2": 2}) and c.mget("{q}1", "{q}2") == [b"1", b"2"]
    pipe = c.pipeline()
    for i in range(50):
        pipe.get("c%d" % i)
    assert pipe.execute() == [b"%d" % i for i in range(50)]
    node = c.get_primaries()[0]
    wrong = redis.Redis(port=node.port)
    moved = 0
    for i in range(100):
        try:
            wrong.set("c%d" % i, i)
        except redis.ResponseError as error:
            assert str(error).startswith("MOVED "), error
            moved += 1
    assert 0 < moved < 100
    c.flushall(target_nodes=RedisCluster.PRIMARIES)
    assert r.dbsize() == 0


def django_settings():
    from django.conf import settings

    settings.configure(
        CACHES={
            "default": {
                "BACKEND": "django_redis.cache.RedisCache",
                # Writes go to the first, reads to the others.
                "LOCATION": ["redis://127.0.0.1:%d/1" % port for port in PORTS],
                "KEY_PREFIX": "site",
            }
        }
    )


def django():
    from django.core.cache import cache
    from memcached_clients import django_cache, expect

    # It counts by a script; where there are none it reads and writes, which knows no missing key.
    django_cache(cache, missing_counter=TypeError)
    cache.set("kept", 1, timeout=None)
    expect(None, cache.ttl("kept"))
    expect(True, cache.expire("kept", 100))
    expect(True, 90 < cache.ttl("kept") <= 100)
    expect(True, cache.persist("kept"))
    expect(None, cache.ttl("kept"))
    expect(True, cache.touch("kept", 100))
    expect(True, cache.touch("kept", None))
    expect(None, cache.ttl("kept"))
    expect(0, cache.ttl("none"))
    cache.set_many({"listed-%d" % i: i for i in range(50)})
    expect({"listed-%d" % i for i in range(50)}, set(cache.keys("listed-*")))
    expect({"listed-%d" % i for i in range(50)}, set(cache.iter_keys("listed-*")))
    expect(50, cache.delete_pattern("listed-*"))
    expect(False, cache.add("kept", 2))
    expect(False, cache.set("kept", 2, nx=True))
    expect(1, cache.get("kept"))
    cache.clear()
    expect(None, cache.get("kept"))


django_settings()
for part in plain, counted_by_watching, cluster, django:
    undisturbed(part)
print("ok")
