# SPDX-License-Identifier: BSL-1.0
"""One SVG for each workload, drawn by gnuplot: a panel of bars for each part."""
import shutil
import subprocess


def quoted(text):
    """As gnuplot takes it literally."""
    return "'" + text.replace("'", "''") + "'"


def panel(part):
    """Commands for one part: bars of million operations a second, the slowest below."""
    names = sorted(part.seconds, key=part.rate)
    lines, labels = [], []
    for y, name in enumerate(names):
        ours = name.startswith("ashlar")
        color = "#b8b8b8" if name in part.limits else "#c44e52" if ours else "#4c72b0"
        rate = part.rate(name) / 1e6
        lines.append(f"set object {y + 1} rectangle from 0,{y - 0.38} to "
                     f"{rate:.6g},{y + 0.38} "
                     f"fillcolor rgb '{color}' fillstyle solid noborder")
        labels.append(f"{quoted(name)} {y}")
    top = max(part.rate(name) for name in names) / 1e6
    _, what, threads = part.key
    title = f"{what}, {threads} thread{'s' if threads > 1 else ''}"
    return ["unset object", *lines, f"set ytics ({', '.join(labels)}) scale 0",
            f"set title {quoted(title)}",
            f"plot [0:{top * 1.05:.6g}] [-0.6:{len(names) - 0.4}] NaN notitle"]


def draw_ratios(found, path):
    """One bar for each (name, ratio), with its interval; 1 is the peer."""
    if not found or not shutil.which("gnuplot"):
        return False
    found = found[::-1]
    commands = [f"set terminal svg size 900,{60 + 22 * len(found)} font 'sans-serif,11' "
                "background '#ffffff'",
                f"set output '{path}'", "set border 1", "set xtics nomirror out", "set key off",
                "set logscale x 2",
                "set ytics (" + ", ".join(f"{quoted(name)} {y}"
                                          for y, (name, _) in enumerate(found)) + ") scale 0",
                "set title 'how many times faster than the peer (bars: median; lines: 95 %)'",
                "set arrow from 1,-0.6 to 1," + f"{len(found) - 0.4} nohead lc rgb '#888888'"]
    for y, (_, ratio) in enumerate(found):
        low, high = sorted((1, ratio.median))
        commands.append(f"set object {y + 1} rectangle from {low:.6g},{y - 0.35} to "
                        f"{high:.6g},{y + 0.35} fillstyle solid noborder fillcolor rgb "
                        f"'{'#c44e52' if ratio.median < 1 else '#55a868'}'")
        commands.append(f"set arrow from {ratio.low:.6g},{y} to {ratio.high:.6g},{y} nohead "
                        "front lc rgb '#222222'")
    least = min(0.5, *(r.low for _, r in found))
    most = max(r.high for _, r in found)
    commands.append(f"plot [{least / 1.1:.6g}:{most * 1.1:.6g}] [-0.6:{len(found) - 0.4}] "
                    "NaN notitle")
    subprocess.run(["gnuplot"], input="\n".join(commands), text=True, check=True,
                   capture_output=True)
    return True


def draw(workload, parts, path):
    """Writes the SVG; answers whether gnuplot was there to do it."""
    if not parts or not shutil.which("gnuplot"):
        return False
    columns = 2 if len(parts) > 1 else 1
    rows = (len(parts) + columns - 1) // columns
    tallest = max(len(part.seconds) for part in parts)
    height = rows * (70 + 17 * tallest) + 40
    commands = [f"set terminal svg size {520 * columns},{height} font 'sans-serif,11' "
                "background '#ffffff'",
                f"set output '{path}'", "set border 1", "set xtics nomirror out", "set key off",
                f"set multiplot layout {rows},{columns} "
                f"title '{workload}: million operations a second (grey: what the machine can do)'"]
    for part in parts:
        commands += panel(part)
    subprocess.run(["gnuplot"], input="\n".join(commands + ["unset multiplot"]), text=True,
                   check=True, capture_output=True)
    return True
