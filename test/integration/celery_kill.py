#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A real Celery worker keeps its results here; the server is killed in mid-run, twice, and comes
back: no result is lost. (result_backend_always_retry has the worker come again, and patient.py says
when; Celery by itself gives up on a result while no server listens.)

usage: celery_kill.py PROGRAM [VERIFY]    (Debian: python3-celery, python3-redis)
"""
import json
import os
import subprocess
import sys
import tempfile
import time

import redis

import servers
from celery_run import HERE

TASKS = 120


def demand(holds, what):
    if not holds:
        raise SystemExit(f"broken: {what}")


def send():
    """Runs as a process of its own: prints the tasks' ids, and what each must answer."""
    import tasks
    print(json.dumps({tasks.multiply.delay(i, 3).id: 3 * i for i in range(TASKS)}))


def finished(client):
    """What the server has by now, by task."""
    keys = client.keys("celery-task-meta-*")
    metas = [json.loads(value) for value in client.mget(keys)] if keys else []
    return {m["task_id"]: m["result"] for m in metas if m["status"] == "SUCCESS"}


def wait_for(client, count):
    for _ in range(600):
        if len(finished(client)) >= count:
            return
        time.sleep(0.02)
    demand(False, f"the worker gets on; {len(finished(client))} of {count}")


def main():
    if sys.argv[1] == "send":
        send()
        return 0
    with tempfile.TemporaryDirectory() as folder:
        port, directory = servers.free_port(), os.path.join(folder, "results")
        environment = {**os.environ, "CACHE_PORT": str(port), "CELERY_FOLDER": folder,
                       "PYTHONPATH": f"{HERE}:{HERE.parent}", "PYTHONDONTWRITEBYTECODE": "1",
                       "C_FORCE_ROOT": "1", "RETRY": "yes"}

        def start():
            return servers.result_cache(sys.argv[1], "--dir", directory, "--fsync", "group",
                                        "--port", str(port))

        log = open(os.path.join(folder, "worker.log"), "w+")
        server = start()
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "tasks", "worker", "--pool=prefork", "-c", "2",
             "-l", "warning", "--without-gossip", "--without-mingle"],
            env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            sent = json.loads(subprocess.run([sys.executable, __file__, "send"], env=environment,
                                             cwd=folder, timeout=60, check=True,
                                             stdout=subprocess.PIPE).stdout)
            for part in (1, 2):
                client = redis.Redis(port=port)
                wait_for(client, TASKS * part // 3)
                before = finished(client)
                server.process.kill()
                server.process.wait()
                client.close()
                if len(sys.argv) > 2:
                    subprocess.run([sys.argv[2], directory], timeout=60, check=True,
                                   stdout=subprocess.DEVNULL)
                server = start()
                client = redis.Redis(port=port)
                after = finished(client)
                client.close()
                demand(before.items() <= after.items(), "what was there is there")
            client = redis.Redis(port=port)
            wait_for(client, TASKS)
            demand(finished(client) == sent, "every result is there, and right")
            ends = [client.ttl(key) for key in client.keys("celery-task-meta-*")]
            demand(all(0 < end <= 600 for end in ends), "and has kept its life")
            client.close()
            worker.terminate()  # it may still ask again for what it was not answered
            demand(worker.wait(60) == 0, "the worker ends")
            demand(server.stop() == 0, "SIGTERM ends it")
        except SystemExit:
            log.seek(0)
            print(log.read()[-4000:])
            raise
        finally:
            worker.kill()
            worker.wait()
            server.process.kill()
            log.close()
    print(f"{TASKS} tasks, 2 kills: no result lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
