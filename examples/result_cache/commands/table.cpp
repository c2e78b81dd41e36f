// SPDX-License-Identifier: BSL-1.0
// The table of commands: what COMMAND INFO of Redis 7.0.15 says of them (test/integration
// compares), and who runs them. It is checked when it is compiled.
#include "commands/handlers.hpp"

namespace cache {

namespace {

using c = category;

constexpr std::array table = std::to_array<command>({
    {"acl", -2, 0U, 0, 0, 0, c::slow, reach::nothing, on::by_subcommand},
    {"append", 3, write | denyoom | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys,
     on::append},
    {"auth", -2, noscript | loading | stale | fast | no_auth | allow_busy, 0, 0, 0,
     c::fast | c::connection, reach::nothing, on::auth},
    {"bgrewriteaof", 1, admin | noscript | no_async_loading, 0, 0, 0,
     c::admin | c::slow | c::dangerous, reach::nothing, on::bgrewriteaof},
    {"bgsave", -1, admin | noscript | no_async_loading, 0, 0, 0, c::admin | c::slow | c::dangerous,
     reach::nothing, on::bgsave},
    {"bitcount", -2, readonly, 1, 1, 1, c::read | c::bitmap | c::slow, reach::keys, on::bitcount},
    {"bitfield", -2, write | denyoom, 1, 1, 1, c::write | c::bitmap | c::slow, reach::keys,
     on::bitfield},
    {"bitfield_ro", -2, readonly | fast, 1, 1, 1, c::read | c::bitmap | c::fast, reach::keys,
     on::bitfield_ro},
    {"bitop", -4, write | denyoom, 2, -1, 1, c::write | c::bitmap | c::slow, reach::keys,
     on::bitop},
    {"bitpos", -3, readonly, 1, 1, 1, c::read | c::bitmap | c::slow, reach::keys, on::bitpos},
    {"blmove", 6, write | denyoom | noscript | blocking, 1, 2, 1,
     c::write | c::list | c::slow | c::blocking, reach::keys, on::blmove},
    {"blmpop", -5, write | blocking | movablekeys, 0, 0, 0,
     c::write | c::list | c::slow | c::blocking, reach::keys, on::blmpop, 2},
    {"blpop", -3, write | noscript | blocking, 1, -2, 1, c::write | c::list | c::slow | c::blocking,
     reach::keys, on::blpop},
    {"brpop", -3, write | noscript | blocking, 1, -2, 1, c::write | c::list | c::slow | c::blocking,
     reach::keys, on::brpop},
    {"brpoplpush", 4, write | denyoom | noscript | blocking, 1, 2, 1,
     c::write | c::list | c::slow | c::blocking, reach::keys, on::brpoplpush},
    {"bzmpop", -5, write | blocking | movablekeys, 0, 0, 0,
     c::write | c::sortedset | c::slow | c::blocking, reach::keys, on::bzmpop, 2},
    {"bzpopmax", -3, write | noscript | blocking | fast, 1, -2, 1,
     c::write | c::sortedset | c::fast | c::blocking, reach::keys, on::bzpopmax},
    {"bzpopmin", -3, write | noscript | blocking | fast, 1, -2, 1,
     c::write | c::sortedset | c::fast | c::blocking, reach::keys, on::bzpopmin},
    {"cas", -4, write | denyoom, 1, 1, 1, c::write | c::string | c::slow, reach::keys, on::cas},
    {"casv", -4, write | denyoom, 1, 1, 1, c::write | c::string | c::slow, reach::keys, on::casv},
    {"client", -2, 0U, 0, 0, 0, c::slow, reach::nothing, on::by_subcommand},
    {"cluster", -2, 0U, 0, 0, 0, c::slow, reach::nothing, on::by_subcommand},
    {"command", -1, loading | stale, 0, 0, 0, c::slow | c::connection, reach::nothing, on::command},
    {"config", -2, 0U, 0, 0, 0, c::slow, reach::nothing, on::by_subcommand},
    {"copy", -3, write | denyoom, 1, 2, 1, c::keyspace | c::write | c::slow, reach::keys, on::copy},
    {"dbsize", 1, readonly | fast, 0, 0, 0, c::keyspace | c::read | c::fast, reach::nothing,
     on::dbsize},
    {"debug", -2, admin | noscript | loading | stale, 0, 0, 0, c::admin | c::slow | c::dangerous,
     reach::nothing, on::debug},
    {"decr", 2, write | denyoom | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys,
     on::decr},
    {"decrby", 3, write | denyoom | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys,
     on::decrby},
    {"del", -2, write, 1, -1, 1, c::keyspace | c::write | c::slow, reach::keys, on::del},
    {"discard", 1, noscript | loading | stale | fast | allow_busy, 0, 0, 0,
     c::fast | c::transaction, reach::nothing, on::discard},
    {"echo", 2, loading | stale | fast, 0, 0, 0, c::fast | c::connection, reach::nothing, on::echo},
    {"eval", -3, noscript | stale | skip_monitor | no_mandatory_keys | movablekeys, 0, 0, 0,
     c::slow | c::scripting, reach::keys, on::eval, 2},
    {"evalsha", -3, noscript | stale | skip_monitor | no_mandatory_keys | movablekeys, 0, 0, 0,
     c::slow | c::scripting, reach::keys, on::evalsha, 2},
    {"exec", 1, noscript | loading | stale | skip_slowlog, 0, 0, 0, c::slow | c::transaction,
     reach::nothing, on::exec},
    {"exists", -2, readonly | fast, 1, -1, 1, c::keyspace | c::read | c::fast, reach::keys,
     on::exists},
    {"expire", -3, write | fast, 1, 1, 1, c::keyspace | c::write | c::fast, reach::keys,
     on::expire},
    {"expireat", -3, write | fast, 1, 1, 1, c::keyspace | c::write | c::fast, reach::keys,
     on::expireat},
    {"expiretime", 2, readonly | fast, 1, 1, 1, c::keyspace | c::read | c::fast, reach::keys,
     on::expiretime},
    {"extend", 4, write | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys, on::extend},
    {"flushall", -1, write, 0, 0, 0, c::keyspace | c::write | c::slow | c::dangerous,
     reach::everything, on::flushall},
    {"flushdb", -1, write, 0, 0, 0, c::keyspace | c::write | c::slow | c::dangerous,
     reach::everything, on::flushdb},
    {"get", 2, readonly | fast, 1, 1, 1, c::read | c::string | c::fast, reach::nothing, on::get},
    {"getbit", 3, readonly | fast, 1, 1, 1, c::read | c::bitmap | c::fast, reach::keys, on::getbit},
    {"getdel", 2, write | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys, on::getdel},
    {"getex", -2, write | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys, on::getex},
    {"getrange", 4, readonly, 1, 1, 1, c::read | c::string | c::slow, reach::keys, on::getrange},
    {"getset", 3, write | denyoom | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys,
     on::getset},
    {"getv", 2, readonly | fast, 1, 1, 1, c::read | c::string | c::fast, reach::keys, on::getv},
    {"hdel", -3, write | fast, 1, 1, 1, c::write | c::hash | c::fast, reach::keys, on::hdel},
    {"hello", -1, noscript | loading | stale | fast | no_auth | allow_busy, 0, 0, 0,
     c::fast | c::connection, reach::nothing, on::hello},
    {"hexists", 3, readonly | fast, 1, 1, 1, c::read | c::hash | c::fast, reach::keys, on::hexists},
    {"hget", 3, readonly | fast, 1, 1, 1, c::read | c::hash | c::fast, reach::keys, on::hget},
    {"hgetall", 2, readonly, 1, 1, 1, c::read | c::hash | c::slow, reach::keys, on::hgetall},
    {"hincrby", 4, write | denyoom | fast, 1, 1, 1, c::write | c::hash | c::fast, reach::keys,
     on::hincrby},
    {"hincrbyfloat", 4, write | denyoom | fast, 1, 1, 1, c::write | c::hash | c::fast, reach::keys,
     on::hincrbyfloat},
    {"hkeys", 2, readonly, 1, 1, 1, c::read | c::hash | c::slow, reach::keys, on::hkeys},
    {"hlen", 2, readonly | fast, 1, 1, 1, c::read | c::hash | c::fast, reach::keys, on::hlen},
    {"hmget", -3, readonly | fast, 1, 1, 1, c::read | c::hash | c::fast, reach::keys, on::hmget},
    {"hmset", -4, write | denyoom | fast, 1, 1, 1, c::write | c::hash | c::fast, reach::keys,
     on::hmset},
    {"hrandfield", -2, readonly, 1, 1, 1, c::read | c::hash | c::slow, reach::keys, on::hrandfield},
    {"hscan", -3, readonly, 1, 1, 1, c::read | c::hash | c::slow, reach::keys, on::hscan},
    {"hset", -4, write | denyoom | fast, 1, 1, 1, c::write | c::hash | c::fast, reach::keys,
     on::hset},
    {"hsetnx", 4, write | denyoom | fast, 1, 1, 1, c::write | c::hash | c::fast, reach::keys,
     on::hsetnx},
    {"hstrlen", 3, readonly | fast, 1, 1, 1, c::read | c::hash | c::fast, reach::keys, on::hstrlen},
    {"hvals", 2, readonly, 1, 1, 1, c::read | c::hash | c::slow, reach::keys, on::hvals},
    {"incr", 2, write | denyoom | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys,
     on::incr},
    {"incrby", 3, write | denyoom | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys,
     on::incrby},
    {"incrbydec", 3, write | denyoom | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys,
     on::incrbydec},
    {"incrbyfloat", 3, write | denyoom | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys,
     on::incrbyfloat},
    {"info", -1, loading | stale, 0, 0, 0, c::slow | c::dangerous, reach::nothing, on::info},
    {"keys", 2, readonly, 0, 0, 0, c::keyspace | c::read | c::slow | c::dangerous, reach::nothing,
     on::keys},
    {"lastsave", 1, loading | stale | fast, 0, 0, 0, c::admin | c::fast | c::dangerous,
     reach::nothing, on::lastsave},
    {"lcs", -3, readonly, 1, 2, 1, c::read | c::string | c::slow, reach::keys, on::lcs},
    {"lindex", 3, readonly, 1, 1, 1, c::read | c::list | c::slow, reach::keys, on::lindex},
    {"linsert", 5, write | denyoom, 1, 1, 1, c::write | c::list | c::slow, reach::keys,
     on::linsert},
    {"llen", 2, readonly | fast, 1, 1, 1, c::read | c::list | c::fast, reach::keys, on::llen},
    {"lmove", 5, write | denyoom, 1, 2, 1, c::write | c::list | c::slow, reach::keys, on::lmove},
    {"lmpop", -4, write | movablekeys, 0, 0, 0, c::write | c::list | c::slow, reach::keys,
     on::lmpop, 1},
    {"lock", 4, write | denyoom | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys,
     on::lock},
    {"lpop", -2, write | fast, 1, 1, 1, c::write | c::list | c::fast, reach::keys, on::lpop},
    {"lpos", -3, readonly, 1, 1, 1, c::read | c::list | c::slow, reach::keys, on::lpos},
    {"lpush", -3, write | denyoom | fast, 1, 1, 1, c::write | c::list | c::fast, reach::keys,
     on::lpush},
    {"lpushx", -3, write | denyoom | fast, 1, 1, 1, c::write | c::list | c::fast, reach::keys,
     on::lpushx},
    {"lrange", 4, readonly, 1, 1, 1, c::read | c::list | c::slow, reach::keys, on::lrange},
    {"lrem", 4, write, 1, 1, 1, c::write | c::list | c::slow, reach::keys, on::lrem},
    {"lset", 4, write | denyoom, 1, 1, 1, c::write | c::list | c::slow, reach::keys, on::lset},
    {"ltrim", 4, write, 1, 1, 1, c::write | c::list | c::slow, reach::keys, on::ltrim},
    {"mdel", -2, write, 1, -1, 1, c::keyspace | c::write | c::slow, reach::keys, on::del},
    {"memory", -2, 0U, 0, 0, 0, c::slow, reach::nothing, on::by_subcommand},
    {"mexists", -2, readonly | fast, 1, -1, 1, c::keyspace | c::read | c::fast, reach::keys,
     on::mexists},
    {"mget", -2, readonly | fast, 1, -1, 1, c::read | c::string | c::fast, reach::keys, on::mget},
    {"monitor", 1, admin | noscript | loading | stale, 0, 0, 0, c::admin | c::slow | c::dangerous,
     reach::nothing, on::monitor},
    {"move", 3, write | fast, 1, 1, 1, c::keyspace | c::write | c::fast, reach::keys, on::move},
    {"mset", -3, write | denyoom, 1, -1, 2, c::write | c::string | c::slow, reach::keys, on::mset},
    {"msetnx", -3, write | denyoom, 1, -1, 2, c::write | c::string | c::slow, reach::keys,
     on::msetnx},
    {"multi", 1, noscript | loading | stale | fast | allow_busy, 0, 0, 0, c::fast | c::transaction,
     reach::nothing, on::multi},
    {"object", -2, 0U, 0, 0, 0, c::slow, reach::nothing, on::by_subcommand},
    {"persist", 2, write | fast, 1, 1, 1, c::keyspace | c::write | c::fast, reach::keys,
     on::persist},
    {"pexpire", -3, write | fast, 1, 1, 1, c::keyspace | c::write | c::fast, reach::keys,
     on::pexpire},
    {"pexpireat", -3, write | fast, 1, 1, 1, c::keyspace | c::write | c::fast, reach::keys,
     on::pexpireat},
    {"pexpiretime", 2, readonly | fast, 1, 1, 1, c::keyspace | c::read | c::fast, reach::keys,
     on::pexpiretime},
    {"ping", -1, fast, 0, 0, 0, c::fast | c::connection, reach::nothing, on::ping},
    {"psetex", 4, write | denyoom, 1, 1, 1, c::write | c::string | c::slow, reach::keys,
     on::psetex},
    {"psubscribe", -2, pubsub | noscript | loading | stale, 0, 0, 0, c::pubsub | c::slow,
     reach::nothing, on::psubscribe},
    {"pttl", 2, readonly | fast, 1, 1, 1, c::keyspace | c::read | c::fast, reach::keys, on::pttl},
    {"publish", 3, pubsub | loading | stale | fast, 0, 0, 0, c::pubsub | c::fast, reach::nothing,
     on::publish},
    {"pubsub", -2, 0U, 0, 0, 0, c::slow, reach::nothing, on::by_subcommand},
    {"punsubscribe", -1, pubsub | noscript | loading | stale, 0, 0, 0, c::pubsub | c::slow,
     reach::nothing, on::punsubscribe},
    {"quit", -1, noscript | loading | stale | fast | no_auth | allow_busy, 0, 0, 0,
     c::fast | c::connection, reach::nothing, on::quit},
    {"randomkey", 1, readonly, 0, 0, 0, c::keyspace | c::read | c::slow, reach::nothing,
     on::randomkey},
    {"rename", 3, write, 1, 2, 1, c::keyspace | c::write | c::slow, reach::keys, on::rename},
    {"renamenx", 3, write | fast, 1, 2, 1, c::keyspace | c::write | c::fast, reach::keys,
     on::renamenx},
    {"reset", 1, noscript | loading | stale | fast | no_auth | allow_busy, 0, 0, 0,
     c::fast | c::connection, reach::nothing, on::reset},
    {"role", 1, noscript | loading | stale | fast, 0, 0, 0, c::admin | c::fast | c::dangerous,
     reach::nothing, on::role},
    {"rpop", -2, write | fast, 1, 1, 1, c::write | c::list | c::fast, reach::keys, on::rpop},
    {"rpoplpush", 3, write | denyoom, 1, 2, 1, c::write | c::list | c::slow, reach::keys,
     on::rpoplpush},
    {"rpush", -3, write | denyoom | fast, 1, 1, 1, c::write | c::list | c::fast, reach::keys,
     on::rpush},
    {"rpushx", -3, write | denyoom | fast, 1, 1, 1, c::write | c::list | c::fast, reach::keys,
     on::rpushx},
    {"sadd", -3, write | denyoom | fast, 1, 1, 1, c::write | c::set | c::fast, reach::keys,
     on::sadd},
    {"save", 1, admin | noscript | no_async_loading | no_multi, 0, 0, 0,
     c::admin | c::slow | c::dangerous, reach::nothing, on::save},
    {"scan", -2, readonly, 0, 0, 0, c::keyspace | c::read | c::slow, reach::nothing, on::scan},
    {"scard", 2, readonly | fast, 1, 1, 1, c::read | c::set | c::fast, reach::keys, on::scard},
    {"script", -2, 0U, 0, 0, 0, c::slow, reach::nothing, on::by_subcommand},
    {"sdiff", -2, readonly, 1, -1, 1, c::read | c::set | c::slow, reach::keys, on::sdiff},
    {"sdiffstore", -3, write | denyoom, 1, -1, 1, c::write | c::set | c::slow, reach::keys,
     on::sdiffstore},
    {"select", 2, loading | stale | fast, 0, 0, 0, c::fast | c::connection, reach::nothing,
     on::select},
    {"set", -3, write | denyoom, 1, 1, 1, c::write | c::string | c::slow, reach::keys, on::set},
    {"setbit", 4, write | denyoom, 1, 1, 1, c::write | c::bitmap | c::slow, reach::keys,
     on::setbit},
    {"setex", 4, write | denyoom, 1, 1, 1, c::write | c::string | c::slow, reach::keys, on::setex},
    {"setnx", 3, write | denyoom | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys,
     on::setnx},
    {"setrange", 4, write | denyoom, 1, 1, 1, c::write | c::string | c::slow, reach::keys,
     on::setrange},
    {"shutdown", -1, admin | noscript | loading | stale | no_multi | allow_busy, 0, 0, 0,
     c::admin | c::slow | c::dangerous, reach::nothing, on::shutdown},
    {"sinter", -2, readonly, 1, -1, 1, c::read | c::set | c::slow, reach::keys, on::sinter},
    {"sintercard", -3, readonly | movablekeys, 0, 0, 0, c::read | c::set | c::slow, reach::keys,
     on::sintercard, 1},
    {"sinterstore", -3, write | denyoom, 1, -1, 1, c::write | c::set | c::slow, reach::keys,
     on::sinterstore},
    {"sismember", 3, readonly | fast, 1, 1, 1, c::read | c::set | c::fast, reach::keys,
     on::sismember},
    {"slowlog", -2, 0U, 0, 0, 0, c::slow, reach::nothing, on::by_subcommand},
    {"smembers", 2, readonly, 1, 1, 1, c::read | c::set | c::slow, reach::keys, on::smembers},
    {"smismember", -3, readonly | fast, 1, 1, 1, c::read | c::set | c::fast, reach::keys,
     on::smismember},
    {"smove", 4, write | fast, 1, 2, 1, c::write | c::set | c::fast, reach::keys, on::smove},
    {"sort", -2, write | denyoom | movablekeys, 1, 1, 1,
     c::write | c::set | c::sortedset | c::list | c::slow | c::dangerous, reach::everything,
     on::sort},
    {"sort_ro", -2, readonly | movablekeys, 1, 1, 1,
     c::read | c::set | c::sortedset | c::list | c::slow | c::dangerous, reach::everything,
     on::sort_ro},
    {"spop", -2, write | fast, 1, 1, 1, c::write | c::set | c::fast, reach::keys, on::spop},
    {"srandmember", -2, readonly, 1, 1, 1, c::read | c::set | c::slow, reach::keys,
     on::srandmember},
    {"srem", -3, write | fast, 1, 1, 1, c::write | c::set | c::fast, reach::keys, on::srem},
    {"sscan", -3, readonly, 1, 1, 1, c::read | c::set | c::slow, reach::keys, on::sscan},
    {"strlen", 2, readonly | fast, 1, 1, 1, c::read | c::string | c::fast, reach::keys, on::strlen},
    {"subscribe", -2, pubsub | noscript | loading | stale, 0, 0, 0, c::pubsub | c::slow,
     reach::nothing, on::subscribe},
    {"substr", 4, readonly, 1, 1, 1, c::read | c::string | c::slow, reach::keys, on::getrange},
    {"sunion", -2, readonly, 1, -1, 1, c::read | c::set | c::slow, reach::keys, on::sunion},
    {"sunionstore", -3, write | denyoom, 1, -1, 1, c::write | c::set | c::slow, reach::keys,
     on::sunionstore},
    {"swapdb", 3, write | fast, 0, 0, 0, c::keyspace | c::write | c::fast | c::dangerous,
     reach::everything, on::swapdb},
    {"time", 1, loading | stale | fast, 0, 0, 0, c::fast, reach::nothing, on::time},
    {"touch", -2, readonly | fast, 1, -1, 1, c::keyspace | c::read | c::fast, reach::keys,
     on::touch},
    {"ttl", 2, readonly | fast, 1, 1, 1, c::keyspace | c::read | c::fast, reach::keys, on::ttl},
    {"type", 2, readonly | fast, 1, 1, 1, c::keyspace | c::read | c::fast, reach::keys, on::type},
    {"unlink", -2, write | fast, 1, -1, 1, c::keyspace | c::write | c::fast, reach::keys,
     on::unlink},
    {"unlock", 3, write | fast, 1, 1, 1, c::write | c::string | c::fast, reach::keys, on::unlock},
    {"unsubscribe", -1, pubsub | noscript | loading | stale, 0, 0, 0, c::pubsub | c::slow,
     reach::nothing, on::unsubscribe},
    {"unwatch", 1, noscript | loading | stale | fast | allow_busy, 0, 0, 0,
     c::fast | c::transaction, reach::nothing, on::unwatch},
    {"version", 2, readonly | fast, 1, 1, 1, c::keyspace | c::read | c::fast, reach::keys,
     on::version},
    {"wait", 3, noscript, 0, 0, 0, c::slow | c::connection, reach::nothing, on::wait},
    {"watch", -2, noscript | loading | stale | fast | allow_busy, 1, -1, 1,
     c::fast | c::transaction, reach::keys, on::watch},
    {"zadd", -4, write | denyoom | fast, 1, 1, 1, c::write | c::sortedset | c::fast, reach::keys,
     on::zadd},
    {"zcard", 2, readonly | fast, 1, 1, 1, c::read | c::sortedset | c::fast, reach::keys,
     on::zcard},
    {"zcount", 4, readonly | fast, 1, 1, 1, c::read | c::sortedset | c::fast, reach::keys,
     on::zcount},
    {"zdiff", -3, readonly | movablekeys, 0, 0, 0, c::read | c::sortedset | c::slow, reach::keys,
     on::zdiff, 1},
    {"zdiffstore", -4, write | denyoom | movablekeys, 1, 1, 1, c::write | c::sortedset | c::slow,
     reach::keys, on::zdiffstore, 2},
    {"zincrby", 4, write | denyoom | fast, 1, 1, 1, c::write | c::sortedset | c::fast, reach::keys,
     on::zincrby},
    {"zinter", -3, readonly | movablekeys, 0, 0, 0, c::read | c::sortedset | c::slow, reach::keys,
     on::zinter, 1},
    {"zintercard", -3, readonly | movablekeys, 0, 0, 0, c::read | c::sortedset | c::slow,
     reach::keys, on::zintercard, 1},
    {"zinterstore", -4, write | denyoom | movablekeys, 1, 1, 1, c::write | c::sortedset | c::slow,
     reach::keys, on::zinterstore, 2},
    {"zlexcount", 4, readonly | fast, 1, 1, 1, c::read | c::sortedset | c::fast, reach::keys,
     on::zlexcount},
    {"zmpop", -4, write | movablekeys, 0, 0, 0, c::write | c::sortedset | c::slow, reach::keys,
     on::zmpop, 1},
    {"zmscore", -3, readonly | fast, 1, 1, 1, c::read | c::sortedset | c::fast, reach::keys,
     on::zmscore},
    {"zpopmax", -2, write | fast, 1, 1, 1, c::write | c::sortedset | c::fast, reach::keys,
     on::zpopmax},
    {"zpopmin", -2, write | fast, 1, 1, 1, c::write | c::sortedset | c::fast, reach::keys,
     on::zpopmin},
    {"zrandmember", -2, readonly, 1, 1, 1, c::read | c::sortedset | c::slow, reach::keys,
     on::zrandmember},
    {"zrange", -4, readonly, 1, 1, 1, c::read | c::sortedset | c::slow, reach::keys, on::zrange},
    {"zrangebylex", -4, readonly, 1, 1, 1, c::read | c::sortedset | c::slow, reach::keys,
     on::zrangebylex},
    {"zrangebyscore", -4, readonly, 1, 1, 1, c::read | c::sortedset | c::slow, reach::keys,
     on::zrangebyscore},
    {"zrangestore", -5, write | denyoom, 1, 2, 1, c::write | c::sortedset | c::slow, reach::keys,
     on::zrangestore},
    {"zrank", 3, readonly | fast, 1, 1, 1, c::read | c::sortedset | c::fast, reach::keys,
     on::zrank},
    {"zrem", -3, write | fast, 1, 1, 1, c::write | c::sortedset | c::fast, reach::keys, on::zrem},
    {"zremrangebylex", 4, write, 1, 1, 1, c::write | c::sortedset | c::slow, reach::keys,
     on::zremrangebylex},
    {"zremrangebyrank", 4, write, 1, 1, 1, c::write | c::sortedset | c::slow, reach::keys,
     on::zremrangebyrank},
    {"zremrangebyscore", 4, write, 1, 1, 1, c::write | c::sortedset | c::slow, reach::keys,
     on::zremrangebyscore},
    {"zrevrange", -4, readonly, 1, 1, 1, c::read | c::sortedset | c::slow, reach::keys,
     on::zrevrange},
    {"zrevrangebylex", -4, readonly, 1, 1, 1, c::read | c::sortedset | c::slow, reach::keys,
     on::zrevrangebylex},
    {"zrevrangebyscore", -4, readonly, 1, 1, 1, c::read | c::sortedset | c::slow, reach::keys,
     on::zrevrangebyscore},
    {"zrevrank", 3, readonly | fast, 1, 1, 1, c::read | c::sortedset | c::fast, reach::keys,
     on::zrevrank},
    {"zscan", -3, readonly, 1, 1, 1, c::read | c::sortedset | c::slow, reach::keys, on::zscan},
    {"zscore", 3, readonly | fast, 1, 1, 1, c::read | c::sortedset | c::fast, reach::keys,
     on::zscore},
    {"zunion", -3, readonly | movablekeys, 0, 0, 0, c::read | c::sortedset | c::slow, reach::keys,
     on::zunion, 1},
    {"zunionstore", -4, write | denyoom | movablekeys, 1, 1, 1, c::write | c::sortedset | c::slow,
     reach::keys, on::zunionstore, 2},
});
constexpr std::array subtable = std::to_array<subcommand>({
    {"acl", "help", 2, on::help},
    {"acl", "whoami", 2, on::acl_whoami},
    {"client", "getname", 2, on::client_getname},
    {"client", "getredir", 2, on::client_getredir},
    {"client", "help", 2, on::help},
    {"client", "id", 2, on::client_id},
    {"client", "info", 2, on::client_info},
    {"client", "kill", -3, on::client_kill, admin},
    {"client", "list", -2, on::client_list, admin},
    {"client", "no-evict", 3, on::client_no_evict, admin},
    {"client", "pause", -3, on::client_pause, admin},
    {"client", "reply", 3, on::client_reply},
    {"client", "setname", 3, on::client_setname},
    {"client", "unblock", -3, on::client_unblock, admin},
    {"client", "unpause", 2, on::client_unpause, admin},
    {"cluster", "help", 2, on::no_cluster},
    {"cluster", "info", 2, on::no_cluster},
    {"cluster", "keyslot", 3, on::no_cluster},
    {"cluster", "myid", 2, on::no_cluster},
    {"cluster", "nodes", 2, on::no_cluster},
    {"cluster", "shards", 2, on::no_cluster},
    {"cluster", "slots", 2, on::no_cluster},
    {"command", "count", 2, on::command_count},
    {"command", "docs", -2, on::command_docs},
    {"command", "getkeys", -4, on::command_getkeys},
    {"command", "help", 2, on::help},
    {"command", "info", -2, on::command_info},
    {"command", "list", -2, on::command_list},
    {"config", "get", -3, on::config_get, admin},
    {"config", "help", 2, on::help},
    {"config", "resetstat", 2, on::config_resetstat, admin},
    {"config", "rewrite", 2, on::config_rewrite, admin},
    {"config", "set", -4, on::config_set, admin},
    {"memory", "doctor", 2, on::memory_doctor},
    {"memory", "help", 2, on::help},
    {"memory", "purge", 2, on::memory_purge},
    {"memory", "usage", -3, on::memory_usage, readonly},
    {"object", "encoding", 3, on::object_encoding, readonly},
    {"object", "freq", 3, on::object_freq, readonly},
    {"object", "help", 2, on::help},
    {"object", "idletime", 3, on::object_idletime, readonly},
    {"object", "refcount", 3, on::object_refcount, readonly},
    {"pubsub", "channels", -2, on::pubsub_channels},
    {"pubsub", "help", 2, on::help},
    {"pubsub", "numpat", 2, on::pubsub_numpat},
    {"pubsub", "numsub", -2, on::pubsub_numsub},
    {"script", "exists", -3, on::script_exists},
    {"script", "flush", -2, on::script_flush},
    {"script", "help", 2, on::help},
    {"script", "load", 3, on::script_load},
    {"slowlog", "get", -2, on::slowlog_get, admin},
    {"slowlog", "help", 2, on::help},
    {"slowlog", "len", 2, on::slowlog_len, admin},
    {"slowlog", "reset", 2, on::slowlog_reset, admin},
});

/// Sorted, so that no name stands twice.
constexpr bool sorted() {
    for (std::size_t i = 1; i < table.size(); ++i)
        if (!(table[i - 1].name < table[i].name)) return false;
    return true;
}
constexpr bool each_is_whole() {
    for (const command& one : table) {
        const bool lower_case = [&] {
            for (const char ch : one.name)
                if (ch != lower(ch)) return false;
            return !one.name.empty();
        }();
        const bool has_keys = one.first_key != 0;
        const int least = one.arity < 0 ? -one.arity : one.arity;
        if (!lower_case || one.run == nullptr || one.arity == 0) return false;
        if ((one.flags & write) != 0 && (one.flags & readonly) != 0) return false;
        if (has_keys != (one.last_key != 0) || has_keys != (one.key_step != 0)) return false;
        if (has_keys && one.first_key >= least) return false;
        // What writes says so in both languages, and is fast or slow but not both.
        if (((one.flags & write) != 0) != has(one.categories, c::write)) return false;
        if (has(one.categories, c::fast) == has(one.categories, c::slow)) return false;
        if (((one.flags & fast) != 0) != has(one.categories, c::fast)) return false;
        // A command that writes holds what it writes to.
        if ((one.flags & write) != 0 && one.reaches == reach::nothing) return false;
        const bool counted_keys = one.key_count != 0;
        // Keys that no place tells are counted by a word, or all keys are held.
        const bool has_others = (one.flags & movablekeys) != 0;
        if (counted_keys && !has_others) return false;
        if (has_others && !counted_keys && one.reaches != reach::everything) return false;
        if (one.reaches == reach::keys && !has_keys && !counted_keys) return false;
    }
    return true;
}
static_assert(sorted(), "the table of commands is sorted by name");
static_assert(each_is_whole(), "every command says what it is, consistently");

// Names are found by a hash of their lower case: open addressing, at most a third full.
constexpr std::size_t slots = 1024;
static_assert(table.size() * 3 <= slots && table.size() < 255);
constexpr std::size_t slot_of(string_view name) noexcept {
    std::uint32_t hash = 2166136261U;
    for (const char ch : name) hash = (hash ^ static_cast<unsigned char>(lower(ch))) * 16777619U;
    return (hash ^ hash >> 15) % slots;
}
constexpr std::array<std::uint8_t, slots> places = [] {
    std::array<std::uint8_t, slots> at{}; // 0 is empty, others are one more than their place
    for (std::size_t i = 0; i < table.size(); ++i) {
        std::size_t slot = slot_of(table[i].name);
        while (at[slot] != 0) slot = (slot + 1) % slots;
        at[slot] = static_cast<std::uint8_t>(i + 1);
    }
    return at;
}();

} // namespace

std::span<const command> commands() noexcept { return table; }

const command* find_command(string_view name) noexcept {
    for (std::size_t slot = slot_of(name); places[slot] != 0; slot = (slot + 1) % slots)
        if (const command& one = table[places[slot] - 1U]; is(name, one.name)) return &one;
    return nullptr;
}

std::span<const subcommand> subcommands() noexcept { return subtable; }

bool has_subcommands(const command& of) noexcept {
    constexpr std::array<bool, table.size()> known = [] {
        std::array<bool, table.size()> any{};
        for (std::size_t i = 0; i < table.size(); ++i)
            for (const subcommand& one : subtable) any[i] = any[i] || one.of == table[i].name;
        return any;
    }();
    return known[static_cast<std::size_t>(&of - table.data())];
}

const subcommand* find_subcommand(string_view of, string_view name, bool& known) noexcept {
    known = false;
    for (const subcommand& one : subtable) {
        if (!is(of, one.of)) continue;
        known = true;
        if (is(name, one.name)) return &one;
    }
    return nullptr;
}

} // namespace cache
