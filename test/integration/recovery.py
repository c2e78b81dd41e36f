#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What comes back, row by row: K-40 to K-46, and mistakes of others that must not be made here
(W1, W3 to W9). Directories of this release are kept for ever in test/golden and open (G20).

usage: recovery.py PROGRAM [VERIFY [--write-golden]]    (Debian: python3-redis)

VERIFY is ashlar-verify: it passes on every directory that a killed server has left.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import redis

import servers
from durable import contents, demand

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden/v1"
PROGRAM, VERIFY = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None


def verdict(directory):
    done = subprocess.run([VERIFY, str(directory)], capture_output=True, text=True, timeout=60,
                          check=False)
    return done.returncode, done.stdout + done.stderr


def sound(directory):
    if VERIFY:
        code, said = verdict(directory)
        demand(code == 0, f"ashlar-verify on {directory}: {code} {said}")


def start(directory, *options):
    return servers.result_cache(PROGRAM, "--dir", str(directory), *options)


def named(directory, prefix):
    return sorted(f for f in directory.iterdir() if f.name.startswith(prefix))


class Adder(threading.Thread):
    """Counts in one key of its own and one of all, together, until the connection breaks."""

    def __init__(self, port, name, begin):
        super().__init__()
        self.client, self.name, self.acked, self.sent = redis.Redis(port=port), name, begin, begin

    def run(self):
        try:
            while True:
                both = self.client.pipeline(transaction=True).incr(self.name).incr("all")
                self.sent += 1
                both.execute()
                self.acked = self.sent
        except redis.ConnectionError:
            self.client.close()


def snapshots_under_writes(folder):
    """K-41, K-44, W3, W4, W5, W1: snapshots while others count; nothing is counted twice or lost, and
    no life begins again. Other numbers of threads find the same (W8)."""
    directory, begin, end = folder / "counts", dict.fromkeys("xyz", 0), 4_000_000_000_000
    saved = 0
    for threads in ("2", "1", "4"):
        with start(directory, "--threads", threads) as server:
            client = redis.Redis(port=server.port)
            demand(all(int(client.get(name) or 0) == n for name, n in begin.items()), "as it was")
            client.set(f"lives {threads}", "v", px=60_000)
            client.set(f"stays {threads}", "v", pxat=end)
            ends = {k: client.execute_command("pexpiretime", k) for k in client.keys("*s *")}
            adders = [Adder(server.port, name, n) for name, n in begin.items()]
            for adder in adders:
                adder.start()
            deadline = time.monotonic() + 0.5
            while time.monotonic() < deadline:
                saved += client.save()
            client.close()
            server.process.kill()
            for adder in adders:
                adder.join()
        sound(directory)
        with start(directory, "--threads", "2") as server:
            client = redis.Redis(port=server.port)
            for adder in adders:
                begin[adder.name] = int(client.get(adder.name) or 0)
                demand(begin[adder.name] in (adder.acked, adder.sent), "acknowledged, and once")
            demand(int(client.get("all") or 0) == sum(begin.values()), "K-44, W3, W4: a consistent cut")
            after = {k: client.execute_command("pexpiretime", k) for k in client.keys("*s *")}
            demand(after == ends and len(ends) >= 2, "W1, W5: ends stay where they were")
            client.close()
            server.process.kill()
    demand(saved >= 3, "K-44, W9: snapshots are written under load")


def rotations(folder):
    """K-42, K-43, W9: many in one second, none over another; what they replace goes."""
    directory, count = folder / "rotations", 25
    with start(directory, "--fsync", "no") as server:
        client = server.client()
        for n in range(count):
            client.ask("set", f"k{n}", "v" * 10_000)
            demand(client.ask("incr", "n") == (b":", n + 1), "counted")
            demand(client.ask("save") == (b"+", b"OK"), "saved")
        client.ask("set", "last", "v")
        server.stop(signal.SIGKILL)
    sound(directory)
    demand(len(named(directory, "snapshot-")) <= 3, "K-43: old snapshots go")
    demand(len(named(directory, "log-")) <= 4, "K-43, W9: old logs go")
    taken = sum(f.stat().st_size for f in directory.iterdir())
    demand(taken < 4 * count * 10_000, f"W9: the disk is bounded: {taken}")
    with start(directory) as server:
        client = server.client()
        demand(client.ask("dbsize") == (b":", count + 2), "K-42: all is there")
        demand(client.ask("get", "n") == (b"$", b"%d" % count), "K-42: and once")


def cut_tails(folder):
    """K-45, W6: a log cut anywhere brings back the commands before the cut, in order; what is written
    behind it is found the next time."""
    directory, count, cuts = folder / "whole", 30, 14
    with start(directory, "--fsync", "always") as server:
        client = server.client()
        for n in range(count):
            client.ask("set", f"k{n}", "v" * n)
        server.stop(signal.SIGKILL)
    sound(directory)
    log = named(directory, "log-")[-1]
    size, found = log.stat().st_size, set()
    begin = size - size * 2 // 3
    for cut in [begin + (size - begin) * i // cuts + i % 3 for i in range(cuts)]:
        copy = folder / f"cut-{cut}"
        shutil.copytree(directory, copy)
        os.truncate(copy / log.name, min(cut, size))
        for _ in range(2):
            with start(copy) as server:
                client = server.client()
                there = client.ask("dbsize")[1]
                keys = client.ask("mget", *(f"k{n}" for n in range(count)))[1]
                prefix = [(b"$", b"v" * n) for n in range(count)]
                behind = client.ask("exists", "behind")[1]
                there -= behind
                demand(keys == prefix[:there] + [(b"$", None)] * (count - there),
                       f"K-45: cut at {cut} of {size}: the first {there}")
                client.ask("set", "behind", "v")
                server.stop(signal.SIGKILL)
            sound(copy)
        demand(behind == 1, f"W6: cut at {cut}: what was written behind the cut is there")
        found.add(there)
        shutil.rmtree(copy)
    demand(len(found) > 5 and max(found) <= count, f"cuts differ: {sorted(found)}")


def damaged_snapshot(folder):
    """W8: the newest snapshot is damaged; the one before and the logs behind it have everything."""
    directory = folder / "damaged"
    with start(directory) as server:
        client = server.client()
        for part in "abc":
            client.ask_all([["set", f"{part}{n}", "v" * 100] for n in range(50)])
            client.ask("incr", "parts")
            if part != "c":
                demand(client.ask("save") == (b"+", b"OK"), "saved")
        server.stop(signal.SIGKILL)
    newest = named(directory, "snapshot-")[-1]
    sound(directory)
    bytes_of = bytearray(newest.read_bytes())
    bytes_of[len(bytes_of) // 2] ^= 1
    newest.write_bytes(bytes_of)
    if VERIFY:
        demand(verdict(directory)[0] == 3, "ashlar-verify notices")
    with start(directory) as server:
        client = server.client()
        demand(client.ask("dbsize") == (b":", 151), "W8: everything comes back")
        demand(client.ask("get", "parts") == (b"$", b"3"), "W8: and once")


def every_command_is_logged(folder):
    """W7, K-40, K-46: compare-and-set, locks and sweeps are written as well; a queue that is full makes
    wait, and loses nothing; SIGTERM leaves nothing in memory."""
    directory, big = folder / "logged", b"x" * 16_000
    with start(directory) as server:
        client = server.client()
        client.ask("set", "c", "old")
        demand(client.ask("cas", "c", "old", "new") == (b":", 1), "swapped")
        version = client.ask("version", "c")
        token = client.ask("lock", "l", "me", "100000")
        client.ask("set", "short", "v", "PX", "20")
        while client.ask("dbsize") != (b":", 2):
            time.sleep(0.02)
        demand(client.ask_all([["set", f"b{n}", big] for n in range(800)]) == [(b"+", b"OK")] * 800,
               "more than any buffer takes")
        server.stop(signal.SIGKILL)
    sound(directory)
    with start(directory, "--fsync", "no") as server:
        client = server.client()
        demand(client.ask("get", "c") == (b"$", b"new"), "W7: CAS is logged")
        demand(client.ask("version", "c") == version, "and its version")
        demand(client.ask("version", "l")[1] == token[1], "locks, too")
        demand(client.ask("unlock", "l", "me") == (b":", 1), "and their owners")
        demand(client.ask("dbsize") == (b":", 801), "W7: what was swept stays gone")
        demand(client.ask("mget", *(f"b{n}" for n in range(800)))[1] == [(b"$", big)] * 800,
               "K-40: what was acknowledged is there")
        client.ask("set", "at last", "v")
        demand(server.stop(signal.SIGTERM) == 0, "K-46: SIGTERM ends it in order")
    with start(directory) as server:
        demand(server.client().ask("get", "at last") == (b"$", b"v"), "K-46: and leaves all on disk")


def no_loading(folder):
    """Nobody sees half of a recovery: the port opens behind it, so there is no -LOADING to answer."""
    directory, count, port = folder / "large", 60_000, servers.free_port()
    with start(directory, "--fsync", "no") as server:
        client = server.client()
        for n in range(0, count, 1000):
            client.ask("mset", *(w for i in range(n, n + 1000) for w in (f"key:{i}", "v" * 50)))
        server.stop(signal.SIGKILL)
    process = subprocess.Popen([PROGRAM, "--dir", str(directory), "--port", str(port)],
                               stdout=subprocess.DEVNULL)
    refused, deadline = 0, time.monotonic() + 30
    try:
        while True:
            demand(time.monotonic() < deadline and process.poll() is None, "it starts")
            try:
                client = servers.Client(port)
                break
            except ConnectionRefusedError:
                refused += 1
        demand(refused > 0, "at first nobody is let in")
        demand(client.ask("dbsize") == (b":", count), "the first who is let in sees everything")
    finally:
        process.kill()
        process.wait()


# --- directories of this release ----------------------------------------------------------------


def fill(client):
    """All types; ends in 2096."""
    end = 4_000_000_000_000
    client.set("text", b"\x00\r\n\xff" * 20)
    client.set("mortal", "1", pxat=end)
    client.hset("hash", mapping={f"field {i}": i for i in range(12)})
    client.sadd("set", *range(12))
    client.rpush("list", *range(12))
    client.lpush("list", "first")
    client.zadd("zset", {f"m{i}": i / 3 for i in range(12)} | {"zero": -0.0})
    client.pexpireat("zset", end)
    client.execute_command("lock", "locked", "me", end - int(time.time() * 1000))
    client.pexpireat("locked", end)
    client.execute_command("incrbydec", "price", "12.50")
    client.rpush("gone", 1)
    client.delete("gone")
    client.execute_command("select", 3)
    client.mset({f"key {i}": i for i in range(5)})
    client.execute_command("select", 0)


def as_json(found):
    def plain(value):
        if isinstance(value, bytes):
            return value.decode("latin-1")
        if isinstance(value, dict):
            return {plain(k): plain(v) for k, v in sorted(value.items())}
        if isinstance(value, (set, frozenset)):
            return sorted(map(plain, value))
        return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value

    return json.loads(json.dumps({f"{db} {plain(key)}": plain(value)
                                  for (db, key), value in sorted(found.items())}))


def write_golden():
    for name, how in (("closed", signal.SIGTERM), ("crashed", signal.SIGKILL)):
        directory = GOLDEN / f"result_cache_{name}"
        shutil.rmtree(directory, ignore_errors=True)
        with start(directory, "--fsync", "group") as server:
            client = redis.Redis(port=server.port)
            fill(client)
            client.save()
            client.append("text", "behind the snapshot")
            known = as_json(contents(client))
            client.close()
            server.stop(how)
        (GOLDEN / f"result_cache_{name}.json").write_text(json.dumps(known, indent=1) + "\n")


def upgrade(folder):
    """G20: what version 1 has written opens with all it held, can be written to, and opens again."""
    for name in ("closed", "crashed"):
        known = json.loads((GOLDEN / f"result_cache_{name}.json").read_text())
        demand(len(known) == 13, f"the golden contents: {len(known)}")
        directory = folder / f"golden-{name}"
        shutil.copytree(GOLDEN / f"result_cache_{name}", directory)
        sound(directory)
        with start(directory) as server:
            client = redis.Redis(port=server.port)
            demand(as_json(contents(client)) == known, f"G20: {name}: all that it held")
            client.rpush("list", "new")
            client.sadd("new set", "x")
            server.process.kill()
            client.close()
        sound(directory)
        with start(directory) as server:
            client = redis.Redis(port=server.port)
            demand(client.lrange("list", 0, -1)[-1] == b"new" and client.scard("new set") == 1 and
                   client.dbsize() == 9, f"G20: {name}: and what came since")
            client.close()


def main():
    if "--write-golden" in sys.argv:  # right only before a release
        write_golden()
        return 0
    with tempfile.TemporaryDirectory() as name:
        for test in (snapshots_under_writes, rotations, cut_tails, damaged_snapshot,
                     every_command_is_logged, no_loading, upgrade):
            begin = time.monotonic()
            test(pathlib.Path(name))
            print(f"{test.__name__}: ok in {time.monotonic() - begin:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
