# SPDX-License-Identifier: BSL-1.0
"""ashlar-verify and ashlar-inspect on stores that are kept: sound, damaged, foreign, newer.

usage: stores_test.py VERIFY INSPECT GOLDEN [ENGINE...]

ENGINE: lmdb, rocksdb, sqlite, as far as VERIFY was built with them; it must say so of the others.
"""
import json
import os
import pathlib
import resource
import shutil
import struct
import subprocess
import sys
import tempfile

from crc32c import crc32c

verify, inspect, golden = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]) / "v1"
engines = sys.argv[4:]
failures = []


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    try:
        return done.returncode, json.loads(done.stdout), done.stdout + done.stderr
    except ValueError:
        return done.returncode, None, done.stdout + done.stderr


def expect(what, yes, text=""):
    if not yes:
        failures.append(what)
        print("FAILED:", what, text[:600])


def changed(directory, name, change):
    path = directory / name
    data = bytearray(path.read_bytes())
    path.write_bytes(bytes(change(data)))


def flip(at):
    def change(data):
        data[at] ^= 0x10
        return data
    return change


def cut(size):
    return lambda data: data[:size]


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)

    def copy_of(name):
        shutil.rmtree(scratch / "db", ignore_errors=True)
        return pathlib.Path(shutil.copytree(golden / name, scratch / "db"))

    # Sound stores, left as they are.
    for name, torn in (("closed", False), ("crashed", True)):
        store = copy_of(name)
        code, said, text = run(verify, "--json", store)
        expect(f"{name} is sound", code == 0 and said["verdict"] == "sound", text)
        expect(f"{name} says what was torn", (said["torn_bytes"] != 0) == torn, text)
        expect(f"{name} has records and snapshots", said["records"] > 3 and said["snapshots"] > 0)
        expect(f"{name} has no problems", said["problems"] == [], text)
        for file in store.iterdir():
            expect(f"{file.name} is untouched",
                   file.read_bytes() == (golden / name / file.name).read_bytes())
    code, _, text = run(verify, copy_of("closed"))
    expect("words for people", code == 0 and ": sound\n" in text, text)

    # Zeros that wait to become a segment are no damage.
    store = copy_of("closed")
    (store / "spare-0000000000000001").write_bytes(bytes(5000))
    code, said, text = run(verify, "--json", store)
    expect("a spare segment is sound", code == 0 and said["problems"] == [], text)
    code, said, text = run(inspect, "--json", store / "spare-0000000000000001")
    expect("a spare segment is known",
           code == 0 and said[0]["kind"] == "spare segment" and said[0]["bytes"] == 5000, text)

    # Damage is named by file, byte and reason; all of it, not only the first.
    store = copy_of("closed")
    for name, at in (("log-0000000000000003", 100), ("snapshot-0000000000000003", 70)):
        changed(store, name, flip(at))
    code, said, text = run(verify, "--json", store)
    named = {p["file"]: p for p in said["problems"]}
    expect("damage is exit code 3", code == 3 and said["verdict"] == "damaged", text)
    expect("both files are named", set(named) == {"log-0000000000000003",
                                                  "snapshot-0000000000000003"}, text)
    expect("each has a byte and a reason", all(p["position"] >= 64 and len(p["reason"]) > 10
                                               for p in said["problems"]), text)
    for name in ("log-0000000000000002", "log-0000000000000003"):
        store = copy_of("closed")
        (store / name).unlink()
        code, said, text = run(verify, "--json", store)
        expect(f"{name} is missing", code == 3 and any(p["reason"] == "is missing"
                                                       for p in said["problems"]), text)
    store = copy_of("closed")
    changed(store, "ashlar.manifest", flip(50))
    code, said, text = run(verify, "--json", store)
    expect("a damaged manifest", code == 3 and said["problems"][0]["position"] == 40, text)

    # Those who follow the changes: their file is looked at, and whether the log reaches to them.
    store = copy_of("closed")

    def cursors_at(segment, offset):
        uuid = (store / "ashlar.manifest").read_bytes()[16:32]
        data = (b"\x8aashC\r\n\x1a" + struct.pack("<II", 1, 1) + uuid
                + struct.pack("<QQII", 0, segment, offset, 2) + b"\xffx")
        (store / "feed-cursors").write_bytes(data + struct.pack("<I", crc32c(data)))

    for place, code, said in (((3, 64), 0, ""), ((4, 64), 0, ""), ((4, 72), 3, "the log ends before")):
        cursors_at(*place)
        got, _, text = run(verify, "--json", store)
        expect(f"a follower at {place}", got == code and said in text, text)
        got, shown, text = run(inspect, "--json", store / "feed-cursors")
        expect(f"inspect a follower at {place}", got == 0 and
               (shown[0]["cursors"][0]["segment"], shown[0]["cursors"][0]["offset"]) == place, text)
    for what, change in (("flip", flip(40)), ("cut", cut(20)), ("empty", cut(0)),
                         ("long", lambda data: data + bytes(2 << 20))):
        cursors_at(3, 64)
        changed(store, "feed-cursors", change)
        code, said, text = run(verify, "--json", store)
        expect(f"followers, {what}", code == 3 and said["problems"][0]["file"] == "feed-cursors", text)
        expect(f"inspect of followers, {what}", run(inspect, store)[0] == 1)

    # What is named as a file of a store and is none.
    for name in ("ashlar.manifest", "log-0000000000000003", "snapshot-0000000000000003"):
        for change in (flip(0), cut(0), cut(7)):
            store = copy_of("closed")
            changed(store, name, change)
            code, said, text = run(inspect, "--json", store)
            expect(f"inspect of no {name}", code == 1 and [
                file["position"] for file in said if "damage" in file] == [0], text)
    with open("/dev/full", "w") as full:
        for tool, code in ((verify, 4), (inspect, 2)):
            done = subprocess.run([tool, "--json", golden / "closed"], stdout=full,
                                  stderr=subprocess.PIPE, timeout=60)
            expect(f"{tool} to a full disk", done.returncode == code, str(done))
            expect(f"{tool} --help", run(tool, "--help")[0] == 0)

    # Stores of other people's engines. What they tell of damage is a file, its beginning and a
    # sentence; LMDB and a torn end of RocksDB's log are believed (docs/tools.md).
    damages = {
        "lmdb": (("data.mdb", cut(16384)), ("data.mdb", cut(100))),
        "rocksdb": (("rocksdb/000004.log", flip(1000)), ("rocksdb/MANIFEST-000005", flip(30)),
                    ("rocksdb/CURRENT", cut(3))),
        "sqlite": (("rows.sqlite", flip(5)), ("rows.sqlite", flip(4200)), ("rows.sqlite", cut(8192))),
    }
    for engine, changes in damages.items():
        store = copy_of(engine)
        code, said, text = run(verify, "--json", store)
        if engine not in engines:
            expect(f"{engine} is not known here", code == 4 and "formats" in text, text)
            continue
        expect(f"{engine} is sound", code == 0 and said["rows"] == 50 and not said["problems"], text)
        for name, change in changes:
            store = copy_of(engine)
            changed(store, name, change)
            damaged = {file: file.read_bytes() for file in store.rglob("*") if file.is_file()}
            code, said, text = run(verify, "--json", store)
            expect(f"{engine}: {name} is damaged", code == 3 and said["verdict"] == "damaged", text)
            expect(f"{engine}: {name} has file, byte and reason", all(
                name.startswith(p["file"]) and p["position"] == 0 and len(p["reason"]) > 20
                for p in said["problems"]) and said["problems"], text)
            left = {file: file.read_bytes() for file in store.rglob("*") if file.is_file()}
            expect(f"{engine}: {name} is left as it was", left == damaged, str(set(left) ^ set(damaged)))
        store = copy_of(engine)
        for file in store.iterdir():
            if file.name != "ashlar.manifest":
                shutil.rmtree(file) if file.is_dir() else file.unlink()
        code, said, text = run(verify, "--json", store)
        expect(f"{engine}: a store without its rows", code in (3, 4) and said["problems"], text)

        pipe = {"lmdb": "data.mdb", "rocksdb": "rocksdb/CURRENT", "sqlite": "rows.sqlite-wal"}[engine]
        for name in (pipe, "ashlar.lock"):
            store = copy_of(engine)
            (store / name).unlink(missing_ok=True)
            os.mkfifo(store / name)
            code, said, text = run(verify, "--json", store)
            expect(f"{engine}: {name} is no file", code == 4 and said["problems"][0]["file"] == name,
                   text)

    # What is no store of ours, or of a newer version, or in use.
    (scratch / "empty").mkdir()
    for name in ("empty", "absent"):
        code, said, text = run(verify, "--json", scratch / name)
        expect(f"{name} is no store", code == 4 and said["problems"], text)
    store = copy_of("closed")

    def newer(data):
        data[8] = 2
        sum32c = crc32c(data[:36])
        return data[:36] + struct.pack("<I", sum32c) + data[40:]

    changed(store, "ashlar.manifest", newer)
    code, said, text = run(verify, "--json", store)
    expect("a newer version", code == 4 and "newer" in said["problems"][0]["reason"], text)
    for words in ((), ("--frob", "x"), ("a", "b")):
        expect(f"usage of {words}", run(verify, *words)[0] == 2)

    # What stands in the way of reading is no damage.
    for engine in engines:
        done = subprocess.run(
            [verify, "--json", golden / engine], capture_output=True, text=True, timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (6, 6)))
        expect(f"{engine} with too few open files", done.returncode == 4 and "ulimit" in done.stdout,
               done.stdout)

    # Headers without a schema.
    code, said, text = run(inspect, "--json", golden / "closed")
    expect("inspect is content", code == 0, text)
    kinds = sorted(file["kind"] for file in said)
    expect("every file is known", kinds == ["log segment"] * 3 + ["manifest"] + ["snapshot"] * 2,
           text)
    expect("all of one store", len({file["uuid"] for file in said}) == 1, text)
    log = next(file for file in said if file["file"].endswith("log-0000000000000003"))
    sequences = [record["sequence"] for record in log["records"]]
    expect("records in order", sequences == sorted(sequences) and len(sequences) >= 3, text)
    expect("operations are counted", log["records"][0]["operations"].get("put", 0) >= 1, text)
    snapshot = next(file for file in said if file["file"].endswith("snapshot-0000000000000003"))
    expect("rows are counted", snapshot["rows"] >= 4 and snapshot["blocks"], text)
    code, _, text = run(inspect, golden / "crashed" / "log-0000000000000002")
    expect("a torn end is no damage", code == 0 and "torn_bytes" in text, text)
    store = copy_of("closed")
    changed(store, "snapshot-0000000000000002", flip(100))
    code, said, text = run(inspect, "--json", store / "snapshot-0000000000000002")
    expect("inspect sees damage", code == 1 and said[0]["position"] == 64, text)
    store = copy_of("closed")
    (store / "log-0000000000000002").unlink()
    os.mkfifo(store / "log-0000000000000002")
    code, _, text = run(inspect, store)
    expect("inspect waits for no pipe", code == 2 and "log-0000000000000002 is no file" in text, text)
    code, _, text = run(inspect, scratch / "empty")
    expect("inspect knows nothing here", code == 2, text)

print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
