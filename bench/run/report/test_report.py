#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Tests the measuring: statistics, goals, and that a wrong subject gets no number.

usage: test_report.py SMOKE      SMOKE: the program of bench/run/smoke.cpp
"""
import os
import random
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import bench  # noqa: E402
import goals  # noqa: E402
import machine  # noqa: E402
import plots  # noqa: E402
import rows as results  # noqa: E402
import summary  # noqa: E402

SMOKE = sys.argv.pop(1)


def row(subject, turn, seconds, kind="time", workload="M8", what="get uniform"):
    return results.Row(kind, workload, what, 1, subject, turn, 100, seconds, "s")


class Statistics(unittest.TestCase):
    def test_drift_that_touches_all_alike_is_not_seen(self):
        part = results.Part(())
        for turn in range(1, 12):
            part.add(row("ashlar", turn, 1.0 * turn))
            part.add(row("other", turn, 3.0 * turn))
        for bound in part.ratio("ashlar", "other"):
            self.assertAlmostEqual(bound, 3)

    def test_interval_holds_the_median_of_what_was_drawn(self):
        chance = random.Random(7)
        inside = 0
        for _ in range(200):
            ratio = results.interval([chance.gauss(5, 1) for _ in range(11)])
            inside += ratio.low <= 5 <= ratio.high
        self.assertGreaterEqual(inside, 180)  # 95 % of 200, less what chance may take

    def test_null_test_tells_a_subject_from_itself(self):
        part = results.Part(())
        for turn in (1, 2, 3):
            part.add(row("ashlar", turn, 1))
            part.add(row("ashlar again", turn, 1.1))
        self.assertAlmostEqual(part.null_test()["ashlar"].median, 1 / 1.1)

    def test_share_of_limit(self):
        part = results.Part(())
        part.add(row("ashlar", 1, 4))
        part.add(row("limit: loads", 1, 1, kind="limit"))
        self.assertAlmostEqual(part.share_of_limit("ashlar"), 0.25)
        part.add(row("limit: fewer loads", 1, 2, kind="limit"))
        self.assertAlmostEqual(part.share_of_limit("ashlar"), 0.25)

    def test_rows_of_another_shape_are_refused(self):
        with self.assertRaises(ValueError):
            results.parse(["time,M8,get"])
        with self.assertRaises(ValueError):
            results.parse(["time,M8,get,1,ashlar,1,100,fast,s"])

    def test_rows_survive_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "run.csv")
            results.write([row("ashlar", 1, 0.5)], path)
            with open(path, encoding="utf-8") as file:
                self.assertEqual(results.parse(file), [row("ashlar", 1, 0.5)])


class Goals(unittest.TestCase):
    GOAL = next(g for g in goals.GOALS if g.name == "A2")

    def judged(self, ratios):
        rows = [row(self.GOAL.ours, turn, 1.0) for turn in range(len(ratios))]
        rows += [row(self.GOAL.theirs, turn, ratio) for turn, ratio in enumerate(ratios)]
        return goals.judge(self.GOAL, results.parts_of(rows), {}).level

    def test_the_worse_end_of_the_interval_decides(self):
        self.assertEqual(self.judged([3.5] * 11), "moon")
        self.assertEqual(self.judged([2.5] * 11), "floor")
        self.assertEqual(self.judged([1.5] * 11), "missed")
        self.assertEqual(self.judged([1.0, 9.0] * 5), "missed")

    def test_what_was_not_measured_is_not_met(self):
        self.assertEqual(goals.judge(self.GOAL, {}, {}).measured, "not measured")

    def test_every_goal_has_three_levels_that_rise(self):
        for goal in goals.GOALS:
            order = sorted(goal.levels, reverse=goal.kind in ("smaller", "below"))
            self.assertEqual(list(goal.levels), order, goal.name)


class Report(unittest.TestCase):
    def test_a_loss_stands_above_ashlar(self):
        part = results.Part(())
        for turn in (1, 2, 3):
            part.add(row("ashlar", turn, 2))
            part.add(row("winner", turn, 1))
        lines = bench.part_table(part)
        self.assertLess(next(i for i, line in enumerate(lines) if "winner" in line),
                        next(i for i, line in enumerate(lines) if "ashlar**" in line))

    def test_noise_is_said_above_the_goals(self):
        told = [results.Row("run", "M8", key, 0, "M8", 0, 0, 0.0, text) for key, text in
                [*dict.fromkeys(("date", "commit", "command", "processor", "memory", "kernel",
                                 "compiler", "flags"), "x").items(), ("noise", "a neighbour")]]
        text = bench.report(told + [row("ashlar", 1, 1)])
        self.assertIn("a neighbour", "\n".join(text[:text.index("## Goals")]))


    def test_a_plot_takes_any_name(self):
        self.assertEqual(plots.quoted("Redis's BGSAVE"), "'Redis''s BGSAVE'")

    def test_the_summary_shows_losses_and_no_quick_run(self):
        key = ("M8", "get uniform", 1)
        part = results.Part(key)
        for turn in (1, 2, 3):
            part.add(row("ashlar", turn, 3))
            part.add(row("absl flat_hash_map", turn, 1))
        told = dict.fromkeys(("date", "commit", "command", "processor", "memory", "kernel",
                              "compiler", "flags", "noise"), "x")
        text = "\n".join(summary.lines({key: part}, {}, {"M8": told}))
        self.assertIn("| absl flat_hash_map | 0.333 [0.333, 0.333] |", text)
        quick = {"M8": {**told, "command": "./dev bench --quick m8"}}
        self.assertEqual(summary.lines({key: part}, {}, quick), [])


class Gate(unittest.TestCase):
    def test_a_busy_processor_is_seen(self):
        busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            found = machine.refusals(".", seconds=0.5)
        finally:
            busy.kill()
            busy.wait()
        self.assertTrue([f for f in found if "other programs took" in f])

    def test_a_full_disk_is_seen(self):
        self.assertTrue([f for f in machine.refusals(".", 0, need=1e9) if "are free in" in f])


class Program(unittest.TestCase):
    def ended(self, *arguments):
        return subprocess.run([SMOKE, *arguments], capture_output=True, text=True, check=False)

    def test_rows_and_report_of_a_whole_run(self):
        with tempfile.TemporaryDirectory() as folder:
            fresh = bench.run("smoke", SMOKE, ["--quick", "--rounds", "2"], folder)
            text = "\n".join(bench.report(fresh))
            for words in ("## Null test", "### smoke: get by 32 uniform, 2 threads",
                          "### smoke: memory", "share of the limit"):
                self.assertIn(words, text)
            self.assertTrue(all(r.value > 0 for r in fresh if r.kind in ("time", "limit")))

    def test_a_wrong_answer_gets_no_number(self):
        ended = self.ended("--plant", "--quick")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("std unordered_map answers", ended.stderr)
        self.assertFalse([line for line in ended.stdout.splitlines() if line.startswith("time")])

    def test_an_unknown_argument_is_refused(self):
        self.assertEqual(self.ended("--fast").returncode, 2)


if __name__ == "__main__":
    unittest.main()
