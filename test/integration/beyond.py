#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What result_cache has and Redis has not: versions, compare-and-set, locks, exact decimals.

usage: beyond.py PROGRAM

Rows of the system's list that are shown here: K-02 K-03 K-06 K-12 K-13 K-14 K-15 K-16 K-19 K-20 K-21.
"""
import decimal
import random
import sys
import threading
import time

import servers
from protocol import demand, plain


def versions(c):
    """K-06: versions grow with every write, whatever writes, and are readable."""
    demand(plain(c.ask("version", "none")) == 0, "K-06: 0 for what is not there")
    seen = [0]
    for words in (["set", "v", "1"], ["set", "v", "1"], ["incr", "v"], ["append", "v", "0"],
                  ["expire", "v", "100"], ["rename", "v", "w"], ["copy", "w", "v"], ["del", "v"],
                  ["lpush", "v", "x"], ["rpush", "v", "y"], ["lpop", "v"], ["del", "v"],
                  ["hset", "v", "f", "1"], ["del", "v"], ["set", "v", "after"]):
        c.ask(*words)
        if words[0] in ("del", "rename"):
            demand(plain(c.ask("version", "v")) == 0, "K-06: gone")
            continue
        seen.append(plain(c.ask("version", "v")))
        demand(seen[-1] > seen[-2], f"K-06: {words} gives a greater version, also after DEL")
    demand(plain(c.ask("getv", "v")) == [seen[-1], b"after"], "GETV: both at one moment")
    demand(plain(c.ask("getv", "none")) is None, "GETV of nothing")
    c.ask("lpush", "l", "x")
    demand(plain(c.ask("getv", "l")).startswith(b"-WRONGTYPE"), "GETV is of strings")
    answers = plain(c.ask_all([["multi"], ["set", "a", "1"], ["set", "b", "2"], ["version", "a"],
                               ["getv", "b"], ["casv", "v", seen[-1], "new"], ["del", "a"],
                               ["version", "a"], ["version", "l"], ["exec"]])[-1])
    one = answers[2]
    demand(answers == [b"OK", b"OK", one, [one, b"2"], one, 1, 0, plain(c.ask("version", "l"))],
           f"one version for all that a transaction wrote: {answers}")
    demand(one > seen[-1] and plain(c.ask("version", "b")) == one, "and it stays")


def compare_and_set(c):
    """K-16: over the wire, by value and by version; no ABA (W10)."""
    demand(plain(c.ask("cas", "c", "x", "y")) is None, "K-16: nothing to compare with")
    c.ask("set", "c", "old", "EX", "100")
    demand(plain(c.ask("cas", "c", "other", "new")) == 0, "K-16: another value")
    demand(plain(c.ask("cas", "c", "old", "new")) == 1, "K-16: set")
    demand(plain(c.ask("get", "c")) == b"new" and 98 <= plain(c.ask("ttl", "c")) <= 100,
           "K-16: the time to live stays unless one is given")
    demand(plain(c.ask("cas", "c", "new", "newer", "PX", "500000")) == 1, "with a time")
    demand(498 <= plain(c.ask("ttl", "c")) <= 500, "K-16: replaced only if given")
    demand(plain(c.ask("cas", "c", "newer", "x", "EX")) == b"-ERR syntax error", "half a time")
    demand(plain(c.ask("cas", "c", "newer", "x", "EX", "0")).startswith(b"-ERR invalid expire"),
           "W13: no time of nothing")
    version = plain(c.ask("version", "c"))
    c.ask_all([["set", "c", "x"], ["set", "c", "newer"]])
    demand(plain(c.ask("casv", "c", version, "y")) is None, "W10: same value, other version")
    demand(plain(c.ask("casv", "c", 0, "y")) is None, "version 0 is for what is not there")
    now = plain(c.ask("version", "c"))
    newer = plain(c.ask("casv", "c", now, "y", "EX", "7"))
    demand(newer > now and plain(c.ask("version", "c")) == newer, "CASV answers the new version")
    made = plain(c.ask("casv", "made", 0, "first"))
    demand(made > newer and plain(c.ask("casv", "made", 0, "second")) is None, "made once")
    demand(plain(c.ask("casv", "made", "-1", "x")) is None and plain(
        c.ask("casv", "made", "x", "x")) == b"-ERR value is not an integer or out of range", "numbers")
    c.ask("lpush", "list", "x")
    demand(plain(c.ask("cas", "list", "x", "y")).startswith(b"-WRONGTYPE"), "CAS is of strings")


def races(server):
    """K-14, K-15, K-16: of many at once none is lost and one wins."""
    clients, won, rounds = 8, [], 40

    def work(number):
        c = server.client()
        if plain(c.ask("setnx", "first", number)) == 1:
            won.append(number)
        for _ in range(rounds):
            c.ask("incr", "counter")
            while True:
                version, value = plain(c.ask("getv", "total"))
                if plain(c.ask("casv", "total", version, int(value) + 1)) is not None:
                    break
            while plain(c.ask("cas", "by value", value := plain(c.ask("get", "by value")),
                              int(value) + 1)) != 1:
                pass

    c = server.client()
    c.ask_all([["set", "total", "0"], ["set", "by value", "0"]])
    threads = [threading.Thread(target=work, args=(n,)) for n in range(clients)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    demand(len(won) == 1, "K-15: of many SETNX one wins")
    total = b"%d" % (clients * rounds)
    demand(plain(c.ask("mget", "counter", "total", "by value")) == [total] * 3,
           "K-14, K-16: no increment is lost")


def locks(server):
    """K-19: owner, time to live, fencing token."""
    c = server.client()
    token = plain(c.ask("lock", "job", "anna", "60000"))
    demand(token > 0, "K-19: taken, with a token")
    demand(plain(c.ask("lock", "job", "ben", "60000")) is None, "K-19: stealing fails")
    demand(plain(c.ask("lock", "job", "anna", "60000")) is None, "K-19: not re-entrant")
    demand(59000 < plain(c.ask("pttl", "job")) <= 60000, "K-19: has an end")
    demand(plain(c.ask("extend", "job", "anna", "90000")) == 1, "K-19: extended")
    demand(89000 < plain(c.ask("pttl", "job")) <= 90000, "K-19: from now on")
    for words in (["unlock", "job", "ben"], ["extend", "job", "ben", "1000"]):
        demand(plain(c.ask(*words)) == b"-LOCKOWNER the lock is held by another owner",
               "K-19: not yours")
    demand(plain(c.ask("unlock", "job", "anna")) == 1, "K-19: let go")
    demand(plain(c.ask("unlock", "job", "anna")) == 0, "K-19: nobody holds it")
    demand(plain(c.ask("extend", "job", "anna", "1000")) == 0, "K-19: nothing to extend")
    short = plain(c.ask("lock", "job", "ben", "50"))
    demand(short > token, "K-19: tokens grow, also over UNLOCK")
    time.sleep(0.08)
    demand(plain(c.ask("unlock", "job", "ben")) == 0, "K-12, K-19: what is over is not unlocked")
    third = plain(c.ask("lock", "job", "anna", "1000"))
    demand(third > short, "K-19: its end frees it, and the token grows")
    for bad in ("0", "-1", "99999999999999999"):
        demand(plain(c.ask("lock", "x", "anna", bad)) ==
               b"-ERR invalid expire time in 'lock' command", "W13: a lock has an end ahead")
    demand(plain(c.ask("lock", "x", "", "1000")) == b"-ERR a lock needs an owner's name", "an owner")
    demand(plain(c.ask("lock", "x", "a", "soon")) ==
           b"-ERR value is not an integer or out of range", "a number")
    c.ask("lpush", "list", "v")
    for words in (["lock", "list", "a", "1000"], ["unlock", "list", "a"],
                  ["extend", "list", "a", "1000"]):
        demand(plain(c.ask(*words)).startswith(b"-WRONGTYPE"), "a list is no lock")
    inside, held, tokens = [], [0], []

    def work(number):
        mine = server.client()
        for _ in range(15):
            while (got := plain(mine.ask("lock", "shared", f"owner {number}", "10000"))) is None:
                time.sleep(0.001)
            held[0] += 1
            inside.append(held[0])
            tokens.append(got)
            held[0] -= 1
            mine.ask("unlock", "shared", f"owner {number}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    demand(inside == [1] * 60, "K-19: one owner at a time")
    demand(tokens == sorted(tokens) and len(set(tokens)) == 60, "K-19: tokens in order of owners")


def many_keys(c):
    """K-20: MDEL and MEXISTS, in order, counted, atomic."""
    keys = [f"m{i}" for i in range(1000)]
    pairs = [word for key in keys for word in (key, f"v{key}")]
    demand(plain(c.ask("mset", *pairs)) == b"OK", "K-20: 1000 keys")
    demand(plain(c.ask("mget", *keys, "none")) == [b"v" + k.encode() for k in keys] + [None], "order")
    demand(plain(c.ask("mexists", "m1", "none", "m2", "m1")) == [1, 0, 1, 1], "K-20: MEXISTS")
    demand(plain(c.ask("mdel", "m0", "none", "m0")) == 1, "K-20: what was there is counted once")
    demand(plain(c.ask("mdel", *keys)) == 999, "K-20: MDEL")
    demand(sum(plain(c.ask("mexists", *keys))) == 0, "K-20: all gone")
    for name in ("mset", "mdel", "mexists", "mget"):
        demand(b"wrong number of arguments" in plain(c.ask(name)), "K-20: an empty list is an error")
    c.ask_all([["set", "short", "v", "PX", "20"], ["set", "short2", "v", "PX", "20"]])
    time.sleep(0.05)
    demand(plain(c.ask("mdel", "short")) == 0, "K-12: what is over was not there")
    demand(plain(c.ask("mexists", "short2")) == [0], "K-13: nor does it exist")


def atomic(server):
    """K-20: nobody sees half of MSET or MDEL."""
    stop, half = threading.Event(), []

    def look():
        mine = server.client()
        while not stop.is_set():
            if len(set(plain(mine.ask("mexists", "p", "q", "r")))) != 1:
                half.append(1)

    watcher = threading.Thread(target=look)
    watcher.start()
    c = server.client()
    for _ in range(150):
        c.ask("mset", "p", "1", "q", "1", "r", "1")
        c.ask("mdel", "r", "q", "p")
    stop.set()
    watcher.join()
    demand(not half, "K-20: half of it was seen")


def decimals(c):
    """K-02: exact, or an error."""
    c.ask("set", "money", "19.99", "EX", "100")
    demand(plain(c.ask("incrbydec", "money", "0.01")) == b"20.00", "K-02: the scale is kept")
    demand(plain(c.ask("ttl", "money")) >= 98, "and the time to live")
    demand(plain(c.ask("incrbydec", "new", "-0.10")) == b"-0.10", "K-02: from nothing")
    for _ in range(3):
        c.ask("incrbydec", "tenth", "0.1")
    demand(plain(c.ask("get", "tenth")) == b"0.3", "K-02: 0.1 three times is 0.3")
    most = str(2**96 - 1)
    c.ask("set", "most", most)
    demand(plain(c.ask("incrbydec", "most", "1")) ==
           b"-ERR increment or decrement would overflow", "K-02: 96 bits")
    demand(plain(c.ask("get", "most")) == most.encode(), "an error changes nothing")
    for bad in ("1e3", "", "x", " 1", "0x1", "1.", "nan", "0." + "1" * 29):
        demand(plain(c.ask("incrbydec", "money", bad)) ==
               b"-ERR value is not a decimal or out of range", f"K-02: {bad!r} is none")
    c.ask("lpush", "list", "v")
    demand(plain(c.ask("incrbydec", "list", "1")).startswith(b"-WRONGTYPE"), "a list is no number")
    exact = decimal.Context(prec=60)
    luck = random.Random(5)
    sum_here = decimal.Decimal(0)
    for _ in range(200):
        delta = decimal.Decimal(luck.randint(-10**12, 10**12)).scaleb(-luck.randint(0, 12))
        text = format(delta, "f")
        sum_here = exact.add(sum_here, decimal.Decimal(text))
        got = plain(c.ask("incrbydec", "sum", text)).decode()
        demand(decimal.Decimal(got) == sum_here, f"K-02: {got} is {sum_here}")


def names(c):
    """K-21: no two keys or databases meet, whatever their names are made of."""
    odd = [b"a", b"a:b", b"a:b:c", b"b:c", b"a\0b", b"a\0", b"\0", b"..", b"../a", b"a/b", b"", b":",
           b"*", b"a ", b"\xff", b"a" * 300]
    for db in (3, 4):
        c.ask("select", db)
        c.ask_all([["set", key, b"%d " % db + key] for key in odd])
        c.ask_all([["lock", b"lock" + key, b"%d " % db + key, "100000"] for key in odd])
    for db in (3, 4):
        c.ask("select", db)
        demand(plain(c.ask("mget", *odd)) == [b"%d " % db + key for key in odd], "K-21: each its own")
        demand(plain(c.ask("dbsize")) == 2 * len(odd), "K-21: none lost")
        demand([plain(r) for r in c.ask_all([["unlock", b"lock" + key, b"%d " % db + key]
                                             for key in odd])] == [1] * len(odd), "K-21: locks too")
    c.ask("select", "0")


def mistakes(c):
    """K-03: each mistake has an error of its own, and changes nothing."""
    c.ask("lock", "l", "me", "100000")
    c.ask("rpush", "list", "x")
    c.ask("set", "text", "word")
    for words, answer in (
            (["get", "list"], b"-WRONGTYPE Operation against a key holding the wrong kind of value"),
            (["incr", "text"], b"-ERR value is not an integer or out of range"),
            (["incrbydec", "text", "1"], b"-ERR"), (["unlock", "l", "you"], b"-LOCKOWNER"),
            (["extend", "l", "you", "1000"], b"-LOCKOWNER"), (["lset", "none", "0", "x"], b"-ERR no such key"),
            (["lset", "list", "9", "x"], b"-ERR index out of range"), (["set", "k"], b"-ERR wrong number"),
            (["set", "k", "v", "ex", "0"], b"-ERR invalid expire"), (["nosuch"], b"-ERR unknown command")):
        said = plain(c.ask(*words))
        demand(isinstance(said, bytes) and said.startswith(answer), f"K-03: {words}: {said}")
    demand(plain(c.ask("cas", "none", "a", "b")) is None, "K-03: nothing to compare with")
    demand(plain(c.ask("cas", "text", "other", "b")) == 0, "K-03: a conflict")
    demand(plain(c.ask("casv", "text", "1", "b")) is None, "K-03: a conflict of versions")
    demand(plain(c.ask("unlock", "none", "me")) == 0, "K-03: nobody holds it")
    demand(plain(c.ask("mget", "text", "l", "k")) == [b"word", b"me", None], "and nothing has changed")


def crc_table():
    table = list(range(256))
    for _ in range(8):
        table = [n >> 1 ^ (0x82F63B78 if n & 1 else 0) for n in table]
    return table, {entry >> 24: n for n, entry in enumerate(table)}


def steered(key, table, places, wanted=0):
    """The key with four bytes behind it that make its CRC-32C `wanted`: as an attacker would."""
    crc = 0xFFFFFFFF
    for byte in key:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    back, steps = wanted ^ 0xFFFFFFFF, []
    for _ in range(4):
        steps.append(places[back >> 24])
        back = (back ^ table[steps[-1]]) << 8 & 0xFFFFFFFF
    for n in reversed(steps):
        key += bytes([(crc ^ n) & 255])
        crc = crc >> 8 ^ table[n]
    return key


def one_hash(server):
    """W11: keys that were made to have one hash cost hardly more than others: rows are in order, so
    equal hashes only share the first bytes of their place."""
    c, count, tables = server.client(60), 4000, crc_table()

    def seconds(keys):
        begin = time.monotonic()
        for i in range(0, count, 500):
            c.ask_all([["set", key, "v"] for key in keys[i:i + 500]])
            demand(c.ask_all([["get", key] for key in keys[i:i + 500]]) == [(b"$", b"v")] * 500, "there")
        return max(time.monotonic() - begin, 1e-3)

    usual = seconds([b"usual %07d" % n for n in range(count)])
    chosen = seconds([steered(b"key %05d" % n, *tables) for n in range(count)])
    demand(chosen < 10 * usual, f"W11: {chosen:.2f} s for one hash, {usual:.2f} s for many")
    demand(plain(c.ask("dbsize")) == 2 * count, "W11: none lost")


def main():
    with servers.result_cache(sys.argv[1], "--threads", "2") as server:
        c = server.client()
        for test, what in ((versions, c), (compare_and_set, c), (races, server), (locks, server),
                           (many_keys, c), (atomic, server), (decimals, c), (names, c), (mistakes, c), (one_hash, server)):
            begin = time.monotonic()
            c.ask("flushall")
            test(what)
            print(f"{test.__name__}: ok in {time.monotonic() - begin:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
