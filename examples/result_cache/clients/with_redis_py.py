#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""result_cache from Python with redis-py as it is: values, a pool, a pipeline, a lock, and the
commands that Redis does not have.

usage: with_redis_py.py PORT    (Debian: python3-redis)
"""
import sys
from decimal import Decimal

import redis

# One pool for the whole program; connections are made when they are needed, ten at most. A pool
# that waits, and gives up after a second, is better than one that fails at once.
pool = redis.BlockingConnectionPool(host="127.0.0.1", port=int(sys.argv[1]), max_connections=10,
                                    timeout=1, decode_responses=True)
r = redis.Redis(connection_pool=pool)

# Results that end by themselves.
r.set("result:1", '{"state": "SUCCESS"}', ex=3600)
print("result:", r.get("result:1"), "for at most", round(r.ttl("result:1") / 60), "minutes")

# Many at once: one round trip, and as MULTI and EXEC all of it or nothing.
with r.pipeline() as pipe:
    pipe.incr("done").rpush("log", "one", "two").expire("log", 60)
    print("pipeline:", pipe.execute())

# redis-py's lock: its scripts are known here.
with r.lock("lock:report", timeout=10):
    print("locked:", r.exists("lock:report") == 1)

# The lock of this server has a fencing token: what it protects can refuse whoever comes late.
token = r.execute_command("LOCK", "lock:ledger", "worker 7", 10000)
print("nobody else:", r.execute_command("LOCK", "lock:ledger", "worker 8", 10000))
r.execute_command("UNLOCK", "lock:ledger", "worker 7")
later = r.execute_command("LOCK", "lock:ledger", "worker 8", 10000)
print("a later token is greater:", later > token)

# Compare and set by version: nobody's change is lost, though the value may be the same again.
r.set("config", "a")
version, value = r.execute_command("GETV", "config")
print("set:", r.execute_command("CASV", "config", version, value + "b") is not None)
print("set again at the old version:", r.execute_command("CASV", "config", version, "late"))

# Money, exactly.
r.set("balance", "0.10")
for _ in range(2):
    r.execute_command("INCRBYDEC", "balance", "0.10")
print("balance:", Decimal(r.get("balance")))
