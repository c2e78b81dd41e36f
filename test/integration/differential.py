#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The same random commands to result_cache and to redis-server: the same replies.

usage: differential.py PROGRAM [--commands N] [--seed N]

What may differ, and how it is compared then:
  * the order of what has none (KEYS, SMEMBERS, HGETALL, SCAN, ...): as sets;
  * cursors: whole iterations are compared;
  * what is drawn by lot (SPOP, SRANDMEMBER): asked for so many that all come;
  * times: within two seconds, for clocks are read at different moments; none ends during the test,
    and none is behind the year 2499, which result_cache refuses;
  * DBSIZE: asked by KEYS, for Redis counts what is over until it has swept it;
  * -0 as a score, which Redis shows as 0 or as -0 by how large a set is, is not sent;
  * what result_cache does not have is not sent.
"""
import argparse
import random
import sys

import corners
import servers

KEYS = [b"a", b"b", b"key:1", b"key:2", b"", b"with space", b"\x00\xff\r\n", b"{tag}x", b"long" * 40]
WORDS = [b"x", b"y", b"z", b"one", b"two", b"", b"\x00", b"caf\xc3\xa9", b"field", b"m" * 70]
PATTERNS = [b"*", b"key:*", b"?", b"[a-c]", b"[^a]", b"*e*", b"\\a", b"k[e-e]y:[1", b"", b"**y*"]
# Clocks are read at different moments: as many units may replies differ.
NEAR = {b"ttl": 2, b"expiretime": 2, b"pttl": 2000, b"pexpiretime": 2000}
UNORDERED = {b"keys", b"hkeys", b"hvals", b"smembers", b"spop", b"srandmember", b"sunion", b"sinter", b"sdiff",
             b"hrandfield", b"zrandmember", b"sort_ro"}
NUMBERS = [b"0", b"1", b"-1", b"2", b"-2", b"3", b"10", b"-100", b"100", b"9223372036854775807",
           b"-9223372036854775808", b"3.5", b"-0.25", b"1e3", b"007", b"+1", b"abc", b"", b" 1",
           b"inf", b"-inf", b"nan", b"1.1", b"0.1", b"1e400", b"0x10", b"99999999999999999999"]
FLAGS = {
    "SET": [b"NX", b"XX", b"GET"], "ZADD": [b"NX", b"XX", b"GT", b"LT", b"CH", b"INCR"],
    "END": [b"LEFT", b"RIGHT", b"left", b"middle"], "WHEN": [b"NX", b"XX", b"GT", b"LT", b"ZZ"], "SIDE": [b"BEFORE", b"AFTER", b"beside"],
}

# k key, v value, t time to live, T absolute seconds, M milliseconds, w member or field, n number, i index, s score bound, S score, b bit,
# ? optional next, + one to three of the next, * flags of that name with some luck
# Not here: SORT ALPHA without STORE, for which Redis compares by the locale and up to a zero byte.
# Nor ranges BYLEX, for where scores differ Redis leaves open what they answer, and goes by the
# random heights of its skip list; corners.py has them.
SHAPES = """
set k v|set k n|set k v *SET|setnx k v|getset k v|get k|getdel k|mget k k k|mset k v k v|msetnx k v k v
append k v|strlen k|getrange k i i|substr k i i|setrange k i v|incr k|decr k|incrby k n|decrby k n|incrbyfloat k n
set k n|incr k|incrbyfloat k n|get k|del k|del k k|unlink k|exists k k|touch k k|type k|rename k k|renamenx k k
copy k k|copy k k REPLACE|copy k k DB n|move k n|keys p|select d
lpush k +w|rpush k +w|lpushx k w|rpushx k +w|lpop k|rpop k|lpop k n|rpop k n|llen k|lrange k i i|lindex k i
lset k i v|lrem k n w|ltrim k i i|linsert k *SIDE w v|lpos k w|lpos k w RANK n|lpos k w COUNT n
lpos k w RANK n COUNT n MAXLEN n|lmove k k *END *END|rpoplpush k k|blpop k k 0.01|brpop k 0.01|blmove k k *END *END 0.01
rpush k +w|lpush k +w|lrange k 0 -1|brpoplpush k k 0.01
hset k w v|hset k w v w v|hset k w n|hmset k w v w v|hsetnx k w v|hget k w|hmget k w w w|hgetall k|hkeys k|hvals k
hdel k +w|hlen k|hexists k w|hstrlen k w|hincrby k w n|hincrbyfloat k w n|hset k w v|hgetall k
sadd k +w|srem k +w|smembers k|scard k|sismember k w|smismember k w w w|smove k k w|spop k 1000|srandmember k 1000
sadd k +w|sadd k +w|smembers k
zadd k *ZADD S w|zadd k *ZADD *ZADD S w S w|zincrby k S w|zrem k +w|zscore k w|zmscore k w w|zcard k|zcount k s s
zrank k w|zrevrank k w|zrange k i i|zrange k i i WITHSCORES|zrange k i i REV|zrange k s s BYSCORE|zrange k i i REV WITHSCORES
zrange k s s BYSCORE LIMIT i i|zrange k s s BYSCORE REV LIMIT i i WITHSCORES|zrevrange k i i|zrevrange k i i WITHSCORES
zrangebyscore k s s|zrangebyscore k s s WITHSCORES LIMIT i i|zrevrangebyscore k s s|zrevrangebyscore k s s WITHSCORES
zadd k S w S w S w|zadd k S w S w|zrange k 0 -1 WITHSCORES|zadd k 1 w 1 w 1 w
multi|exec|exec|discard|watch k|unwatch|multi|exec
ping|echo v|ping v|nosuch v w|get|client getname|client setname name|flushdb0
setex k t v|psetex k t v|set k v EX t|set k v PX t NX|set k v KEEPTTL|set k v GET EX t|set k v EXAT T|set k v PXAT M|set k v EX t KEEPTTL
getex k|getex k PERSIST|getex k EX t|getex k PXAT M|expire k t|pexpire k t|expireat k T|pexpireat k M|expire k t *WHEN|pexpire k t *WHEN *WHEN
ttl k|pttl k|expiretime k|pexpiretime k|persist k|ttl k|ttl k|pttl k|expire k t|expire k t GT|expire k t LT
setbit k b n|getbit k b|bitcount k|bitcount k i i|bitpos k n i|bitop or k k k|bitop not k k
sunion k k k|sinter k k|sdiff k k|sunionstore k k k|sinterstore k k k|sdiffstore k k k|sintercard 2 k k|hrandfield k 1000
zpopmin k|zpopmax k n|zmpop 2 k k MIN COUNT n|bzpopmin k k 0.01|lmpop 2 k k LEFT COUNT n|zrandmember k 1000
zunionstore k 2 k k|zinterstore k 2 k k WEIGHTS S S|zdiffstore k 2 k k|zunion 2 k k WITHSCORES|zinter 2 k k WITHSCORES
zdiff 2 k k WITHSCORES|zintercard 2 k k
zremrangebyrank k i i|zremrangebyscore k s s|zrangestore k k i i|zrangestore k k s s BYSCORE LIMIT i i|swapdb d d|wait 0 0
sadd k +w|sadd k +w|zadd k S w S w|hset k w v w v|rpush k +w|sadd k +w|zadd k 1 w 2 w
lcs k k|lcs k k LEN|lcs k k IDX MINMATCHLEN i WITHMATCHLEN|sort k LIMIT i i|sort k ALPHA DESC STORE k|sort_ro k BY k GET k
sort k BY key:* GET # GET key:*->field|sort k GET #|bitfield k GET i13 b INCRBY u7 b n|bitfield k OVERFLOW SAT SET i9 b n INCRBY i9 b n|bitfield_ro k GET u3 b
publish k v|pubsub numsub k k|pubsub numpat|flushdb|flushall
""".replace("\n", "|").split("|")
SHAPES = [shape.split() for shape in SHAPES if shape.strip()]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self):
        return self.random.choice(NUMBERS) if self.random.random() < 0.5 else b"%d" % (
            self.random.randint(-5, 12))

    def word(self, letter):
        r = self.random
        if letter == "k":
            return r.choice(KEYS)
        if letter == "v":
            return r.choice(WORDS + NUMBERS) if r.random() < 0.95 else r.randbytes(r.randint(1, 900))
        if letter == "w":
            return r.choice(WORDS)
        if letter == "n":
            return self.number()
        if letter == "i":
            return b"%d" % r.randint(-4, 5) if r.random() < 0.93 else self.number()
        if letter == "d":
            return b"%d" % r.choice([0, 0, 0, 0, 1, 2, 15, 16, -1])
        if letter == "t":  # not so short that it ends between two servers
            return b"%d0" % r.randint(100, 100000) if r.random() < 0.8 else r.choice(
                [b"0", b"-1", b"x", b"", b"9223372036854775807", b"-9223372036854775808"])
        if letter == "T":
            return r.choice([b"4000000000", b"1", b"-5", b"0", b"x"])
        if letter == "M":
            return r.choice([b"4000000000000", b"4000000000000", b"1", b"-5", b"0"])
        if letter == "b":
            return b"%d" % r.randint(0, 99) if r.random() < 0.95 else r.choice([b"-1", b"x", b"4294967296"])
        if letter == "p":
            return r.choice(PATTERNS)
        if letter == "S":
            return r.choice([b"1", b"2", b"2.5", b"-3", b"inf", b"-inf", b"0", b"1e-7", b"0.1"]
                            if r.random() < 0.93 else NUMBERS)
        if letter == "s":
            return r.choice([b"-inf", b"+inf", b"1", b"(1", b"2", b"(2.5", b"0", b"-3", b"(-inf", b"x",
                             b"(", b""])
        raise ValueError(letter)

    def command(self):
        r = self.random
        shape = r.choice(SHAPES)
        words = [shape[0].encode()]
        for part in shape[1:]:
            if part[0] == "*":
                words.append(r.choice(FLAGS[part[1:]]))
            elif part[0] == "+":
                words += [self.word(part[1]) for _ in range(r.randint(1, 3))]
            elif len(part) == 1 and part.isalpha():
                words.append(self.word(part))
            else:
                words.append(part.encode())
        if words[0] in (b"flushdb", b"flushall") and r.random() < 0.9:
            return [b"ping"]  # often, nothing would be left to look at
        if r.random() < 0.03 and words[0] not in (b"multi", b"exec"):  # a word too many, too few, wrong
            change = r.randrange(3)
            if change == 0:
                words.append(r.choice(WORDS))
            elif change == 1 and len(words) > 1:
                words.pop()
            elif len(words) > 1:
                words[r.randrange(1, len(words))] = r.choice(WORDS + NUMBERS)
        if words[0] in (b"blpop", b"brpop", b"blmove", b"brpoplpush") and words[-1] != b"0.01":
            words[-1] = r.choice([b"x", b"-1", b"nan"])  # never for ever
        if r.random() < 0.1:
            words[0] = words[0].upper()
        return words


def is_near(words, mine, reference):
    most = NEAR.get(words[0].lower())
    both = most is not None and mine[0] == reference[0] == b":"
    return both and min(mine[1], reference[1]) >= 0 and abs(mine[1] - reference[1]) <= most


def comparable(words, reply):
    kind, value = reply
    name = words[0].lower()
    if not isinstance(value, list):
        return reply
    if name in UNORDERED:
        return kind, sorted(map(repr, value))
    if name == b"hgetall":
        return kind, sorted(repr(value[i:i + 2]) for i in range(0, len(value), 2))
    return reply


class Pair:
    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours.client(), theirs.client()
        self.compared = 0
        self.queued = []

    def both(self, commands):
        ours = self.ours.ask_all(commands)
        theirs = self.theirs.ask_all(commands)
        for words, mine, reference in zip(commands, ours, theirs):
            self.compared += 1
            a, b = self.sorted_replies(words, mine, reference)
            if a != b and not is_near(words, mine, reference):
                at = commands.index(words)
                raise SystemExit(f"different replies to {words}\n  ours:  {mine}\n  redis: "
                                 f"{reference}\nafter {commands[max(0, at - 8):at]}")

    def sorted_replies(self, words, mine, reference):
        """EXEC answers what was queued: its parts are compared as those commands' replies."""
        name = words[0].lower()
        if reference == (b"+", b"QUEUED"):
            self.queued.append(words)
        elif name in (b"multi", b"exec", b"discard") and reference[0] != b"-":
            queued, self.queued = self.queued, []
            if name == b"exec" and isinstance(reference[1], list) and isinstance(mine[1], list):
                pairs = [(w, a, b) for w, a, b in zip(queued, mine[1], reference[1])
                         if not is_near(w, a, b)]
                return (len(mine[1]), [comparable(w, a) for w, a, _ in pairs]), (
                    len(reference[1]), [comparable(w, b) for w, _, b in pairs])
        elif name == b"exec":
            self.queued = []
        return comparable(words, mine), comparable(words, reference)

    def iteration(self, client, *words):
        """All that a SCAN, or HSCAN of a key, gives."""
        found, cursor, steps = [], b"0", 0
        while True:
            head = list(words[:2]) if words[0] != b"scan" else list(words[:1])
            rest = list(words[len(head):])
            kind, value = client.ask(*head, cursor, *rest)
            if kind == b"-":
                return value
            cursor, rows = value[0][1], [r[1] for r in value[1][1]]
            step = 2 if words[0] in (b"hscan", b"zscan") else 1
            found += [tuple(rows[i:i + step]) for i in range(0, len(rows), step)]
            steps += 1
            if cursor == b"0" or steps > 10000:
                return sorted(set(found))

    def everything(self):
        """All databases, key by key, and every way to iterate."""
        for client in (self.ours, self.theirs):
            client.ask("discard")
            client.ask("unwatch")
        self.queued = []
        for db in range(16):
            self.both([[b"select", b"%d" % db], [b"keys", b"*"]])
            keys = [v for _, v in self.theirs.ask("keys", "*")[1]]
            for words in ([b"scan"], [b"scan", b"COUNT", b"2"], [b"scan", b"MATCH", b"k*"],
                          [b"scan", b"TYPE", b"list"]):
                self.same_iteration(words)
            for key in keys:
                self.both([[b"type", key], [b"ttl", key], [b"get", key], [b"lrange", key, b"0", b"-1"],
                           [b"hgetall", key], [b"smembers", key],
                           [b"zrange", key, b"0", b"-1", b"WITHSCORES"]])
                for name in (b"hscan", b"sscan", b"zscan"):
                    self.same_iteration([name, key, b"COUNT", b"3"])
        self.both([[b"select", b"0"]])

    def same_iteration(self, words):
        ours, theirs = (self.iteration(c, *words) for c in (self.ours, self.theirs))
        if ours != theirs:
            raise SystemExit(f"{words} iterates over\n  ours:  {ours}\n  redis: {theirs}")
        self.compared += 1


# What Redis does not have (beyond.py tests it).
OURS_ALONE = {b"cas", b"casv", b"extend", b"getv", b"incrbydec", b"lock", b"mdel", b"mexists",
              b"unlock", b"version"}


def compare_commands(pair):
    """What the table says of each command is what Redis says of it."""
    listed = [value[1] for value in (entry[1] for entry in pair.ours.ask("command")[1])
              for value in value[:1]]
    alone = {name for name in listed
             if pair.theirs.ask("command", "info", name)[1][0][1] is None}
    if alone != OURS_ALONE:
        raise SystemExit(f"unknown to Redis: {sorted(alone)}")
    for name in sorted(set(listed) - alone):
        ours, theirs = (c.ask("command", "info", name)[1][0][1] for c in (pair.ours, pair.theirs))
        for field in (0, 1, 3, 4, 5):
            if ours[field][1] != theirs[field][1]:
                raise SystemExit(f"COMMAND INFO {name}: ours {ours}, redis {theirs}")
        for field in (2, 6):
            a, b = (sorted(v for _, v in side[field][1]) for side in (ours, theirs))
            if a != b:
                raise SystemExit(f"COMMAND INFO {name}: ours {a}, redis {b}")
        mine, reference = (fields_of(c.ask("command", "docs", name)[1][1][1])[b"group"]
                           for c in (pair.ours, pair.theirs))
        if mine != reference:
            raise SystemExit(f"COMMAND DOCS {name}: ours {mine}, redis {reference}")
    return len(listed)


def compare_corners(ours, theirs):
    """Fixed commands, one by one, for what they do may end the connection."""
    compared = 0
    for hello in (b"2", b"3"):
        for paragraph in corners.PARAGRAPHS:
            clients = [ours.client(), theirs.client()]
            for client in clients:
                client.ask("flushall")
                client.ask("hello", hello)
            for number, words in enumerate(paragraph):
                mine, reference = (client.ask(*words) for client in clients)
                if mine != reference:
                    raise SystemExit(f"different replies to {words}, version {hello}\n  ours:  {mine}\n  redis: "
                                     f"{reference}\nafter {paragraph[:number]}")
                compared += 1
            for client in clients:
                client.close()
    return compared


def fields_of(reply):
    return {reply[i][1]: reply[i + 1] for i in range(0, len(reply), 2)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--commands", type=int, default=12000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generate = Generator(options.seed)
    with servers.result_cache(options.program) as ours, servers.redis_server() as theirs:
        pair = Pair(ours, theirs)
        print(f"{compare_commands(pair)} commands described alike")
        print(f"{compare_corners(ours, theirs)} replies in corners, none different")
        done = 0
        while done < options.commands:
            batch = [generate.command() for _ in range(generate.random.choice([1, 5, 50, 200]))]
            pair.both(batch)
            done += len(batch)
            if generate.random.random() < 0.02:
                pair.everything()
        pair.everything()
    print(f"{pair.compared} replies compared, none different (seed {options.seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
