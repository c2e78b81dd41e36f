# SPDX-License-Identifier: BSL-1.0
"""Servers of the Redis protocol on free loopback ports, and a client that sees every byte.

A reply is a pair of its type's character and its content: (b"+", b"OK"), (b":", 1), (b"$", None),
(b"*", [...]). Nothing is interpreted, so two servers that are equal here are equal to any client.
"""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request


def encode(words):
    words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


class Client:
    def __init__(self, port, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def send(self, *words):
        self.socket.sendall(encode(words))

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError(f"closed after {line!r}")
        kind, rest = line[:1], line[1:-2]
        if kind in b"+-,(#_":
            return kind, rest
        number = int(rest)
        if kind == b":":
            return kind, number
        if kind in b"$=":
            if number < 0:
                return kind, None
            data = self.file.read(number + 2)
            if len(data) != number + 2 or data[-2:] != b"\r\n":
                raise ConnectionError("closed within a bulk")
            return kind, data[:-2]
        if number < 0:
            return kind, None
        return kind, [self.read() for _ in range(2 * number if kind == b"%" else number)]

    def ask(self, *words):
        self.send(*words)
        return self.read()

    def ask_all(self, commands):
        """One packet, then all replies."""
        self.socket.sendall(b"".join(map(encode, commands)))
        return [self.read() for _ in commands]

    def close(self):
        self.file.close()
        self.socket.close()

    def is_closed(self, seconds=5):
        """Whether the server closes; what it still sends is lost."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except ConnectionError:
            return True
        except TimeoutError:
            return False


class Server:
    def __init__(self, process, port, folder=None):
        self.process, self.port, self.folder = process, port, folder

    def client(self, timeout=10):
        return Client(self.port, timeout)

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stop(self, how=signal.SIGTERM, seconds=15):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        finally:
            if self.folder:
                shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def result_cache(program, *options, env=None, stderr=None):
    process = subprocess.Popen([program, "--port", "0", *options], stdout=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, stderr=stderr, text=True,
                               env=None if env is None else {**os.environ, **env})
    ports = {}  # by what is said of them: "TLS on 127.0.0.1:40001"
    while "ready" not in ports:
        line = process.stdout.readline()
        name, on, address = line.partition(" on ")
        if not on:
            process.kill()
            raise RuntimeError(f"{program} said {line!r} and ended with {process.wait()}")
        ports[name] = int(address.rsplit(":", 1)[1])
    server = Server(process, ports["ready"])
    server.ports = ports
    return server


def redis_server(*options):
    """The reference, of Debian: nothing on disk, nothing from outside."""
    folder = tempfile.mkdtemp(prefix="redis-")
    for _ in range(5):
        port = free_port()
        process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save",
             "", "--appendonly", "no", "--daemonize", "no", *options],
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        for _ in range(200):
            if process.poll() is not None:
                break  # the port was taken meanwhile
            try:
                Client(port).close()
                return Server(process, port, folder)
            except OSError:
                time.sleep(0.02)
        process.kill()
        process.wait()
    raise RuntimeError("redis-server would not start")


def get(port, path):
    """(status, text) of a page over HTTP."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def in_turn(program, *tests):
    """Runs each with the program, and says how long it took."""
    for test in tests:
        begin = time.monotonic()
        test(program)
        print(f"{test.__name__}: ok in {time.monotonic() - begin:.1f} s")
