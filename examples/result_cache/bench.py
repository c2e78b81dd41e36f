#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""result_cache beside redis-server and memcached, in one run on one machine: the same clients, the
same transport, the servers in turn. Prints tables; --report puts them in place of those of the same
parts in docs/bench/result_cache.md.

usage: bench.py PROGRAM [--quick] [--report] [WHAT...]
                                        (Debian: memcached, redis-server, redis-tools)

WHAT: cpu (GET and SET at pipeline 50), sync (--fsync group beside appendfsync always), memory
(Celery-like results), life (keys that all expire), crowd (idle clients), spill (data ten times the
memory). All of these if not said; some 8 minutes, with --quick 2. And large: ten million Celery-like
results, 4 GB of memory for one server at a time and some 10 minutes.
"""
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
import bench_memcached  # noqa: E402 pylint: disable=wrong-import-position
import bench_spill  # noqa: E402 pylint: disable=wrong-import-position
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
    count, keys, rounds = (100000, 100000, 3) if quick else (500000, 100000, 5)
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
                         f"{median([m[0] for m in mine]):.0f} ns", "Redis",
                         f"{median([b[0] for b in base]):.0f} ns", f"{cost:.2f}",
                         "0.60" if name == "one" else ""))
            rows.append((f"{kind.upper()}, pipeline 50, {name} thread{'s' * (name == 'two')}: "
                         "operations a second",
                         f"{median([m[1] for m in mine]):,.0f}", "Redis",
                         f"{median([b[1] for b in base]):,.0f}", f"{rate:.2f}",
                         "1.00" if name == "two" else ""))
    return rows + cpu_beside_memcached(program, quick)


def cpu_beside_memcached(program, quick):
    """As cpu(), with a driver that speaks all protocols and compares every byte of the replies."""
    keys, pipeline, clients = 100000, 50, 50
    repeats, rounds = (2, 3) if quick else (6, 5)
    rows, spelt = [], {"mine": bench_memcached.Resp, "text": bench_memcached.Text, "meta": bench_memcached.Meta}
    with servers.result_cache(program, "--threads", "1") as mine, \
            bench_memcached.memcached("-t", "1", "-m", "1024") as theirs:
        for name in ("mine", "text"):
            bench_memcached.drive(mine if name == "mine" else theirs,
                                  bench_memcached.fill(spelt[name], keys, pipeline), 1, clients)
        for kind, called in (("put", "SET"), ("get", "GET")):
            seen = {name: [] for name in spelt}
            made = {name: bench_memcached.packets(p, kind, keys, pipeline) for name, p in spelt.items()}
            for _ in range(rounds):
                for name, server in (("mine", mine), ("text", theirs), ("meta", theirs)):
                    before = sum(cpu_of(server))
                    bench_memcached.drive(server, made[name], repeats, clients)
                    seen[name].append((sum(cpu_of(server)) - before) / repeats / keys * 1e9)
            for name in ("text", "meta"):
                rows.append((f"{called}, pipeline 50, one thread: server processor time",
                             f"{median(seen['mine']):.0f} ns", f"memcached, {name} protocol",
                             f"{median(seen[name]):.0f} ns",
                             f"{median([m / t for m, t in zip(seen['mine'], seen[name])]):.2f}", ""))
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
                     "beside appendfsync always: writes a second", f"{median(mine):,.0f}", "Redis",
                     f"{median(base):,.0f}", f"{ratio:.2f}", "10.00"))
    return rows


def results(count, chance):
    """What Celery's result backend writes for a task, as json.dumps spells it."""
    for _ in range(count):
        bits = f"{chance.getrandbits(124):031x}"
        task = f"{bits[:8]}-{bits[8:12]}-4{bits[12:15]}-9{bits[15:18]}-{bits[18:30]}"
        yield f"celery-task-meta-{task}".encode(), (
            '{"status": "SUCCESS", "result": %d, "traceback": null, "children": [], "date_done": '
            '"2026-11-21T12:00:00.123456", "task_id": "%s"}' % (chance.getrandbits(20), task)).encode()


def fill(server, pairs, protocol=bench_memcached.Resp, life=0):
    """Sends SETs by the hundred, with a life in seconds if it is not 0."""
    client, words, due = server.client(60), [], []

    def send():
        client.socket.sendall(b"".join(words))
        if client.file.read(sum(map(len, due))) != b"".join(due):
            raise SystemExit("a SET failed")
        words.clear()
        due.clear()

    for key, value in pairs:
        request, reply = protocol.put(key, value, life)
        words.append(request)
        due.append(reply)
        if len(words) == 100:
            send()
    send()
    client.close()


def memory_of(program, count):
    """One server at a time."""
    seen = {}
    for name, make, protocol in (
            ("redis", servers.redis_server, bench_memcached.Resp),
            ("memcached", lambda: bench_memcached.memcached("-m", "16384"), bench_memcached.Text),
            ("mine", lambda: servers.result_cache(program), bench_memcached.Resp)):
        with make() as server:
            empty = server.memory()
            fill(server, results(count, random.Random(1)), protocol, 86400)
            seen[name] = (server.memory() - empty) / count
    what = f"{count:,} Celery-like results with a life of a day: resident bytes for each"
    return [(what, f"{seen['mine']:.0f}", peer, f"{seen[peer.lower()]:.0f}",
             f"{seen['mine'] / seen[peer.lower()]:.2f}", goal)
            for peer, goal in (("Redis", "0.70"), ("memcached", ""))]


def memory(program, quick):
    return memory_of(program, 50000 if quick else 1000000)


def large(program, quick):
    return memory_of(program, 200000 if quick else 10000000)


class Ends:
    """SETs whose last number is when the key ends, in ms since 1970."""
    @staticmethod
    def put(key, value, end):
        return servers.encode(["set", key, value, "pxat", end]), b"+OK\r\n"


def life(program, quick):
    """All keys end in the same moment, while a client goes on asking for another."""
    count, rows = 50000 if quick else 1000000, []
    for name, make in (("redis", lambda: servers.redis_server("--hz", "10")),
                       ("mine", lambda: servers.result_cache(program))):
        with make() as server:
            client, waits = server.client(60), {"before": [], "after": []}
            end = int((time.time() + (15 if quick else 40)) * 1000)
            fill(server, ((b"key:%d" % i, b"x" * 32) for i in range(count)), Ends, end)
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
    return [(f"{count:,} keys that end in one moment: seconds until they are gone", f"{mine:.2f}", "Redis",
             f"{theirs:.2f}", f"{mine / theirs:.2f}", "2 s"),
            ("the same: seconds of processor time meanwhile, the GETs' too", f"{my_cpu:.2f}", "Redis",
             f"{their_cpu:.2f}", f"{my_cpu / max(their_cpu, 0.01):.2f}", ""),
            ("the same: p99.9 of a client's GET meanwhile, and before",
             f"{my_tail['after']:.2f} ms, {my_tail['before']:.2f} ms", "Redis",
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
    return [(f"{count:,} idle clients: resident bytes for each", f"{seen['mine'][0]:.0f}", "Redis",
             f"{seen['redis'][0]:.0f}", f"{seen['mine'][0] / seen['redis'][0]:.2f}", "")]


def spill(program, quick):
    return bench_spill.rows(program, 8 if quick else 64, 5 if quick else 20)


PARTS = {"cpu": (cpu, "Processor time and rates"), "sync": (sync, "Writes that wait for the disk"),
         "memory": (memory, "Memory of an entry"), "life": (life, "Keys that end in one moment"),
         "crowd": (crowd, "Idle clients"), "spill": (spill, "Data ten times the memory (K-23)"),
         "large": (large, "Memory of an entry among ten million")}

INTRODUCTION = """# result_cache beside Redis and memcached

`./dev bench result_cache` writes this page (and `./dev bench result_cache_large` its last table): `examples/result_cache`
beside redis-server and memcached, in one run on one machine, the same clients and transport
(loopback; 64-byte values and 100,000 keys where nothing else is said; redis-benchmark, or for memcached one driver for both),
the servers in turn. Where rounds are repeated, a ratio is the median of the rounds' ratios. The clients share the machine's
processors with the servers, so operations a second say less than processor time; where the load average is above the number of
processors, both say little. A ratio below 1 is good for times and bytes, one above 1 for rates; the goals are issue lines, met or not.
"""
TABLE = """| what | result_cache | beside | it has | ratio | goal |
| --- | ---: | --- | ---: | ---: | ---: |
"""


def machine():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else "unknown"


def version_of(program):
    said = subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.search(r"\d+(\.\d+)+", said).group()


def conditions():
    """What stands above a table: measurements of several days may stand on one page."""
    return (f"{time.strftime('%Y-%m-%d', time.gmtime())}, {machine()}, load {os.getloadavg()[0]:.1f} at the end; "
            f"redis-server {version_of('redis-server')}, memcached {version_of('memcached')}.\n\n")


def write_page(sections):
    """Sections of parts that did not run stay as they are."""
    path = TOP / "docs/bench/result_cache.md"
    there = re.split(r"^## (.+)\n\n", path.read_text(), flags=re.M) if path.exists() else [""]
    kept = dict(zip(there[1::2], there[2::2])) | sections
    path.write_text(INTRODUCTION + "".join(
        f"\n## {title}\n\n{kept[title].rstrip()}\n" for _, title in PARTS.values() if title in kept))


def main():
    words = sys.argv[1:]
    if not words:
        print(__doc__)
        return 2
    program, options = words[0], {w for w in words[1:] if w.startswith("--")}
    parts = [w for w in words[1:] if not w.startswith("--")] or [p for p in PARTS if p != "large"]
    if options - {"--quick", "--report"} or set(parts) - set(PARTS):
        print(__doc__)
        return 2
    sections = {}
    for part in parts:
        run, title = PARTS[part]
        lines = ["| " + " | ".join(row) + " |" for row in run(program, "--quick" in options)]
        print(f"{title}\n" + "\n".join(lines), flush=True)
        sections[title] = conditions() + TABLE + "\n".join(lines) + "\n"
    if "--report" in options:
        write_page(sections)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
