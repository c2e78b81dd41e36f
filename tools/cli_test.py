# SPDX-License-Identifier: BSL-1.0
"""cli_main over two stores: every command, its exit codes, and dumps that load again.

usage: cli_test.py LEDGER METER
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ledger, meter = sys.argv[1], sys.argv[2]
failures = []


def run(program, directory, *words, text=None):
    done = subprocess.run([program, "-d", directory, *words], capture_output=True, text=True,
                          input=text, timeout=60)
    return done.returncode, done.stdout, done.stderr


def expect(what, got, wanted):
    if got != wanted:
        failures.append(what)
        print("FAILED:", what, "\n  got   ", str(got)[:400], "\n  wanted", str(wanted)[:400])


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    db = scratch / "ledger"

    # What is not there, and what is no command.
    expect("no store", run(ledger, db, "get", "a")[0], 4)
    expect("no store is made by reading", db.exists(), False)
    expect("put makes none unasked", run(ledger, db, "put", "a", "1")[0], 4)
    for words in (("frob",), (), ("get",), ("put", "a"), ("checkpoint",)):
        expect(f"usage of {words}", run(ledger, db, *words)[0], 2)
    expect("help is no error", run(ledger, db, "--help")[0], 0)

    # One key.
    expect("put --create", run(ledger, db, "put", "a", "one", "--create")[0], 0)
    expect("put", run(ledger, db, "put", "gr\u00fcn", "two words")[0], 0)
    expect("get", run(ledger, db, "get", "a"), (0, "one\n", ""))
    expect("get --json", json.loads(run(ledger, db, "--json", "get", "gr\u00fcn")[1]),
           {"key": "gr\u00fcn", "value": "two words"})
    expect("not found is 1", run(ledger, db, "get", "zz")[0], 1)
    expect("the empty key is a key", run(ledger, db, "get", "")[0], 1)
    expect("del --dry-run", run(ledger, db, "del", "a", "--dry-run")[0], 0)
    expect("it deletes nothing", run(ledger, db, "get", "a")[0], 0)
    expect("del", run(ledger, db, "del", "a")[0], 0)
    expect("del of nothing", run(ledger, db, "del", "a")[0], 1)

    # Many.
    rows = [{"key": f"k{i}", "value": "v" * i} for i in range(5)]
    rows.append({"key": {"hex": "ff00"}, "value": {"hex": "80"}})  # no UTF-8
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    expect("load --dry-run", json.loads(run(ledger, db, "--json", "load", "--dry-run",
                                            text=lines)[1]), {"rows": 6})
    expect("load", run(ledger, db, "--json", "load", text=lines)[:2], (0, '{"rows":6}\n'))
    expect("count", run(ledger, db, "count"), (0, "rows: 7\n", ""))
    expect("scan of a range", run(ledger, db, "scan", "--from", "k1", "--to", "k3"),
           (0, '"k1"\t"v"\n"k2"\t"vv"\n', ""))
    expect("scan with a limit", len(run(ledger, db, "scan", "--limit", "2")[1].splitlines()), 2)
    code, dumped, _ = run(ledger, db, "dump")
    back = [json.loads(line) for line in dumped.splitlines()]
    expect("dump has every row", [row for row in rows if row not in back], [])
    expect("dump has all", (code, len(back)), (0, 7))
    copy = scratch / "copy"
    expect("a dump loads", run(ledger, copy, "load", "--create", text=dumped)[0], 0)
    expect("and is the same", run(ledger, copy, "dump")[1], dumped)
    expect("dump to a file", run(ledger, db, "dump", scratch / "rows")[0], 0)
    expect("the file is the dump", (scratch / "rows").read_text(), dumped)
    for bad in ('{"key": 1}\n', "nonsense\n", '{"key": "a", "value": 7}\n'):
        code, _, said = run(ledger, db, "load", text='{"key": "new", "value": "x"}\n' + bad)
        expect(f"load of {bad!r}", (code, "line 2" in said), (2, True))
    expect("a bad load puts nothing", run(ledger, db, "get", "new")[0], 1)

    # What it says of itself; checkpoints; damage.
    said = json.loads(run(ledger, db, "--json", "explain")[1])
    expect("explain", (said["durable"], said["ordered"], said["checkpoints"], said["versions"]),
           (True, True, True, False))
    expect("formats", "checkpoint=logged/1" in said["formats"], True)
    expect("stat", json.loads(run(ledger, db, "--json", "stat")[1])["rows"], 7)
    code, made, _ = run(ledger, db, "--json", "checkpoint", "create")
    expect("checkpoint create", (code, json.loads(made)["rows"]), (0, 7))
    expect("checkpoint ls", json.loads(run(ledger, db, "--json", "checkpoint", "ls")[1]),
           {"checkpoints": [json.loads(made)["checkpoint"]]})
    expect("no restoring of logs", run(ledger, db, "checkpoint", "restore", "1",
                                       scratch / "x")[0], 4)
    expect("verify", run(ledger, db, "verify")[0], 0)
    expect("nothing to repair", run(ledger, db, "repair", "--dry-run")[0], 0)
    expect("another type's store", run(meter, db, "stat")[0], 4)
    # The log of the copy has no snapshot that stands for it.
    log = sorted(copy.glob("log-*"))[0]
    data = bytearray(log.read_bytes())
    data[100] ^= 1
    log.write_bytes(bytes(data))
    code, said, _ = run(ledger, copy, "--json", "verify")
    problems = json.loads(said)["problems"]
    expect("verify finds damage", (code, problems[0]["file"]), (3, log.name))
    expect("reading is refused", run(ledger, copy, "count")[0], 3)
    before = {each.name: each.read_bytes() for each in copy.iterdir()}
    expect("repair --dry-run", run(ledger, copy, "repair", "--dry-run")[0], 3)
    expect("it changes nothing", {each.name: each.read_bytes() for each in copy.iterdir()}, before)
    code, said, _ = run(ledger, copy, "--json", "repair")
    expect("repair", (code, json.loads(said)["repaired"]), (0, True))
    expect("sound again", run(ledger, copy, "verify")[0], 0)

    # Numbers, and values that JSON has no word for.
    db = scratch / "meter"
    expect("a number", run(meter, db, "put", "--create", "18446744073709551615",
                           "010002000300")[0], 0)
    expect("a negative key", run(meter, db, "put", "--", "-1", "010002000300")[0], 2)
    expect("no number", run(meter, db, "get", "twelve")[0], 2)
    expect("a value cut short", run(meter, db, "put", "7", "0100")[0], 2)
    expect("hex", json.loads(run(meter, db, "--json", "get", "18446744073709551615")[1]),
           {"key": 18446744073709551615, "value": {"hex": "010002000300"}})
    expect("more", run(meter, db, "put", "2", "ffffffffffff")[0], 0)
    expect("in order", [json.loads(line)["key"] for line in run(meter, db, "dump")[1].splitlines()],
           [2, 18446744073709551615])
    expect("checkpoint", json.loads(run(meter, db, "--json", "checkpoint", "create")[1]),
           {"checkpoint": 1})
    expect("del", run(meter, db, "del", "2")[0], 0)
    expect("restore", run(meter, db, "checkpoint", "restore", "1", scratch / "restored")[0], 0)
    expect("the restored", run(meter, scratch / "restored", "count"), (0, "rows: 2\n", ""))
    expect("the present", run(meter, db, "count"), (0, "rows: 1\n", ""))
    expect("not twice", run(meter, db, "checkpoint", "restore", "1", scratch / "restored")[0], 4)
    expect("no such checkpoint", run(meter, db, "checkpoint", "restore", "9", scratch / "y")[0], 4)
    expect("repair is not for sqlite", run(meter, db, "repair")[0], 4)
    expect("verify sqlite", run(meter, db, "verify")[0], 0)

print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
