#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What operators do (K-25, K-30): options, CONFIG, SLOWLOG, MONITOR, MEMORY, INFO, CLIENT, passwords.

usage: operators.py PROGRAM

Scenarios under `same_as_redis` run against redis-server too: the transcripts must be equal.
"""
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

import servers
from protocol import demand, plain


# --- scenarios that redis-server answers alike --------------------------------------------------


def configuration(server):
    c = server.client()
    yield c.ask("config", "get", "maxclients"), c.ask("config", "get", "MAXCLIENTS", "nosuch")
    yield c.ask("config", "set", "maxclients", "500"), c.ask("config", "get", "max?lients")
    yield c.ask("config", "get", "slowlog-max-len"), c.ask("config", "get", "databases")
    yield c.ask("config", "set", "slowlog-max-len", "7", "slowlog-log-slower-than", "-1")
    yield c.ask("config", "get", "slowlog-max-len"), c.ask("config", "get", "slowlog-log-slower-than")
    for words in (["set", "nosuch", "1"], ["set", "maxclients"], ["set", "databases", "3"],
                  ["set", "maxclients", "x"], ["set", "maxclients", "0"], ["get"], ["nosuch"],
                  ["set", "maxclients", "9", "slowlog-max-len"], ["resetstat"], ["rewrite"],
                  ["set", "maxclients", "9", "maxclients", "8"], ["resetstat", "x"],
                  ["set", "slowlog-max-len", "3", "nosuch", "1"], ["set", "slowlog-max-len", "-1"],
                  ["set", "slowlog-max-len", "5", "databases", "1"]):
        yield words, c.ask("config", *words)
    yield c.ask("config", "get", "slowlog-max-len"), c.ask("config", "get", "maxclients")
    yield c.ask("config", "get", "save"), c.ask("acl", "whoami"), c.ask("acl", "nosuch"), c.ask("memory", "purge")
    yield c.ask("config", "set", "requirepass", "sesame"), c.ask("ping")
    other = server.client()
    yield other.ask("ping"), other.ask("auth", "wrong"), other.ask("auth", "sesame")
    yield c.ask("config", "set", "requirepass", ""), server.client().ask("ping")


def slow_commands(server):
    c = server.client()
    c.ask("config", "set", "slowlog-log-slower-than", "0", "slowlog-max-len", "4")
    yield c.ask("slowlog", "reset")
    c.ask("client", "setname", "slow")
    c.ask("set", "k", "v" * 200)
    c.ask("rpush", "l", *[f"e{i}" for i in range(50)])
    c.ask_all([["multi"], ["incr", "n"], ["exec"]])
    c.ask("hello", "3", "auth", "default", "secret")
    c.ask("config", "set", "slowlog-log-slower-than", "-1")
    yield c.ask("slowlog", "len")
    for entry in plain(c.ask("slowlog", "get", "-1")):
        yield len(entry), entry[3], entry[5]
    yield len(plain(c.ask("slowlog", "get", "2"))), len(plain(c.ask("slowlog", "get")))
    yield c.ask("slowlog", "get", "-2"), c.ask("slowlog", "get", "x"), c.ask("slowlog", "nosuch")
    yield c.ask("slowlog", "get", "1", "2"), c.ask("client", "getredir")
    yield c.ask("slowlog", "reset"), c.ask("slowlog", "len"), c.ask("slowlog")


def monitoring(server):
    watcher, c = server.client(), server.client()
    yield c.ask_all([["multi"], ["monitor"], ["exec"]])
    yield watcher.ask("monitor")
    seen = []

    def next_lines(count):
        for _ in range(count):
            kind, line = watcher.read()
            seen.append((kind, re.sub(rb"^[0-9.]+ \[([0-9]+) [0-9.:]+\]", rb"\1", line)))

    c.ask("set", "k\n\"\xff".encode("latin-1"), "v")
    c.ask_all([["multi"], ["incr", "n"], ["exec"]])
    c.ask("nosuch", "x")
    c.ask("get")
    c.ask("auth", "default", "secret word")
    c.ask("config", "get", "port")
    c.ask("select", "2")
    c.ask("echo", "last")
    while not seen or b"last" not in seen[-1][1]:
        next_lines(1)
    yield seen
    watcher.send("reset")
    while (line := watcher.read()) != (b"+", b"RESET"):
        demand(b'"reset"' in line[1], "nothing else comes")
    yield c.ask("echo", "not seen"), watcher.ask("ping")


def memory(server):
    c = server.client()
    yield c.ask("memory", "usage", "none"), c.ask("memory", "nosuch"), c.ask("memory", "usage")
    c.ask("rpush", "l", *range(100))
    for words in (["l", "samples"], ["l", "samples", "x"], ["l", "nosuch", "1"],
                  ["l", "samples", "-1"]):
        yield words, c.ask("memory", "usage", *words)
    for words in (["l"], ["l", "SAMPLES", "0"], ["l", "SAMPLES", "3"]):
        yield c.ask("memory", "usage", *words)[1] > 200


def clients(server):
    a, b = server.client(), server.client()
    a.ask("client", "setname", "anna")
    b.ask("subscribe", "news")
    yield b"flags=P" in plain(a.ask("client", "list", "type", "pubsub"))
    line = plain(a.ask("client", "info"))
    wanted = b"id addr laddr name age idle flags db sub psub ssub multi cmd user resp".split()
    fields = dict(part.split(b"=", 1) for part in line.split())
    yield [name in fields for name in wanted], list(fields)
    yield int(fields[b"fd"]) > 2, fields[b"events"], fields[b"redir"]
    yield sorted(plain(a.ask("command", "list", "filterby", "pattern", "config|*"))), b"client|list" in plain(a.ask("command", "list"))
    for words in ("sort a store b", "sort a by x store b limit 0 1 STORE c", "sort_ro a", "lcs a b", "object encoding k", "object help",
                  "memory usage k", "memory doctor", "config get x", "eval return 0", "evalsha x 1 k"):
        yield words, a.ask("command", "getkeys", *words.split())
    yield [fields[name] for name in (b"name", b"flags", b"db", b"multi", b"user", b"resp", b"cmd")]
    yield a.ask("client", "no-evict", "on"), b"flags=e" in plain(a.ask("client", "info"))
    yield a.ask("client", "no-evict", "off"), a.ask("client", "no-evict", "x")
    a.ask("multi")
    c = server.client()
    listed = [dict(part.split(b"=", 1) for part in row.split())
              for row in plain(c.ask("client", "list")).split(b"\n") if row]
    yield [(row[b"name"], row[b"flags"], row[b"multi"], row[b"cmd"]) for row in listed]
    yield c.ask("client", "list", "id", "x"), c.ask("client", "list", "type", "x")
    yield c.ask("client", "kill", "type", "pubsub"), b.is_closed()
    yield c.ask("client", "kill", "x"), c.ask("client", "kill", "id", "x")
    yield c.ask("client", "kill", "user", "nobody"), c.ask("client", "kill", "maxage", "1", "x")
    yield c.ask("client", "nosuch"), c.ask("client")
    # K-27: one process has all keys, and says so.
    for words in (["info"], ["slots"], ["keyslot", "k"], ["nodes"], ["nosuch"], []):
        yield words, c.ask("cluster", *words)


def same_as_redis(program):
    for scenario in (configuration, slow_commands, monitoring, memory, clients):
        with servers.result_cache(program) as a, servers.redis_server() as b:
            step = 0
            for mine, reference in zip(scenario(a), scenario(b), strict=True):
                step += 1
                if mine != reference:
                    raise SystemExit(f"{scenario.__name__}, step {step}:\n  ours:  {mine}\n"
                                     f"  redis: {reference}")
        print(f"{scenario.__name__}: {step} steps, as redis-server")


# --- what is ours alone to prove ----------------------------------------------------------------


def numbers(program):
    """INFO says what is true."""
    with servers.result_cache(program, "--threads", "1") as s:
        c = s.client()

        def info(*sections):
            return dict(line.split(b":", 1) for line in plain(c.ask("info", *sections)).split(b"\r\n")
                        if b":" in line)

        c.ask_all([["set", f"k{i}", "v"] for i in range(50)] + [["set", "e", "v", "EX", "100"]])
        c.ask_all([["get", "k1"], ["get", "none"], ["incr", "k1"], ["get"], ["lpush", "k1", "x"]])
        first = info()
        demand(first[b"db0"].startswith(b"keys=51,expires=1,avg_ttl=9"), f"keys: {first[b'db0']}")
        demand((first[b"keyspace_hits"], first[b"keyspace_misses"]) == (b"1", b"1"), "hits, misses")
        demand(int(first[b"process_id"]) == s.process.pid, "the process")
        demand(0.5 < int(first[b"used_memory_rss"]) / s.memory() < 2, "resident memory")
        demand(int(first[b"used_memory"]) > 51 * 20, "memory of rows")
        demand(b"cmdstat_get" not in first, "not by default")
        demand(int(first[b"total_error_replies"]) >= 2 and first[b"loading"] == b"0", "errors, loading")
        c.ask("set", "short", "v", "px", "1")
        deadline = time.monotonic() + 5
        while info()[b"expired_keys"] != b"1" and time.monotonic() < deadline:
            time.sleep(0.02)
        demand(info()[b"expired_keys"] == b"1", "what was swept is counted")
        stats = info("commandstats")
        demand(stats[b"cmdstat_get"].startswith(b"calls=2,") and stats[b"cmdstat_get"].endswith(
            b"rejected_calls=1,failed_calls=0"), f"calls of GET: {stats[b'cmdstat_get']}")
        demand(stats[b"cmdstat_incr"].endswith(b"failed_calls=1"), "failures of INCR")
        demand(set(info("commandstats")) == set(stats) | {b"cmdstat_info"}, "one section alone")
        c.ask("config", "resetstat")
        demand(b"cmdstat_get" not in info("commandstats") and info()[b"keyspace_hits"] == b"0",
               "RESETSTAT")
        cpu = info("cpu")
        demand(float(cpu[b"used_cpu_user"]) + float(cpu[b"used_cpu_sys"]) > 0, "processor time")
        demand(b"bytes" in plain(c.ask("memory", "doctor")), "MEMORY DOCTOR")


def run(program, *options, env=None):
    """Of a server that will not start: its exit code and what it says."""
    done = subprocess.run([program, *options], capture_output=True, text=True, timeout=20, check=False,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stderr


def options(program):
    """File, environment, command line (K-30): the later wins; passwords are never shown."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "kv.conf")
        with open(path, "w") as file:
            file.write("# how it runs\nmaxclients 77\nthreads 1\n\nrequirepass from-file\n")
        with servers.result_cache(program, "--config", path) as s:
            c = s.client()
            demand(plain(c.ask("auth", "from-file")) == b"OK", "the file's password")
            demand(plain(c.ask("config", "get", "maxclients"))[1] == b"77", "the file's number")
            demand(plain(c.ask("config", "get", "requirepass"))[1] == b"(redacted)", "stays secret")
            demand(plain(c.ask("config", "rewrite")).startswith(b"-ERR The server is running"),
                   "files are read only")
        env = {"KV_CONFIG": path, "KV_MAXCLIENTS": "78", "KV_PASSWORD": "from-environment"}
        with servers.result_cache(program, "--threads", "2", env=env) as s:
            c = s.client()
            demand(plain(c.ask("auth", "from-environment")) == b"OK", "over the file")
            demand(plain(c.ask("config", "get", "maxclients"))[1] == b"78", "over the file too")
            demand(plain(c.ask("config", "get", "io-threads"))[1] == b"2", "the command line wins")
        with servers.result_cache(program) as s:
            many = int(plain(s.client().ask("config", "get", "io-threads"))[1])
        with servers.result_cache(program, "--dir", os.path.join(os.path.dirname(path), "synced")) as s:
            fewer = int(plain(s.client().ask("config", "get", "io-threads"))[1])
        demand(fewer == max(1, many - 1), f"{many} threads, {fewer} where replies wait for the disk")
        with open(path, "a") as file:
            file.write("nosuch 1\n")
        demand(run(program, "--config", path) == (2, f"result_cache: {path}:6: there is no 'nosuch'\n"),
               "which line is wrong")
        with open(path, "w") as file:
            file.write("requirepass two words\n")
        code, text = run(program, "--config", path)
        demand(code == 2 and "takes one word" in text and "words" not in text.split("takes")[1][6:],
               "a password is not repeated")
    demand(run(program, "--port", "x") == (2, "result_cache: --port: can't set 'port' to 'x'\n"), "port")
    demand(run(program, env={"KV_THREADS": "0"}) ==
           (2, "result_cache: KV_THREADS: can't set 'threads' to '0'\n"), "the environment")
    demand(run(program, "--port")[0] == 2 and run(program, "nosuch", "x")[0] == 2, "half of it")
    demand(run(program, "--config", "/nosuch") == (2, "result_cache: can't read '/nosuch'\n"), "no file")
    said = [subprocess.run([program, flag], capture_output=True, text=True, timeout=20, check=True)
            for flag in ("--help", "-h", "--version", "-v")]
    demand("--requirepass WORD" in said[0].stdout and "--version" in said[0].stdout, "--help")
    demand(re.match(r"result_cache \d+\.\d+\.\d+, .*7\.0\.15.*\n$", said[2].stdout), "--version")
    demand(said[0].stdout == said[1].stdout and said[2].stdout == said[3].stdout, "the short names")
    demand(all(done.stderr == "" for done in said), "nothing is wrong with them")


def addresses(program):
    """What --bind takes: a name, both kinds of addresses, all of them."""
    def answers(family, address, port):
        with socket.socket(family) as one:
            one.settimeout(5)
            one.connect((address, port))
            one.sendall(b"PING\r\n")
            return one.recv(100) == b"+PONG\r\n"

    for bind in ("localhost", "*", "127.0.0.1"):
        with servers.result_cache(program, "--bind", bind, "--metrics-port", "0") as s:
            demand(answers(socket.AF_INET, "127.0.0.1", s.port), f"--bind {bind}")
            demand(servers.get(s.ports["metrics"], "/readyz")[0] == 200, f"probes at {bind}")
            demand(plain(s.client().ask("config", "get", "bind"))[1] == bind.encode(), "as it was said")
    code, text = run(program, "--bind", "nosuch.invalid")
    demand(code == 1 and text.startswith("result_cache: can't listen on nosuch.invalid:6379: Host not found"),
           f"a name of nobody: {text}")
    if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
        with servers.result_cache(program, "--bind", "::1") as s:
            demand(answers(socket.AF_INET6, "::1", s.port), "IPv6")


def main():
    program = sys.argv[1]
    os.environ.pop("KV_PASSWORD", None)
    same_as_redis(program)
    servers.in_turn(program, numbers, options, addresses)
    return 0


if __name__ == "__main__":
    sys.exit(main())
