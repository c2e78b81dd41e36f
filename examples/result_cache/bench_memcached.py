# SPDX-License-Identifier: BSL-1.0
"""What bench.py needs beside memcached, which redis-benchmark can't speak to: the server, how its
requests are spelt, and one driver for both protocols. (Debian: memcached)
"""
import os
import pathlib
import random
import selectors
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "test/integration"))
import servers  # noqa: E402 pylint: disable=wrong-import-position


def memcached(*options):
    """Only loopback, no UDP; it does best on pipelines of fifty when it may answer more than twenty
    requests of a connection in one go."""
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    for _ in range(5):
        port = servers.free_port()
        process = subprocess.Popen(
            ["memcached", "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-R", "1000", *user, *options],
            stdin=subprocess.DEVNULL)
        for _ in range(200):
            if process.poll() is not None:
                break  # the port was taken meanwhile
            try:
                servers.Client(port).close()
                return servers.Server(process, port)
            except OSError:
                time.sleep(0.02)
        process.kill()
        process.wait()
    raise RuntimeError("memcached would not start")


class Resp:
    """How requests are spelt, and the replies to them."""
    @staticmethod
    def put(key, value, life=0):
        return servers.encode(["set", key, value, *(["ex", life] if life else [])]), b"+OK\r\n"

    @staticmethod
    def get(key, value):
        return servers.encode(["get", key]), b"$%d\r\n%s\r\n" % (len(value), value)


class Text:
    """The same for memcached's text protocol. It sends each answer to a get by a call of its own."""
    @staticmethod
    def put(key, value, life=0):
        return b"set %s 0 %d %d\r\n%s\r\n" % (key, life, len(value), value), b"STORED\r\n"

    @staticmethod
    def get(key, value):
        return b"get %s\r\n" % key, b"VALUE %s 0 %d\r\n%s\r\nEND\r\n" % (key, len(value), value)


class Meta:
    """The same for its meta commands, whose answers it gathers."""
    @staticmethod
    def put(key, value, life=0):
        return b"ms %s %d T%d\r\n%s\r\n" % (key, len(value), life, value), b"HD\r\n"

    @staticmethod
    def get(key, value):
        return b"mg %s v\r\n" % key, b"VA %d\r\n%s\r\n" % (len(value), value)


def fill(protocol, keys, pipeline):
    """Packets that put every key."""
    every = [protocol.put(b"key:%012d" % i, b"v" * 64) for i in range(keys)]
    return [tuple(map(b"".join, zip(*every[i:i + pipeline]))) for i in range(0, keys, pipeline)]


def packets(protocol, kind, keys, pipeline):
    """As many requests as there are keys, of keys drawn from them, and the replies that are due."""
    draw, value = random.Random(1), b"v" * 64
    make = getattr(protocol, kind)
    return [tuple(map(b"".join, zip(*(make(b"key:%012d" % draw.randrange(keys), value)
                                      for _ in range(pipeline)))))
            for _ in range(keys // pipeline)]


def drive(server, made, rounds, clients):
    """Each client sends a packet when it has all replies to its last; every byte of them is compared."""
    todo = iter([packet for _ in range(rounds) for packet in made])
    chosen, running = selectors.DefaultSelector(), 0
    for packet in [next(todo) for _ in range(clients)]:
        one = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chosen.register(one, selectors.EVENT_READ, [packet[1], b""])
        one.sendall(packet[0])
        running += 1
    while running:
        for event, _ in chosen.select():
            state, one = event.data, event.fileobj
            state[1] += one.recv(1 << 16)
            if len(state[1]) < len(state[0]):
                continue
            if state[0] != state[1]:
                raise SystemExit(f"a reply is wrong: {state[1][:80]!r}")
            packet = next(todo, None)
            if packet is None:
                chosen.unregister(one)
                one.close()
                running -= 1
                continue
            state[:] = [packet[1], b""]
            one.sendall(packet[0])
