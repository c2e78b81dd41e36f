# SPDX-License-Identifier: BSL-1.0
"""cli_main over two stores: every command, its exit codes, and dumps that load again.

usage: cli_test.py LEDGER METER VERIFY
"""
import fcntl
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

from crc32c import crc32c

ledger, meter, verify = sys.argv[1:4]
failures = []


def run(program, directory, *words, text=None):
    done = subprocess.run([program, "-d", directory, *words], capture_output=True, text=True,
                          input=text, timeout=60)
    return done.returncode, done.stdout, done.stderr


def expect(what, got, wanted):
    if got != wanted:
        failures.append(what)
        print("FAILED:", what, "\n  got   ", str(got)[:400], "\n  wanted", str(wanted)[:400])


def picture(directory):
    return {each.name: each.read_bytes() if each.is_file() else each.stat().st_mode
            for each in directory.iterdir()}


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(bytes(data))


def newer(path, sum_at):
    """Of the next version, and its header sound."""
    data = bytearray(path.read_bytes())
    data[8] += 1
    path.write_bytes(bytes(data[:sum_at]) + struct.pack("<I", crc32c(data[:sum_at]))
                     + bytes(data[sum_at + 4:]))


def instead(make):
    def change(path):
        path.unlink()
        make(path)
    return change


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    db = scratch / "ledger"

    # What is not there, and what is no command.
    expect("no store", run(ledger, db, "get", "a")[0], 4)
    expect("no store is made by reading", db.exists(), False)
    expect("put makes none unasked", run(ledger, db, "put", "a", "1")[0], 4)
    for words in (("frob",), (), ("get",), ("put", "a"), ("checkpoint",)):
        expect(f"usage of {words}", run(ledger, db, *words)[0], 2)
        code, _, said = run(ledger, db, *words, "--json")
        expect(f"usage of {words} as JSON", (code, "error" in json.loads(said)), (2, True))
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
    expect("empty lines, and those of other systems",
           run(ledger, scratch / "lines", "load", "--create",
               text='\ufeff{"key": "a", "value": "x"}\r\n\r\n \n{"key": "b", "value": "y"}\r\n'),
           (0, "rows: 2\n", ""))
    expect("a bad load puts nothing", run(ledger, db, "get", "new")[0], 1)

    # Who could not read all of it, or be heard, says so.
    expect("load of a folder", run(ledger, db, "load", scratch)[0], 4)
    with open("/dev/full", "w") as full:
        for words in (("dump",), ("get", "k1"), ("stat",)):
            done = subprocess.run([ledger, "-d", db, *words], stdout=full, stderr=subprocess.PIPE,
                                  text=True, timeout=60)
            expect(f"{words} to a full disk", (done.returncode, "can't be written" in done.stderr),
                   (4, True))
    code, _, why = run(ledger, db, "dump", "/dev/full")
    expect("a dump's complaint is no JSON unasked", (code, why.startswith("io: ")), (4, True))
    expect("load of a folder as input", subprocess.run(
        [ledger, "-d", db, "load"], stdin=os.open(scratch, os.O_RDONLY), timeout=60).returncode, 4)
    expect("dump of no store", run(ledger, scratch / "none", "dump", scratch / "rows")[0], 4)
    expect("an earlier dump is left", (scratch / "rows").read_text(), dumped)
    expect("no such limit", run(ledger, db, "scan", "--limit", "-1")[0], 2)
    odd = os.path.join(os.fsencode(scratch), b"od\xffd")
    shutil.copytree(os.fsencode(db), odd)
    code, said, _ = run(ledger, odd, "--json", "stat")
    expect("a directory whose name is no UTF-8", (code, json.loads(said)["rows"]), (0, 7))

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

    # What else may have happened to a store's directory: a sentence that names file, position and
    # remedy, the exit code, and no file touched, whoever asks.
    kept = scratch / "kept"
    for n in range(3):
        expect("kept", run(ledger, kept, "load", "--create",
                           text="".join(f'{{"key": "{n}-{i}", "value": "v"}}\n' for i in range(9)))[0], 0)
        if n < 2:
            expect("its snapshots", run(ledger, kept, "checkpoint", "create")[0], 0)
    stranger = scratch / "stranger"
    expect("stranger", run(ledger, stranger, "put", "--create", "a", "b")[0], 0)
    manifest, snapshot, older = "ashlar.manifest", f"snapshot-{4:016x}", f"snapshot-{2:016x}"
    log, seal = f"log-{5:016x}", f"log-{6:016x}"
    pipe, folder, empty = instead(os.mkfifo), instead(os.mkdir), lambda path: path.write_bytes(b"")
    theirs = instead(lambda path: shutil.copy(stranger / f"log-{1:016x}", path))
    trials = [  # what is done to which files, exit code of opening and verifying, what is said
        ([(log, pipe)], 4, 4, [log, "see to what its path names"]),
        ([(log, folder)], 4, 4, [log, "see to what its path names"]),
        ([(log, empty)], 3, 3, [log, "at byte 0", "open with repair"]),
        ([(log, pathlib.Path.unlink)], 3, 3, [log, "is missing", "open with repair"]),
        ([(log, flip)], 3, 3, [log, "at byte 64", "restore the file"]),
        ([(log, lambda path: newer(path, 60))], 4, 4, [log, "at byte 8", "with a newer one"]),
        ([(log, theirs)], 4, 3, [log, "at byte 16", "put the file back"]),
        ([(snapshot, folder)], 4, 4, [snapshot, "see to what its path names"]),
        ([(snapshot, pipe)], 4, 4, [snapshot, "see to what its path names"]),
        ([(snapshot, lambda path: newer(path, 60))], 4, 4, [snapshot, "at byte 8", "newer one"]),
        ([(snapshot, flip), (older, flip)], 3, 3, [snapshot, "at byte 96", "restore the files"]),
        ([(manifest, pipe)], 4, 4, ["manifest", "see to what its path names"]),
        ([(manifest, folder)], 4, 4, ["manifest", "see to what its path names"]),
        ([(manifest, empty)], 3, 3, [manifest, "at byte 0", "restore that file"]),
        ([(manifest, flip)], 3, 3, [manifest, "at byte", "restore that file"]),
        ([(manifest, lambda path: newer(path, 36))], 4, 4, [manifest, "at byte 8", "newer one"]),
        ([(manifest, pathlib.Path.unlink)], 4, 4, [manifest, "name an empty or a new one"]),
        ([("ashlar.lock", pipe)], 4, 4, ["lock file", "see to what its path names"]),
    ]
    for changes, code, verdict, said in trials:
        what = f"{changes[0][0]}: {said[-1]}"
        at = scratch / "trial"
        shutil.rmtree(at, ignore_errors=True)
        shutil.copytree(kept, at)
        for name, change in changes:
            change(at / name)
        before = picture(at)
        for words in (("get", "2-3"), ("put", "a", "b"), ("checkpoint", "create")):
            got, _, why = run(ledger, at, *words)
            expect(f"{what}, {words[0]}", (got, [w for w in said if w not in why]), (code, []))
        for words in ((verify, at), (ledger, "-d", at, "verify")):
            done = subprocess.run(words, capture_output=True, text=True, timeout=60)
            file_named = said[0].removeprefix("ashlar.") in done.stdout + done.stderr
            expect(f"{what}, verify", (done.returncode, file_named), (verdict, True))
        expect(f"{what}: files", picture(at), before)

    # What somebody writes to is not looked into.
    at = scratch / "used"
    shutil.copytree(kept, at)
    flip(at / log)
    with open(at / "ashlar.lock", "r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for words in ("verify",), ("repair",), ("repair", "--dry-run"), ("count",), ("put", "a", "b"):
            code, _, why = run(ledger, at, *words)
            expect(f"{words} of what is in use", (code, "in use" in why), (4, True))
    expect("and damaged", run(ledger, at, "verify")[0], 3)
    for program in ledger, meter:
        expect("checkpoints of no store", run(program, scratch, "checkpoint", "ls")[0], 4)

    # A snapshot is no part of the log: repair does not mend it, the next checkpoint does without.
    at = scratch / "passed"
    shutil.copytree(kept, at)
    flip(at / snapshot)
    code, said, _ = run(ledger, at, "--json", "repair")
    expect("repair of a snapshot", (code, json.loads(said)["repaired"]), (3, False))
    expect("checkpoint", run(ledger, at, "checkpoint", "create")[0], 0)
    expect("sound without it", run(ledger, at, "verify")[0], 0)
    expect("all rows", run(ledger, at, "count"), (0, "rows: 27\n", ""))
    # Longer than any segment: the file has holes, so nobody reads all of it.
    at = scratch / "long"
    shutil.copytree(kept, at)
    os.truncate(at / log, 5 << 30)
    code, _, why = run(ledger, at, "count")
    expect("a segment too long", (code, log in why, "with repair" in why), (3, True, True))
    expect("verify of it", subprocess.run([verify, at], capture_output=True).returncode, 3)
    expect("repair of it", run(ledger, at, "repair")[0], 0)
    expect("what stood before that", run(ledger, at, "count"), (0, "rows: 18\n", ""))
    # A name that leaves none for the next segment.
    at = scratch / "last"
    shutil.copytree(kept, at)
    shutil.copy(at / seal, at / f"log-{2 ** 64 - 1:016x}")
    before = picture(at)
    for words in ("count",), ("repair",), ("put", "a", "b"):
        code, _, why = run(ledger, at, *words)
        expect(f"{words} beside the last number", (code, f"log-{2 ** 64 - 1:016x}" in why), (4, True))
    expect("files beside the last number", picture(at), before)

    # Behind a segment that is gone nothing can be used; what stands before it can.
    at = scratch / "gap"
    shutil.copytree(kept, at)
    (at / log).unlink()
    expect("repair of a gap", run(ledger, at, "repair")[0], 0)
    expect("what stood before it", run(ledger, at, "count"), (0, "rows: 18\n", ""))
    expect("what stood behind it is kept", (at / f"{seal}.damaged").exists(), True)
    expect("a gap that a repair has made is none", run(ledger, at, "verify")[0], 0)
    flip(at / f"log-{3:016x}")
    expect("what stands before it is looked at", run(ledger, at, "verify")[0], 3)
    (scratch / "dangling").symlink_to(scratch / "nowhere")
    code, _, why = run(ledger, scratch / "dangling", "put", "--create", "a", "b")
    expect("a link to nothing", (code, "symbolic link to nothing" in why), (4, True))
    (scratch / "link").symlink_to(kept)
    expect("a link to a store", run(ledger, scratch / "link", "count"), (0, "rows: 27\n", ""))

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
    (db / "rows.sqlite").unlink()
    os.mkfifo(db / "rows.sqlite")
    code, _, why = run(meter, db, "count")
    expect("sqlite waits for no pipe", (code, "see to what their paths name" in why), (4, True))

print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
