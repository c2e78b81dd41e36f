# SPDX-License-Identifier: BSL-1.0
"""A Celery application whose results, and if BROKER is "redis" whose messages, are in result_cache."""
import os

from celery import Celery

URL = f"redis://127.0.0.1:{os.environ['CACHE_PORT']}"
FOLDER = os.environ["CELERY_FOLDER"]
RETRY = "RETRY" in os.environ
app = Celery("tasks", backend=("patient:Backend+" if RETRY else "") + URL + "/0",
             broker=URL + "/1" if os.environ.get("BROKER") == "redis" else "filesystem://")
app.conf.update(result_expires=600, worker_hijack_root_logger=False,
                result_backend_always_retry=RETRY,
                result_backend_max_sleep_between_retries_ms=300,
                result_backend_transport_options={
                    "result_chord_ordered": os.environ.get("UNORDERED") is None})
if app.conf.broker_url == "filesystem://":
    app.conf.broker_transport_options = {"data_folder_in": FOLDER, "data_folder_out": FOLDER,
                                         "store_processed": False}


@app.task
def multiply(a, b):
    return a * b


@app.task
def add_up(numbers):
    return sum(numbers)


@app.task
def fail(word):
    raise LookupError(word)


@app.task(bind=True, max_retries=3, default_retry_delay=0)
def third_time(self):
    if self.request.retries < 2:
        raise self.retry(countdown=0)
    return self.request.retries


@app.task(bind=True)
def report(self):
    self.update_state(state="HALFWAY", meta={"done": 50})
    return "whole"
