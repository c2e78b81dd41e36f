#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The examples of clients (rows K-33 to K-35) run, and say what they should.

usage: examples.py PROGRAM    (with_hiredis stands beside it)
"""
import os
import subprocess
import sys

import servers

CLIENTS = os.path.join(os.path.dirname(__file__), "../../examples/result_cache/clients")
EXPECTED = {
    "with_redis_py.py": """\
result: {"state": "SUCCESS"} for at most 60 minutes
pipeline: [1, 2, True]
locked: True
nobody else: None
a later token is greater: True
set: True
set again at the old version: None
balance: 0.30
""",
    "with_asyncio.py": """\
done: 30 heard of: 30
results: 30
total: 10
""",
    "with_hiredis": """\
SET: OK
GET: hello
counter: 1000
set: yes
at the old version: no
""",
}


def main():
    program = sys.argv[1]
    for name, expected in EXPECTED.items():
        command = [sys.executable, os.path.join(CLIENTS, name)]
        if not name.endswith(".py"):
            command = [os.path.join(os.path.dirname(program), name)]
        with servers.result_cache(program, "--threads", "2") as server:
            done = subprocess.run([*command, str(server.port)], capture_output=True, text=True,
                                  timeout=60, check=False)
        if (done.returncode, done.stdout, done.stderr) != (0, expected, ""):
            raise SystemExit(f"{name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        print(f"{name}: as it should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
