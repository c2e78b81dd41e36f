#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The clients that people have: redis-py (pool, pipeline, lock, messages, asyncio), redis-cli,
redis-benchmark.

usage: clients.py PROGRAM    (Debian: python3-redis, redis-tools)
"""
import asyncio
import socket
import subprocess
import sys
import threading
import time

import redis
import redis.asyncio

import servers


def demand(holds, what):
    if not holds:
        raise SystemExit(f"broken: {what}")


def redis_py(port):
    pool = redis.ConnectionPool(port=port, password="sesame", max_connections=4)
    r = redis.Redis(connection_pool=pool)
    demand(r.set("k", "v", ex=100) and r.get("k") == b"v" and 98 <= r.ttl("k") <= 100, "set, ttl")
    demand(r.set("k", "w", nx=True) is None and r.getset("k", "w") == b"v", "nx, getset")
    r.hset("h", mapping={"a": 1, "b": 2})
    demand(r.hgetall("h") == {b"a": b"1", b"b": b"2"}, "hash")
    r.zadd("z", {"x": 1.5, "y": 2})
    demand(r.zrange("z", 0, -1, withscores=True) == [(b"x", 1.5), (b"y", 2.0)], "sorted set")
    demand(sorted(r.scan_iter(count=1)) == [b"h", b"k", b"z"], "scan_iter")
    with r.pipeline() as pipe:
        pipe.incr("n").incr("n").get("n")
        demand(pipe.execute() == [1, 2, b"2"], "a pipeline is a transaction")
    demand(r.transaction(lambda p: (p.multi(), p.set("n", 5)), "n") == [True], "watch and exec")
    try:
        r.lpush("k", 1)
        demand(False, "a wrong type is an error")
    except redis.ResponseError as error:
        demand(str(error).startswith("WRONGTYPE"), "named as such")
    demand(r.info("server")["redis_version"] == "7.0.15" and r.client_id() > 0, "info")
    demand(r.blpop("none", timeout=1) is None, "a wait ends")
    demand(r.client_info()["events"] == "r" and r.client_list()[0]["redir"] == "-1", "as many fields as Redis has")
    demand(r.client_info()["user"] == "default" and r.client_reply("ON") == b"OK", "who am I")
    demand(r.command_getkeys("MSET", "a", 1, "b", 2) == ["a", "b"], "the keys of a command")

    lock = r.lock("lock", timeout=10, blocking_timeout=0.2)
    demand(lock.acquire() and not r.lock("lock", timeout=10).acquire(blocking=False), "one owner")
    demand(lock.extend(50) and 55_000 < r.pttl("lock") <= 60_000, "extend adds")
    demand(lock.reacquire() and 9_000 < r.pttl("lock") <= 10_000, "reacquire begins anew")
    stolen = r.lock("lock", timeout=10)
    stolen.local.token = b"not the owner's"
    try:
        stolen.release()
        demand(False, "only the owner releases")
    except redis.exceptions.LockNotOwnedError:
        pass
    lock.release()
    demand(r.get("lock") is None, "released")
    # What other people's locks send, each in its own layout; phpredis's by its digest first.
    release = """if redis.call('get', KEYS[1]) == ARGV[1] then
                     return redis.call('del', KEYS[1]);
                 else return 0 end"""
    for ask in (lambda token: r.eval(release, 1, "held", token),
                lambda token: r.eval(release.replace("'", '"').replace("\n", "\t"), 1, "held", token),
                lambda token: r.evalsha("b70c2384248f88e6b75b9f89241a180f856ad852", 1, "held", token)):
        r.set("held", "mine")
        demand(ask("theirs") == 0 and ask("mine") == 1 and r.get("held") is None, "released by others' words")
    try:
        r.eval(release + " + 1", 1, "held", "mine")
        demand(False, "no other script runs")
    except redis.ResponseError:
        pass

    threads = [threading.Thread(target=lambda: [r.incr("shared") for _ in range(50)])
               for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    demand(r.get("shared") == b"200", "the pool serves threads")
    messages = r.pubsub()
    messages.subscribe("news")
    messages.psubscribe("n*")
    demand(messages.get_message(timeout=5)["type"] == "subscribe", "subscribed")
    demand(messages.get_message(timeout=5)["type"] == "psubscribe", "to a pattern")
    demand(r.publish("news", "hello") == 2, "two receivers")
    got = {messages.get_message(timeout=5)["type"] for _ in range(2)}
    demand(got == {"message", "pmessage"}, "both come")
    messages.close()
    try:
        redis.Redis(port=port, password="wrong").ping()
        demand(False, "a wrong password is refused")
    except redis.ResponseError:
        pass


def pool_of_connections(port):
    """K-34: never more connections than the pool may have; a broken one is replaced (W14)."""
    watcher = redis.Redis(port=port, password="sesame")
    pool = redis.BlockingConnectionPool(port=port, password="sesame", max_connections=3, timeout=20,
                                        client_name="pooled")
    r = redis.Redis(connection_pool=pool)
    most = []

    def mine():
        return [c for c in watcher.client_list() if c["name"] == "pooled"]

    def work():
        for _ in range(60):
            r.incr("pooled")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    while any(t.is_alive() for t in threads):
        most.append(len(mine()))
    for t in threads:
        t.join()
    demand(r.get("pooled") == b"480", "K-34: every thread is served")
    demand(0 < max(most) <= 3, f"K-34: three at most: {max(most)}")
    for c in mine():
        watcher.client_kill_filter(_id=c["id"])
    for i in range(10):
        demand(r.incr("pooled") == 481 + i, "K-34, W14: killed connections are replaced")
    pool.disconnect()


def killed_at_once(port):
    """Who is told that a client was killed finds it so, as with Redis: no request slips in."""
    r = redis.Redis(port=port, password="sesame")
    for i in range(50):
        with socket.create_connection(("127.0.0.1", port)) as victim:
            victim.sendall(b"AUTH sesame\r\nCLIENT ID\r\n")
            with victim.makefile("rb") as replies:
                demand(replies.readline() == b"+OK\r\n", "AUTH")
                number = int(replies.readline()[1:])
            demand(r.client_kill_filter(_id=number) == 1, "CLIENT KILL ID")
            try:
                demand(victim.recv(1, socket.MSG_DONTWAIT) == b"", "nothing is said any more")
            except BlockingIOError:
                demand(False, f"client {i} is still connected when CLIENT KILL has answered")


async def redis_asyncio(port):
    r = redis.asyncio.Redis(port=port, password="sesame")
    await asyncio.gather(*(r.set(f"async:{i}", i) for i in range(50)))
    demand(await r.mget([f"async:{i}" for i in range(50)]) == [b"%d" % i for i in range(50)], "mget")
    waiting = asyncio.create_task(r.blpop("aqueue", timeout=5))
    await asyncio.sleep(0.1)
    await r.rpush("aqueue", "job")
    demand(await waiting == (b"aqueue", b"job"), "blpop")
    async with r.lock("alock", timeout=5):
        demand(await r.exists("alock") == 1, "a lock as a context")
    demand(await r.exists("alock") == 0, "is let go")
    await r.close()


def tools(port):
    def cli(*words, text=None):
        return subprocess.run(["redis-cli", "-p", str(port), "--no-auth-warning", "-a", "sesame",
                               *words], input=text, capture_output=True, text=True, timeout=30,
                              check=True).stdout
    demand(cli("set", "cli", "v") == "OK\n" and cli("get", "cli") == "v\n", "redis-cli")
    demand(cli("-3", "hset", "clih", "f", "v") == "1\n", "in version 3")
    demand(cli("--json", "-3", "hgetall", "clih").strip() == '{"f":"v"}', "maps are maps")
    demand(cli(text="multi\nincr counter\nexec\n").split() == ["OK", "QUEUED", "1"], "from a pipe")
    demand("cli" in cli("--scan", "--pattern", "cli*").split(), "--scan")
    demand("errors: 0, replies: 1000" in cli(
        "--pipe", text="".join(f"SET pipe{i} {i}\r\n" for i in range(1000))), "--pipe")
    done = subprocess.run(["redis-benchmark", "-p", str(port), "-a", "sesame", "-n", "20000", "-c",
                           "20", "-P", "16", "-q", "-t",
                           "ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,mset"],
                          capture_output=True, text=True, timeout=120, check=False)
    lines = [line for line in done.stdout.replace("\r", "\n").split("\n") if "per second" in line]
    demand(done.returncode == 0 and len(lines) >= 12, f"redis-benchmark: {done.stdout[-300:]}")
    print("\n".join(line.strip() for line in lines if line.startswith(("SET", "GET"))))


def main():
    with servers.result_cache(sys.argv[1], "--requirepass", "sesame", "--threads", "2") as server:
        for test in (redis_py, pool_of_connections, killed_at_once,
                     lambda port: asyncio.run(redis_asyncio(port)), tools):
            begin = time.monotonic()
            test(server.port)
            print(f"ok in {time.monotonic() - begin:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
