// SPDX-License-Identifier: BSL-1.0
/// @file Defines server: the keyspace and all that clients share beside it.
#pragma once

#include "keyspace/memory.hpp"
#include "keyspace/snapshots.hpp"
#include "keyspace/tally.hpp"
#include "resp/request_run.hpp"
#include "server/command_stats.hpp"
#include "server/key_events.hpp"
#include "server/observers.hpp"
#include "server/pauses.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>

namespace cache {

/// A key of a database, as it stands in rows, that holds a list or a sorted set, or might.
struct place {
    int db;
    std::string key;
    kind type;
    friend auto operator<=>(const place&, const place&) = default;
};

/// Who listens to what. Thread-safe.
class subscriptions {
  public:
    using subscriber = std::shared_ptr<session>;
    void add(std::string_view name, bool pattern, const subscriber& who);
    void remove(std::string_view name, bool pattern, const session& who);
    /// How many a message would reach now.
    [[nodiscard]] std::size_t receivers(std::string_view channel) const;
    void publish(std::string_view channel, std::string_view message) const;
    /// Channels with listeners that match (an empty pattern: all).
    [[nodiscard]] std::vector<std::string> channels(std::string_view pattern) const;
    [[nodiscard]] std::size_t listeners(std::string_view channel) const;
    [[nodiscard]] std::size_t patterns() const;

  private:
    using table = std::map<std::string, std::vector<subscriber>, std::less<>>;
    mutable std::mutex mutex_;
    table channels_;
    table patterns_;
};

/// A command that found nothing and waits: it is run again when one of `keys` gets elements.
struct waiter {
    std::shared_ptr<session> who;
    word_list command;
    int version = 2;
    std::vector<place> keys;
    double timeout = 0;  ///< seconds; 0 for ever
    bool sleeps = false; ///< for no key: its time is all it waits for
    bool silent = false; ///< the client wants no reply
    bool busy = false;   ///< being served; under blocked_clients' mutex, as the next
    bool again = false;  ///< a key became ready meanwhile
    /// Nobody will serve it any more; a reply, if there is one, stands in the mailbox by then.
    std::atomic<bool> done{false};
};

/// Who waits for which key, in order of arrival. Thread-safe.
class blocked_clients {
  public:
    void add(const std::shared_ptr<waiter>& w);
    /// Takes it out unless it is being served or was; answers whether it did.
    bool withdraw(const std::shared_ptr<waiter>& w);
    /// The first waiter of a key, marked busy; null when there is none, or another thread serves
    /// it: that one will look again.
    [[nodiscard]] std::shared_ptr<waiter> claim(const place& at);
    /// REQUIRES: claimed. Answers whether it is to be tried once more; then it stays claimed.
    [[nodiscard]] bool release(const std::shared_ptr<waiter>& w, bool served);
    /// Ends what a client waits for, as its time would or by an error; answers whether it waited.
    bool end_wait(std::uint64_t client, bool as_error);
    /// Databases stand elsewhere now: who waits in `db` waits in moved[db]. Answers all places that
    /// somebody waits for.
    std::vector<place> move(const database_places& moved);
    [[nodiscard]] bool none() const noexcept { return count_.load() == 0; }
    [[nodiscard]] std::size_t count() const noexcept { return count_.load(); }

  private:
    void remove(const waiter& w);

    std::mutex mutex_;
    std::map<place, std::deque<std::shared_ptr<waiter>>> queues_;
    std::atomic<std::size_t> count_{0};
};

/// Whose commands and replies these are; clients ask for it.
inline constexpr std::string_view redis_version = "7.0.15";

/// What the operator decided.
struct settings {
    std::string password;                     ///< of the user "default"; empty for none
    std::map<std::string, std::string> users; ///< further names and passwords
    std::string bind = "127.0.0.1";
    int port = 6379;
    unsigned threads = 1;
    std::size_t max_clients = 10000;
    std::size_t max_memory = 0; ///< bytes of data; 0 for no limit
    memory_policy policy = memory_policy::noeviction;
    std::string debug = "no";      ///< who may DEBUG: no, local, yes
    std::uint32_t told_events = 0; ///< classes of key_events
    unsigned idle_seconds = 0;     ///< after which a client that says nothing is closed; 0: never
    durability storage;
};

/// Everything that clients share. Thread-safe, but for `options`, which stand before clients come
/// (CONFIG SET changes copies: most_clients, the password).
class server {
  public:
    server() = default;
    explicit server(settings chosen) : options{std::move(chosen)} {
        most_clients = options.max_clients;
        idle_seconds = options.idle_seconds;
        events.set(options.told_events);
        set_password(std::move(options.password));
    }

    /// Brings back what the directory of `options` holds, if one is named. Before clients come.
    [[nodiscard]] bool open(std::string& error);
    /// Writes a snapshot and closes the directory. Behind the last client.
    [[nodiscard]] bool close(std::string& error);

    settings options;
    keyspace space;
    memory_keeper memory{space};
    snapshots saves{space, options.storage};
    subscriptions listeners;
    key_events events{space, listeners};
    blocked_clients blocked;
    slow_log slow;
    monitors watchers;
    command_stats stats;
    pauses pausing;

    // --- clients ---------------------------------------------------------------------------------

    [[nodiscard]] std::shared_ptr<session> connect(std::string address, std::string local_address);
    /// Ends all that the session takes part in. To be called by its thread.
    void disconnect(const std::shared_ptr<session>& who);
    [[nodiscard]] std::vector<std::shared_ptr<session>> clients() const;
    [[nodiscard]] std::size_t client_count() const;
    std::atomic<std::size_t> most_clients{10000};
    std::atomic<unsigned> idle_seconds{0};
    [[nodiscard]] bool needs_password() const noexcept { return has_password_.load(); }
    /// Of the user "default"; empty for none. Who is in stays in.
    void set_password(std::string password);
    /// Takes the same time for a wrong password as for a right one.
    [[nodiscard]] bool admits(std::string_view user, std::string_view password) const;

    // --- commands --------------------------------------------------------------------------------

    /// Runs one request of `who` and appends its reply. REQUIRES: who->waiting is null, and the
    /// call comes from the session's thread.
    void execute(const std::shared_ptr<session>& who, std::span<const std::string_view> request,
                 std::string& out);
    /// How long that request has to wait for the end of a pause, before it runs.
    [[nodiscard]] pauses::clock::duration pause_before(const session& who,
                                                       std::span<const std::string_view> request);
    /// Requests that are answered in less time together than one by one.
    enum class alike : std::uint8_t {
        none,
        lookups,     ///< plain GETs
        assignments, ///< plain SETs
        increments,  ///< INCRs
    };
    [[nodiscard]] alike sort_of(const session& who,
                                std::span<const std::string_view> request) const;
    /// Answers some of these requests, in order, at least the first; how many? The replies of those
    /// that are left would have made `out` grow beyond `enough` bytes. REQUIRES: all are lookups.
    std::size_t look_up(session& who, const resp::request_run& run, std::size_t enough,
                        std::string& out);
    /// The same for assignments, each of which is a commit by itself. Those that are left are not
    /// as plain as they seemed: what follows them is another run.
    std::size_t assign(const std::shared_ptr<session>& who, const resp::request_run& run,
                       std::string& out);
    /// The same for increments.
    std::size_t add_one(const std::shared_ptr<session>& who, const resp::request_run& run,
                        std::string& out);
    /// Ends the wait of a client whose time is over; appends the reply.
    void give_up(const std::shared_ptr<session>& who, std::string& out);

    struct counters {
        tally connections;
        tally commands;
        tally hits;
        tally misses;
        tally rejected;
    } counts;
    const std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  private:
    friend struct execution;
    void answer(const std::shared_ptr<session>& who, std::span<const std::string_view> request,
                std::string& out);

    mutable std::mutex password_mutex_;
    std::string password_;
    std::atomic<bool> has_password_{false};
    mutable std::mutex clients_mutex_;
    std::map<std::uint64_t, std::shared_ptr<session>> clients_;
    std::uint64_t next_client_ = 1;
};

} // namespace cache
