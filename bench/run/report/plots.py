# SPDX-License-Identifier: BSL-1.0
"""One SVG for each workload, drawn by gnuplot: a panel of bars for each part."""
import shutil
import subprocess


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
        labels.append(f"'{name}' {y}")
    top = max(part.rate(name) for name in names) / 1e6
    _, what, threads = part.key
    title = f"{what}, {threads} thread{'s' if threads > 1 else ''}"
    return ["unset object", *lines, f"set ytics ({', '.join(labels)}) scale 0",
            f"set title '{title}'",
            f"plot [0:{top * 1.05:.6g}] [-0.6:{len(names) - 0.4}] NaN notitle"]


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
