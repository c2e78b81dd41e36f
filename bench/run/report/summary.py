# SPDX-License-Identifier: BSL-1.0
"""What the README shows of a run: one table and one plot, with date, machine and command."""
import os

import goals
import plots

BEGIN = "<!-- written by ./dev bench: begin -->"
END = "<!-- written by ./dev bench: end -->"


def shown(parts, values, facts):
    """Verdicts of goals that compare with a peer by name, losses too; of no quick run."""
    return [v for v in (goals.judge(goal, parts, values) for goal in goals.GOALS)
            if v.ratio and not v.goal.theirs.startswith("limit")
            and "--quick" not in facts[v.goal.part[0]]["command"]]


def lines(parts, values, facts):
    """The lines between the marks; none where nothing was measured."""
    found = shown(parts, values, facts)
    runs = {}
    for verdict in found:
        told = facts[verdict.goal.part[0]]
        runs.setdefault((told["date"], told["commit"], told["command"], told["noise"]), []).append(
            verdict.goal.part[0])
    if not found:
        return []
    machine = facts[found[0].goal.part[0]]
    text = ["![how many times faster](docs/bench/summary.svg)", "",
            "| what | beside | so many times faster, median [95 %] |",
            "| --- | --- | ---: |",
            *(f"| {v.goal.says} | {v.goal.theirs} | {v.measured} |" for v in found), "",
            f"{machine['processor']}, {machine['memory']}, {machine['kernel']}, "
            f"{machine['compiler']} `{machine['flags']}`.", ""]
    text += [f"- {', '.join(dict.fromkeys(workloads))}: {date}, commit {commit}, `{command}`, "
             f"noise: {noise}." for (date, commit, command, noise), workloads in runs.items()]
    left_out = [w for w, told in facts.items() if "--quick" in told["command"]]
    if left_out:
        text += ["", f"Left out, for their last run was a quick one: {', '.join(left_out)}."]
    return text + ["", "All rows, and what each is compared with: "
                   "[docs/bench/run.md](docs/bench/run.md)."]


def write(parts, values, facts, folder, readme):
    """Puts the lines between the marks of the README, and the plot beside the report."""
    found = shown(parts, values, facts)
    plots.draw_ratios([(f"{v.goal.name} {v.goal.says}", v.ratio) for v in found],
                      os.path.join(folder, "summary.svg"))
    with open(readme, encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN, 1)
        after = rest.split(END, 1)[1]
    between = "\n".join([BEGIN, *lines(parts, values, facts), END])
    with open(readme, "w", encoding="utf-8") as file:
        file.write(before + between + after)
