#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""TLS (row K-26): redis-cli and redis-py as they are, hostile peers, wrong files.

usage: encrypted.py PROGRAM    (Debian: openssl, redis-tools, python3-redis)
"""
import os
import random
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import warnings

import redis

import servers
from protocol import demand, plain


def certificate(folder, name):
    """A self-signed one for localhost, with its key."""
    paths = os.path.join(folder, name + ".crt"), os.path.join(folder, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", paths[0], "-keyout",
                    paths[1]], check=True, capture_output=True)
    return paths


def clients(server, authority):
    port = server.ports["TLS"]

    def cli(*words):
        return subprocess.run(["redis-cli", "-p", str(port), "--tls", "--cacert", authority,
                               "--no-auth-warning", "-a", "sesame", *words], capture_output=True,
                              text=True, timeout=30, check=True).stdout
    demand(cli("set", "k", "v") == "OK\n" and cli("-3", "get", "k") == "v\n", "K-26: redis-cli --tls")
    r = redis.Redis(host="localhost", port=port, password="sesame", ssl=True, ssl_ca_certs=authority)
    big = random.Random(1).randbytes(3 << 20)  # many records, both ways
    demand(r.set("big", big) and r.get("big") == big, "K-26: redis-py, three megabytes")
    demand(r.get("k") == b"v", "one store behind both ports")
    with r.pipeline(transaction=False) as pipe:
        for i in range(3000):
            pipe.incr("n")
        demand(pipe.execute()[-1] == 3000, "K-26: a pipeline")
    messages = r.pubsub()
    messages.subscribe("news")
    demand(messages.get_message(timeout=5)["type"] == "subscribe", "subscribed")
    demand(server.client().ask("ping")[0] == b"-", "the plain port asks for the password, too")
    demand(r.publish("news", "hello") == 1, "published")
    demand(messages.get_message(timeout=5)["data"] == b"hello", "K-26: a message comes unasked")
    results = []
    waiting = threading.Thread(target=lambda: results.append(r.blpop("q", timeout=10)))
    waiting.start()
    time.sleep(0.1)
    r.rpush("q", "job")
    waiting.join()
    demand(results == [(b"q", b"job")], "K-26: who waits is served")
    try:
        redis.Redis(host="localhost", port=port, password="wrong", ssl=True,
                    ssl_ca_certs=authority).ping()
        demand(False, "a wrong password is refused")
    except redis.ResponseError:
        pass
    try:
        redis.Redis(host="localhost", port=port, password="sesame", ssl=True).ping()
        demand(False, "K-26: who does not know the certificate does not speak")
    except redis.ConnectionError:
        pass


def peers(server, authority):
    """What is no TLS, or an old one, is closed; nobody else notices."""
    port = server.ports["TLS"]
    hostile = [servers.encode(["ping"]), b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 70000]
    hostile += [random.Random(seed).randbytes(5000) for seed in range(10)]
    for noise in hostile:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
            try:
                s.sendall(noise)
                while s.recv(65536):
                    pass
            except ConnectionError:
                pass
    context = ssl.create_default_context(cafile=authority)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context.minimum_version = context.maximum_version = version
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as s:
                for byte in servers.encode(["auth", "sesame"]):
                    s.sendall(bytes([byte]))
                demand(s.recv(100) == b"+OK\r\n", f"K-26: {s.version()}, byte by byte")
    warnings.simplefilter("ignore", DeprecationWarning)  # that is why it is refused
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        try:
            context.wrap_socket(raw, server_hostname="localhost")
            demand(False, "K-26: TLS 1.1 is refused")
        except (ssl.SSLError, ConnectionError):
            pass
    c = server.client()
    demand(plain(c.ask("auth", "sesame")) == b"OK", "others are served as ever")
    before = server.memory()
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    demand(plain(c.ask("ping")) == b"PONG", "who never says a word holds nobody up")
    demand((server.memory() - before) / 200 < 64 * 1024,
           f"{(server.memory() - before) // 200} bytes for who never says a word")
    for s in silent:
        s.close()


def wrong_files(program, folder, good, other):
    def fails(*options):
        done = subprocess.run([program, "--port", "0", *options], capture_output=True, text=True,
                              timeout=20, check=False)
        demand(done.returncode != 0 and done.stdout == "", f"{options} does not start")
        return done.stderr
    demand("tls-port needs tls-cert and tls-key" in fails("--tls-port", "0"), "files are needed")
    nowhere = os.path.join(folder, "none")
    demand(f"can't use the certificate '{nowhere}'" in fails(
        "--tls-port", "0", "--tls-cert", nowhere, "--tls-key", good[1]), "no certificate")
    demand(f"can't use the key '{nowhere}'" in fails(
        "--tls-port", "0", "--tls-cert", good[0], "--tls-key", nowhere), "no key")
    demand("can't use the key" in fails("--tls-port", "0", "--tls-cert", good[0], "--tls-key",
                                        other[1]), "another's key")


def main():
    with tempfile.TemporaryDirectory() as folder:
        good, other = certificate(folder, "good"), certificate(folder, "other")
        with servers.result_cache(sys.argv[1], "--tls-port", "0", "--tls-cert", good[0], "--tls-key",
                                  good[1], "--requirepass", "sesame", "--threads", "2") as server:
            clients(server, good[0])
            peers(server, good[0])
            demand(server.stop() == 0, "ends in order")
        wrong_files(sys.argv[1], folder, good, other)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
