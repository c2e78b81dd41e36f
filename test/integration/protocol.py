#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Connections: who may speak, what hostile clients get, several clients at once, the end.

usage: protocol.py PROGRAM

Scenarios under `same_as_redis` run against redis-server too: the transcripts must be equal.
"""
import os
import random
import shlex
import signal
import socket
import sys
import tempfile
import threading
import time

import servers

MIB = 1 << 20


def demand(holds, what):
    if not holds:
        raise SystemExit(f"broken: {what}")


def plain(reply):
    """A reply without types, for reading: b"OK", 1, None, [...]; errors keep their dash."""
    kind, value = reply
    if isinstance(value, list):
        return [plain(part) for part in value]
    return b"-" + value if kind == b"-" else value


# --- scenarios that redis-server answers alike --------------------------------------------------


def transactions(server):
    a, b = server.client(), server.client()
    yield a.ask_all([["multi"], ["set", "k", "1"], ["nosuch"], ["exec"], ["get", "k"]])
    yield a.ask_all([["multi"], ["set", "k", "x"], ["incr", "k"], ["lpush", "l", "1"], ["exec"]])
    yield a.ask("watch", "k")
    yield b.ask("set", "k", "2")
    yield a.ask_all([["multi"], ["set", "k", "3"], ["exec"], ["get", "k"]])
    yield a.ask_all([["watch", "k"], ["unwatch"]])
    yield b.ask("set", "k", "4")
    yield a.ask_all([["multi"], ["get", "k"], ["exec"]])
    yield a.ask("watch", "k", "other")
    yield b.ask("lpush", "other", "v")
    yield a.ask_all([["multi"], ["exec"]])
    yield a.ask_all([["multi"], ["multi"], ["watch", "k"], ["get"], ["exec"]])
    yield a.ask_all([["multi"], ["select", "1"], ["set", "in1", "v"], ["exec"], ["get", "in1"],
                     ["select", "0"], ["get", "in1"]])
    yield a.ask_all([["multi"], ["blpop", "nothing", "0"], ["blmove", "nothing", "k2", "LEFT",
                                                          "LEFT", "0"], ["exec"]])
    yield a.ask_all([["multi"], ["set", "k", "5"], ["discard"], ["get", "k"], ["discard"], ["exec"]])
    yield a.ask_all([["multi"], ["reset"], ["get", "k"]])
    for put, change in ((["set", "k", "v", "px", "20"], None), (["set", "k", "v"], ["pexpire", "k", "1"]),
                        (["set", "k", "v"], ["expire", "k", "100"]), (["set", "k", "v"], ["getex", "k", "persist"])):
        b.ask(*put)
        a.ask("watch", "k")
        if change:
            b.ask(*change)
        time.sleep(0.03)
        yield change, a.ask_all([["multi"], ["exec"]])


def blocking(server):
    first, second, third, pusher = (server.client() for _ in range(4))
    first.send("blpop", "q", "0")
    time.sleep(0.1)
    second.send("brpop", "other", "q", "0")
    time.sleep(0.1)
    yield pusher.ask("rpush", "q", "1", "2", "3")
    yield first.read(), second.read()
    yield pusher.ask("lrange", "q", "0", "-1")
    first.send("blpop", "empty", "0.1")
    second.send("blmove", "empty", "to", "LEFT", "RIGHT", "0.1")
    third.send("brpoplpush", "empty", "to", "0.1")
    yield first.read(), second.read(), third.read()
    first.send("blmove", "from", "to", "LEFT", "RIGHT", "0")
    second.send("blpop", "to", "0")  # a chain: what is moved is popped
    time.sleep(0.1)
    yield pusher.ask("rpush", "from", "x")
    yield first.read(), second.read()
    yield pusher.ask("exists", "from", "to")
    first.socket.sendall(servers.encode(["blpop", "pipe", "0"]) + servers.encode(["echo", "after"]))
    time.sleep(0.1)
    yield pusher.ask_all([["multi"], ["rpush", "pipe", "a"], ["lpop", "pipe"], ["exec"]])
    yield pusher.ask("rpush", "pipe", "b")  # in the transaction it came and went
    yield first.read(), first.read()
    first.send("blpop", "typed", "0")
    time.sleep(0.1)
    yield pusher.ask("set", "typed", "a string")
    yield pusher.ask("del", "typed")
    yield pusher.ask("rpush", "typed", "v")
    yield first.read()
    first.send("blpop", "renamed", "0")
    time.sleep(0.1)
    yield pusher.ask_all([["rpush", "source", "v"], ["rename", "source", "renamed"]])
    yield first.read()
    waits = first.ask("client", "id")[1]
    yield pusher.ask("client", "unblock", waits)  # it waits for nothing
    for reason, words in ((["error"], ["blpop", "never", "0"]), (["TIMEOUT"], ["blmove", "never", "to", "LEFT", "LEFT", "0"]),
                          ([], ["bzpopmin", "never", "nor", "0"])):
        first.send(*words)
        first.send("echo", "behind")
        while (told := pusher.ask("client", "unblock", waits, *reason)) != (b":", 1):
            if told != (b":", 0):
                raise SystemExit(f"CLIENT UNBLOCK: {told}")
        yield first.read(), first.read(), pusher.ask("rpush", "never", "v"), pusher.ask("del", "never")
    yield pusher.ask("rpush", "gone", "v")
    third.send("blpop", "gone2", "0")
    time.sleep(0.1)
    third.close()  # who is gone gets nothing
    time.sleep(0.1)
    yield pusher.ask("rpush", "gone2", "v")
    yield pusher.ask("llen", "gone2")


def messages(server):
    listener, other, sender = server.client(), server.client(), server.client()
    yield listener.ask("subscribe", "news")
    listener.send("subscribe", "a", "b")
    yield listener.read(), listener.read()
    yield other.ask("psubscribe", "n*")
    yield sender.ask("publish", "news", "hello")
    yield listener.read(), other.read()
    yield sender.ask("publish", "nobody", "x"), other.read()
    yield listener.ask("get", "k")
    yield listener.ask("ping"), listener.ask("ping", "text"), listener.ask("exec"), listener.ask("multi")
    yield sender.ask("pubsub", "numsub", "news", "b", "none"), sender.ask("pubsub", "numpat")
    yield sorted(plain(sender.ask("pubsub", "channels"))), sender.ask("pubsub", "channels", "n*")
    yield sender.ask_all([["multi"], ["set", "k", "v"], ["publish", "news", "k"], ["exec"]])
    yield listener.read(), other.read(), sender.ask("get", "k")
    yield listener.ask("unsubscribe", "news")
    listener.send("unsubscribe")
    yield listener.read()[1][2], listener.read()[1][2]
    yield listener.ask("get", "k"), listener.ask("unsubscribe"), listener.ask("punsubscribe", "x")
    yield other.ask("reset"), other.ask("ping")
    yield sender.ask("publish", "news", "x")


def protocols(server):
    c = server.client()
    c.ask("rpush", "l", "a", "b")
    c.ask("hset", "h", "f", "v")
    c.ask("sadd", "s", "m")
    c.ask("zadd", "z", "1.5", "m", "2", "n")
    commands = [["get", "none"], ["hgetall", "h"], ["smembers", "s"], ["zscore", "z", "m"],
                ["zrange", "z", "0", "-1", "WITHSCORES"], ["lpop", "none"], ["lpop", "none", "1"],
                ["hget", "h", "none"], ["zscore", "z", "none"], ["mget", "none", "h"],
                ["zadd", "z", "incr", "1", "m"], ["spop", "s", "5"], ["config", "nosuch"],
                ["blpop", "none", "0.01"], ["zmscore", "z", "m", "none"], ["client", "getname"],
                ["srandmember", "none"], ["randomkey", "x"], ["exec"], ["lpos", "l", "none"],
                ["zrangebyscore", "z", "-inf", "+inf", "WITHSCORES", "LIMIT", "0", "1"],
                ["hscan", "h", "0"], ["set", "new", "v", "GET"], ["zincrby", "z", "0.5", "n"],
                ["blmove", "none", "x", "LEFT", "LEFT", "0.01"], ["incrbyfloat", "f", "0.1"]]
    for version in ("3", "2"):
        greeting = plain(c.ask("hello", version))
        yield [part for part in greeting if not isinstance(part, int) or part in (2, 3)][:5]
        for words in commands:
            if words[0] != "config":
                yield words, c.ask(*words)
    c.ask("hello", "3")
    yield c.ask("subscribe", "here"), c.ask("ping"), c.ask("set", "k", "in version 3")
    server.client().ask("publish", "here", "m")
    yield c.read()
    yield c.ask("client", "setname", "me"), c.ask("client", "getname")
    yield c.ask("client", "setname", "two words"), c.ask("hello", "3", "setname", "you")[0]
    yield c.ask("client", "getname"), c.ask("hello", "9"), c.ask("hello", "2", "auth", "x")


def scattered(server):
    """Requests cut into single bytes, and many at once (K-31)."""
    c = server.client()
    for byte in servers.encode(["set", "key", "value"]) + b"get key\r\n":
        c.socket.sendall(bytes([byte]))
    yield c.read(), c.read()
    yield c.ask_all([["incr", "n"]] * 5000)[-1]
    c.socket.sendall(b'set "quoted key" \'v\'\r\n\r\nget "quoted\\x20key"\r\n')
    yield c.read(), c.read()


def lookups(server):
    """GETs of a pipeline are looked up together: nobody can tell, whatever stands between them."""
    c = server.client()
    c.ask_all([["set", f"k{n}", f"v{n}"] for n in range(70)] + [["rpush", "list", "x"]])
    yield c.ask_all([["GET", f"k{n * 7 % 90}"] for n in range(200)])
    yield c.ask_all([["get", "k1"], ["get", "list"], ["get", "none"], ["set", "k1", "new"], ["get", "k1"],
                     ["get"], ["get", "k1", "x"], ["get", "k2"], ["multi"], ["get", "k1"], ["get", "k2"],
                     ["exec"], ["get", "k3"], ["select", "1"], ["get", "k3"], ["select", "0"], ["get", ""]])
    whole = servers.encode(["get", "k5"])
    for cut in (3, len(whole) - 1, len(whole) + 7):
        both = whole + b"get k6\r\nGET k7\r\n" + whole + whole
        c.socket.sendall(both[:cut])
        time.sleep(0.02)
        c.socket.sendall(both[cut:])
        yield cut, [c.read() for _ in range(5)]
    c.ask("set", "big", "x" * 300_000)
    yield c.ask_all([["get", "big"], ["get", "k8"]] * 12)
    c.socket.sendall(whole * 3 + b"*1\r\n:5\r\n")
    yield [c.read() for _ in range(4)], c.is_closed()


def assignments(server):
    """So are SETs: each is a commit by itself, and what is not a plain one is done as ever."""
    c, other = server.client(), server.client()
    yield c.ask_all([["set", f"k{n % 50}", f"v{n}"] for n in range(200)])[-1], c.ask("dbsize"), c.ask("get", "k7")
    yield c.ask_all([["rpush", "list", "x", "y"], ["set", "k1", "a"], ["set", "list", "now a string"], ["set", "k2", "b"],
                     ["lrange", "list", "0", "-1"], ["get", "list"], ["dbsize"], ["exists", "list", "k1", "k2"]])
    yield c.ask_all([["set", "k1", "c", "ex", "1000"], ["SET", "k2", "d", "PX", "1000000"], ["set", "k3", "e", "EX", "0"],
                     ["set", "k4", "f", "px", "x"], ["set", "k5", "g", "foo", "1"], ["set", "k6", "h", "exat", "1"],
                     ["set", "k7", "i", "ex", "9223372036854775807"], ["set", "k8", "j"], ["set", "k1", "k", "nx"],
                     ["set", "k9"], ["set", "k9", "l", "keepttl"], ["set", "k1", "m", "keepttl", "get"], ["set", "k2", "n"]])
    yield [c.ask("ttl", f"k{n}") for n in (1, 2, 8)], c.ask_all([["get", f"k{n}"] for n in range(10)]), c.ask("exists", "k6")
    c.ask_all([["set", f"k{n}", "soon over", "px", "20"] for n in range(30)])
    time.sleep(0.05)
    yield c.ask_all([["set", f"k{n}", "again"] for n in range(20)])[0], sorted(v for _, v in c.ask("keys", "*")[1])
    for _ in range(200):  # counted right, when the last of them is swept
        if c.ask("dbsize")[1] == len(c.ask("keys", "*")[1]):
            break
        time.sleep(0.02)
    yield c.ask("dbsize")
    other.ask("watch", "k3")
    c.ask_all([["set", "k2", "x"], ["set", "k3", "y"], ["set", "k4", "z"]])
    other.ask("multi")
    yield other.ask("set", "k3", "lost"), other.ask("exec"), c.ask("get", "k3")
    yield c.ask_all([["multi"], ["set", "k1", "p"], ["set", "k2", "q"], ["exec"], ["select", "1"], ["set", "k1", "in 1"],
                     ["set", "k2", "in 1"], ["dbsize"], ["select", "0"], ["get", "k1"], ["set", "", ""], ["get", ""],
                     ["set", "K" * 300, "v" * 70000], ["set", "k1", "w" * 70000], ["strlen", "K" * 300]])
    whole = servers.encode(["set", "k5", "5"])
    for cut in (3, len(whole) - 1, len(whole) + 7, 2 * len(whole) - 3):
        c.socket.sendall((whole * 3)[:cut])
        time.sleep(0.02)
        c.socket.sendall((whole * 3)[cut:] + b"set k6 inline\r\nget k6\r\n")
        yield cut, [c.read() for _ in range(5)]
    c.socket.sendall(whole * 3 + b"*1\r\n:5\r\n")
    yield [c.read() for _ in range(4)], c.is_closed()
    yield other.ask("flushall"), other.ask("dbsize")


def additions(server):
    """So are INCRs, as long as each finds a number or nothing."""
    c, other = server.client(), server.client()
    c.ask_all([["set", "n3", "41", "ex", "1000"], ["set", "n4", "9223372036854775806"], ["set", "n5", "no number"],
               ["rpush", "n6", "x"], ["set", "n7", ""], ["set", "n8", "-1"], ["set", "n9", "5", "px", "20"]])
    time.sleep(0.03)
    yield c.ask_all([["INCR", f"n{n % 10}"] for n in range(100)]), c.ask("ttl", "n3"), c.ask("ttl", "n9")
    yield c.ask_all([["get", f"n{n}"] for n in range(10)]), c.ask("dbsize"), sorted(c.ask("keys", "*")[1])
    yield c.ask_all([["incr", "a"], ["incr", "a"], ["incr"], ["incr", "a", "b"], ["incr", "a"], ["multi"], ["incr", "a"],
                     ["incr", "n6"], ["exec"], ["incr", "a"], ["select", "1"], ["incr", "a"], ["select", "0"], ["incr", "a"]])
    other.ask("watch", "a")
    c.ask_all([["incr", "a"], ["incr", "b"]])
    other.ask("multi")
    yield other.ask("incr", "a"), other.ask("exec"), c.ask("get", "a")


def ends_of_many(server):
    """Who waits for a sorted set, or for one of several, and whose database is swapped away."""
    first, second, third, pusher = (server.client() for _ in range(4))
    first.send("blpop", "k", "0")
    time.sleep(0.1)
    second.send("bzpopmin", "none", "k", "0")
    time.sleep(0.1)
    third.send("bzmpop", "0", "2", "k", "none", "max", "count", "2")
    time.sleep(0.1)
    yield pusher.ask("zadd", "k", "1", "a", "2", "b", "3", "c"), second.read(), third.read(), pusher.ask("exists", "k")
    yield pusher.ask("rpush", "k", "x"), first.read()
    first.send("blmpop", "0", "1", "k", "left", "count", "5")
    second.send("bzpopmax", "stored", "0")
    time.sleep(0.1)
    yield pusher.ask_all([["rpush", "k", "x", "y"], ["zadd", "z", "1", "m"], ["zunionstore", "stored", "1", "z"]])
    yield first.read(), second.read()
    third.send("bzpopmin", "later", "0")
    time.sleep(0.1)
    yield pusher.ask_all([["zadd", "source", "1", "m"], ["rename", "source", "later"]]), third.read()
    first.send("blpop", "there", "0")
    time.sleep(0.1)
    yield pusher.ask_all([["select", "1"], ["rpush", "there", "in 1"], ["swapdb", "0", "1"]]), first.read()
    first.send("blpop", "there", "0")
    time.sleep(0.1)
    yield pusher.ask_all([["swapdb", "1", "0"], ["rpush", "there", "not for him"], ["select", "0"], ["rpush", "there", "for him"]])
    yield first.read(), pusher.ask("exists", "there")


def draws(server):
    """By lot, from collections of some hundred members, one by one and a few at once."""
    c = server.client()
    names = [b"%d" % i for i in range(500)]
    c.ask("sadd", "s", *names)
    c.ask("hset", "h", *(word for name in names for word in (name, b"v")))
    c.ask("zadd", "z", *(word for name in names for word in (b"1", name)))
    for words in (["srandmember", "s"], ["hrandfield", "h"], ["zrandmember", "z"]):
        drawn = [plain(reply) for reply in c.ask_all([words] * 300)]
        yield words, set(drawn) <= set(names), len(set(drawn)) > 100
    popped = [plain(reply) for reply in c.ask_all([["spop", "s"]] * 100)]
    popped += [name for reply in c.ask_all([["spop", "s", "5"]] * 20) for name in plain(reply)]
    yield len(set(popped)), c.ask("scard", "s"), set(plain(c.ask("smembers", "s"))) | set(popped) == set(names)
    c.ask("sadd", "few", "a", "b", "c")
    yield sorted({plain(reply) for reply in c.ask_all([["srandmember", "few"]] * 200)})
    yield c.ask_all([["multi"], ["spop", "few"], ["spop", "few"], ["spop", "few"], ["exec"], ["exists", "few"]])[-1]


def removals(server):
    """LREM from either side of a list, where those before or those behind what goes are fewer."""
    c = server.client()
    for at in (0, 1, 20, 50, 80, 98, 99):
        for count in (b"1", b"-1", b"2", b"-2", b"0"):
            c.ask("del", "l")
            c.ask("rpush", "l", *range(at), "x", *range(at, 50), "x", "x", *range(50, 99))
            yield at, count, c.ask("lrem", "l", count, "x"), c.ask("lrange", "l", "0", "-1"), c.ask("llen", "l")
            yield c.ask("lpush", "l", "first"), c.ask("rpush", "l", "last"), c.ask("lpop", "l"), c.ask("rpop", "l")


def silence(server):
    """CLIENT REPLY: PING tells where the replies are again."""
    c = server.client()

    def until_ping(*commands):
        c.socket.sendall(b"".join(map(servers.encode, [*commands, ["ping"]])))
        seen = []
        while not seen or seen[-1] != (b"+", b"PONG"):
            seen.append(c.read())
        return seen

    off, on, skip = (["client", "reply", word] for word in ("off", "on", "skip"))
    yield until_ping(on, off, ["set", "a", "1"], ["nosuch"], ["get"], ["get", "a"], on, ["get", "a"])
    yield until_ping(skip, ["set", "a", "2"], ["get", "a"], skip, skip, ["get", "a"], ["get", "a"])
    yield until_ping(off, ["multi"], ["incr", "a"], ["exec"], ["client", "reply", "x"], skip, on, ["get", "a"])
    yield until_ping(off, ["blpop", "none", "0.01"], ["hello", "3"], on, ["getdel", "a"], ["get", "a"])
    yield until_ping(["client", "reply"], ["client", "reply", "x"], ["client", "reply", "on", "x"], off, ["reset"])
    yield until_ping(["hello", "3"], off, ["subscribe", "x", "y"], ["psubscribe"], ["set", "a", "1"], ["psubscribe", "p*"], ["unsubscribe", "x"],
                     ["unsubscribe"], ["punsubscribe", "q"], ["pubsub", "channels"], on, ["reset"])[1:]
    waiter = server.client()
    waiter.socket.sendall(b"".join(map(servers.encode, [off, ["blpop", "list", "9"], on])))
    while b"cmd=blpop" not in plain(c.ask("client", "list")):
        time.sleep(0.01)
    yield c.ask("rpush", "list", "x"), waiter.read(), c.ask("llen", "list")


def pausing(server):
    """CLIENT PAUSE: who has waited, half of the time that was said at least."""
    operator, c = server.client(), server.client()

    def waits(*words):
        began = time.monotonic()
        return c.ask(*words), time.monotonic() - began > 0.1

    c.ask("set", "k", "v")
    operator.ask("client", "pause", "200", "write")
    yield waits("get", "k"), waits("ping"), waits("nosuch"), waits("set", "k"), waits("set", "k", "w"), waits("get", "k")
    for words in (["publish", "c", "m"], ["mset", "a", "1"], ["blpop", "none", "0.01"]):
        operator.ask("client", "pause", "200", "WRITE")
        yield waits(*words)
    yield operator.ask("client", "pause", "60000", "write"), operator.ask("client", "pause", "1", "write")
    c.send("set", "k", "x")
    while b"blocked_clients:1\r" not in plain(operator.ask("info", "clients")):
        time.sleep(0.01)
    yield operator.ask("get", "k"), operator.ask("client", "unpause"), c.read(), operator.ask("get", "k")
    yield b"blocked_clients:0\r" in plain(operator.ask("info", "clients"))
    yield c.ask("multi"), c.ask("get", "k"), operator.ask("client", "pause", "200", "write"), waits("exec")
    yield operator.ask("client", "unpause"), operator.ask("client", "pause", "200"), waits("get", "k"), waits("ping")
    operator.ask("client", "pause", "200")
    c.socket.sendall(b"ping\r\n" + servers.encode(["incr", "n"]) * 3)
    began = time.monotonic()
    yield [c.read() for _ in range(4)], time.monotonic() - began > 0.1
    for words in (["x"], ["-1"], ["10", "foo"], ["10", "all", "x"], []):
        yield words, operator.ask("client", "pause", *words)
    yield operator.ask("client", "unpause", "x")


def broken_requests(server):
    for bytes_sent in (b"*1\r\n*1\r\n", b"*x\r\n", b"*1\r\n$-5\r\n", b"*1\r\n$999999999999\r\n",
                       b"*3000000000\r\n", b'set "unbalanced\r\n', b"*1\r\n:5\r\n"):
        c = server.client()
        c.socket.sendall(bytes_sent)
        yield c.read(), c.is_closed()
    c = server.client()
    yield c.ask("quit"), c.is_closed()
    for header in (b"POST / HTTP/1.1\r\n", b"Host: localhost\r\n"):  # from a browser, and a command in its body
        c = server.client()
        c.socket.sendall(header + b"\r\nset from browser\r\n")
        yield c.is_closed(), server.client().ask("exists", "from")


def passwords(server):
    c = server.client()
    yield c.ask("get", "k"), c.ask("nosuch"), c.ask("auth", "wrong"), c.ask("hello", "3")
    yield c.ask("auth", "default", "wrong"), c.ask("auth", "nobody", "sesame")
    c.socket.sendall(b"*11\r\n")
    yield c.read(), c.is_closed()
    c = server.client()
    c.socket.sendall(b"*2\r\n$4\r\nAUTH\r\n$16385\r\n")
    yield c.read(), c.is_closed()
    c = server.client()
    yield c.ask("auth", "sesame"), c.ask("set", "k", "x" * 100000), c.ask("reset"), c.ask("get", "k")
    yield c.ask("hello", "2", "auth", "default", "sesame")[0], c.ask("strlen", "k")


KEY_CHANGES = """
set a 1|set a 2 ex 100|setex a 100 v|psetex a 100000 v|set a 3 keepttl|setnx a 1|setnx b 1|getset b 2|mset c 1 d 2|msetnx c 1 e 2|
msetnx e 1 f 2|append b x|append new x|setrange b 5 x|setrange b 0 ""|incr n|incrby n 5|decr n|decrby n 2|incrbyfloat n 1.5|setbit bits 7 1|
bitfield bits set u8 0 5|bitfield bits get u8 0|bitop or bits2 bits bits|bitop or bits2 none none|getdel b|getdel none|getex a persist|
getex a ex 50|getex a|getex a exat 1|get none|expire c 100|expire none 100|pexpire c 100000|expireat c 4000000000|persist c|persist c|
expire c -1|del d none|unlink e f|rename n m|rename m m|renamenx m n|set o 1|rename n o|copy o p|copy o p replace|copy o q db 1|move o 1|move p 1|
rpush l a b c d|lpush l z|lpushx l y|rpushx none y|linsert l before a x|linsert l before none x|lset l 0 q|lrem l 0 none|lrem l 0 q|ltrim l 0 3|
lpop l|rpop l|lmove l l2 left right|lmove l l2 right left|rpoplpush l2 l2|rpoplpush l2 l3|rpoplpush l2 l3|lmpop 2 none l3 left|
lmpop 1 l3 right|blpop l l4 0.01|rpush l a|blpop l 0.01|rpush l a|blmove l l5 left left 0.01|blmpop 0.01 1 l5 right|rpush l a b|ltrim l 5 6|
sadd s a b c|sadd s a|srem s a none|srem s none|smove s s2 b|smove s s2 c|smove s s2 none|sadd s2 a|smove s s2 a|spop s2|sadd s a b c|sadd s x y|sadd t y z|sinterstore u s t|
sunionstore u s t|sdiffstore u s s|sdiffstore u s s|spop s 10|zadd z 1 a 2 b|zadd z 1 a|zadd z 3 a|zadd z xx 9 none|zadd z incr 1 a|
zadd z nx incr 1 a|zincrby z 1 b|zrem z none|zrem z a|zadd z 1 a 2 b 3 c 4 d 5 e 6 f|zremrangebyscore z 1 1|zremrangebyrank z 0 0|zremrangebylex z [c [c|
zpopmin z|zpopmax z|zmpop 1 z min|zadd z 1 a|bzpopmax z 0.01|bzpopmin z 0.01|zadd z 1 a 2 b|zadd y 1 a|zunionstore x 2 z y|zinterstore x 2 z y|
zdiffstore x 1 none|zrangestore x z 0 -1|zrangestore x z 5 6|hset h f 1 g 2|hset h f 1|hsetnx h f 2|hsetnx h i 2|hmset h j 1|hincrby h f 2|
hincrbyfloat h f 0.5|hdel h none|hdel h f g|hdel h i j|sort t store w|sort none store w|select 1|set a 1|del a|select 0|
multi|set a 1|sadd t y|sadd t new|incr a|rename a b|exec|multi|set a 1|discard|set b|lpush b 1|flushdb|flushall|swapdb 0 1|swapdb 0 1|
set k v|set k v px 60
"""


def key_changes(server):
    """notify-keyspace-events: what a listener hears of each command, in order."""
    a, b = server.client(), server.client()
    for letters in ("", "KEA", "AKE", "Ex", "g$K", "Kn", "lshzE", "xyz", "Kg$lshzxetd", "KEAmn"):
        yield a.ask("config", "set", "notify-keyspace-events", letters), a.ask("config", "get", "notify-keyspace-events")
    a.ask("config", "set", "notify-keyspace-events", "KEA")
    b.ask("psubscribe", "__key*", "end")

    teller = server.client()

    def heard():
        teller.ask("publish", "end", "")
        messages = []
        while (message := plain(b.read())[2:]) != [b"end", b""]:
            messages.append(message)
        return messages

    for words in map(shlex.split, KEY_CHANGES.replace("|\n", "|").split("|")):
        a.ask(*words)
        yield words, heard()
    deadline = time.monotonic() + 5
    while not (gone := heard()) and time.monotonic() < deadline:
        a.ask("get", "k")
        time.sleep(0.02)
    yield gone
    c = server.client()
    c.send("blpop", "waited", "0")
    c.send("bzpopmin", "waited", "0")
    time.sleep(0.1)
    yield a.ask("rpush", "waited", "x"), heard(), c.read()
    time.sleep(0.1)
    yield a.ask("zadd", "waited", "1", "x"), heard(), c.read()
    for letters in ("Kl", "E$", "K", "El$", ""):
        a.ask("config", "set", "notify-keyspace-events", letters)
        a.ask_all([["set", "k", "v"], ["rpush", "l", "x"], ["lpop", "l"], ["incr", "i"]])
        yield letters, heard()


def same_as_redis(program):
    for scenario, ours, theirs in (
            (transactions, [], []), (blocking, [], []), (messages, [], []), (protocols, [], []),
            (scattered, [], []), (lookups, [], []), (assignments, [], []), (additions, [], []),
            (ends_of_many, [], []), (broken_requests, [], []), (draws, [], []), (removals, [], []),
            (silence, [], []), (pausing, [], []), (key_changes, [], []),
            (passwords, ["--requirepass", "sesame"], ["--requirepass", "sesame"])):
        with servers.result_cache(program, *ours) as a, servers.redis_server(*theirs) as b:
            step = 0
            for mine, reference in zip(scenario(a), scenario(b), strict=True):
                step += 1
                if mine != reference:
                    raise SystemExit(f"{scenario.__name__}, step {step}:\n  ours:  {mine}\n"
                                     f"  redis: {reference}")
        print(f"{scenario.__name__}: {step} steps, as redis-server")


# --- what is ours alone to prove ----------------------------------------------------------------


def users(program):
    with tempfile.NamedTemporaryFile("w", suffix=".users") as file:
        file.write("# who may come\nanna secret1\nben  secret2\n")
        file.flush()
        with servers.result_cache(program, "--users", file.name, env={"KV_PASSWORD": "root"}) as s:
            c = s.client()
            demand(plain(c.ask("get", "k")).startswith(b"-NOAUTH"), "K-25: nothing before AUTH")
            demand(plain(c.ask("auth", "anna", "secret2")).startswith(b"-WRONGPASS"), "own password")
            demand(plain(c.ask("auth", "anna", "secret1")) == b"OK", "a user of the file")
            demand(b"user=anna" in plain(c.ask("client", "list")), "CLIENT LIST shows the user")
            demand(plain(s.client().ask("auth", "root")) == b"OK", "K-25: KV_PASSWORD is the default's")


def sleeping(program):
    with servers.result_cache(program) as s:
        demand(plain(s.client().ask("debug", "sleep", "5")).startswith(b"-ERR DEBUG command not allowed"),
               "DEBUG is off unless it was asked for")
    with servers.result_cache(program, "--enable-debug-command", "local", "--threads", "1") as s:
        sleeper, other = s.client(), s.client()
        began = time.monotonic()
        sleeper.send("debug", "sleep", "0.5")
        demand(plain(other.ask("echo", "awake")) == b"awake", "DEBUG SLEEP: other clients are served")
        demand(time.monotonic() - began < 0.4, "DEBUG SLEEP: and at once")
        demand(plain(sleeper.read()) == b"OK", "DEBUG SLEEP ends in OK")
        demand(time.monotonic() - began > 0.45, "DEBUG SLEEP lasts as long as it says")
        demand(plain(other.ask("debug", "sleep", "x")) == b"-ERR value is not a valid float", "a number")
        demand(b"unknown subcommand" in plain(other.ask("debug", "segfault")), "DEBUG has SLEEP alone")
        demand(plain(other.ask("debug", "sleep", "-1")) == b"OK", "DEBUG SLEEP of no time")
        sleeper.send("debug", "sleep", "1000")
        time.sleep(0.1)
        sleeper.close()  # who sleeps can go


def hostile(program):
    with servers.result_cache(program, "--threads", "2") as s:
        good = s.client()
        good.ask("set", "big", b"x" * MIB)
        before = s.memory()
        announcing = []
        for _ in range(20):  # a gigabyte announced, little sent
            c = s.client()
            c.socket.sendall(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nbegin")
            announcing.append(c)
        nested = s.client()
        nested.socket.sendall(b"*1\r\n" * 50000)
        demand(plain(nested.read()).startswith(b"-ERR Protocol error"), "nesting is no request")
        for seed in range(30):
            noise = s.client()
            try:
                noise.socket.sendall(random.Random(seed).randbytes(200000))
            except OSError:
                pass  # closed already
            noise.close()
        deaf = s.client()  # asks for 400 MiB and never reads
        deaf.socket.setblocking(False)
        try:
            for _ in range(400):
                deaf.socket.sendall(servers.encode(["get", "big"]))
        except BlockingIOError:
            pass
        listener = s.client()  # is sent 100 MiB and never reads
        listener.ask("subscribe", "c")
        begin = time.monotonic()
        for _ in range(100):
            good.ask("publish", "c", b"m" * MIB)
        demand(plain(good.ask("publish", "c", "x")) == 0, "a subscriber that does not read is closed")
        demand(time.monotonic() - begin < 30, "and holds nobody up")
        demand(s.memory() - before < 100 * MIB,
               f"K-32, W12: memory stays bounded: {(s.memory() - before) // MIB} MiB more")
        latencies = []
        for i in range(200):
            begin = time.monotonic()
            good.ask("set", f"k{i}", "v")
            latencies.append(time.monotonic() - begin)
        demand(sorted(latencies)[180] < 0.25, "others are served as ever")
        for c in announcing:
            c.close()


def ends_of_keys(program):
    with servers.result_cache(program) as s:
        c = s.client()
        empty = plain(c.ask("info", "memory"))
        count = 20000
        c.ask_all([["set", f"k{i}", "v" * 100, "PX", "3000"] for i in range(count)])
        c.ask_all([["hset", f"h{i}", "f", "v"] for i in range(100)])
        full = plain(c.ask("info", "memory"))
        demand(full != empty, "memory is counted")
        c.ask_all([["pexpire", f"h{i}", "1000"] for i in range(100)])
        c.ask_all([["set", "k1", "v", "PX", "1000"], ["watch", "k1"]])
        time.sleep(3.2)
        demand(plain(c.ask("dbsize")) == 0, "what is over is gone")
        demand(plain(c.ask("get", "k1")) is None and plain(c.ask("ttl", "k1")) == -2, "to all")
        demand(plain(c.ask_all([["multi"], ["exec"]])[1]) is None, "and changed for who watched")
        demand(plain(c.ask("hgetall", "h1")) == [], "collections too")
        used = lambda text: int(text.split(b"used_memory:")[1].split(b"\r")[0])
        deadline = time.monotonic() + 5
        while used(plain(c.ask("info", "memory"))) > used(full) / 5:
            demand(time.monotonic() < deadline, "nobody writes, and memory comes back")
            time.sleep(0.05)


def many_at_once(program):
    """Threads of clients on the same keys: no update is lost, transactions are never seen half."""
    with servers.result_cache(program, "--threads", "2") as s:
        rounds, workers = 300, 6
        torn = []

        def work(number):
            c = s.client()
            for i in range(rounds):
                c.ask_all([["multi"], ["incr", "a"], ["rpush", "list", f"{number}:{i}"], ["incr", "b"],
                           ["exec"]])
                a, b, length = plain(c.ask_all([["multi"], ["get", "a"], ["get", "b"],
                                                ["llen", "list"], ["exec"]])[4])
                if not int(a) == int(b) == length:
                    torn.append((a, b, length))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(workers)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        demand(not torn, f"a transaction was seen half: {torn[:1]}")
        c = s.client()
        demand(plain(c.ask("get", "a")) == b"%d" % (rounds * workers), "no INCR is lost")
        items = plain(c.ask("lrange", "list", "0", "-1"))
        for n in range(workers):
            mine = [item for item in items if item.startswith(b"%d:" % n)]
            demand(mine == [b"%d:%d" % (n, i) for i in range(rounds)], "each in its order")

        # A queue under contention: everything once, in the order of each producer.
        taken = [[] for _ in range(4)]

        def consume(mine):
            consumer = s.client(30)
            while (item := plain(consumer.ask("blpop", "queue", "0"))[1]) != b"end":
                mine.append(item)

        consumers = [threading.Thread(target=consume, args=(mine,)) for mine in taken]
        for t in consumers:
            t.start()
        for i in range(1000):
            c.ask("rpush", "queue", i)
        for _ in consumers:
            c.ask("rpush", "queue", "end")
        for t in consumers:
            t.join()
        demand(sorted(int(i) for mine in taken for i in mine) == list(range(1000)), "K-22: each item once")
        demand(all(mine == sorted(mine, key=int) for mine in taken), "K-22: first in, first out")


def idle(program):
    """K-31: who says nothing for --timeout seconds is closed; who waits for something may."""
    with servers.result_cache(program, "--timeout", "1") as s:
        silent, talks, listens, waits, watches = (s.client() for _ in range(5))
        demand(plain(silent.ask("config", "get", "timeout"))[1] == b"1", "K-31: as it was told")
        listens.ask("subscribe", "news")
        waits.send("blpop", "later", "0")
        watches.ask("monitor")
        begin = time.monotonic()
        while time.monotonic() - begin < 2.6:
            demand(plain(talks.ask("ping")) == b"PONG", "K-31: who talks stays")
            time.sleep(0.2)
        demand(silent.is_closed(0.5), "K-31: who is silent goes")
        demand(plain(talks.ask("publish", "news", "x")) == 1 and listens.read()[0] == b"*",
               "K-31: subscribers stay")
        talks.ask("rpush", "later", "v")
        demand(waits.read() == (b"*", [(b"$", b"later"), (b"$", b"v")]), "K-31: who waits stays")
        demand(watches.read()[0] == b"+", "K-31: monitors stay")
        demand(plain(talks.ask("config", "set", "timeout", "0")) == b"OK", "K-31: or never")


def crowd(program):
    """Idle clients cost little; one too many is told so."""
    with servers.result_cache(program, "--maxclients", "800") as s:
        before = s.memory()
        clients = [s.client() for _ in range(800)]
        demand(plain(clients[799].ask("ping")) == b"PONG", "all are served")
        demand((s.memory() - before) / 800 < 16 * 1024,
               f"{(s.memory() - before) // 800} bytes for an idle client")
        extra = s.client()
        demand(plain(extra.read()) == b"-ERR max number of clients reached", "one too many")
        demand(extra.is_closed(), "is closed")
        clients[0].close()
        time.sleep(0.2)
        demand(plain(s.client().ask("ping")) == b"PONG", "a place is free again")


def killing(program):
    with servers.result_cache(program, "--threads", "2") as s:
        a, b = s.client(), s.client()
        victim = plain(b.ask("client", "id"))
        demand(plain(a.ask("client", "kill", "id", victim)) == 1, "killed by id")
        demand(b.is_closed(), "is closed")
        demand(plain(a.ask("client", "kill", "127.0.0.1:1")) == b"-ERR No such client", "unknown")


def the_end(program):
    """SIGTERM: replies that are due are sent, nobody new is let in, exit code 0."""
    s = servers.result_cache(program, "--threads", "2")
    blocked, c = s.client(), s.client()
    blocked.send("blpop", "never", "0")
    demand(plain(c.ask("set", "k", "v")) == b"OK", "it works")
    time.sleep(0.1)
    demand(s.stop(signal.SIGTERM) == 0, "exits with 0")
    demand(c.is_closed() and blocked.is_closed(), "everybody is closed")
    try:
        socket.create_connection(("127.0.0.1", s.port), timeout=1)
        demand(False, "nobody listens any more")
    except OSError:
        pass


def shutting_down(program):
    """SHUTDOWN is SIGTERM by command: others get their replies, what was written is kept."""
    with tempfile.TemporaryDirectory() as folder:
        with servers.result_cache(program, "--dir", folder + "/d") as s:
            c = s.client()
            for words, why in (("foo", "syntax error"), ("save nosave", "syntax error"), ("abort now", "syntax error"),
                               ("abort", "No shutdown in progress.")):
                demand(plain(c.ask("shutdown", *words.split())) == b"-ERR " + why.encode(), f"SHUTDOWN {words}")
            demand(plain(c.ask_all([["multi"], ["shutdown"], ["exec"]])[1]) ==
                   b"-ERR Command not allowed inside a transaction", "not in a transaction")
            demand(plain(c.ask("set", "k", "v")) == b"OK", "a write before the end")
            c.send("shutdown", "nosave", "now")
            demand(c.is_closed() and s.process.wait(15) == 0, "SHUTDOWN ends the server")
        with servers.result_cache(program, "--dir", folder + "/d") as s:
            demand(plain(s.client().ask("get", "k")) == b"v", "SHUTDOWN loses nothing")
            demand(plain(s.client().ask("bgrewriteaof")).startswith(b"Background append only file"), "BGREWRITEAOF")


def main():
    program = sys.argv[1]
    os.environ.pop("KV_PASSWORD", None)
    same_as_redis(program)
    servers.in_turn(program, users, sleeping, hostile, ends_of_keys, many_at_once, idle, crowd, killing,
                    the_end, shutting_down)
    return 0


if __name__ == "__main__":
    sys.exit(main())
