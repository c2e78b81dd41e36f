#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""result_cache from asyncio with redis-py: many requests at once, a queue, messages, a lock.

usage: with_asyncio.py PORT    (Debian: python3-redis)
"""
import asyncio
import sys

import redis.asyncio


async def work(r, number):
    """Takes jobs until there is none for a second."""
    done = 0
    while job := await r.blpop("jobs", timeout=1):
        await r.set(f"result:{job[1]}", f"done by {number}", ex=60)
        await r.publish("done", job[1])
        done += 1
    return done


async def main():
    r = redis.asyncio.Redis(port=int(sys.argv[1]), decode_responses=True, max_connections=20)
    async with r.pubsub() as messages:
        await messages.subscribe("done")
        while (await messages.get_message(timeout=5))["type"] != "subscribe":
            pass
        workers = [asyncio.create_task(work(r, number)) for number in range(3)]
        await r.rpush("jobs", *range(30))
        heard = 0
        while heard < 30:
            if message := await messages.get_message(ignore_subscribe_messages=True, timeout=5):
                heard += message["type"] == "message"
        print("done:", sum(await asyncio.gather(*workers)), "heard of:", heard)
    results = await r.mget([f"result:{i}" for i in range(30)])  # one request for all
    print("results:", len([one for one in results if one]))

    async def add():
        async with r.lock("lock:total", timeout=5):
            await r.set("total", int(await r.get("total") or 0) + 1)

    await asyncio.gather(*(add() for _ in range(10)))
    print("total:", await r.get("total"))
    await r.close()


asyncio.run(main())
