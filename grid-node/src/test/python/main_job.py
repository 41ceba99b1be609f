"""The Python side of the main job: what an application does with pymemcache and redis-py while members come and go.

    main_job.py load  MEMBERS WORDS             sets each word of this file to its text, through pymemcache
    main_job.py read  MEMBERS WORDS             reads them back through both clients and compares
    main_job.py write MEMBERS COUNTERS LEDGER   writes and increments until standard input ends, then writes the ledger
    main_job.py check MEMBERS COUNTERS LEDGER   reads what the ledger holds through both clients and compares

MEMBERS is host:memcached-port:redis-port of each member, with commas. COUNTERS is how many counters there are.

A line of the ledger, with tabs, is one of

    write    KEY  the last acknowledged value or -  the value whose write ended unknown or -
    counted  KEY  the number that an acknowledged increment returned
    unknown  KEY  an increment of this counter ended unknown

A key whose write ended unknown is written no more, so its value is one of two. Every error counts as unknown: nothing
here relies on an error saying more.
"""

import hashlib
import itertools
import sys
import threading
import time

import pymemcache.client.base
import redis
from pymemcache.exceptions import MemcacheServerError

CHUNK = 500
LOAD_ATTEMPTS = 10
CONNECT_SECONDS = 1
ANSWER_SECONDS = 2
WRITERS_PER_DOOR = 4
KEYS_PER_WRITER = 250
WRITES_PER_SECOND = 150  # of each writer
COUNTERS_PER_DOOR = 2
INCREMENTS_PER_SECOND = 40  # of each of these


def text_of(word):
    """The value of a word, as MainJobProcessTest knows it too."""
    key = word.encode()
    return b"%s\nhas %d bytes\nand the digest %s\n" % (key, len(key), hashlib.md5(key).hexdigest().encode())


class Memcached:
    """One member's memcached door through pymemcache."""

    name = "memcached"

    def __init__(self, member):
        host, port, _ = member.split(":")
        self.client = pymemcache.client.base.Client(
            (host, int(port)),
            connect_timeout=CONNECT_SECONDS,
            timeout=ANSWER_SECONDS,
            no_delay=True,
            allow_unicode_keys=True,
            encoding="utf-8",
        )

    def set(self, key, value):
        assert self.client.set(key, value, noreply=False) is True

    def set_many(self, values):
        assert self.client.set_many(values, noreply=False) == []

    def get_many(self, keys):
        found = self.client.get_many(keys)
        return [found.get(key) for key in keys]

    def increment(self, key):
        number = self.client.incr(key, 1, noreply=False)
        assert number is not None
        return number

    def close(self):
        self.client.close()


class Redis:
    """One member's Redis door through redis-py."""

    name = "redis"

    def __init__(self, member):
        host, _, port = member.split(":")
        self.client = redis.Redis(
            host, int(port), socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS
        )

    def set(self, key, value):
        assert self.client.set(key, value) is True

    def get_many(self, keys):
        return self.client.mget(keys)

    def increment(self, key):
        return self.client.incr(key)

    def close(self):
        self.client.close()


DOORS = (Memcached, Redis)


def in_threads(work, count):
    """Runs work(0) ... work(count - 1) at the same time, and ends with the first failure if there is one."""
    failures = []

    def run(number):
        try:
            work(number)
        except BaseException as failure:
            failures.append(failure)
            raise

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def words_of(path):
    with open(path, encoding="utf-8") as lines:
        return [line.rstrip("\n") for line in lines]


def chunks(items):
    return [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]


def load(members, path):
    words = words_of(path)
    retries = []

    def load_share(number):
        client = Memcached(members[number])
        for chunk in chunks(words[number :: len(members)]):
            texts = {word: text_of(word) for word in chunk}
            for attempt in itertools.count(1):
                try:
                    client.set_many(texts)
                    break
                except (MemcacheServerError, OSError) as failure:
                    # A machine that is busy with other things: setting the same text once more is right in any case.
                    retries.append(failure)
                    client.close()
                    if attempt == LOAD_ATTEMPTS:
                        raise

    in_threads(load_share, len(members))
    print(f"loaded {len(words)}, chunks set once more: {len(retries)}", *set(map(str, retries)))


def read(members, path):
    words = words_of(path)
    for door in DOORS:

        def read_share(number):
            client = door(members[number])
            for chunk in chunks(words[number :: len(members)]):
                for word, value in zip(chunk, client.get_many(chunk)):
                    assert value == text_of(word), f"{door.name}: {word} is {value!r}"

        in_threads(read_share, len(members))
    print(f"read {len(words)} through each door")


class Writer:
    """A client of its own, that goes to the next member on any error."""

    def __init__(self, door, members, first):
        self.door = door
        self.members = itertools.cycle(members[first % len(members) :] + members[: first % len(members)])
        self.client = door(next(self.members))
        self.acknowledged = 0
        self.unknown = 0
        self.last = self.tried = time.monotonic()
        self.longest_gap = 0.0
        self.lines = []

    def attempt(self, call):
        """The call's answer, or None if it ended unknown."""
        self.tried = time.monotonic()
        try:
            answer = call(self.client)
        except Exception:  # whatever a client library throws: the outcome counts as unknown
            self.unknown += 1
            self.client.close()
            self.client = self.door(next(self.members))
            return None
        now = time.monotonic()
        self.acknowledged += 1
        self.longest_gap = max(self.longest_gap, now - self.last)
        self.last = now
        return answer

    def pace(self, per_second, ending):
        return not ending.wait(max(0.0, self.tried + 1 / per_second - time.monotonic()))


class KeyWriter(Writer):
    """Sets keys of its own to rising values."""

    def run(self, name, ending):
        numbers = itertools.count()
        keys = [f"{name}:{next(numbers)}" for _ in range(KEYS_PER_WRITER)]
        values = {}
        for turn in itertools.count():
            at = turn % len(keys)
            key, value = keys[at], f"{name} wrote {turn}"

            def set_it(client):
                client.set(key, value)
                return value

            if self.attempt(set_it) is None:
                self.lines.append(("write", key, values.pop(key, "-"), value))
                keys[at] = f"{name}:{next(numbers)}"
            else:
                values[key] = value
            if not self.pace(WRITES_PER_SECOND, ending):
                break
        self.lines += [("write", key, value, "-") for key, value in values.items()]


class Incrementer(Writer):
    """Increments the counters one after the other."""

    def run(self, first, counters, ending):
        for turn in itertools.count(first):
            key = f"counter:{turn % counters}"
            number = self.attempt(lambda client: client.increment(key))
            self.lines.append(("unknown", key) if number is None else ("counted", key, str(number)))
            if not self.pace(INCREMENTS_PER_SECOND, ending):
                break


def write(members, counters, path):
    ending = threading.Event()
    writers, incrementers, threads = [], [], []
    for door in DOORS:
        for number in range(WRITERS_PER_DOOR):
            writer = KeyWriter(door, members, number)
            writers.append(writer)
            threads.append(threading.Thread(target=writer.run, args=(f"{door.name}-{number}", ending)))
        for number in range(COUNTERS_PER_DOOR):
            incrementer = Incrementer(door, members, number)
            incrementers.append(incrementer)
            threads.append(threading.Thread(target=incrementer.run, args=(number * 7, counters, ending)))

    def tell():
        while not ending.wait(0.1):
            print("progress", sum(w.acknowledged for w in writers), flush=True)

    threads.append(threading.Thread(target=tell))
    for thread in threads:
        thread.start()
    sys.stdin.read()
    ending.set()
    for thread in threads:
        thread.join()
    with open(path, "w", encoding="utf-8") as ledger:
        for writer in writers + incrementers:
            ledger.writelines("\t".join(line) + "\n" for line in writer.lines)
    for kind, of_kind in (("writes", writers), ("increments", incrementers)):
        print(
            f"{kind}: {sum(w.acknowledged for w in of_kind)} acknowledged,"
            f" {sum(w.unknown for w in of_kind)} ended in an error,"
            f" longest wait of a client {max(w.longest_gap for w in of_kind):.2f} s"
        )


def allowed_values(acknowledged, unknown):
    """What a key may hold; None is absence, which only a key without an acknowledged write may show."""
    first = None if acknowledged == "-" else acknowledged
    return [first] if unknown == "-" else [first, unknown]


def check(members, counters, path):
    with open(path, encoding="utf-8") as ledger:
        lines = [line.rstrip("\n").split("\t") for line in ledger]
    allowed = {key: allowed_values(*rest) for kind, key, *rest in lines if kind == "write"}
    wrong = []
    for door in DOORS:
        client = door(members[0])
        for chunk in chunks(list(allowed)):
            for key, value in zip(chunk, client.get_many(chunk)):
                if (value and value.decode()) not in allowed[key]:
                    wrong.append(f"{door.name}: {key} is {value!r}, allowed is {allowed[key]}")
        names = [f"counter:{number}" for number in range(counters)]
        print(f"counters-{door.name}", *(int(value) for value in client.get_many(names)))
    for line in wrong:
        print("wrong:", line)
    print(f"checked {len(allowed)} keys through each door")
    return 1 if wrong else 0


def main():
    command, members = sys.argv[1], sys.argv[2].split(",")
    if command == "load":
        return load(members, sys.argv[3])
    if command == "read":
        return read(members, sys.argv[3])
    if command == "write":
        return write(members, int(sys.argv[3]), sys.argv[4])
    if command == "check":
        return check(members, int(sys.argv[3]), sys.argv[4])
    return "no such command: " + command


sys.exit(main())
