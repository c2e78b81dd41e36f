# SPDX-License-Identifier: BSL-1.0
"""Celery's own backend, but for what Debian's version of it leaves out: which errors may be retried
(result_backend_always_retry). Without it a worker drops results while no server listens."""
import redis
from celery.backends.redis import RedisBackend


class Backend(RedisBackend):
    def exception_safe_to_retry(self, exc):
        return isinstance(exc, (redis.ConnectionError, redis.TimeoutError))
