#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""result_cache beside redis-server, in one run on one machine: the same clients (redis-benchmark),
the same transport, the servers in turn. Prints a table; --report writes it to docs/bench.

usage: bench.py PROGRAM [--quick] [--report] [WHAT...]    (Debian: redis-server, redis-tools)

WHAT: cpu (GET and SET at pipeline 50), sync (--fsync group beside appendfsync always), memory
(Celery-like results), life (keys that all expire), crowd (idle clients). All if not said.
"""
import json
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "test/integration"))
import servers  # noqa: E402 pylint: disable=wrong-import-position


def cpu_of(server):
    """Processor seconds of the server so far, in user and in system mode."""
    with open(f"/proc/{server.process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return [int(field) / os.sysconf("SC_CLK_TCK") for field in fields[11:13]]


def drive(server, kind, count, pipeline, clients, keys):
    """Answers (ns of server processor per operation, operations a second)."""
    before = sum(cpu_of(server))
    out = subprocess.run(
        ["redis-benchmark", "-p", str(server.port), "-t", kind, "-P", str(pipeline), "-c",
         str(clients), "-n", str(count), "-r", str(keys), "-d", "64", "--csv"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    rate = float(re.search(rf'"{kind.upper()}","([0-9.]+)"', out).group(1))
    return (sum(cpu_of(server)) - before) / count * 1e9, rate


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]


def cpu(program, quick):
    """Interleaved rounds; the ratio is the median of the rounds' ratios, which a busy machine
    moves less than the numbers."""
    count, keys, rounds = (200000, 100000, 3) if quick else (1000000, 100000, 5)
    seen = {}
    with servers.redis_server() as redis, \
            servers.result_cache(program, "--threads", "1") as one, \
            servers.result_cache(program, "--threads", "2") as two:
        for server in (redis, one, two):
            drive(server, "set", keys * 3, 50, 50, keys)
        for _ in range(rounds):
            for kind in ("set", "get"):
                for name, server in (("redis", redis), ("one", one), ("two", two)):
                    seen.setdefault((name, kind), []).append(
                        drive(server, kind, count, 50, 50, keys))
    rows = []
    for kind in ("set", "get"):
        base = seen["redis", kind]
        for name in ("one", "two"):
            mine = seen[name, kind]
            cost = median([m[0] / b[0] for m, b in zip(mine, base)])
            rate = median([m[1] / b[1] for m, b in zip(mine, base)])
            rows.append((f"{kind.upper()}, pipeline 50, {name} thread{'s' * (name == 'two')}: "
                         "server processor time",
                         f"{median([m[0] for m in mine]):.0f} ns",
                         f"{median([b[0] for b in base]):.0f} ns", f"{cost:.2f}",
                         "0.60" if name == "one" else ""))
            rows.append((f"{kind.upper()}, pipeline 50, {name} thread{'s' * (name == 'two')}: "
                         "operations a second",
                         f"{median([m[1] for m in mine]):,.0f}",
                         f"{median([b[1] for b in base]):,.0f}", f"{rate:.2f}",
                         "1.00" if name == "two" else ""))
    return rows


def sync(program, quick):
    """Clients that wait for each reply, or for fifty; every write is on the disk before it is answered.
    Both servers answer all clients of a round behind one flush, so the ratio of a busy round is that
    of the flushes: ten times is what batching gains over a server that flushes for each command."""
    count, rounds = (5000, 1) if quick else (30000, 3)
    rows = []
    for clients, pipeline in ((1, 1), (50, 1), (50, 50)):
        number, mine, base = max(count * pipeline // (50 // clients) // 2, 500), [], []
        for _ in range(rounds):
            with servers.redis_server("--appendonly", "yes", "--appendfsync", "always") as redis:
                base.append(drive(redis, "set", number, pipeline, clients, 100000)[1])
            with tempfile.TemporaryDirectory() as folder, servers.result_cache(
                    program, "--dir", folder + "/d", "--fsync", "group") as cache:
                mine.append(drive(cache, "set", number, pipeline, clients, 100000)[1])
        ratio = median([m / b for m, b in zip(mine, base)])
        rows.append((f"SET by {clients} client{'s' * (clients > 1)}, pipeline {pipeline}, --fsync group "
                     "beside appendfsync always: writes a second", f"{median(mine):,.0f}",
                     f"{median(base):,.0f}", f"{ratio:.2f}", "10.00"))
    return rows


def results(count, chance):
    """What Celery's result backend writes for a task."""
    for _ in range(count):
        task = f"{chance.getrandbits(32):08x}-{chance.getrandbits(16):04x}-4{chance.getrandbits(12):03x}"
        task += f"-9{chance.getrandbits(12):03x}-{chance.getrandbits(48):012x}"
        yield f"celery-task-meta-{task}", json.dumps(
            {"status": "SUCCESS", "result": chance.randrange(10 ** 6), "traceback": None,
             "children": [], "date_done": "2026-11-21T12:00:00.123456", "task_id": task})


def fill(server, pairs, *options):
    """Sends SETs by the hundred; answers the seconds it took."""
    client, begin, some = server.client(60), time.monotonic(), []
    for key, value in pairs:
        some.append(servers.encode(["set", key, value, *options]))
        if len(some) == 100:
            client.socket.sendall(b"".join(some))
            if client.file.read(500) != b"+OK\r\n" * 100:
                raise SystemExit("a SET failed")
            some.clear()
    client.socket.sendall(b"".join(some))
    for _ in some:
        client.read()
    client.close()
    return time.monotonic() - begin


def memory(program, quick):
    count, seen = 50000 if quick else 1000000, {}
    for name, make in (("redis", servers.redis_server), ("mine", lambda: servers.result_cache(program))):
        with make() as server:
            empty = server.memory()
            fill(server, results(count, random.Random(1)), "EX", "86400")
            seen[name] = (server.memory() - empty) / count
    return [(f"{count:,} Celery-like results with a life of a day: resident bytes for each",
             f"{seen['mine']:.0f}", f"{seen['redis']:.0f}", f"{seen['mine'] / seen['redis']:.2f}",
             "0.70")]


def life(program, quick):
    """All keys end in the same moment, while a client goes on asking for another."""
    count, rows = 50000 if quick else 1000000, []
    for name, make in (("redis", lambda: servers.redis_server("--hz", "10")),
                       ("mine", lambda: servers.result_cache(program))):
        with make() as server:
            client, waits = server.client(60), {"before": [], "after": []}
            end = int((time.time() + (15 if quick else 60)) * 1000)
            fill(server, ((f"key:{i}", "x" * 32) for i in range(count)), "PXAT", str(end))
            client.ask("set", "kept", "v")
            if time.time() * 1000 > end - 500:
                raise SystemExit("life: this machine is too slow to fill the server in time")
            used = sum(cpu_of(server))
            while time.time() * 1000 < end + 30000:
                if time.time() * 1000 < end:
                    used = sum(cpu_of(server))
                begin = time.perf_counter()
                client.ask("get", "kept")
                done = time.perf_counter()
                waits["before" if time.time() * 1000 < end else "after"].append(done - begin)
                if time.time() * 1000 > end and len(waits["after"]) % 50 == 0:
                    if client.ask("dbsize")[1] == 1:
                        break
            gone = time.time() - end / 1000
            tail = {k: sorted(v)[int(len(v) * 0.999)] * 1e3 for k, v in waits.items()}
            rows.append((name, gone, sum(cpu_of(server)) - used, tail))
    (_, theirs, their_cpu, their_tail), (_, mine, my_cpu, my_tail) = rows
    return [(f"{count:,} keys that end in one moment: seconds until they are gone", f"{mine:.2f}",
             f"{theirs:.2f}", f"{mine / theirs:.2f}", "2 s"),
            ("the same: seconds of processor time meanwhile, the GETs' too", f"{my_cpu:.2f}",
             f"{their_cpu:.2f}", f"{my_cpu / max(their_cpu, 0.01):.2f}", ""),
            ("the same: p99.9 of a client's GET meanwhile, and before",
             f"{my_tail['after']:.2f} ms, {my_tail['before']:.2f} ms",
             f"{their_tail['after']:.2f} ms, {their_tail['before']:.2f} ms",
             f"{my_tail['after'] / their_tail['after']:.2f}", "")]


def crowd(program, quick):
    count = 500 if quick else 10000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * count + 100), hard))
    seen = {}
    for name, make in (("redis", lambda: servers.redis_server("--maxclients", "20000")),
                       ("mine", lambda: servers.result_cache(program, "--maxclients", "20000"))):
        with make() as server:
            first = server.client(60)
            empty = server.memory()
            many = [server.client(60) for _ in range(count)]
            for one in many:
                one.send("ping")
            if any(one.read() != (b"+", b"PONG") for one in many):
                raise SystemExit("crowd: a client got no answer")
            begin = time.perf_counter()
            first.ask("ping")
            seen[name] = ((server.memory() - empty) / count, time.perf_counter() - begin)
            for one in many:
                one.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return [(f"{count:,} idle clients: resident bytes for each", f"{seen['mine'][0]:.0f}",
             f"{seen['redis'][0]:.0f}", f"{seen['mine'][0] / seen['redis'][0]:.2f}", "")]


PARTS = {"cpu": cpu, "sync": sync, "memory": memory, "life": life, "crowd": crowd}

INTRODUCTION = """# result_cache beside Redis

`./dev bench result_cache` writes this page: `examples/result_cache` and redis-server {redis}, in one run on one
machine ({machine}), the same clients and transport (redis-benchmark over loopback, 64-byte values,
100,000 keys), the servers in turn. Where rounds are repeated, a ratio is the median of the rounds' ratios.
The clients share the machine's processors with the servers, so operations a second say less than processor
time; where the load average (at the end: {load:.1f}) is above the number of processors, both say little. A ratio below 1 is good for times and bytes, one above 1 for rates; the goals are issue lines, met or not.

| what | result_cache | Redis | ratio | goal |
| --- | ---: | ---: | ---: | ---: |
"""


def machine():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else "unknown"


def main():
    words = sys.argv[1:]
    if not words:
        print(__doc__)
        return 2
    program, options = words[0], {w for w in words[1:] if w.startswith("--")}
    parts = [w for w in words[1:] if not w.startswith("--")] or list(PARTS)
    if options - {"--quick", "--report"} or set(parts) - set(PARTS):
        print(__doc__)
        return 2
    rows = []
    for part in parts:
        for row in PARTS[part](program, "--quick" in options):
            rows.append("| " + " | ".join(row) + " |")
            print(rows[-1], flush=True)
    if "--report" in options:
        version = subprocess.run(["redis-server", "--version"], stdout=subprocess.PIPE, text=True,
                                 check=True).stdout.split("v=")[1].split()[0]
        page = INTRODUCTION.format(redis=version, machine=machine(), load=os.getloadavg()[0]) + "\n".join(rows) + "\n"
        (TOP / "docs/bench/result_cache.md").write_text(page)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
