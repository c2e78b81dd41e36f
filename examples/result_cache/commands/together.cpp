// SPDX-License-Identifier: BSL-1.0
// Requests of one kind that came together: plain GETs, plain SETs, INCRs. Their keys are looked up
// at once, so that waits for memory overlap; the clock and the counters are asked once.
#include "commands/expire.hpp"
#include "commands/handlers.hpp"
#include "keyspace/packed_json.hpp"

#include <algorithm>

namespace cache {

namespace {

using clock = std::chrono::steady_clock;

/// Whether nobody looks on, and nothing but the request has a say.
bool is_undisturbed(const server& host, const session& who) {
    return who.authenticated && !who.in_multi && (who.version == 3 || who.subscriptions() == 0) &&
           who.answers == session::replies::all && host.watchers.none() && host.pausing.none() &&
           host.events.none() && !host.space.rows().spills();
}

/// The row keys of requests whose second word is a key.
class heads {
  public:
    heads(int db, const resp::request_run& run) {
        for (std::size_t i = 0; i < run.size(); ++i) {
            rows_[i].assign(db, run[i][1]);
            keys_[i] = rows_[i].view();
        }
    }
    heads(const heads&) = delete;
    heads& operator=(const heads&) = delete;
    [[nodiscard]] const string_view* data() const noexcept { return keys_; }
    [[nodiscard]] string_view operator[](std::size_t i) const noexcept { return keys_[i]; }

  private:
    head_key_buffer rows_[resp::request_run::most()];
    string_view keys_[resp::request_run::most()];
};

/// A run as counts and the slow log see it.
struct run_observation {
    server& host;
    session& who;
    const command& what;
    clock::time_point begin = who.pause != clock::time_point{} ? who.pause : clock::now();

    void end(const resp::request_run& run, std::size_t answered, std::uint64_t failed) const {
        who.pause = clock::now();
        if (answered == 0) return;
        who.note(&what, what.name);
        host.counts.commands += answered;
        const auto each = std::chrono::duration_cast<std::chrono::nanoseconds>(who.pause - begin) /
                          static_cast<std::int64_t>(answered);
        host.stats.ran(number_of(what), static_cast<std::uint64_t>(each.count()), answered, failed);
        if (!host.slow.is_slow(each.count() / 1000)) return;
        for (std::size_t i = 0; i < answered; ++i) host.slow.add(who, run[i], each.count() / 1000);
    }
};

/// When a plain SET's key goes; none where the request says more than that.
std::optional<std::uint64_t> end_of(const server& host, arguments args) {
    if (args.size() == 3) return 0;
    const auto in = time_unit::named(args[3]);
    const auto number = parse_integer(args[4]);
    constexpr std::int64_t most = 10'000'000'000;
    if (!in || in->absolute || !number || *number <= 0 || *number > most) return std::nullopt;
    const std::uint64_t now_ms = host.space.now() / nanoseconds_per_ms;
    return (now_ms + static_cast<std::uint64_t>(*number) * (in->seconds ? 1000U : 1U)) *
           nanoseconds_per_ms;
}

/// Asks for the lines of a row that is about to be written over: stores alone would not wait for
/// them, but the next lock waits for all stores before it.
void fetch_to_write(string_view row) noexcept {
    constexpr std::size_t line = 64;
    constexpr std::size_t most = 256; // the processor finds those behind by itself
    for (std::size_t at = 0; at < std::min(row.size(), most); at += line)
        __builtin_prefetch(row.data() + at, 1);
}

/// Each request is a commit by itself. step(head, request, reply) answers the commit's version, 0
/// for a request that is not as plain as it seemed: those from it on are left, but for the first.
template <class Step>
std::size_t write_each(server& host, const std::shared_ptr<session>& who, const command& what,
                       const resp::request_run& run, std::string& out, Step step) {
    const run_observation look{host, *who, what};
    const heads keys{host.space.place_of(who->db), run};
    const auto fetch = [](std::size_t, string_view row) { fetch_to_write(row); };
    if (run.size() > 1) host.space.rows().read_many(keys.data(), run.size(), row_at_visitor{fetch});
    resp::reply_writer reply{out, who->version};
    std::size_t answered = 0;
    std::uint64_t failed = 0;
    for (; answered < run.size() && host.memory.make_room(); ++answered) {
        const arguments args = run[answered];
        const keyspace::hold stripe{host.space, stripe_of(args[1])};
        const auto done = step(keys[answered], args, reply);
        if (done && *done == 0) break;
        if (done) {
            who->wrote = true;
        } else {
            refuse_commit(reply, out.size(), done.error());
            ++failed;
        }
    }
    look.end(run, answered, failed);
    if (answered != 0) return answered;
    host.execute(who, run[0], out);
    return 1;
}

} // namespace

server::alike server::sort_of(const session& who, arguments request) const {
    if (request.size() == 2 && is(request[0], "get"))
        return is_undisturbed(*this, who) ? alike::lookups : alike::none;
    if (request.size() == 2 && is(request[0], "incr"))
        return is_undisturbed(*this, who) ? alike::increments : alike::none;
    if ((request.size() == 3 || request.size() == 5) && is(request[0], "set"))
        return is_undisturbed(*this, who) ? alike::assignments : alike::none;
    return alike::none;
}

std::size_t server::look_up(session& who, const resp::request_run& run, std::size_t enough,
                            std::string& out) {
    static const command& what = *find_command("get");
    const run_observation look{*this, who, what};
    const heads keys{space.place_of(who.db), run};
    resp::reply_writer reply{out, who.version};
    std::size_t answered = 0;
    std::uint64_t hits = 0;
    std::uint64_t failed = 0;
    const auto is_full = [&] { return answered != 0 && out.size() >= enough; };
    const auto absent_until = [&](std::size_t which) {
        for (; answered < which && !is_full(); ++answered) reply.null();
    };
    const auto show = [&](std::size_t which, string_view row) {
        absent_until(which);
        if (answered != which || is_full()) return;
        ++answered;
        if (!is_string(row)) return ++failed, reply.wrong_type();
        if (row[0] == 's') {
            reply.bulk(row.substr(1));
        } else {
            packed_json::unpacked value;
            if (!value.read(run[which][1], row.substr(1)))
                return ++failed, refuse_commit(reply, out.size(), {ashlar::errc::corrupt});
            reply.bulk(value.text());
        }
        ++hits;
        space.order().use(keys[which]);
    };
    space.rows().read_many(keys.data(), run.size(), row_at_visitor{show});
    absent_until(run.size());

    counts.hits += hits;
    counts.misses += answered - hits - failed;
    look.end(run, answered, failed);
    return answered;
}

std::size_t server::assign(const std::shared_ptr<session>& who, const resp::request_run& run,
                           std::string& out) {
    static const command& what = *find_command("set");
    return write_each(*this, who, what, run, out,
                      [&](string_view head, arguments args, resp::reply_writer& reply) {
                          const auto at = end_of(*this, args);
                          if (!at) return ashlar::result<std::uint64_t>{std::uint64_t{0}};
                          const auto done = space.assign(head, args[2], *at);
                          if (done && *done != 0) reply.ok();
                          return done;
                      });
}

std::size_t server::add_one(const std::shared_ptr<session>& who, const resp::request_run& run,
                            std::string& out) {
    static const command& what = *find_command("incr");
    return write_each(*this, who, what, run, out,
                      [&](string_view head, arguments, resp::reply_writer& reply) {
                          std::int64_t sum = 0;
                          const auto done = space.add(head, 1, sum);
                          if (done && *done != 0) reply.integer(sum);
                          return done;
                      });
}

} // namespace cache
