#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What Redis does without a client: rows for the workloads ms, cel and ckp.

usage: redis.py ms ENTRIES TINY_ENTRIES | redis.py cel RESULTS | redis.py ckp ROWS

A socket would be most of the time, and says nothing about the store behind it. So Redis is asked
to do much by one command (DEBUG POPULATE, a script), and the time is what the server itself counts
for that command. Prints nothing when there is no redis-server.
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid

ROUNDS = 3
SCRIPT = """for i = 1, #KEYS do
  redis.call('SET', KEYS[i], ARGV[1], 'EX', 60)
  redis.call('GET', KEYS[#KEYS + 1 - i])
  redis.call('GET', KEYS[i])
end"""


class Redis:
    """A server of its own, without persistence, on a socket in a folder of its own."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ashlar-redis-")
        path = os.path.join(self.folder.name, "socket")
        self.server = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--appendonly",
             "no", "--enable-debug-command", "local", "--dir", self.folder.name],
            stdout=subprocess.DEVNULL)
        self.socket = socket.socket(socket.AF_UNIX)
        for _ in range(200):
            try:
                self.socket.connect(path)
                break
            except OSError:
                time.sleep(0.05)
        self.replies = self.socket.makefile("rb")
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.server.terminate()
        self.server.wait()
        self.folder.cleanup()

    def ask(self, *words):
        parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(parts) +
                            b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        line = self.replies.readline().rstrip().decode()
        if line.startswith("-"):
            raise RuntimeError(line)
        if line.startswith("$") and line != "$-1":
            return self.replies.read(int(line[1:]) + 2)[:-2].decode()
        return line[1:]

    def told(self, section, name):
        for line in self.ask("INFO", section).splitlines():
            if line.startswith(name + ":"):
                return line.split(":", 1)[1]
        return ""

    def seconds_of(self, command):
        told = self.told("commandstats", f"cmdstat_{command}")
        return int(dict(field.split("=") for field in told.split(","))["usec"]) / 1e6


def row(kind, workload, what, subject, turn, operations, value, unit):
    print(f"{kind},{workload},{what},1,{subject},{turn},{operations},{value:.9g},{unit}")


EXPIRE = """for i = ARGV[2], ARGV[3] do
  redis.call('PEXPIRE', ARGV[1] .. ':' .. string.format('%d', i), 3600000)
end"""


def populate(redis, turn, entries, what, memory, arguments):
    redis.ask("FLUSHALL", "SYNC")
    redis.ask("CONFIG", "RESETSTAT")
    before = int(redis.told("memory", "used_memory"))
    redis.ask("DEBUG", "POPULATE", entries, *arguments)
    if what:
        row("time", "MS", what, "redis DEBUG POPULATE", turn, entries,
            redis.seconds_of("debug"), "s")
    row("value", "MS", memory, "redis used_memory", turn, 0,
        (int(redis.told("memory", "used_memory")) - before) / entries, "bytes/entry")
    return before


def let_expire(redis, turn, entries, prefix, before):
    """Gives each entry an expiry, as ours have; tells what an entry takes then."""
    step = 10_000
    for first in range(0, entries, step):
        redis.ask("EVAL", EXPIRE, 0, prefix, first, min(first + step, entries) - 1)
    if redis.told("keyspace", "db0").split("expires=")[-1].split(",")[0] != str(entries):
        raise RuntimeError("redis: not every entry has got an expiry")
    row("value", "MS", "memory", "redis used_memory with expiry", turn, 0,
        (int(redis.told("memory", "used_memory")) - before) / entries, "bytes/entry")


def script(redis, turn, results):
    redis.ask("FLUSHALL", "SYNC")
    redis.ask("CONFIG", "RESETSTAT")
    value = '{"status": "SUCCESS", "result": "' + "0123456789abcdef" * 10
    value = value.ljust(190, "7") + '", "traceback": null, "children": [], "task_id": "" }'
    for _ in range(results // 1000):
        keys = [f"celery-task-meta-{uuid.uuid4()}" for _ in range(1000)]
        redis.ask("EVAL", SCRIPT, len(keys), *keys, value)
    row("time", "CEL", "1 write 2 reads", "redis EVAL loop", turn, 3 * (results // 1000) * 1000,
        redis.seconds_of("eval"), "s")


def save(redis, turn, entries):
    """BGSAVE of rows like those of ckp.cpp, while nobody asks for anything."""
    redis.ask("CONFIG", "SET", "rdbcompression", "no")
    if turn == 1:
        prefix = "account:name-abcdefghijk"[:24 - 1 - len(str(entries - 1))]
        redis.ask("DEBUG", "POPULATE", entries, prefix, 150)
    begin = time.monotonic()
    redis.ask("BGSAVE")
    while redis.told("persistence", "rdb_bgsave_in_progress") != "0":
        time.sleep(0.002)
    if redis.told("persistence", "rdb_last_bgsave_status") != "ok":
        raise RuntimeError("redis: BGSAVE failed")
    seconds = time.monotonic() - begin
    for what in ("snapshot", "snapshot under load"):
        row("time", "CKP", what, "redis BGSAVE", turn, entries, seconds, "s")


def main():
    if not shutil.which("redis-server"):
        return
    with Redis() as redis:
        version = redis.told("server", "redis_version")
        print(f"version,,,0,Redis,0,0,0,{version}")
        for turn in range(1, ROUNDS + 1):
            if sys.argv[1] == "ms":
                entries, tiny = int(sys.argv[2]), int(sys.argv[3])
                prefix = "account:name-abcdefghijk"[:24 - 1 - len(str(entries - 1))]  # 24 bytes
                empty = populate(redis, turn, entries, None, "memory", (prefix, 100))
                let_expire(redis, turn, entries, prefix, empty)
                populate(redis, turn, tiny, "fill tiny entries", "memory of tiny entries", ())
            elif sys.argv[1] == "ckp":
                save(redis, turn, int(sys.argv[2]))
            else:
                script(redis, turn, int(sys.argv[2]))


if __name__ == "__main__":
    main()
