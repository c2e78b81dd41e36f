#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Probes, metrics and logs (row K-24), and the files for operators, which must agree with them.

usage: operations.py PROGRAM    (Debian: prometheus for promtool, python3-yaml)
"""
import configparser
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time

import yaml

import servers
from protocol import demand, plain
from servers import get

OPS = os.path.join(os.path.dirname(__file__), "../../examples/result_cache/ops")


def samples(text):
    """{name: {labels: value}} of an exposition."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, labels, value = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? (\S+)", line).groups()
            found.setdefault(name, {})[labels or ""] = float(value)
    return found


def promtool(*words, text=None):
    done = subprocess.run(["promtool", *words], input=text, capture_output=True, text=True, timeout=60,
                          check=False)
    demand(done.returncode == 0, f"promtool {words}: {done.stdout}{done.stderr}")


def metrics(server):
    """Counted truly, and named as Prometheus asks."""
    port, c = server.ports["metrics"], server.client()
    before = samples(get(port, "/metrics")[1])
    c.ask_all([["set", f"k{i}", "v"] for i in range(20)] + [["get", "k1"], ["get", "none"],
              ["lpush", "k1", "x"], ["get"], ["select", "3"], ["set", "other", "v"]])
    text = get(port, "/metrics")[1]
    promtool("check", "metrics", text=text)
    now = samples(text)

    def grown(name, *labels):
        rows = [n for n in (now, before)]
        return [sum(v for k, v in rows[i].get(name, {}).items() if all(l in k for l in labels))
                for i in (0, 1)]

    def difference(name, *labels):
        after, earlier = grown(name, *labels)
        return after - earlier

    calls = "ashlar_operations_total"
    demand(difference(calls, 'op="set"', 'result="ok"') == 21, "K-24: sets")
    demand(difference(calls, 'op="lpush"', 'result="error"') == 1, "K-24: an error")
    demand(difference(calls, 'op="get"', 'result="rejected"') == 1, "K-24: a wrong arity")
    demand(difference("ashlar_cache_requests_total", 'result="hit"') == 1, "K-24: a hit")
    demand(difference("ashlar_cache_requests_total", 'result="miss"') == 1, "K-24: a miss")
    demand(difference("ashlar_operation_duration_seconds_count") == 25, "each was timed")
    entries = now["ashlar_entries"]
    demand(sorted(entries.values()) == [1, 20], f"K-24: keys by database: {entries}")
    demand(now["result_cache_connected_clients"][""] == 1, "one client")
    demand(now["ashlar_backend_size_bytes"]['store="result_cache"'] > 1000, "memory")
    resident = now["process_resident_memory_bytes"][""]
    demand(0.5 < resident / server.memory() < 2, "resident memory")
    infinite = [v for k, v in now["ashlar_operation_duration_seconds_bucket"].items() if "+Inf" in k]
    demand(infinite == [now["ashlar_operation_duration_seconds_count"]
                        ['store="result_cache",layer="commands"']], "buckets add up")
    for name in now:
        base = re.sub("_(bucket|sum|count)$", "", name)
        demand(base.startswith(("ashlar_", "result_cache_", "process_")), f"{name}: a prefix")
        demand(f"# TYPE {base} " in text and f"# HELP {base} " in text, f"{name} is explained")
    return set(now)


def probes(program):
    with tempfile.TemporaryDirectory() as folder:
        options = ["--metrics-port", "0", "--dir", os.path.join(folder, "db"), "--threads", "1", "--log-level", "info",
                   "--requirepass", "sesame"]
        with open(os.path.join(folder, "log"), "w+") as log:
            s = servers.result_cache(program, *options, stderr=log)
            port = s.ports["metrics"]
            demand(get(port, "/livez") == (200, "ok\n"), "alive")
            demand(get(port, "/readyz") == (200, "ok\n"), "ready")
            demand(get(port, "/readyz?verbose") == (200, "[+]recovered ok\n[+]disk ok\n[+]serving ok\n"), "why")
            demand(get(port, "/nosuch")[0] == 404, "nothing else is there")
            with socket.create_connection(("127.0.0.1", port)) as raw:
                raw.sendall(b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                demand(b" 405 " in raw.recv(4096), "only GET")
            for noise in (b"x" * 100000, b"\x00\xff" * 50, b"GET /" + b"y" * 20000):
                with socket.create_connection(("127.0.0.1", port), timeout=15) as raw:
                    try:
                        raw.sendall(noise)
                        while raw.recv(65536):
                            pass
                    except ConnectionError:
                        pass
            c = s.client()
            c.ask("auth", "not the right word")
            c.ask("auth", "sesame-as-a-name", "not the right word")
            demand(plain(c.ask("auth", "sesame")) == b"OK", "the right one")
            deaf = s.client()  # keeps the server draining: a reply it does not take
            deaf.ask("auth", "sesame")
            deaf.ask("set", "big", b"x" * (8 << 20))
            for _ in range(3):
                deaf.send("get", "big")
            time.sleep(0.2)
            s.process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + 5
            while get(port, "/readyz") == (200, "ok\n"):
                demand(time.monotonic() < deadline, "readiness goes first")
            demand(get(port, "/readyz") == (503, "draining\n"), "draining")
            demand(get(port, "/livez")[0] == 200, "but alive")
            deaf.close()
            demand(s.stop() == 0, "exit code 0")
            log.seek(0)
            lines = [json.loads(line) for line in log.read().splitlines()]
            said = [line["msg"] for line in lines]
            demand(said == ["serving", "authentication failed", "authentication failed", "draining",
                            "stopped"], f"the log: {said}")
            demand([line.get("user") for line in lines[1:3]] == ["default", "(unknown)"], "users")
            log.seek(0)
            text = log.read()
            demand("sesame" not in text and "right word" not in text, "no secrets in logs")


def files(program, known):
    """Every metric, option, page and port that the files speak of is there."""
    promtool("check", "rules", os.path.join(OPS, "alerts.yml"))
    with open(os.path.join(OPS, "alerts.yml")) as file:
        rules = yaml.safe_load(file)["groups"][0]["rules"]
    with open(os.path.join(OPS, "runbooks.md")) as file:
        pages = {line[3:].strip().lower() for line in file if line.startswith("## ")}
    demand(len(rules) >= 8, "eight rules")
    used = set()
    for rule in rules:
        demand(rule["labels"]["severity"] in ("critical", "warning", "info"), "a severity")
        demand({"summary", "description", "runbook_url"} <= set(rule["annotations"]), rule["alert"])
        demand(rule["annotations"]["runbook_url"] == f"runbooks.md#{rule['alert'].lower()}", "a page")
        demand(rule["alert"].lower() in pages, f"{rule['alert']} has a runbook")
        used |= set(re.findall(r"\b(?:ashlar|result_cache|process)_[a-z_]+\b", rule["expr"]))
    demand(len(pages) == len(rules), "and no runbook is without an alert")
    with open(os.path.join(OPS, "dashboard.json")) as file:
        board = json.load(file)
    demand(board["__inputs"][0]["name"] == "DS_PROMETHEUS", "the dashboard asks for its source")
    expressions = [t["expr"] for panel in board["panels"] for t in panel["targets"]]
    demand(len(expressions) >= 10, "panels")
    for expression in expressions:
        demand("$job" in expression and "$instance" in expression, f"variables: {expression}")
        used |= set(re.findall(r"\b(?:ashlar|result_cache|process)_[a-z_]+\b", expression))
    used.discard("result_cache")
    demand(used <= known, f"metrics that nobody has: {sorted(used - known)}")

    options = set(re.findall(r"--([a-z-]+) ", subprocess.run(
        [program, "--help"], capture_output=True, text=True, timeout=20, check=True).stdout))

    def check_words(words):
        for name, value in zip(words[::2], words[1::2]):
            demand(name.startswith("--") and name[2:] in options, f"there is no {name}")
            demand(not value.startswith("--"), f"{name} has a value")
        return dict(zip(words[::2], words[1::2]))

    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(os.path.join(OPS, "result-cache.service"))
    command = shlex.split(unit["Service"]["ExecStart"])
    chosen = check_words(command[1:])
    demand(chosen["--dir"] == "/var/lib/" + unit["Service"]["StateDirectory"], "its directory")
    demand(int(unit["Service"]["TimeoutStopSec"]) >= 30, "time to drain")

    with open(os.path.join(OPS, "kubernetes.yaml")) as file:
        parts = {part["kind"]: part for part in yaml.safe_load_all(file)}
    demand(set(parts) == {"Service", "StatefulSet", "PodDisruptionBudget"}, "all parts")
    pod = parts["StatefulSet"]["spec"]["template"]
    box = pod["spec"]["containers"][0]
    chosen = check_words(box["args"])
    ports = {port["name"]: port["containerPort"] for port in box["ports"]}
    demand(ports == {"redis": int(chosen["--port"]), "metrics": int(chosen["--metrics-port"])}, "ports")
    demand(box["volumeMounts"][0]["mountPath"] == chosen["--dir"], "the directory is the volume")
    demand({box[p]["httpGet"]["path"] for p in ("livenessProbe", "readinessProbe", "startupProbe")} ==
           {"/livez", "/readyz"}, "probes")
    demand(box["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "metrics"}, "readiness")
    demand(box["env"][0]["name"] == "KV_PASSWORD" and "valueFrom" in box["env"][0], "a secret")
    labels = pod["metadata"]["labels"]
    for part in ("Service", "PodDisruptionBudget"):
        selector = parts[part]["spec"]["selector"]
        demand(selector.get("matchLabels", selector) == labels, f"{part} selects the pod")
    demand(pod["metadata"]["annotations"]["prometheus.io/port"] == chosen["--metrics-port"], "scraped")


def rows():
    """K-36: each row of the system's list, and each of the mistakes it tells of, is named by a test."""
    said = []
    for folder, _, files in os.walk(os.path.join(os.path.dirname(__file__), "..")):
        for name in files:
            if name.endswith((".cpp", ".hpp", ".py")):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    said.append(file.read())
    named = set(re.findall(r"\b(?:K-[0-9]{2}|W[0-9]{1,2})\b", "\n".join(said)))
    numbers = [*range(1, 7), *range(10, 28), *range(30, 37), *range(40, 47)]
    wanted = {f"K-{n:02}" for n in numbers} | {f"W{n}" for n in range(1, 15)}
    demand(wanted <= named, f"K-36: rows without a test: {sorted(wanted - named)}")


def main():
    os.environ.pop("KV_PASSWORD", None)
    with tempfile.TemporaryDirectory() as folder:
        with servers.result_cache(sys.argv[1], "--metrics-port", "0", "--dir", folder) as server:
            known = metrics(server)
    probes(sys.argv[1])
    files(sys.argv[1], known)
    rows()
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
