// SPDX-License-Identifier: BSL-1.0
// How a request becomes a command that runs under its stripes, alone or in a transaction.
#include "commands/handlers.hpp"
#include "commands/refusals.hpp"

#include <algorithm>

namespace cache {

void call::wrong_arity() {
    std::string name{args[0]};
    for (char& ch : name) ch = lower(ch);
    out.error("ERR wrong number of arguments for '" + name + "' command");
}

namespace {

constexpr std::size_t most_queued_bytes = std::size_t{256} << 20;

stripe_mask stripes_for(const command& what, arguments args) {
    if (what.reaches == reach::everything) return all_stripes;
    stripe_mask mask = 0;
    if (what.reaches == reach::keys)
        what.each_key(args, [&](string_view key) { mask |= stripe_of(key); });
    return mask;
}
stripe_mask stripes_for_all(const session& who) {
    stripe_mask mask = 0;
    for (const word_list& request : who.queued) {
        const std::vector<string_view> args{request.begin(), request.end()};
        mask |= stripes_for(*find_command(args[0]), args);
    }
    for (const session::watch& w : who.watched) mask |= stripe_of(w.key);
    return mask;
}

bool runs_at_once(const command& what) {
    for (const string_view one : {"exec", "discard", "multi", "watch", "quit", "reset"})
        if (what.name == one) return true;
    return false;
}

void queue(session& who, arguments args, resp::reply_writer& out) {
    std::size_t bytes = 0;
    for (const string_view word : args) bytes += word.size() + sizeof(std::string);
    if (who.queued_bytes + bytes > most_queued_bytes) {
        who.multi_failed = true;
        return out.error("ERR the transaction is too large");
    }
    who.queued_bytes += bytes;
    who.queued.emplace_back(args.begin(), args.end());
    out.simple("QUEUED");
    const std::lock_guard lock{who.mutex};
    who.shown.multi = static_cast<int>(who.queued.size());
}

} // namespace

void refuse_commit(resp::reply_writer& out, std::size_t begin, ashlar::error why) {
    out.rewind(begin);
    const bool memory = why == ashlar::errc::out_of_memory || why == ashlar::errc::conflict;
    const std::string name = ashlar::name_of(why.code);
    if (memory) return out.error("ERR the store could not commit: " + name);
    if (why == ashlar::errc::corrupt || why == ashlar::errc::checksum_mismatch)
        return out.error("ERR stored data could not be read back: " + name);
    // MISCONF is Redis's word for a disk that fails.
    out.error("MISCONF the disk refuses writes (" + name +
              "): reads go on; mend its cause and start the server anew");
}

std::size_t number_of(const command& what) {
    return static_cast<std::size_t>(&what - commands().data());
}

/// One run of a command as counts, the slow log and monitors see it.
struct observation {
    using clock = std::chrono::steady_clock;

    server& host;
    session& who;
    const command& what;
    arguments args;
    resp::reply_writer& out;
    std::size_t reply = out.size();
    clock::time_point begin = clock::now();

    clock::time_point end() const {
        const auto now = clock::now();
        const auto taken = std::chrono::duration_cast<std::chrono::nanoseconds>(now - begin);
        host.stats.ran(number_of(what), static_cast<std::uint64_t>(taken.count()), 1,
                       out.is_error(reply) ? 1 : 0);
        if (const auto micros = taken.count() / 1000;
            host.slow.is_slow(micros) && (what.flags & skip_slowlog) == 0)
            host.slow.add(who, args, micros);
        if (!host.watchers.none() && is_shown()) host.watchers.show(who, who.db, args);
        return now;
    }

  private:
    [[nodiscard]] bool is_shown() const {
        bool known = false;
        const subcommand* sub =
            args.size() > 1 ? find_subcommand(what.name, args[1], known) : nullptr;
        const std::uint32_t flags = what.flags | (sub != nullptr ? sub->flags : 0U);
        return (flags & (skip_monitor | admin)) == 0;
    }
};

/// The steps that a waiter's command and a client's have in common.
struct execution {
    server& host;
    const std::shared_ptr<session>& who;

    void run(const command& what, arguments args, int db, resp::reply_writer& out,
             effects& after) const {
        const bool is_exec = who->in_multi && what.name == "exec";
        const keyspace::hold stripes{host.space,
                                     is_exec ? stripes_for_all(*who) : stripes_for(what, args)};
        unit work{host.space};
        const std::size_t begin = out.size();
        call c{host, who, work, out, args, work.place_of(db), false, after};
        if (const auto done = run(what, c); !done) {
            refuse_commit(out, begin, done.error());
            after = {};
        } else {
            if (*done != 0) who->wrote = true;
            for (std::size_t i = after.versions.size(); i-- > 0;)
                out.insert_integer(after.versions[i], static_cast<long long>(*done));
            if (const auto moved = work.moved_databases())
                for (place& at : host.blocked.move(*moved)) after.pushed.push_back(std::move(at));
        }
        if (after.wait) after.wait->silent = !who->is_answered();
        // Under the stripes: a push that comes later sees the waiter, one before was seen by it.
        if (after.wait && !after.wait->done) host.blocked.add(after.wait);
    }

    /// What a commit causes: messages, and elements for those who wait for them.
    void settle(effects& after) const {
        for (const auto& [channel, message] : after.published)
            host.listeners.publish(channel, message);
        if (host.blocked.none()) return;
        while (!after.pushed.empty()) {
            const place at = std::move(after.pushed.back());
            after.pushed.pop_back();
            while (const auto first = host.blocked.claim(at))
                if (!serve(first, at, after)) break;
        }
    }

  private:
    /// Runs a waiter's command for it, on the key that is ready. Answers whether the next waiter
    /// may be tried.
    bool serve(const std::shared_ptr<waiter>& w, const place& at, effects& after) const {
        std::vector<string_view> args{w->command.begin(), w->command.end()};
        const command& what = *find_command(args[0]);
        if (what.last_key < 0) args = {args.front(), at.key, args.back()};
        bool served = false;
        do {
            std::string reply;
            resp::reply_writer out{reply, w->version};
            effects caused;
            const execution as_waiter{host, w->who};
            as_waiter.run_if_there(what, args, at, out, caused);
            served = !reply.empty();
            if (served && !w->silent) w->who->mail.send(reply);
            for (place& next : caused.pushed) after.pushed.push_back(std::move(next));
            for (const auto& [channel, message] : caused.published)
                host.listeners.publish(channel, message);
        } while (host.blocked.release(w, served));
        if (served) w->who->mail.poke(); // it goes on only when it knows that it is served
        return served;
    }
    /// The command and its commit. What the disk does not give back fails it before that.
    static ashlar::result<std::uint64_t> run(const command& what, call& c) {
        try {
            c.host.events.run(what, c);
            return c.work.commit();
        } catch (const storage_failure& failure) {
            return failure.why();
        }
    }
    /// No reply means that there is nothing, still or again.
    void run_if_there(const command& what, arguments args, const place& at, resp::reply_writer& out,
                      effects& caused) const {
        const keyspace::hold stripes{host.space, stripes_for(what, args)};
        unit work{host.space};
        try {
            if (work.find(at.db, at.key).type != at.type) return;
        } catch (const storage_failure&) {
            return; // the next push looks again
        }
        call c{host, who, work, out, args, at.db, false, caused};
        if (const auto done = run(what, c); !done) refuse_commit(out, 0, done.error());
    }
};

/// Who wants no replies is told all the same what it is subscribed to: that is a message.
static bool is_confirmed(string_view name, string_view reply) {
    constexpr std::array telling{on::subscribe, on::unsubscribe, on::psubscribe, on::punsubscribe};
    const command* what = find_command(name);
    return what != nullptr && !reply.starts_with('-') &&
           std::find(telling.begin(), telling.end(), what->run) != telling.end();
}

void server::execute(const std::shared_ptr<session>& who, arguments args, std::string& out) {
    using replies = session::replies;
    const std::size_t begin = out.size();
    answer(who, args, out);
    if (who->answers == replies::all) return;
    if (!who->is_answered() && !is_confirmed(args[0], string_view{out}.substr(begin)))
        out.resize(begin);
    if (who->answers == replies::all_but_this) who->answers = replies::all;
    if (who->answers == replies::all_but_next) who->answers = replies::all_but_this;
}

void server::answer(const std::shared_ptr<session>& who, arguments args, std::string& out) {
    ++counts.commands;
    resp::reply_writer reply{out, who->version};
    const command* what = find_command(args[0]);
    const auto reject = [&](string_view why) {
        if (what != nullptr) stats.rejected(number_of(*what));
        refuse(*who, what, reply, why);
    };
    if (!is_plain(*who, what, args))
        if (const std::string why = refusal(*who, what, args); !why.empty()) {
            if (!is_http(*who, args[0])) reject(why);
            return;
        }
    if (!memory.make_room() && takes_memory(*who, *what))
        return reject("OOM command not allowed when used memory > 'maxmemory'.");
    if (only_listens(*who, *what))
        return reject("ERR Can't execute '" + std::string{what->name} +
                      "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are "
                      "allowed in this context");
    if (who->in_multi && (what->flags & no_multi) != 0)
        return reject("ERR Command not allowed inside a transaction");
    if (who->in_multi && !runs_at_once(*what)) return queue(*who, args, reply);
    who->note(what, what->name);
    effects after;
    const execution now{*this, who};
    const auto begin =
        who->pause != observation::clock::time_point{} ? who->pause : observation::clock::now();
    const observation look{*this, *who, *what, args, reply, reply.size(), begin};
    now.run(*what, args, who->db, reply, after);
    who->pause = look.end();
    if (after.wait) who->waiting = after.wait;
    now.settle(after);
}

pauses::clock::duration server::pause_before(const session& who, arguments args) {
    if (pausing.none()) return {};
    const auto writes = [](const command* what) {
        if (what == nullptr) return false;
        constexpr std::array spreading{on::publish, on::eval, on::evalsha};
        return (what->flags & write) != 0 ||
               std::find(spreading.begin(), spreading.end(), what->run) != spreading.end();
    };
    const command* what = find_command(args[0]);
    if (what != nullptr && (!what->takes(args.size()) || !who.authenticated)) return {};
    const bool commits = who.in_multi && what != nullptr && what->run == on::exec;
    return pausing.left(
        commits ? std::any_of(who.queued.begin(), who.queued.end(),
                              [&](const word_list& one) { return writes(find_command(one[0])); })
                : writes(what));
}

void server::give_up(const std::shared_ptr<session>& who, std::string& out) {
    if (!who->waiting || !blocked.withdraw(who->waiting)) return;
    resp::reply_writer reply{out, who->version};
    if (!who->waiting->silent) {
        if (who->waiting->sleeps) reply.ok();
        else reply.null_array();
    }
    who->waiting.reset();
}

namespace on {

void multi(call& c) {
    if (c.who->in_multi) return c.out.error("ERR MULTI calls can not be nested");
    c.who->in_multi = true;
    c.who->multi_failed = false;
    c.out.ok();
    const std::lock_guard lock{c.who->mutex};
    c.who->shown.multi = 0;
}

void discard_quietly(session& who) {
    who.in_multi = false;
    who.multi_failed = false;
    who.queued.clear();
    who.queued_bytes = 0;
    who.watched.clear();
    const std::lock_guard lock{who.mutex};
    who.shown.multi = -1;
}

void discard(call& c) {
    if (!c.who->in_multi) return c.out.error("ERR DISCARD without MULTI");
    discard_quietly(*c.who);
    c.out.ok();
}

void exec(call& c) {
    session& who = *c.who;
    if (!who.in_multi) return c.out.error("ERR EXEC without MULTI");
    const bool failed = who.multi_failed;
    const std::vector<word_list> queued = std::move(who.queued);
    const std::vector<session::watch> watched = std::move(who.watched);
    discard_quietly(who);
    if (failed) return c.out.error("EXECABORT Transaction discarded because of previous errors.");
    for (const session::watch& w : watched) {
        const int db = c.work.place_of(w.db);
        const bool came_and_went = w.version == 0 && c.host.space.erasures(w.key) != w.erasures;
        if (came_and_went || c.host.space.version(db, w.key) != w.version)
            return c.out.null_array();
        c.work.expect(db, w.key, w.version);
    }
    c.out.array(queued.size());
    for (const word_list& request : queued) {
        const std::vector<string_view> args{request.begin(), request.end()};
        call one{c.host, c.who, c.work, c.out, args, c.work.place_of(who.db), true, c.after};
        const cache::command& what = *find_command(args[0]);
        const observation look{c.host, who, what, args, c.out};
        c.host.events.run(what, one);
        static_cast<void>(look.end());
    }
}

void watch(call& c) {
    if (c.who->in_multi) return c.out.error("ERR WATCH inside MULTI is not allowed");
    for (const string_view key : c.args.subspan(1)) {
        bool known = false;
        for (const session::watch& w : c.who->watched)
            known = known || (w.db == c.who->db && w.key == key);
        if (!known)
            c.who->watched.push_back({c.who->db, std::string{key}, c.host.space.version(c.db, key),
                                      c.host.space.erasures(key)});
    }
    c.out.ok();
}
void unwatch(call& c) {
    c.who->watched.clear();
    c.out.ok();
}

void by_subcommand(call& c) {
    bool known = false;
    const subcommand& one = *find_subcommand(c[0], c[1], known);
    {
        const std::lock_guard lock{c.who->mutex};
        c.who->shown.last_command = std::string{one.of}.append("|").append(one.name);
    }
    one.run(c);
}

} // namespace on

} // namespace cache
