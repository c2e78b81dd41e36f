#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Latency of GET and SET over data ten times --maxmemory (K-23): peak, then open loop at half of it.

usage: bench_spill.py PROGRAM [MIB]   limit of memory in MiB, 64 by default

Values of 2,000 bytes, keys uniformly random: the worst case for a cache. The peak is redis-benchmark's with 32
connections. At half of it, clients send at fixed times and count latency from then, so that waiting is counted.
The same without a limit
stands beside it. Wants an idle machine; prints what it measured, whatever that is.
"""
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "test", "integration"))
import servers  # noqa: E402

VALUE = 2000


def peak(port, keys):
    """GETs a second, closed loop."""
    done = subprocess.run(["redis-benchmark", "-p", str(port), "-c", "32", "-n", "200000", "-r", str(keys), "--csv",
                           "get", "key:__rand_int__"], capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1].split(",")[1].strip('"'))


def paced(port, keys, rate, seconds, seed, to):
    """One GET in ten is a SET; latencies in ms from when each was due."""
    draw = random.Random(seed)
    client = servers.Client(port)
    value = "v" * VALUE
    late = []
    begin = time.monotonic()
    for i in range(int(rate * seconds)):
        due = begin + i / rate
        while (left := due - time.monotonic()) > 0:
            time.sleep(left)
        key = f"key:{draw.randrange(keys):012}"
        client.ask(*(["set", key, value] if i % 10 == 0 else ["get", key]))
        late.append((time.monotonic() - due) * 1000)
    to.put(late)


def measure(program, name, keys, *limits):
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        with servers.result_cache(program, "--dir", os.path.join(folder, "data"), "--fsync", "no", *limits) as s:
            c = s.client(60)
            for first in range(0, keys, 500):
                c.ask_all([["set", f"key:{i:012}", "v" * VALUE] for i in range(first, min(first + 500, keys))])
            top = peak(s.port, keys)
            clients = 2
            to = multiprocessing.Queue()
            running = [multiprocessing.Process(target=paced, args=(s.port, keys, top / 2 / clients, 20, n, to))
                       for n in range(clients)]
            for one in running:
                one.start()
            late = sorted(ms for _ in running for ms in to.get())
            for one in running:
                one.join()
            facts = dict(line.split(b":", 1) for line in c.ask("info")[1].split(b"\r\n") if b":" in line)
            at = [late[int(len(late) * part)] for part in (0.5, 0.99, 0.999)]
            print(f"{name}: data {keys * VALUE >> 20} MiB, used_memory {int(facts[b'used_memory']) >> 20} MiB, "
                  f"peak {top:.0f} GET/s; at half: p50 {at[0]:.2f} ms, p99 {at[1]:.2f} ms, p99.9 {at[2]:.2f} ms; disk "
                  f"reads {int(facts.get(b'spill_disk_reads', 0))}; load of the machine {os.getloadavg()[0]:.1f}")


def main():
    program = sys.argv[1]
    limit = int(sys.argv[2] if len(sys.argv) > 2 else 64) << 20
    keys = 10 * limit // VALUE
    measure(program, "spilling", keys, "--maxmemory", str(limit), "--maxmemory-policy", "spill")
    measure(program, "all in memory", keys)
    return 0


if __name__ == "__main__":
    sys.exit(main())
