// SPDX-License-Identifier: BSL-1.0
/// @file Declares what runs each command.
#pragma once

#include "commands/command.hpp"

namespace cache::on {

// strings
void get(call&), set(call&), setnx(call&), getset(call&), getdel(call&), mget(call&), mset(call&),
    msetnx(call&), append(call&), strlen(call&), getrange(call&), setrange(call&), incr(call&),
    decr(call&), incrby(call&), decrby(call&), incrbyfloat(call&), setex(call&), psetex(call&),
    getex(call&), lcs(call&);
// bits
void getbit(call&), setbit(call&), bitcount(call&), bitpos(call&), bitop(call&), bitfield(call&),
    bitfield_ro(call&);
// times
void expire(call&), pexpire(call&), expireat(call&), pexpireat(call&), ttl(call&), pttl(call&),
    expiretime(call&), pexpiretime(call&), persist(call&);
// versions and locks, beyond Redis
void cas(call&), casv(call&), getv(call&), version(call&), mexists(call&), incrbydec(call&),
    lock(call&), unlock(call&), extend(call&);
// scripts
void eval(call&), evalsha(call&), script_load(call&), script_exists(call&), script_flush(call&);
// keys
void del(call&), unlink(call&), exists(call&), touch(call&), type(call&), dbsize(call&),
    rename(call&), renamenx(call&), copy(call&), move(call&), keys(call&), scan(call&),
    randomkey(call&), flushdb(call&), flushall(call&), swapdb(call&), object_encoding(call&),
    object_freq(call&), object_idletime(call&), object_refcount(call&), sort(call&), sort_ro(call&);
// lists
void lpush(call&), rpush(call&), lpushx(call&), rpushx(call&), lpop(call&), rpop(call&),
    llen(call&), lrange(call&), lindex(call&), lset(call&), ltrim(call&), linsert(call&),
    lrem(call&), lpos(call&), lmove(call&), rpoplpush(call&), blpop(call&), brpop(call&),
    blmove(call&), brpoplpush(call&), lmpop(call&), blmpop(call&);
// hashes
void hset(call&), hmset(call&), hsetnx(call&), hget(call&), hmget(call&), hgetall(call&),
    hkeys(call&), hvals(call&), hdel(call&), hlen(call&), hexists(call&), hstrlen(call&),
    hincrby(call&), hincrbyfloat(call&), hrandfield(call&), hscan(call&);
// sets
void sadd(call&), srem(call&), smembers(call&), scard(call&), sismember(call&), smismember(call&),
    smove(call&), spop(call&), srandmember(call&), sscan(call&), sunion(call&), sinter(call&),
    sdiff(call&), sunionstore(call&), sinterstore(call&), sdiffstore(call&), sintercard(call&);
// sorted sets
void zadd(call&), zincrby(call&), zrem(call&), zscore(call&), zmscore(call&), zcard(call&),
    zcount(call&), zrank(call&), zrevrank(call&), zrange(call&), zrevrange(call&),
    zrangebyscore(call&), zrevrangebyscore(call&), zrangebylex(call&), zrevrangebylex(call&),
    zrangestore(call&), zlexcount(call&), zremrangebyrank(call&), zremrangebyscore(call&),
    zremrangebylex(call&), zrandmember(call&), zscan(call&), zpopmin(call&), zpopmax(call&),
    bzpopmin(call&), bzpopmax(call&), zmpop(call&), bzmpop(call&), zunion(call&), zinter(call&),
    zdiff(call&), zunionstore(call&), zinterstore(call&), zdiffstore(call&), zintercard(call&);
// operators
void config_get(call&), config_set(call&), config_resetstat(call&), config_rewrite(call&),
    slowlog_get(call&), slowlog_len(call&), slowlog_reset(call&), monitor(call&), debug(call&),
    memory_usage(call&), memory_doctor(call&), memory_purge(call&), info(call&), no_cluster(call&),
    role(call&), wait(call&), help(call&);
// transactions
void multi(call&), exec(call&), discard(call&), watch(call&), unwatch(call&);
// messages
void subscribe(call&), unsubscribe(call&), psubscribe(call&), punsubscribe(call&), publish(call&),
    pubsub_channels(call&), pubsub_numsub(call&), pubsub_numpat(call&);
// snapshots
void save(call&), bgsave(call&), bgrewriteaof(call&), lastsave(call&);
// connection and server
void auth(call&), hello(call&), ping(call&), echo(call&), quit(call&), reset(call&), select(call&),
    time(call&), command(call&), command_count(call&), command_info(call&), command_docs(call&),
    command_list(call&), client_id(call&), client_getname(call&), client_setname(call&),
    client_list(call&), client_info(call&), client_kill(call&), client_no_evict(call&),
    client_unblock(call&), client_pause(call&), client_unpause(call&), client_reply(call&),
    client_getredir(call&), command_getkeys(call&), acl_whoami(call&), shutdown(call&);
/// For commands that are run by their subcommands alone.
void by_subcommand(call&);

/// The database of that number, or the error is replied.
[[nodiscard]] std::optional<int> database(call&, string_view number);
/// Ends a transaction, if there is one, without a word.
void discard_quietly(session&);
/// Leaves every channel and pattern, without a word.
void leave_all(call&);

} // namespace cache::on
