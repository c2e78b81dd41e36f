# SPDX-License-Identifier: BSL-1.0
"""The goals, fixed before anything was measured, and which of them a run has met."""
from collections import namedtuple

# kind: "faster" (seconds of theirs / ours, at least), "smaller" (value of ours / theirs, at most),
# "below" (value of ours, at most). Levels: floor, goal, moon.
Goal = namedtuple("Goal", "name says kind part ours theirs levels")

BATCHED = ("M8", "get by 32 uniform", 2)
SINGLE = ("M8", "get uniform", 1)
MIXED = ("M8", "50r/25i/25d zipf", 2)
STAMPED = "ashlar stamped lazy_ttl"
TBB = "tbb concurrent_hash_map"
LOGGED = "ashlar logged"
SPARES = "ashlar logged with spares"
EARLY = "ashlar logged early"
FLUSH = "limit: pwrite and fdatasync"
USED = "rocksdb sync with used logs"

GOALS = [
    Goal("A1", "batched reads with versions and expiry, beside TBB", "faster", BATCHED, STAMPED,
         TBB, (3, 6, 10)),
    Goal("A1", "the same, beside libcuckoo", "faster", BATCHED, STAMPED, "libcuckoo", (1, 3, 3)),
    Goal("A1", "the same, share of the memory's random lines", "faster", BATCHED, STAMPED,
         "limit: independent loads", (0.3, 0.5, 0.7)),
    Goal("A2", "single reads, beside TBB", "faster", SINGLE, "ashlar", TBB, (2, 3, 3)),
    Goal("A2", "single reads, beside abseil without threads", "faster", SINGLE, "ashlar",
         "absl flat_hash_map", (0.75, 0.9, 0.9)),
    Goal("A3", "half reads, half writes, beside TBB", "faster", MIXED, "ashlar", TBB, (2, 4, 6)),
    Goal("A4", "bytes an entry with expiry, beside Redis", "smaller", ("MS", "memory", 1), STAMPED,
         "redis used_memory with expiry", (0.75, 0.62, 0.5)),
    Goal("A4", "the same without versions, which Redis has not", "smaller", ("MS", "memory", 1),
         "ashlar lazy_ttl", "redis used_memory with expiry", (0.75, 0.62, 0.5)),
    Goal("A5", "filling tiny entries, beside DEBUG POPULATE", "faster",
         ("MS", "fill tiny entries", 1), "ashlar bulk_load", "redis DEBUG POPULATE", (4, 8, 15)),
    Goal("A5", "memory of tiny entries, beside Redis", "smaller",
         ("MS", "memory of tiny entries", 1), "ashlar", "redis used_memory", (0.6, 0.5, 0.4)),
    Goal("A6", "longest wait while growing, ms", "below",
         ("M8", "longest wait for 16 of long growth", 1), "ashlar", None, (5, 1, 0.1)),
    Goal("A6", "the same with pages of 4 KiB", "below",
         ("M8", "longest wait for 16 of long growth", 1), "ashlar small pages", None, (5, 1, 0.1)),
    Goal("A7", "expiries a second and core, M", "above", ("TTLB", "reclaimed", 1),
         "ashlar lazy_ttl", None, (2, 20, 100)),
    Goal("A7", "p99.9 of others meanwhile, times", "below", ("TTLB", "p99.9 during/before", 1),
         "ashlar lazy_ttl", None, (2, 1.2, 1.05)),
    Goal("A8", "result store, beside a loop in Redis", "faster", ("CEL", "1 write 2 reads", 1),
         STAMPED, "redis EVAL loop", (5, 15, 40)),
    Goal("A10", "ordered reads of integers, beside abseil", "faster",
         ("ORD integers", "get uniform", 1), "ashlar", "absl btree_map", (1, 1.3, 2)),
    Goal("A10", "ordered reads of texts, beside abseil", "faster",
         ("ORD texts", "get uniform", 1), "ashlar", "absl btree_map", (1, 2, 3)),
    Goal("A11", "ordered reads and writes, beside a locked B-tree", "faster",
         ("ORD integers", "50r/50u uniform", 2), "ashlar", "absl btree_map locked", (2, 4, 8)),
    Goal("A11", "scans of 100 meanwhile, beside a locked B-tree", "faster",
         ("ORD integers", "scan 100 and put", 2), "ashlar", "absl btree_map locked", (2, 4, 8)),
    Goal("B1", "durable puts of one client, share of the file itself", "faster",
         ("DUR", "put", 1), LOGGED, FLUSH, (0.9, 0.97, 1.15)),
    Goal("B1", "the same, beside LMDB", "faster", ("DUR", "put", 1), LOGGED, "lmdb", (1, 2, 2)),
    Goal("B2", "durable puts of 64 clients, beside RocksDB", "faster", ("DUR", "put", 64), LOGGED,
         "rocksdb sync", (2, 5, 10)),
    Goal("B2", "the same with spare segments, beside RocksDB with used logs", "faster",
         ("DUR", "put", 64), SPARES, USED, (2, 5, 10)),
    Goal("B3", "4,096 durable puts in flight, share of four lanes of files", "faster",
         ("DUR", "4096 in flight", 2), LOGGED, "limit: 4 lanes of 1024 rows", (0.1, 0.25, 0.5)),
    Goal("B3", "the same, beside 64 threads of RocksDB", "faster", ("DUR", "4096 in flight", 2),
         LOGGED, "rocksdb sync by 64 threads", (8, 15, 20)),
    Goal("B3", "the same over rows that are there, share of four lanes of files", "faster",
         ("DUR", "4096 in flight over rows", 2), LOGGED, "limit: 4 lanes of 1024 rows",
         (0.1, 0.25, 0.5)),
    Goal("B3", "the same with spare segments, share of four lanes over zeros", "faster",
         ("DUR", "4096 in flight over rows", 2), SPARES, "limit: 4 lanes of 1024 rows over zeros",
         (0.1, 0.25, 0.5)),
    Goal("B3", "the same, beside 64 threads of RocksDB with used logs", "faster",
         ("DUR", "4096 in flight over rows", 2), SPARES,
         "rocksdb sync by 64 threads with used logs", (8, 15, 20)),
    *(Goal("B4", f"durable batches of 1,000, beside {peer}", "faster",
           ("DUR", "batches of 1000", 1), LOGGED, peer, (2, 4, 8))
      for peer in ("lmdb", "rocksdb sync", "sqlite wal full")),
    *(Goal("B4", f"the same with spare segments, beside {peer}", "faster",
           ("DUR", "batches of 1000", 1), SPARES, peer, (2, 4, 8))
      for peer in ("lmdb", USED, "sqlite wal full")),
    Goal("B13", "p99.9 at half load, flushes", "below", ("DUR", "half load p99.9", 1), LOGGED, None,
         (20, 5, 3)),
    Goal("B12", "seconds from opening to the first read, log_start::early", "below",
         ("B12", "kill -9 to the first read", 1), EARLY, None, (2, 1, 0.05)),
    Goal("B12", "the same where all is loaded first", "below",
         ("B12", "kill -9 to the first read", 1), LOGGED, None, (2, 1, 0.05)),
    Goal("B12", "recovery beside reading the files", "above",
         ("B12", "recovery beside reading the files", 1), LOGGED, None, (0.25, 0.5, 0.8)),
    Goal("C1", "a snapshot under load, beside an idle Redis's BGSAVE", "faster",
         ("CKP", "snapshot under load", 1), LOGGED, "redis BGSAVE", (3, 10, 20)),
    *(Goal("C2", f"throughput during a snapshot, share of before, {load}", "above",
           ("CKP", f"throughput during/before {load}", 1), LOGGED, None, (0.9, 0.97, 0.99))
      for load in ("1 client at 70 %", "2 clients at 70 %", "1 client at full speed")),
    Goal("C2", "longest 64 operations meanwhile, ms", "below",
         ("CKP", "longest 64 but for others on the processor during 1 client at 70 %", 1), LOGGED,
         None, (10, 1, 0.1)),
    Goal("F1", "encoding 20 fields, beside cereal", "faster", ("COD", "encode 20 fields", 1),
         "ashlar reflected", "cereal", (8, 14, 18)),
    Goal("F1", "decoding 20 fields, beside cereal", "faster", ("COD", "decode 20 fields", 1),
         "ashlar reflected", "cereal", (8, 14, 18)),
    Goal("F1", "the same into a record that is there", "faster",
         ("COD", "decode 20 fields again", 1), "ashlar reflected", "cereal", (8, 14, 18)),
    Goal("F1", "the same read where it lies", "faster", ("COD", "decode 20 fields", 1),
         "ashlar views", "cereal", (8, 14, 18)),
    Goal("F2", "a trivially copyable record, beside memcpy", "faster",
         ("COD", "encode plain record", 1), "ashlar native", "limit: memcpy", (0.9, 0.98, 1)),
    Goal("F3", "key of an integer, beside bswap and store", "faster",
         ("COD", "encode key u64", 1), "ashlar", "limit: by hand", (0.5, 0.9, 1)),
    Goal("F3", "key {u64 u32 i64}, beside bswap and store", "faster",
         ("COD", "encode key of three", 1), "ashlar", "limit: by hand", (0.5, 0.9, 1)),
    Goal("F4", "escaping a text without zeros, share of memcpy", "faster",
         ("COD", "escape text of 1024", 1), "ashlar", "limit: memcpy", (0.1, 0.6, 0.9)),
    Goal("F5", "comparing encoded keys, beside decoding first", "faster",
         ("COD", "compare keys", 1), "ashlar encoded", "decode then compare", (1, 5, 5)),
    Goal("F6", "pairs of keys whose bytes are out of order", "below",
         ("COD", "pairs out of order", 1), "ashlar", None, (0, 0, 0)),
]

Verdict = namedtuple("Verdict", "goal measured level ratio", defaults=(None,))


def number(value):
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def judge(goal, parts, values):
    """What was measured, in words, and the highest level that the interval's worse end reaches."""
    ratio = None
    if goal.kind == "faster":
        part = parts.get(goal.part)
        if not part or goal.ours not in part.seconds or goal.theirs not in part.seconds:
            return Verdict(goal, "not measured", "")
        ratio = part.ratio(goal.ours, goal.theirs)
        reached = [ratio.low >= level for level in goal.levels]
        said = f"{number(ratio.median)} [{number(ratio.low)}, {number(ratio.high)}]"
    else:
        found = values.get(goal.part, {})
        if goal.ours not in found or (goal.theirs and goal.theirs not in found):
            return Verdict(goal, "not measured", "")
        value = found[goal.ours][0] / (found[goal.theirs][0] if goal.theirs else 1)
        reached = [value >= level if goal.kind == "above" else value <= level
                   for level in goal.levels]
        said = number(value)
    names = ("floor", "goal", "moon")
    return Verdict(goal, said, names[max(i for i in range(3) if reached[i])]
                   if any(reached) else "missed", ratio)
