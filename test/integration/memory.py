#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What happens when memory is used up (K-23, K-25): refusing as Redis does, keys that go, rows that spill.

usage: memory.py PROGRAM

Scenarios under `same_as_redis` run against redis-server too: the transcripts must be equal.
"""
import os
import random
import subprocess
import sys
import tempfile
import time

import redis
import servers
from protocol import demand


# --- scenarios that redis-server answers alike --------------------------------------------------


def settings(server):
    c = server.client()
    yield c.ask("config", "get", "maxmemory"), c.ask("config", "get", "maxmemory-policy")
    for size in ("100mb", "1GB", "7k", "3kb", "12", "0"):
        yield c.ask("config", "set", "maxmemory", size), c.ask("config", "get", "maxmemory")
    for bad in ("x", "1tb", "", "mb", "-"):
        yield bad, c.ask("config", "set", "maxmemory", bad)
    for policy in ("allkeys-lru", "VOLATILE-TTL", "noeviction"):
        yield c.ask("config", "set", "maxmemory-policy", policy), c.ask("config", "get", "maxmemory-policy")


def refusals(server):
    """Every command that there is, with memory used up: who is refused, and in which words."""
    c = server.client()
    c.ask("set", "string", "1")
    c.ask("rpush", "list", "a", "b")
    c.ask("hset", "hash", "a", "1")
    c.ask("sadd", "set", "a", "b")
    c.ask("zadd", "zset", "1", "a")
    yield c.ask("config", "set", "maxmemory", "1")
    for words in (["set", "k", "v"], ["get", "string"], ["incr", "string"], ["append", "string", "x"],
                  ["getset", "string", "y"], ["getdel", "string"], ["setrange", "s", "3", "x"],
                  ["mset", "a", "1"], ["del", "nosuch"], ["expire", "list", "100"], ["persist", "list"],
                  ["rpush", "list", "c"], ["lpop", "list"], ["lset", "list", "0", "z"], ["lrem", "list", "0", "q"],
                  ["ltrim", "list", "0", "5"], ["lmove", "list", "list", "left", "right"], ["linsert", "list", "before", "z", "y"],
                  ["hset", "hash", "b", "2"], ["hdel", "hash", "b"], ["hincrby", "hash", "a", "1"],
                  ["sadd", "set", "c"], ["srem", "set", "b"], ["smove", "set", "other", "a"],
                  ["zadd", "zset", "2", "b"], ["zrem", "zset", "b"], ["zincrby", "zset", "1", "a"],
                  ["rename", "hash", "hash2"], ["copy", "hash2", "hash3"], ["move", "zset", "1"],
                  ["publish", "c", "m"], ["ping"], ["set", "k"], ["nosuch"], ["exists", "k"], ["dbsize"]):
        yield words, c.ask(*words)
    # Within a transaction everything is refused, so that what is queued stays small.
    yield c.ask("multi"), c.ask("get", "string"), c.ask("exec")
    yield c.ask("multi"), c.ask("discard")
    c.ask("config", "set", "maxmemory", "0")
    yield c.ask("multi"), c.ask("set", "k", "v"), server.client().ask("config", "set", "maxmemory", "1"), c.ask("exec")
    yield c.ask("exec"), c.ask("get", "k")
    c.ask("config", "set", "maxmemory", "0")
    yield c.ask("multi"), c.ask("del", "k"), server.client().ask("config", "set", "maxmemory", "1"), c.ask("exec")
    yield c.ask("config", "set", "maxmemory", "0"), c.ask("set", "k", "v"), c.ask("get", "k")
    cli = subprocess.run(["redis-cli", "-p", str(server.port)], text=True, capture_output=True, check=True, timeout=10,
                         input="config set maxmemory 1\nset a b\nget k\nconfig set maxmemory 0\nset a b\n")
    yield cli.stdout


def same_as_redis(program):
    for scenario in (settings, refusals):
        with servers.result_cache(program) as ours, servers.redis_server() as theirs:
            for mine, reference in zip(scenario(ours), scenario(theirs), strict=True):
                if mine != reference:
                    raise SystemExit(f"{scenario.__name__}\n ours:  {mine}\n redis: {reference}")
        print(f"{scenario.__name__}: as redis-server")


# --- what only this server has ------------------------------------------------------------------


def client_of(server):
    return redis.Redis(port=server.port, socket_timeout=10)


def fill(kv, count, size=1000, first=0, **how):
    """Results as Celery writes them; memory that is used up is not this function's affair."""
    pipe = kv.pipeline(transaction=False)
    for i in range(first, first + count):
        pipe.set(f"result-{i}", str(i) * (size // len(str(i))), **how)
    return pipe.execute(raise_on_error=False)


def evictions(program):
    """Keys go, whole, and memory stays within its limit (every policy)."""
    for policy in ("allkeys-lru", "allkeys-s3fifo", "volatile-ttl"):
        with servers.result_cache(program, "--maxmemory", "2mb", "--maxmemory-policy", policy) as s:
            kv = client_of(s)
            kv.config_set("notify-keyspace-events", "Ee")
            listener = kv.pubsub(ignore_subscribe_messages=True)
            listener.subscribe("__keyevent@0__:evicted")
            listener.get_message(timeout=1)
            for i in range(50):  # collections of many rows go at once
                kv.rpush(f"list-{i}", *["x" * 50] * 20)
                kv.expire(f"list-{i}", 50)
            kv.set("kept", "for ever")
            for _ in range(3):  # s3_fifo keeps what was used again soon
                kv.get("kept")
            for turn in range(8):
                fill(kv, 1000, first=turn * 1000, ex=1000)
                kv.get("kept")
                demand(kv.info("memory")["used_memory"] < 2.1 * 1024 * 1024, f"{policy}: within the limit")
            facts = kv.info("stats")
            demand(facts["evicted_keys"] > 3000, f"{policy}: {facts['evicted_keys']} went")
            told = sum(1 for _ in iter(lambda: listener.get_message(timeout=0.1), None))
            demand(told == facts["evicted_keys"], f"{policy}: {told} of them were told of")
            demand(kv.get("kept") == b"for ever", f"{policy}: what is used, or has no end, stays")
            lists = [kv.lrange(f"list-{i}", 0, -1) for i in range(50)]
            demand(all(len(one) in (0, 20) for one in lists), f"{policy}: whole collections go")
            demand(kv.dbsize() == len(list(kv.scan_iter(count=1000))), f"{policy}: keys are counted")
            kv.config_set("maxmemory", "1mb")
            demand(listener.get_message(timeout=5) is not None, f"{policy}: nobody has to ask for what is too much to go")
            listener.close()
    with servers.result_cache(program, "--maxmemory", "1mb", "--maxmemory-policy", "volatile-ttl") as s:
        replies = fill(client_of(s), 3000)
        refused = [r for r in replies if isinstance(r, redis.ResponseError)]
        demand(len(refused) > 1000 and "OOM" in str(refused[0]) + repr(refused[0]), "nothing to go: refused")
    with servers.result_cache(program) as s:  # the policy of a server that runs
        kv = client_of(s)
        fill(kv, 2000)
        kv.config_set("maxmemory-policy", "allkeys-lru")
        kv.config_set("maxmemory", "1mb")
        for _ in range(20):
            kv.ping()
        demand(kv.info("memory")["used_memory"] < 1.1 * 1024 * 1024, "a limit that is set is kept")


def spilling(program):
    """Ten times the limit, served; what has spilled is right, in order, and outlives the server."""
    count, size = 4000, 5000
    limit = 2 * 1024 * 1024
    with tempfile.TemporaryDirectory() as folder:
        where = os.path.join(folder, "data")
        how = ["--dir", where, "--fsync", "no", "--maxmemory", str(limit), "--maxmemory-policy", "spill",
               "--metrics-port", "0"]
        with servers.result_cache(program, *how) as s:
            kv = client_of(s)
            demand(not any(isinstance(r, Exception) for r in fill(kv, count, size)), "nothing is refused")
            demand(count * size > 9.5 * limit, "ten times the limit")
            kv.rpush("list", *["e" * 500 + str(i) for i in range(500)])
            demand(kv.info("memory")["used_memory"] < 1.05 * limit, "memory within the limit")
            chosen = random.Random(1).sample(range(count), 500)
            demand(all(kv.get(f"result-{i}") == (str(i) * (size // len(str(i)))).encode() for i in chosen), "values")
            demand(kv.lrange("list", 0, -1) == [("e" * 500 + str(i)).encode() for i in range(500)], "a list's order")
            demand(kv.info("memory")["used_memory"] < 1.05 * limit, "memory within the limit, after reads")
            facts = kv.info("stats")
            demand(facts["spilled_rows"] > 3000 and facts["spill_disk_reads"] > 400, f"it spilled: {facts}")
            demand(facts["spill_promoted_rows"] > 100 and facts["evicted_keys"] == 0, "rows come back, none is lost")
            names = [f"result-{i}".encode() for i in range(count)] + [b"list"]
            demand(sorted(kv.scan_iter(count=500)) == sorted(kv.keys()) == sorted(names), "all keys are named")
            demand(kv.randomkey() in names, "and any of them")
            demand(kv.info("stats")["spill_disk_reads"] == facts["spill_disk_reads"], "without a look at the disk")
            demand(list(kv.scan_iter(count=500, _type="list")) == [b"list"], "what is a list, the disk says")
            page = servers.get(s.ports["metrics"], "/metrics")[1]
            demand('result_cache_spill_moves_total{to="disk"}' in page, "metrics")
            kv.append("result-7", "!")
            kv.delete("result-8")
            demand(kv.strlen("result-7") == size + 1 and kv.get("result-8") is None, "changes")
            demand(kv.dbsize() == count, "counted")
            try:
                kv.config_set("maxmemory-policy", "noeviction")
                demand(False, "a running server goes on spilling")
            except redis.ResponseError as refused:
                demand("spill" in str(refused), "and says why")
            s.stop(servers.signal.SIGKILL)
        with servers.result_cache(program, *how) as s:  # the log brings everything back
            kv = client_of(s)
            demand(kv.dbsize() == count and kv.strlen("result-7") == size + 1, "after kill -9")
            demand(kv.get("result-3999") == (b"3999" * (size // 4)), "spilled again")
            kv.set("short", "lived", px=300)
            for i in range(0, 1000):
                kv.pexpire(f"result-{i}", 300)
            begin = time.monotonic()
            while kv.dbsize() > count - 999 + 1 and time.monotonic() < begin + 10:
                time.sleep(0.05)
            demand(kv.dbsize() == count - 999, f"sweeps reach what has spilled: {kv.dbsize()}")
        with servers.result_cache(program, "--dir", where) as s:  # and memory alone opens it, too
            demand(client_of(s).dbsize() == count - 999, "without a cold tier")
    done = subprocess.run([program, "--port", "0", "--maxmemory-policy", "spill"], capture_output=True, text=True,
                          timeout=20, check=False)
    demand(done.returncode == 1 and "needs a dir" in done.stderr, "nowhere to spill to")


def main():
    program = sys.argv[1]
    same_as_redis(program)
    servers.in_turn(program, evictions, spilling)
    return 0


if __name__ == "__main__":
    sys.exit(main())
