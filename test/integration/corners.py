# SPDX-License-Identifier: BSL-1.0
"""Corners of commands that random streams seldom meet: options that exclude each other, numbers at their
limits, keys of another kind, what is asked within MULTI. differential.py compares each line of replies
with those of redis-server, in both versions of the protocol.

What is known to differ is not here: commands that result_cache does not have, names of clients, clocks,
lists of commands and of memory policies, times behind the year 2499, and scripts, which it refuses.
"""
import shlex

# A paragraph begins with an empty server and a new client.
PARAGRAPHS = [[shlex.split(command) for command in text.replace("|\n", "|").split("|")] for text in r"""
set a 1 EX|set a 1 EX 0|set a 1 PX -1|set a 1 EX 10 PX 10|set a 1 NX XX|set a 1 EX 10 KEEPTTL|
set a 1 KEEPTTL EX 10|set a 1 GET NX|get a|set a 2 XX GET|set b 1 XX GET|set a 1 nx get|set a 1 EX abc|
set a 1 EX 1.5|set a 1 PXAT 1|get a|set a 1 EXAT 1|exists a|set a 1 EX 9223372036854775807|
set a 1 PX 9223372036854775807|set a x|set a y EXAT 0|set a 1 foo

lpush l a b c|set l 1 GET|set l 1 NX|set l v XX|get l|lpush l a|del l|rpush l a b c d a b|set l 1 NX GET

getex a EX|getex a EX 0|getex a PERSIST EX 10|getex nokey EX 0|getex nokey EX x|getex l|getex a foo|
getex a EXAT 1|exists a|set a 1|getex a PXAT 0|getex a PX abc

getdel l|getset l v|del l|rpush l a b c d a b|append l x|strlen l|incr l|incrby l x|incrbyfloat l 1|
incrbyfloat l x|setrange l 0 x|getrange l 0 1|setrange l -1 x|setrange nokey 5 |exists nokey|
setrange nokey 536870912 x|setrange nokey 536870911 |setrange nokey 9223372036854775807 x|setrange nokey x x

set n 9223372036854775807|incr n|incrby n 1|decr n|decrby n -9223372036854775808|decrby n -2|
set n -9223372036854775808|decr n|decrby n 1|incrby n -1|incrby n 9223372036854775808|set n 1.0|incr n|
set n " 1"|incr n|set n "1 "|incr n|set n 01|incr n|set n ""|incr n|set n -0|incr n|set n +5|incr n|set n 1e3|
incrbyfloat n 1|set n 3.0e3|incrbyfloat n 200|set n inf|incrbyfloat n 1|set n 1|incrbyfloat n inf|
incrbyfloat n nan|incrbyfloat n -inf|incrbyfloat n 1e308|incrbyfloat n 1e308|set n 10.50|incrbyfloat n 0.1|
incrbyfloat n -5|set n 5.0e3|incrbyfloat n 2.0e2|incrbyfloat n 0x10|incrbyfloat n " 1"

mset a|mset a 1 b|msetnx a|mset|mget|mget a l n|msetnx q1 1 q2 2|msetnx q2 1 q3 3|exists q3|mset a 1 a 2|get a|
msetnx z1 1 z1 2|get z1

setnx l 1|setex a 0 v|setex a -1 v|setex a x v|psetex a 0 v|setex l 10 v|get l|del l|rpush l a b c d a b

getrange a 0 -1|set s hello|getrange s -3 -1|getrange s -1 -3|getrange s 5 3|getrange s 0 9223372036854775807|
getrange s -9223372036854775808 -1|getrange s x 1|getrange s 1 x|getrange s 10 20|substr s 0 2|
getrange s -100 -50|getrange s -100 0

lpop l 0|lpop l -1|lpop l x|lpop nokey 0|lpop nokey 1|lpop nokey|lpop l 100000000|exists l|rpush l a b c d a b|
rpop l 2|rpop s|lpop s 1|lpop s x|lpop l 9223372036854775808

del l|rpush l a b c d a b|lrange l 0 9223372036854775807|lrange l -9223372036854775808 9223372036854775807|
lrange l x 1|lrange l 3 1|lrange s 0 1|lrange nokey 0 1|lindex l x|lindex nokey x|lindex l 9223372036854775807|
lindex l -7|lindex l -6|lset l 100 x|lset l -7 x|lset nokey 0 x|lset l x v|lset nokey x v|lset s 0 x|lrem l 0 a|
lrem l x a|lrem nokey x a|lrem l -9223372036854775808 b|llen l|ltrim l x 1|ltrim l 5 1|exists l|ltrim s 0 1|
ltrim nokey 0 1

rpush l a b c d a b c a|lpos l a|lpos l a RANK 0|lpos l a RANK -1|lpos l a RANK 2 COUNT 0|lpos l a COUNT -1|
lpos l a MAXLEN -1|lpos l a MAXLEN 2 COUNT 0|lpos l zz|lpos l zz COUNT 0|lpos nokey a|lpos nokey a COUNT 1|
lpos l a RANK|lpos l a RANK -9223372036854775808|lpos l a FOO 1|lpos l a RANK -1 MAXLEN 1|lpos l a COUNT x|
lpos s a|lpos l a RANK 1 RANK -1

linsert l before a x|linsert l AFTER zz x|linsert nokey before a x|linsert l foo a x|linsert s before a x|
linsert nokey foo a x|lmove l l left right|lmove l l up down|lmove nokey l up down|lmove l s left right|
lmove s l left right|lmove nokey s left right|rpoplpush l l|rpoplpush s l|rpoplpush l s|rpoplpush nokey s|llen l|
lpushx nokey a|rpushx s a

hset h|hset h f|hset h f v g|hset h f v|hset s f v|hmset h f|hmset h f v|hget h nof|hget s f|hmget nokey a b|
hmget s a|hincrby h f 1|hset h n 9223372036854775807|hincrby h n 1|hincrby h n x|hincrby h n 1.5|hincrby s n 1|
hincrbyfloat h n 1|hincrbyfloat h f 1|hincrbyfloat h n x|hincrbyfloat h n nan|hincrbyfloat h q inf|
hincrbyfloat h q 5.0e3|hincrbyfloat h q 1|hset h e ""|hincrby h e 1|hincrbyfloat h e 1|hset h sp " 1"|
hincrby h sp 1|hincrbyfloat h sp 1|hdel h|hdel s f|hdel h f f|hlen s|hstrlen h n|hstrlen s n|hstrlen nokey n|
hexists s f|hkeys s|hvals s|hgetall s|hgetall nokey|hsetnx s f v|hsetnx h n 1

sadd st a b c|sadd s a|srem s a|srem st zz zz|smembers s|sismember s a|smismember s a|smismember nokey a b|
smismember st|scard s|spop st -1|spop st 0|spop nokey|spop nokey 3|spop nokey -1|spop s|spop st x|
srandmember st 0|srandmember nokey|srandmember nokey 2|srandmember nokey -2|srandmember st x|srandmember s|
srandmember st -9223372036854775808|srandmember st 9223372036854775808|smove st s a|smove st s2 zz|smove st st a|
smove st st zz|smove s st a|smove nokey s a|smove st s2 a|scard s2|sadd st|srem st

zadd z|zadd z 1|zadd z 1 a 2|zadd z x a|zadd z nan a|zadd z 1 a NX|zadd z NX XX 1 a|zadd z NX GT 1 a|
zadd z GT LT 1 a|zadd z GT NX 1 a|zadd z INCR 1 a 2 b|zadd z INCR 1 a|zadd z NX INCR 1 a|
zadd z XX INCR 1 nomember|zadd z CH 2 a|zadd z XX CH 3 a|zadd z inf i|zadd z INCR -inf i|zadd s 1 a|
zadd z 1e400 a|zadd z 0x10 h|zscore z h|zadd z 1.0000000000000002 p|zscore z p|zadd z 3.0 q|zscore z q|
zadd z 1e20 r|zscore z r|zadd z 1e21 r|zscore z r|zadd z 1e-5 r|zscore z r|zadd z 0.1 r|zscore z r|
zadd z -0.0 neg|zadd z 123456789012345678 big|zscore z big|zincrby z x a|zincrby z nan a|zincrby z inf i|
zincrby z -inf i|zincrby s 1 a|zincrby z 1.5 new

zrange z 0 -1|zrange z 0 -1 WITHSCORES REV|zrange z x 1|zrange z 0 -1 BYSCORE|zrange z 0 -1 LIMIT 0 1|
zrange z 0 1 BYSCORE LIMIT 0|zrange z 0 1 BYSCORE LIMIT 0 x|zrange z -inf +inf BYSCORE LIMIT -1 2|
zrange z -inf +inf BYSCORE LIMIT 1 -1|zrange z (1 5 BYSCORE|zrange z ( 5 BYSCORE|zrange z ((1 5 BYSCORE|
zrange z 5 (1 BYSCORE REV|zrange z 5 1 BYSCORE|zrange z - + BYLEX|zrange z [a [z BYLEX|zrange z a z BYLEX|
zrange z - + BYLEX WITHSCORES|zrange z 0 -1 REV REV|zrange z 0 -1 FOO|zrange s 0 -1|zrange nokey 0 -1|
zrange nokey x y|zrange s x y|zrange z 9223372036854775807 -1|zrange z -9223372036854775808 9223372036854775807|
zrangebyscore z 1 2 FOO|zrangebyscore z 1 2 LIMIT 0|zrangebyscore z 1 2 LIMIT 0 1 WITHSCORES WITHSCORES|
zrevrange z 0 -1 FOO|zrevrange z 0 -1 WITHSCORES FOO|zrevrangebyscore z +inf -inf WITHSCORES LIMIT 0 2|
zrevrangebyscore z 1 2|zcount z x 1|zcount z (1 (1|zcount s 1 2|zcount nokey x y|zcount z nan 1|
zcount z -inf inf|zcount z +inf -inf|zrank z nom|zrank s a|zrank nokey a|zrevrank z a|zmscore z a nom|
zmscore s a|zmscore nokey a|zmscore z|zrem z nom|zrem s a|zrem z|zcard s|zscore s a|zrank z a WITHSCORE

expire s|expire s x|expire s 9223372036854775807|expire s -9223372036854775808|expire nokey x|expire s 100 NX|
expire s 200 NX|expire s 50 GT|expire s 50 LT|expire s 500 XX|expire s 10 NX XX|expire s 10 GT LT|
expire s 10 FOO|expire s 10 NX GT|expire s 10 XX GT|ttl s|persist s|persist s|persist nokey|expire s 100 GT|
expire s 100 LT|ttl s|persist s|expire s 9223372036854775|pexpire s -1|exists s|set s hello|expireat s 0|
exists s|expire s 0 XX|set s hello|expire s -1 XX|exists s|expire s -1 NX|exists s|set s hello|expiretime s|
pexpiretime nokey|ttl nokey

rename nokey x|rename s s|renamenx s s|renamenx nokey x|renamenx s l|rename s l|type l|rename l s|copy s s|
copy nokey s|copy s c2|copy s c2|copy s c2 REPLACE|copy s c2 DB 99|copy s c2 DB -1|copy s c2 DB x|copy s c2 FOO|
copy s s DB 0|copy s c3 DB 1|copy s c3 DB 1 DB 2 REPLACE|copy s c3 REPLACE REPLACE|move s 0|move s 16|move s x|
move nokey 1|move c2 1|move c2 1|type nokey|exists|exists s s s|touch s nokey s|unlink|del s s

select 16|select x|select -1|select 1|dbsize|flushdb|select 0|select 9223372036854775808|flushdb FOO|
flushdb ASYNC|flushall SYNC|flushall ASYNC SYNC|dbsize

scan -1|set s hello|scan|scan x|scan 0 COUNT|scan 0 COUNT 0|scan 0 COUNT -1|scan 0 COUNT x|scan 0 FOO 1|scan 0 MATCH|
scan 0 TYPE string|scan 0 TYPE STRING|scan 0 TYPE foo|scan 0 type list|scan 0 MATCH s COUNT 1000 TYPE string|
scan 18446744073709551616|scan 99999999999999999999|scan " 0"|scan 0x1|hscan s 0|hscan nokey 0|
hscan nokey x|sscan s 0|zscan s 0|hscan s x|sscan nokey 0 COUNT 0|hscan nokey 0 FOO|hset h a 1 b 2|
hscan h 0 COUNT 0|hscan h 0 MATCH a|hscan h 0 TYPE string|hscan h 0 NOVALUES|zscan nokey 0 MATCH|keys|keys s*|
keys [s]|keys [^s]*

set num 12345|rpush l a b|sadd st a b|sadd si 1 2 3|zadd z 1 a|
set long aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

multi|multi|set a 1|exec|exec|discard|multi|nosuch|exec|multi|get|exec|multi|incr s|set k2 v|lpush s x|get k2|
exec|watch|multi|watch a|set a 5|exec|get a|unwatch|multi|exec|multi|discard|multi|unwatch|exec|multi|select 1|
set inone 1|select 0|exec|multi|blpop nokey 0|exec|multi|exec foo|exec|multi|subscribe x|exec

multi|ping|echo x|set a 1 EX 0|exec|multi|rpush bl 1|blpop bl 0|brpop bl 0|blmove bl bl2 left left 0|
brpoplpush bl bl2 0|exec|multi|auth x|exec|multi|reset|exec|multi|discard|multi|flushall|dbsize|set a 1|exec|
multi|multi|exec|multi|exec

blpop nokey x|blpop nokey -1|blpop nokey|blpop nokey 0.01|blpop nokey nan|blpop nokey inf|blpop s 0.01|
brpop a s 0.01|blmove nokey x left right 0.01|blmove nokey x up right 0.01|blmove nokey x left right -1|
blmove nokey x left right foo|brpoplpush nokey x 0.01|brpoplpush nokey x -1|brpoplpush s x 0.01|blpop nokey " 1"|
blpop nokey 0x|blpop nokey 1e-3|blpop nokey .01|blpop nokey 0.0001|blpop nokey "1 "|blpop nokey +0.01|
blpop nokey 0.01s

ping a b|ping ""|echo|echo a b|nosuch|NOSUCH a b c|client|client foo|client setname "a b"|client setname ""|
client getname|client setname ok|client getname|client setname "a\tb"|client kill foo|client kill id|
client kill id x|client kill id 999999|client kill type foo|client kill 1.2.3.4:5|client kill addr 1.2.3.4:5|
client no-evict|client no-evict foo|client no-evict on|client no-evict off

command foo|command info nosuch|config set nosuch 1|config set maxmemory x|config set maxmemory -1|config foo|
config set maxmemory|config set maxmemory 0 maxmemory 0

pubsub|pubsub foo|pubsub channels|pubsub channels a b|pubsub numsub|pubsub numsub a|pubsub numpat x|publish a|
publish a b|hello 4|hello x|hello 2 FOO|hello 2 AUTH a|hello 2 SETNAME|hello 2 SETNAME "a b"|hello 1|auth|auth a|
auth a b|auth a b c|reset x|reset

eval|eval "return 1"|eval "return 1" x|eval "return 1" -1|eval "return 1" 2 a|evalsha abc 0|
evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0|evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db -1|script|
script exists|script exists abc|script load|script flush foo|script flush async|script flush sync|script foo|
script flush async sync|evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db x
set n 10|set s hello|setbit s 6 1|get s|setbit s 100 1|strlen s|setbit s 7 2|setbit s 7 x|setbit s -1 1|
setbit s 4294967295 0x|setbit s 4294967296 1|setbit s x 1|getbit s 6|getbit s 1000|getbit nokey 3|getbit s -1|
rpush l a|getbit l 0|setbit l 0 1|bitcount s|bitcount s 0 0|bitcount s 1 -2|bitcount s -2 -1 byte|bitcount s 3 40 BIT|
bitcount s -9 -3 bit|bitcount s 5 2|bitcount s -1 -3|bitcount s 0|bitcount s 0 1 foo|bitcount s x 1|bitcount s 0 x foo|
bitcount l|bitcount nokey x y|bitcount nokey 0 1 foo|bitpos s 1|bitpos s 0|bitpos s 2|bitpos s x|bitpos nokey 1|
bitpos nokey 0|bitpos s 1 2|bitpos s 0 -1|bitpos s 1 9 30 bit|bitpos s 0 9 30 BIT|bitpos s 1 0 -1 foo|bitpos l 1|
set f "\\xff"|bitpos s 1 100|set e ""|bitpos e 0|bitpos e 1|bitcount e|bitpos s 1 1 1|bitpos s 1 5 2|bitop and d s n|get d|
bitop or d s n|get d|bitop XOR d s n nokey|get d|bitop not d s|strlen d|bitop not d s n|bitop foo d s|bitop and d l|
bitop or d nokey nokey2|exists d|bitop and s s s|expire s 100|setbit s 1 1|ttl s|bitop or s s|ttl s

set s x|sadd a 1 2 3 4|sadd b 3 4 5|sadd c 4|sinter a b c|sinter a nokey|sinter s nokey|sinter nokey s|sinter c|
sinterstore d a b c|smembers d|sinterstore d a nokey|exists d|sinterstore a a c|smembers a|sunionstore s c|type s|
sdiffstore d b c nokey|scard d|sdiffstore d c c|exists d|sdiff nokey a|sunion nokey|sunion|sinterstore d|sdiff c a|
sintercard 2 a c|sintercard 2 a c LIMIT 0|sintercard 2 b b limit 2|sintercard 2 b b LIMIT 1 limit 3|sintercard 0 a|
sintercard x a|sintercard 3 a b|sintercard 1 a LIMIT|sintercard 1 a LIMIT -1|sintercard 1 a LIMIT x|sintercard 1 a foo|
sintercard 1 nokey|set s x|sintercard 1 s|sintercard 2 a s LIMIT 1|sunion s|sdiff nokey s|sunionstore d nokey s

hset h a 1|hrandfield h|hrandfield h 5|hrandfield h -3|hrandfield h 0|hrandfield h 1 withvalues|hrandfield h -2 WITHVALUES|
hrandfield h 1 foo|hrandfield h x|hrandfield h 1 withvalues x|hrandfield nokey|hrandfield nokey 1|hrandfield nokey -1 withvalues|
hrandfield h 5000000000000000000 withvalues|hrandfield h -9223372036854775808|set s x|hrandfield s|zadd z 1.5 a|
zrandmember z|zrandmember z 3|zrandmember z -2 withscores|zrandmember z 1 WITHSCORES|zrandmember z 0|zrandmember z x|
zrandmember nokey|zrandmember nokey 2|zrandmember s 1|zrandmember z 1 foo|zrandmember z 1 withscores foo

zadd z 1 a 2 b 2 c 3.5 d 5 e|zpopmin z|zpopmax z|zpopmin z 2|zpopmin z 0|zpopmin z -1|zpopmin z x|zpopmin z 1 2|
zpopmin nokey|zpopmax nokey 3|set s x|zpopmin s|zpopmin s 0|zpopmax z 10|exists z|zadd z 1 a 2 b 3 c|bzpopmin nokey z 0|
bzpopmax z 0|bzpopmin nokey 0.01|bzpopmin nokey x|bzpopmin nokey -1|bzpopmin nokey s z 0.01|zmpop 1 z min|exists z|
zadd z 1 a 2 b 3 c|zadd y 1 a|zmpop 2 nokey z max count 2|zmpop 2 y z MIN COUNT 10|zmpop 1 nokey min|zmpop 0 z min|
zmpop x z min|zmpop 1 z foo|zmpop 2 z min|zmpop 1 z min count|zmpop 1 z min count 0|zmpop 1 z min count x|
zmpop 1 z min count 1 count 1|zmpop 1 z min foo 1|zmpop 1 s min|zmpop 2 nokey s min|bzmpop 0.01 1 nokey min|
bzmpop x 1 z min|bzmpop x 0 z min|bzmpop -1 1 z min|bzmpop 0 1 z max count 5|rpush l a b c d|lmpop 1 l left|
lmpop 2 nokey l RIGHT count 2|lmpop 1 nokey left|lmpop 0 l left|lmpop 1 l up|lmpop 2 l left|lmpop 1 l left count 0|
lmpop 1 l left count 1 x|lmpop 1 s left|blmpop 0.01 1 nokey left|blmpop x 1 l left|blmpop 0 2 nokey l left count 9|
exists l|multi|blmpop 0 1 nokey left|bzmpop 0 1 nokey min|bzpopmin nokey 0|exec

zadd z 0 a 0 b 0 c 0 d 0 e|zrangebylex z - +|zrangebylex z [b (d|zrevrangebylex z + [c|zrevrangebylex z [d (a LIMIT 1 2|
zrangebylex z - + LIMIT 1|zrangebylex z a b|zrangebylex z - + WITHSCORES|zlexcount z - +|zlexcount z (a [c|zlexcount z a b|
zlexcount nokey - +|zremrangebylex z [b [c|zremrangebylex z x y|zremrangebylex nokey - +|zrange z 0 -1|zadd z 1 p 2 q 3 r 4 s|
zremrangebyscore z (1 2|zremrangebyscore z x 1|zremrangebyrank z 0 0|zremrangebyrank z -1 -1|zremrangebyrank z 5 9|
zremrangebyrank z x 1|zremrangebyrank nokey 0 1|set s x|zremrangebyrank s 0 1|zremrangebyscore s 0 1|zlexcount s - +|
zrangestore d z 0 -1|zrange d 0 -1 withscores|zrangestore d z 0 2 BYSCORE LIMIT 0 1|zrangestore d z + - BYLEX REV|
zrangestore d nokey 0 1|exists d|zrangestore d s 0 1|zrangestore d z 0 1 WITHSCORES|zrangestore d z 0 1 foo|zrangestore d z x 1|
zrangestore d z 0 1 LIMIT 0 1|zrangestore s z 0 -1|type s|zrangestore z z 0 0|zremrangebyrank z 0 -1|exists z

zadd a 1 x 2 y 3 z|zadd b 10 y 20 z 30 w|sadd c x y|zunion 2 a b|zunion 2 a b WITHSCORES|zinter 2 a b withscores|
zunion 3 a b c WEIGHTS 2 1 0.5 AGGREGATE max WITHSCORES|zinter 3 a b c aggregate min withscores|zdiff 2 a b WITHSCORES|
zdiff 2 c a|zunionstore d 2 a b|zrange d 0 -1 withscores|zinterstore d 2 a b WEIGHTS 1 -1 AGGREGATE SUM|zrange d 0 -1 withscores|
zdiffstore d 2 b a|zrange d 0 -1 withscores|zdiffstore d 2 a a|exists d|zunionstore d 0 a|zunion 0 a|zunion x a|zunion 3 a b|
zunion 2 a b WEIGHTS 1|zunion 2 a b WEIGHTS 1 x|zunion 2 a b WEIGHTS 1 2 3|zunion 2 a b AGGREGATE foo|zunion 2 a b AGGREGATE|
zunionstore d 2 a b WITHSCORES|zdiff 2 a b WEIGHTS 1 2|zdiff 2 a b AGGREGATE sum|zintercard 2 a b|zintercard 2 a b LIMIT 1|
zintercard 2 a b LIMIT 0|zintercard 2 a b LIMIT -1|zintercard 2 a b LIMIT x|zintercard 2 a b WITHSCORES|zintercard 0 a|
zintercard 2 a nokey|set s x|zunion 2 a s|zunionstore d 1 s|zunionstore a 2 a a|zrange a 0 -1 withscores|zadd i inf x -inf y|
zadd j -inf x|zunion 2 i j WITHSCORES|zunion 1 i WEIGHTS 0 withscores|zunion 1 i WEIGHTS nan|zinterstore s 2 a b|type s|
zadd f 0.1 m|zadd g 0.2 m 5 n|zadd k 0.3 m 1 n 2 o|zunion 3 k g f withscores|zinter 3 k g f withscores

object encoding nokey|set n 123|object encoding n|set n 12345678901234567890123|object encoding n|
set n aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|object encoding n|set n aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|
object encoding n|rpush l a|object encoding l|hset h a b|object encoding h|
hset h a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|object encoding h|sadd t 1 -2|OBJECT ENCODING t|
sadd t 1.5|object encoding t|zadd z 1 a|object encoding z|
zadd z 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|object encoding z|object refcount h|object refcount n|
object refcount nokey|set n 0|object refcount n|set n 9999|object refcount n|set n 10000|object refcount n|object freq n|
object freq nokey|object idletime n|object idletime nokey|object|object encoding|object encoding a b|object foo n|object freq

wait 0 0|wait 0 100|wait x 0|wait 0 x|wait 0 -1|wait 0|role|role x|swapdb 0|swapdb x 1|swapdb 0 x|swapdb 0 16|swapdb -1 0|
swapdb 0 4294967296|set a 0|select 1|set a 1|set b 1|swapdb 0 1|get a|exists b|dbsize|select 0|get a|mget a b|dbsize|
move b 1|copy a c DB 1|select 1|keys c|get b|watch a|swapdb 1 2|multi|get a|exec|get a|multi|swapdb 2 1|get a|swapdb 1 1|
set a in|exec|get a|flushdb|dbsize|select 0|get a|swapdb 0 1|flushall|select 0|dbsize|select 1|dbsize

set meta-one '{"status": "SUCCESS", "result": 3, "traceback": null, "children": [], "date_done": "2026-11-21", "task_id": "meta-one"}'|get meta-one|mget meta-one x meta-one|
strlen meta-one|getrange meta-one 1 30|incr meta-one|incrbyfloat meta-one 1|object encoding meta-one|getbit meta-one 1|
bitcount meta-one|rename meta-one two|get two|copy two three|get three|copy two four DB 1|expire two 100|get two|
persist two|append three x|get three|setrange two 3 ZZZZ|get two|setbit two 7 1|get two|set two x GET|getset three y|
multi|set five '{"status": "SUCCESS", "result": 3, "traceback": null, "children": [], "date_done": "2026-11-21", "task_id": "meta-one"}'|get five|exec|
getex five PERSIST|type five|scan 0 TYPE string COUNT 1000 MATCH five|lpush five x|setnx five z|getdel five|
select 1|get four|move four 0|select 0|get four

set k v EX 10 EX 20|ttl k|getex k EX 5 EX 9|ttl k|set k v PX 100000 EX 3|set k v EX 3 EXAT 4000000000|getex k PERSIST PERSIST|
set k v KEEPTTL KEEPTTL|getex k EX 5 PX 5|set k v EX 5 EX 0|client list id 0|client list id -1|client list id x|
client unblock 0|client unblock x|client unblock 1 foo|client unblock 9999 ERROR|client unblock 1 timeout extra|client unblock

bitfield k|exists k|bitfield k get u64 0|bitfield k get i65 0|bitfield k get u8|bitfield k get u8 x|bitfield k get u8 -1|bitfield k foo|
bitfield k get u8 #|bitfield k get u8 #-1|bitfield k get "" 0|bitfield k get I8 0|bitfield k get i 0|bitfield k set u8 0|
bitfield k set u8 #1 300|get k|bitfield k overflow sat|bitfield k overflow foo|bitfield k overflow|
bitfield k overflow fail incrby u2 100 1 get u2 100|get k|bitfield k incrby u8 0 x|bitfield_ro k set u8 0 1|bitfield_ro k get u8 0 get i3 2|
bitfield_ro k overflow sat get i4 1|bitfield nokey get u8 0|exists nokey|bitfield nokey set u8 0 0|strlen nokey|
bitfield k get u8 4294967296|bitfield k get u0 0|bitfield k get 8 0|bitfield k get i64 4294967232|bitfield k get u63 #68174084|
lpush l a|bitfield l get u8 0|bitfield l|bitfield_ro l get u8 0|expire k 100|bitfield k set i5 3 -7 get u5 3|ttl k

bitfield n set i64 0 9223372036854775807|bitfield n incrby i64 0 1|bitfield n overflow sat incrby i64 0 -1 incrby i64 0 9223372036854775807|
bitfield n overflow sat set i64 0 -9223372036854775808 incrby i64 0 -1|bitfield n overflow fail incrby i64 0 -1|
bitfield n set u63 0 -1 get u63 0|bitfield n overflow wrap incrby u63 0 1 incrby u63 0 -1|bitfield n overflow sat set u63 1 -5 get u63 1|
bitfield n overflow sat incrby u63 1 -9223372036854775808 incrby u63 1 9223372036854775807 incrby u63 1 5|
bitfield n overflow fail set u4 2 16 set u4 2 -1 set i4 2 8 set i4 2 -9 set i4 2 7 incrby i4 2 1 set i1 9 -1 incrby i1 9 -1|get n|
bitfield n overflow sat set i9 0 -9223372036854775808 get i9 0 set i9 0 -9223372036854775552 get i9 0 set i9 0 -9223372036854775553 get i9 0|
bitfield n overflow sat set u4 2 16 set u4 2 -1 set i4 2 8 set i4 2 -9 incrby i4 2 100 incrby i4 2 -100 set i1 9 1|get n|
bitfield n overflow wrap set u4 2 17 set u4 2 -1 set i4 2 8 set i4 2 -9 incrby i4 2 100 incrby i4 2 -100 set i1 9 1 incrby u1 9 5|get n

rpush l 3 1 2 10|sort l|sort l desc|sort l alpha|sort l alpha desc|sort l limit 1 2|sort l limit -1 2|sort l limit 2 -1|sort l limit 9 1|
sort l limit 1 0|sort l limit 0 9223372036854775807|sort l limit 1|sort l limit x 1|sort l limit 1 x|sort l foo|sort l by|sort l get|
sort l store|sort_ro l store x|sort_ro l|sort nokey|sort nokey foo|set s x|sort s|hset h a b|sort h|sort s limit x 1|
mset w_1 30 w_2 20 w_3 10 v_1 one v_2 two "v_" none v_10 ten|sort l by w_*|sort l by w_* desc|sort l by w_* get # get v_* get w_* get nokey|
sort l by v_*|sort l by v_* alpha|sort l by v_* alpha desc get v_*|sort l by nosort|sort l by nosort desc|sort l by nosort limit 1 2|
sort l by nosort get v_*|sort l by w_* store d|type d|lrange d 0 -1|sort l get v_* store d|lrange d 0 -1|sort nokey store d|exists d|
sort l by nosort limit 1 2 store l|lrange l 0 -1|rpush e "" 2 1|sort e|rpush e " 7"|sort e|rpush e "8 "|sort e|del e|
rpush e 0x10 inf -inf 1e3 -0|sort e|rpush e nan|sort e|del e|rpush e 1e400|sort e|del e|rpush e a b|sort e|sort e by w_*|sort e by #|
hset o_1 f 5 g x|hset o_2 f 4|sort l by o_*->f get o_*->f get o_*->g get o_*-> get v_*->f|sort l by o_*->f alpha desc|
sadd t c a b|sort t alpha|sort t|sort t by nosort store d|lrange d 0 -1|sort t by w_*|zadd z 3 a 2 b 1 c|sort z alpha|sort z|
sort z by nosort|sort z by nosort desc|sort z by nosort desc limit 1 1|sort z by nosort desc limit 5 1|sort z alpha limit 1 1 asc get #|
multi|sort l|sort l store q|exec|lrange q 0 -1|sort s store d|lrange d 0 -1

lcs a b|set a ohmytext|set b mynewtext|lcs a b|lcs a b LEN|lcs a b IDX|lcs a b IDX MINMATCHLEN 4|lcs a b idx minmatchlen 4 withmatchlen|
lcs a b WITHMATCHLEN|lcs a b MINMATCHLEN 9|lcs a b idx minmatchlen -1|lcs a b LEN IDX|lcs a b FOO|lcs a b IDX MINMATCHLEN x|
lcs a b minmatchlen|lcs a nokey|lcs nokey nokey idx|rpush l x|lcs l a|lcs a l foo|lcs a a idx|set a abcabcabbaacbb|set b bacbbacabcacba|
lcs a b|lcs a b idx withmatchlen|lcs b a idx|lcs a

command getkeys get a|command getkeys mset a 1 b 2|command getkeys zunionstore d 2 a b|command getkeys eval x 2 a b|
command getkeys nosuch a|command getkeys echo a|command getkeys set a|command getkeys get|command list filterby|
command list filterby foo x|command list filterby module x|command list filterby pattern hsetn*|command list foo|
multi|save|get a|exec|exec x|multi|set a 1|exec x|exec|client kill ""|client kill addr "" skipme no|client kill laddr ""|acl|acl whoami x|memory purge x|shutdown foo|shutdown abort

watch k|set k v|del k|multi|get k|exec|watch k|del k|multi|get k|exec|watch k|flushall|multi|get k|exec|watch k|set k v|
flushall|multi|get k|exec|watch k|set k v|rename k l|multi|get k|exec|zincrby z nx 1|zincrby z xx incr
""".strip().split("\n\n")]
