#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A real Celery worker with result_cache for its results, and in a second run for its messages too.

usage: celery_run.py PROGRAM    (Debian: python3-celery, python3-redis)
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import servers

HERE = pathlib.Path(__file__).resolve().parent / "celery_app"


def client():
    """Runs as a process of its own, with the environment of the application."""
    from celery import chain, chord, group
    import tasks
    wait = 60
    single = [tasks.multiply.delay(i, 3) for i in range(80)]
    assert [r.get(timeout=wait) for r in single] == [3 * i for i in range(80)]
    numbers = group(tasks.multiply.s(i, i) for i in range(30))()
    assert numbers.get(timeout=wait) == [i * i for i in range(30)]
    sums = [chord((tasks.multiply.s(i, n) for i in range(10)), tasks.add_up.s())() for n in range(4)]
    assert [s.get(timeout=wait) for s in sums] == [45 * n for n in range(4)]
    for _ in range(10):
        assert chain(tasks.multiply.s(2, 3), tasks.multiply.s(7))().get(timeout=wait) == 42
    for i in range(10):
        failed = tasks.fail.delay(f"word {i}")
        try:
            failed.get(timeout=wait)
            raise AssertionError("a failure was lost")
        except LookupError as error:
            assert f"word {i}" in str(error), error
        assert failed.state == "FAILURE"
    assert [r.get(timeout=wait) for r in [tasks.third_time.delay() for _ in range(5)]] == [2] * 5
    assert tasks.report.delay().get(timeout=wait) == "whole"
    forgotten = tasks.multiply.delay(1, 1)
    assert forgotten.get(timeout=wait) == 1
    forgotten.forget()
    assert forgotten.state == "PENDING"
    saved = group(tasks.multiply.s(i, 1) for i in range(5)).apply_async()
    assert saved.get(timeout=wait) == list(range(5))
    saved.save()
    restored = tasks.app.GroupResult.restore(saved.id)
    assert [r.id for r in restored.results] == [r.id for r in saved.results]
    saved.delete()
    assert tasks.app.GroupResult.restore(saved.id) is None
    broken = chord((tasks.fail.s("in a chord") for _ in range(2)), tasks.add_up.s())()
    try:
        broken.get(timeout=wait)
        raise AssertionError("a chord of failures succeeded")
    except AssertionError:
        raise
    except Exception as error:
        assert "in a chord" in str(error), error


def run(program, broker, unordered):
    with servers.result_cache(program) as cache, tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CACHE_PORT": str(cache.port), "CELERY_FOLDER": folder,
                       "PYTHONPATH": f"{HERE}:{HERE.parent}", "PYTHONDONTWRITEBYTECODE": "1",
                       "C_FORCE_ROOT": "1"}
        environment.update({"BROKER": broker} if broker else {})
        environment.update({"UNORDERED": "1"} if unordered else {})
        with open(os.path.join(folder, "..", f"worker-{cache.port}.log"), "w+") as log:
            os.unlink(log.name)
            worker = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "tasks", "worker", "--pool=prefork", "-c",
                 "2", "-l", "warning", "--without-gossip", "--without-mingle"],
                env=environment, cwd=folder, stdout=log, stderr=log)
            try:
                done = subprocess.run([sys.executable, __file__, "client"], env=environment,
                                      cwd=folder, timeout=240, check=False)
            finally:
                worker.terminate()
                worker.wait(60)
            if done.returncode != 0:
                log.seek(0)
                print(log.read()[-4000:])
                return False
        c = cache.client()
        left = c.ask("keys", "*")[1]
        ends = c.ask_all([["ttl", key] for _, key in left])
        results = [ttl for (_, key), (_, ttl) in zip(left, ends) if key.startswith(b"celery-task")]
        return bool(results) and all(0 < ttl <= 600 for ttl in results)


def main():
    if sys.argv[1] == "client":
        client()
        return 0
    for broker, unordered in ((None, True), ("redis", False)):
        if not run(sys.argv[1], broker, unordered):
            print(f"FAILED with broker {broker}")
            return 1
        print(f"results of 200 tasks, broker {'result_cache' if broker else 'file system'}: all right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
