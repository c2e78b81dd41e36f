#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Latency of GET and SET over data ten times --maxmemory (K-23): peak, then open loop at half of it.

usage: bench_spill.py PROGRAM [MIB [SECONDS]]    limit of memory in MiB, 64 by default, and for how
                                                 long commands are sent at half the peak, 20 s

Values of 2,000 bytes, keys uniformly random: the worst case for a cache. The peak is redis-benchmark's
with 32 connections. At half of it one command in ten is a SET; sixteen connections send when a command
is due, whatever is unanswered, and latency counts from then, so that waiting is counted, the client's
too: how late it sent is said. The same without a limit stands beside it. Takes MIB of memory, 40 times
that of disk in /var/tmp, and with 64 some two minutes. Wants an idle machine; prints what it measured,
whatever that is.
"""
import collections
import gc
import os
import random
import selectors
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "test", "integration"))
import servers  # noqa: E402

VALUE = b"v" * 2000
ROOM = "/var/tmp"  # a disk, where /tmp may be memory


def key(number):
    return b"key:%012d" % number


def peak(port, keys):
    """GETs a second, closed loop."""
    done = subprocess.run(["redis-benchmark", "-p", str(port), "-c", "32", "-n", "100000", "-r", str(keys), "--csv",
                           "get", "key:__rand_int__"], capture_output=True, text=True, check=True, timeout=120)
    return float(done.stdout.splitlines()[-1].split(",")[1].strip('"'))


class Paced:
    """Connections on which commands are sent at fixed times."""
    def __init__(self, server, keys, connections=16):
        draw = random.Random(1)
        self.commands = []  # and the lengths of their replies
        for i in range(1 << 14):
            at = key(draw.randrange(keys))
            if i % 10 == 0:
                self.commands.append((servers.encode(["set", at, VALUE]), len(b"+OK\r\n")))
            else:
                self.commands.append((servers.encode(["get", at]), len(b"$2000\r\n") + len(VALUE) + 2))
        self.all = [server.client(60).socket for _ in range(connections)]
        self.events = selectors.DefaultSelector()
        for one in self.all:
            self.events.register(one, selectors.EVENT_READ, [0, collections.deque()])  # bytes, what is due
        self.late, self.sent_late, self.waiting = [], [], 0

    def read(self, wait):
        for event, _ in self.events.select(wait):
            got, state = len(event.fileobj.recv(1 << 20)), event.data
            if got == 0:
                raise SystemExit("the server closed a connection")
            state[0] += got
            now = time.monotonic()
            while state[1] and state[0] >= state[1][0][1]:
                due, size = state[1].popleft()
                state[0] -= size
                self.late.append(now - due)
                self.waiting -= 1

    def run(self, rate, seconds):
        """False when it fell behind by more than ten seconds and gave up."""
        sent, total, begin = 0, int(rate * seconds), time.monotonic()
        while sent < total or self.waiting:
            now = time.monotonic()
            if now > begin + seconds + 10:
                return False
            while sent < total and begin + sent / rate <= now and self.waiting < 20000:
                words, size = self.commands[sent % len(self.commands)]
                one, due = self.all[sent % len(self.all)], begin + sent / rate
                self.events.get_key(one).data[1].append((due, size))
                one.sendall(words)
                self.sent_late.append(time.monotonic() - due)
                self.waiting += 1
                sent += 1
            self.read(0 if sent == total or begin + sent / rate - now < 0.001 else 0.0005)
        return True

    def close(self):
        for one in self.all:
            one.close()


def measure(program, limit, keys, seconds, *limits):
    with tempfile.TemporaryDirectory(dir=ROOM) as folder:
        with servers.result_cache(program, "--dir", os.path.join(folder, "data"), "--fsync", "no", *limits) as s:
            c = s.client(60)
            for first in range(0, keys, 500):
                c.ask_all([["set", key(i), VALUE] for i in range(first, min(first + 500, keys))])
            top = peak(s.port, keys)
            load = Paced(s, keys)
            gc.disable()
            done = load.run(top / 2, seconds)
            gc.enable()
            load.close()
            facts = dict(line.split(b":", 1) for line in c.ask("info")[1].split(b"\r\n") if b":" in line)
            c.close()
    late, sent = sorted(load.late), sorted(load.sent_late)
    at = [late[int(len(late) * part)] * 1e3 for part in (0.5, 0.99, 0.999)]
    return {"top": top, "at": at, "done": done, "sent": sent[int(len(sent) * 0.99)] * 1e3,
            "used": int(facts[b"used_memory"]) >> 20, "reads": int(facts.get(b"spill_disk_reads", 0)),
            "asked": len(late) + 100000}


def rows(program, mib, seconds):
    """What bench.py shows: its columns."""
    limit, keys = mib << 20, 10 * (mib << 20) // len(VALUE)
    if shutil.disk_usage(ROOM).free < 40 * limit:
        raise SystemExit(f"spill: {40 * mib} MiB of disk are wanted in {ROOM}")
    mine = measure(program, limit, keys, seconds, "--maxmemory", str(limit), "--maxmemory-policy", "spill")
    base = measure(program, limit, keys, seconds)

    def tail(of):
        return ", ".join(f"{ms:.2f}" for ms in of["at"]) + ("" if of["done"] else " (gave up)")

    peer = "without a limit"
    return [(f"used_memory, of {keys * len(VALUE) >> 20} MiB of values", f"{mine['used']} MiB", peer,
             f"{base['used']} MiB", f"{mine['used'] / base['used']:.2f}", f"{mib} MiB"),
            ("GETs a second, 32 connections", f"{mine['top']:,.0f}", peer, f"{base['top']:,.0f}",
             f"{mine['top'] / base['top']:.2f}", ""),
            ("at half of that, p50, p99, p99.9 in ms", tail(mine), peer, tail(base),
             f"{mine['at'][1] / base['at'][1]:.2f}", "p99 5 ms"),
            ("p99 of how late the client sent, in ms", f"{mine['sent']:.2f}", peer, f"{base['sent']:.2f}", "", ""),
            ("reads of the disk's tier, of all commands", f"{mine['reads'] / mine['asked']:.2f}", peer, "0.00", "", "")]


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    numbers = [int(word) for word in sys.argv[2:]] + [64, 20][len(sys.argv) - 2:]
    for row in rows(sys.argv[1], *numbers):
        print("| " + " | ".join(row) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
