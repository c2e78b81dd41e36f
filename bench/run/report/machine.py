# SPDX-License-Identifier: BSL-1.0
"""What machine this is, and whether it was quiet enough for times to mean anything."""
import os
import platform
import subprocess
import time


def read(path, otherwise=""):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return otherwise


def said_by(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def memory(field):
    """GiB of a field of /proc/meminfo."""
    for line in read("/proc/meminfo").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 2**20
    return 0.0


def describe(top):
    """{name: text}: what a reader must know to run it again."""
    model = [line.split(":", 1)[1].strip() for line in read("/proc/cpuinfo").splitlines()
             if line.startswith("model name")]
    changed = said_by("git", "-C", top, "status", "--porcelain", "--untracked-files=no", "--",
                      "include", "bench")
    governor = read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "not visible")
    huge = read("/sys/kernel/mm/transparent_hugepage/enabled", "[not visible]")
    return {
        "processor": f"{model[0] if model else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{memory('MemTotal'):.0f} GiB",
        "kernel": f"{platform.system()} {platform.release().split('-')[0]}",
        "governor": governor.strip(),
        "huge pages": huge[huge.find("[") + 1:huge.find("]")],
        "commit": said_by("git", "-C", top, "rev-parse", "--short", "HEAD") +
                  (" and changes of its day" if changed not in ("", "unknown") else ""),
        "compiler": said_by(os.environ.get("CXX", "g++"), "--version").splitlines()[0],
        "flags": "-O2 -DNDEBUG",
    }


def pressure():
    """Percent of the last ten seconds in which somebody waited for a processor."""
    for word in read("/proc/pressure/cpu").split():
        if word.startswith("avg10="):
            return float(word[len("avg10="):])
    return 0.0


def refusals(folder, seconds=2.0, need=4.0):
    """Sentences: why no run that is to be quoted may begin now. Looks for some seconds."""
    watch = Watch()
    time.sleep(seconds)
    found = watch.complaints()
    if pressure() > 2:
        found.append(f"somebody waited for a processor {pressure():.0f}% of the last ten seconds")
    free = os.statvfs(folder)
    if free.f_bavail * free.f_frsize / 2**30 < need:
        found.append(f"less than {need:.0f} GiB are free in {folder}")
    return found


# When the bench itself had not begun to work: what runs beside it later, Watch tells apart.
LOAD = float(read("/proc/loadavg", "0").split()[0])


class Watch:
    """Tells how much of the machine others took between its making and `complaints()`."""

    def __init__(self):
        self.start = self.counters()
        self.own = self.own_seconds()
        self.since = time.time()

    @staticmethod
    def counters():
        fields = read("/proc/stat", "cpu 0 0 0 0 0 0 0 0").split("\n", 1)[0].split()
        user, nice, system, _, _, irq, soft, steal = map(int, fields[1:9])
        tick = os.sysconf("SC_CLK_TCK")
        return (user + nice + system + irq + soft) / tick, steal / tick

    @staticmethod
    def own_seconds():
        t = os.times()
        return t.user + t.system + t.children_user + t.children_system

    def complaints(self):
        """Sentences; none means that the machine was quiet."""
        busy, steal = self.counters()
        wall = max(time.time() - self.since, 1e-3) * (os.cpu_count() or 1)
        others = max(0, busy - self.start[0] - (self.own_seconds() - self.own)) / wall
        stolen = max(0, steal - self.start[1]) / wall
        found = []
        if others > 0.02:
            found.append(f"other programs took {others:.0%} of the processors")
        if stolen > 0.005:
            found.append(f"the hypervisor took {stolen:.1%} of the time")
        if LOAD > 0.3:
            found.append(f"the load was {LOAD:.1f} before the start")
        if memory("SwapTotal") - memory("SwapFree") > 0.01:
            found.append("swap was in use")
        if memory("MemAvailable") < 4:
            found.append(f"only {memory('MemAvailable'):.1f} GiB of memory were free")
        governor = read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").strip()
        if governor not in ("", "performance"):
            found.append(f"the governor was {governor}")
        return found
