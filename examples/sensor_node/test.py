#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs the sensor node in QEMU, resets it at random moments, and holds it to what it acknowledged.

usage: test.py BUILD_DIRECTORY [RESETS [SEED [ASHLAR_INSPECT]]]
"""
import os
import pathlib
import random
import select
import socket
import subprocess
import sys
import time

here = pathlib.Path(__file__).resolve().parent
board = here / "../../test/embedded"
include = here / "../../include"


def build(out):
    flags = ["-mcpu=cortex-m3", "-mthumb", "-Os", "-ffunction-sections", "-fdata-sections",
             "-fno-unwind-tables", "-fno-asynchronous-unwind-tables", "-Wall", "-Wextra"]
    cxx = ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"]
    for source, more in (("start.c", []), ("board_save.c", []), ("node.cpp", cxx)):
        where = (board if source == "start.c" else here) / source
        compiler = "arm-none-eabi-g++" if more else "arm-none-eabi-gcc"
        subprocess.run([compiler, *flags, *more, f"-I{include}", f"-I{board}", "-c", where,
                        "-o", out / (source + ".o")], check=True)
    subprocess.run(["arm-none-eabi-gcc", *flags[:2], "-nostdlib", "-T", board / "mps2.ld",
                    "-Wl,--gc-sections,--no-warn-rwx-segments",
                    *(out / f"{s}.o" for s in ("start.c", "board_save.c", "node.cpp")),
                    "-lc", "-lgcc", "-o", out / "node.elf"], check=True)


class Witness:
    """What the node said, and what is wrong with it."""

    def __init__(self):
        self.acknowledged = self.read = self.boots = self.done = 0
        self.failed = []

    def hears(self, line):
        word, _, number = line.rpartition(" ")
        if not number.isdigit():
            return  # cut by a reset
        number = int(number)
        if word == "ack":
            self.acknowledged = number
        elif word == "read":
            self.read = number
        elif word == "boot":
            self.boots += 1
            if not self.acknowledged <= number <= self.acknowledged + 1:
                self.failed.append(f"boot {self.boots} shows {number} of {self.acknowledged}")
            self.acknowledged = number
        elif word == "series":
            if not self.read <= number <= self.read + 1:
                self.failed.append(f"boot {self.boots} shows {number} of {self.read} readings")
            self.read = number
        elif word == "done":
            self.done = number
        elif word:
            self.failed.append(line)


def connected(path):
    """A socket to QEMU's monitor, which is not there at once; None until it is."""
    try:
        monitor = socket.socket(socket.AF_UNIX)
        monitor.connect(os.path.relpath(path))
        return monitor
    except OSError:
        return None


def run(out, resets, chance):
    witness = Witness()
    node = subprocess.Popen(
        ["qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-serial", "none",
         "-S", "-monitor", "unix:monitor,server,nowait", "-semihosting-config",
         "enable=on,target=native", "-kernel", "node.elf"],
        cwd=out, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    text = b""
    deadline = time.monotonic() + 200
    monitor = None
    next_reset, reading = 0.0, 0
    try:
        while time.monotonic() < deadline:
            if select.select([node.stderr], [], [], 0.002)[0]:
                piece = os.read(node.stderr.fileno(), 65536)
                if not piece:
                    break
                text += piece
            *lines, text = text.split(b"\n")
            for line in lines:
                witness.hears(line.decode("ascii", "replace"))
            now = time.monotonic()
            begun = monitor is not None
            if not begun:
                monitor = connected(out / "monitor")
                if monitor is None:
                    continue
                monitor.sendall(b"cont\n")  # it waited, or would be done before the first reset
            elif not resets or (now < next_reset and witness.acknowledged < reading):
                continue
            else:
                monitor.sendall(b"system_reset\n")
                resets -= 1
            # Whichever comes first: so slow machines are reset while booting, fast ones often.
            next_reset = now + chance.uniform(0.005, 0.12) + (0 if begun else 0.3)
            reading = witness.acknowledged + chance.randrange(1, 80)
    finally:
        if node.poll() is None and not witness.done:
            node.kill()
        node.wait()
    return witness


def main():
    out = pathlib.Path(sys.argv[1]).resolve() / "sensor_node"
    resets = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    out.mkdir(parents=True, exist_ok=True)
    image = out / "sensor_node.image"
    for old in (image, out / "monitor"):
        old.unlink(missing_ok=True)
    build(out)
    witness = run(out, resets, chance)
    failed = witness.failed
    if not witness.done:
        failed.append("it did not come to its end")
    if witness.boots < resets / 2:
        failed.append("it was hardly reset")
    if not image.exists():
        failed.append("it left no image")
    elif len(sys.argv) > 4:
        report = subprocess.run([sys.argv[4], "flash", image], capture_output=True, text=True)
        print("\n".join(report.stdout.splitlines()[-2:]))
        if report.returncode != 0:
            failed.append(f"ashlar-inspect ends with {report.returncode}")
    print(f"sensor_node: {witness.boots} boots, {witness.acknowledged} readings, "
          f"{witness.done} sectors opened")
    for line in failed[:10]:
        print("sensor_node: FAILED:", line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
