#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What outlives the server: all types and lives, snapshots, and every write it has acknowledged.

usage: durable.py PROGRAM [VERIFY [ROUNDS]]    (Debian: python3-redis)

VERIFY is ashlar-verify: it passes on what every kill leaves (W1 to W9: recovery.py shows more).
ROUNDS of kill -9 under load with --fsync group; a third of it with each other mode (9 if not said).
"""
import contextlib
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

import redis

import servers


def demand(holds, what):
    if not holds:
        raise SystemExit(f"broken: {what}")


def verify(directory):
    if len(sys.argv) > 2:
        done = subprocess.run([sys.argv[2], directory], capture_output=True, text=True, timeout=60,
                              check=False)
        demand(done.returncode == 0, f"ashlar-verify: {done.returncode} {done.stdout}{done.stderr}")


def refused(program, *options):
    done = subprocess.run([program, "--port", "0", *options], capture_output=True, text=True,
                          timeout=20, check=False)
    return done.returncode, done.stderr.strip()


def bad_directories(program, folder):
    code, said = refused(program, "--dir", "/dev/null/there")
    demand(code == 1 and "/dev/null/there" in said, f"a directory that can't be: {code} {said}")
    foreign = folder / "foreign"
    foreign.mkdir()
    (foreign / "notes.txt").write_text("mine")
    code, said = refused(program, "--dir", str(foreign))
    demand(code == 1 and str(foreign) in said, f"somebody's files: {code} {said}")
    demand(os.listdir(foreign) == ["notes.txt"], "somebody's files are left alone")
    with servers.result_cache(program, "--dir", str(folder / "taken")) as first:
        code, said = refused(program, "--dir", str(folder / "taken"))
        demand(code == 1 and f"process {first.process.pid}" in said, f"in use: {code} {said}")
    for word in ("sometimes", "interval:", "interval:0", "interval:x"):
        code, said = refused(program, "--fsync", word)
        demand(code == 2 and word in said, f"--fsync {word}: {code} {said}")


def contents(client):
    """Everything, with ends in seconds since 1970."""
    found = {}
    for db in (0, 3):
        client.execute_command("select", db)
        for key in client.scan_iter(count=1000):
            kind = client.type(key)
            value = {b"string": client.get, b"hash": client.hgetall, b"set": client.smembers,
                     b"list": lambda k: client.lrange(k, 0, -1),
                     b"zset": lambda k: client.zrange(k, 0, -1, withscores=True)}[kind](key)
            found[db, key] = kind, value, client.execute_command("pexpiretime", key)
        demand(client.dbsize() == len([k for k in found if k[0] == db]), "DBSIZE is right")
    client.execute_command("select", 0)
    return found


def fill(client):
    client.set("text", b"\x00\r\n\xff" * 100)
    client.set("for an hour", "1", ex=3600)
    client.set("for a moment", "1", px=50)
    client.hset("hash", mapping={f"field {i}": i for i in range(50)})
    client.sadd("set", *range(50))
    client.rpush("list", *range(50))
    client.lpush("list", "first")
    client.zadd("zset", {f"m{i}": i / 3 for i in range(50)} | {"zero": -0.0})
    client.expire("zset", 7200)
    client.rpush("gone list", 1, 2, 3)
    client.delete("gone list")
    client.execute_command("select", 5)
    client.mset({f"key {i}": i for i in range(20)})
    client.execute_command("select", 0)
    demand(client.swapdb(5, 3) and client.execute_command("info", "keyspace")["db3"]["keys"] == 20,
           "they are found in 3 from now on")
    time.sleep(0.3)  # past the moment, and a sweep


def restarts(program, folder):
    directory = str(folder / "restarts")
    known = None
    for how in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
        with servers.result_cache(program, "--dir", directory, "--fsync", "group") as server:
            client = redis.Redis(port=server.port)
            if known is None:
                fill(client)
            else:
                demand(contents(client) == known, "a restart shows what was there")
                # What is made now must not take the place of what was there.
                client.rpush(f"new list {how}", "x", "y")
                client.sadd(f"new set {how}", "x")
                demand(contents(client).items() >= known.items(), "old and new stand side by side")
                demand(client.lrange(f"new list {how}", 0, -1) == [b"x", b"y"], "a new list")
            known = contents(client)
            demand((0, b"for a moment") not in known, "what has expired is gone")
            demand(client.pttl("for an hour") > 3500_000, "lives go on")
            client.close()
            code = server.stop(how)
            demand(code == (0 if how == signal.SIGTERM else -9), f"ends with {code}")


def saves(program, folder):
    directory = folder / "saves"

    def files(prefix):
        return sorted(f.name for f in directory.iterdir() if f.name.startswith(prefix))

    with servers.result_cache(program) as server:
        client = server.client()
        for word in ("save", "bgsave"):
            kind, said = client.ask(word)
            demand(kind == b"-" and b"--dir" in said, f"nowhere to {word}: {said}")
    with servers.result_cache(program, "--dir", str(directory), "--fsync", "no", "--snapshot-after",
                              "300000") as server:
        client = server.client()
        began = client.ask("lastsave")[1]
        client.ask("set", "k", "v" * 1000)
        time.sleep(1.1)
        demand(client.ask("save") == (b"+", b"OK"), "SAVE")
        demand(client.ask("lastsave")[1] > began, "LASTSAVE moves")
        first = files("snapshot-")
        demand(len(first) == 1, f"one snapshot: {first}")
        demand(client.ask("bgsave") == (b"+", b"Background saving started"), "BGSAVE")
        demand(client.ask("bgsave", "now")[0] == b"-", "BGSAVE takes no other word")
        for _ in range(100):
            if len(files("snapshot-")) > 1:
                break
            time.sleep(0.05)
        demand(len(files("snapshot-")) == 2, "BGSAVE writes another")
        for i in range(40):  # 800 kB: more than --snapshot-after, twice
            client.ask("set", f"k{i}", "v" * 20000)
            time.sleep(0.02)
        for _ in range(100):
            if first[0] not in files("snapshot-"):
                break
            time.sleep(0.05)
        demand(first[0] not in files("snapshot-"), "a log that grows is cut by itself")
        demand(len(files("log-")) <= 4, f"old parts go: {files('log-')}")
        server.stop(signal.SIGKILL)
    with servers.result_cache(program, "--dir", str(directory)) as server:
        demand(server.client().ask("dbsize") == (b":", 41), "all of it comes back")


class Writer(threading.Thread):
    """Writes until the connection breaks; knows what was acknowledged."""

    def __init__(self, port, name, begin):
        super().__init__()
        self.client, self.name = redis.Redis(port=port), name
        self.acked = self.sent = begin

    def run(self):
        try:
            while True:
                plain = self.client.pipeline(transaction=False)
                for n in range(self.sent + 1, self.sent + 21):
                    plain.set(f"{self.name}:{n}", n, ex=1000)
                if self.sent % 400 == 0:  # so much that its sync does not wait for others
                    plain.set("much", "x" * 40000)
                whole = self.client.pipeline(transaction=True)
                n = self.sent + 20
                whole.set(f"a:{self.name}", n).hset(f"b:{self.name}", "n", n)
                whole.rpush(f"c:{self.name}", n)
                self.sent = n
                plain.execute()
                whole.execute()
                self.acked = n
        except (redis.ConnectionError, redis.TimeoutError):
            self.client.close()

    def check(self, client):
        a, b = client.get(f"a:{self.name}"), client.hget(f"b:{self.name}", "n")
        c = client.lindex(f"c:{self.name}", -1)
        demand(a == b == c, f"half a MULTI: {a} {b} {c}")
        demand(int(a or 0) in (self.acked, self.sent), f"{a}, acknowledged {self.acked}")
        demand(client.llen(f"c:{self.name}") == int(a or 0) // 20, "the list is whole")
        have = client.mget([f"{self.name}:{n}" for n in range(1, self.acked + 1)] or ["none"])
        lost = [n + 1 for n, value in enumerate(have) if value != b"%d" % (n + 1)]
        demand(self.acked == 0 or not lost, f"acknowledged and lost: {lost[:5]} of {self.acked}")
        return int(a or 0)


def kills(program, folder, mode, rounds, seed):
    chance = random.Random(seed)
    directory = str(folder / f"kills-{mode.replace(':', '-')}")
    begin, acknowledged = {name: 0 for name in "xyz"}, 0
    for n in range(rounds):
        with servers.result_cache(program, "--dir", directory, "--fsync", mode, "--threads",
                                  str(2 - n % 2), "--snapshot-after", "100000") as server:
            writers = [Writer(server.port, name, n) for name, n in begin.items()]
            for writer in writers:
                writer.start()
            time.sleep(chance.uniform(0.02, 0.3))
            server.process.kill()
            for writer in writers:
                writer.join()
        verify(directory)
        with servers.result_cache(program, "--dir", directory) as server:
            client = redis.Redis(port=server.port)
            begin = {w.name: w.check(client) for w in writers}
            client.close()
            server.process.kill()
        acknowledged = sum(w.acked for w in writers)
    demand(acknowledged != 0, "something was written")
    return acknowledged


def full_disk(program, folder, mode):
    """A limit of the files' size stands for a full disk: what can't last is not acknowledged."""
    directory, known = str(folder / f"full-{mode}"), {}
    with servers.result_cache(program, "--dir", directory, "--fsync", mode, "--metrics-port",
                              "0") as server:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (300_000, 300_000))
        reader, writer = server.client(), server.client()
        with contextlib.suppress(ConnectionError):
            for n in range(1000):
                kind, said = writer.ask("set", f"k{n}", f"{n}" * 1000)
                if kind == b"-":
                    break
                known[f"k{n}"] = f"{n}" * 1000
        demand(10 < len(known) < 1000, f"room for some: {len(known)}")
        writer = server.client()
        for _ in range(2):
            kind, said = writer.ask("set", "late", "x")
            demand(kind == b"-" and said.startswith(b"MISCONF the disk refuses writes (no_space)"),
                   f"a write to a full disk: {kind} {said}")
            demand(writer.ask("get", "k1") == (b"$", known["k1"].encode()), "reads go on")
            demand(reader.ask("ping") == (b"+", b"PONG"), "others go on")
        said = servers.get(server.ports["metrics"], "/readyz")
        demand(said == (503, "the disk refuses writes\n"), f"the probe says why: {said}")
        server.stop(signal.SIGKILL)
    with servers.result_cache(program, "--dir", directory) as server:
        client = server.client()
        for key, value in known.items():
            demand(client.ask("get", key) == (b"$", value.encode()), f"{key} was acknowledged")
        demand(client.ask("get", "late") == (b"$", None), "what was refused did not happen")
        demand(client.ask("set", "late", "x") == (b"+", b"OK"), "there is room again")


def main():
    program, rounds = sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 9
    seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
    print(f"SEED={seed}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        bad_directories(program, folder)
        restarts(program, folder)
        saves(program, folder)
        for mode in ("group", "no"):
            full_disk(program, folder, mode)
        for mode in ("group", "always", "interval:20", "no"):
            count = rounds if mode == "group" else max(1, rounds // 3)
            number = kills(program, folder, mode, count, seed)
            print(f"--fsync {mode}: {count} kills, {number} acknowledged writes, none lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
