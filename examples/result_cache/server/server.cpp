// SPDX-License-Identifier: BSL-1.0
#include "server/server.hpp"

#include "resp/reply_writer.hpp"
#include "text/glob.hpp"

#include <algorithm>

namespace cache {

// --- subscriptions -------------------------------------------------------------------------------

void subscriptions::add(std::string_view name, bool pattern, const subscriber& who) {
    const std::lock_guard lock{mutex_};
    (pattern ? patterns_ : channels_)[std::string{name}].push_back(who);
}

void subscriptions::remove(std::string_view name, bool pattern, const session& who) {
    const std::lock_guard lock{mutex_};
    table& from = pattern ? patterns_ : channels_;
    const auto at = from.find(name);
    if (at == from.end()) return;
    std::erase_if(at->second, [&](const subscriber& s) { return s.get() == &who; });
    if (at->second.empty()) from.erase(at);
}

std::size_t subscriptions::receivers(std::string_view channel) const {
    const std::lock_guard lock{mutex_};
    std::size_t count = 0;
    if (const auto at = channels_.find(channel); at != channels_.end()) count = at->second.size();
    for (const auto& [pattern, who] : patterns_)
        if (glob_match(pattern, channel)) count += who.size();
    return count;
}

void subscriptions::publish(std::string_view channel, std::string_view message) const {
    // Written once for each version of the protocol, when the first listener speaks it.
    const auto deliver = [&](const std::vector<subscriber>& to, const std::string* pattern) {
        std::string written[2];
        for (const subscriber& s : to) {
            int version = 2;
            {
                const std::lock_guard lock{s->mutex};
                version = s->shown.version;
            }
            std::string& bytes = written[version - 2];
            if (bytes.empty()) {
                resp::reply_writer out{bytes, version};
                out.push(pattern == nullptr ? 3 : 4);
                out.bulk(pattern == nullptr ? "message" : "pmessage");
                if (pattern != nullptr) out.bulk(*pattern);
                out.bulk(channel);
                out.bulk(message);
            }
            s->mail.send(bytes);
        }
    };
    const std::lock_guard lock{mutex_};
    if (const auto at = channels_.find(channel); at != channels_.end())
        deliver(at->second, nullptr);
    for (const auto& [pattern, who] : patterns_)
        if (glob_match(pattern, channel)) deliver(who, &pattern);
}

std::vector<std::string> subscriptions::channels(std::string_view pattern) const {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> names;
    for (const auto& [name, who] : channels_)
        if (pattern.empty() || glob_match(pattern, name)) names.push_back(name);
    return names;
}

std::size_t subscriptions::listeners(std::string_view channel) const {
    const std::lock_guard lock{mutex_};
    const auto at = channels_.find(channel);
    return at == channels_.end() ? 0 : at->second.size();
}

std::size_t subscriptions::patterns() const {
    const std::lock_guard lock{mutex_};
    return patterns_.size();
}

// --- blocked clients -----------------------------------------------------------------------------

void blocked_clients::add(const std::shared_ptr<waiter>& w) {
    const std::lock_guard lock{mutex_};
    for (const place& at : w->keys) queues_[at].push_back(w);
    ++count_;
}

void blocked_clients::remove(const waiter& w) {
    for (const place& at : w.keys) {
        const auto queue = queues_.find(at);
        if (queue == queues_.end()) continue; // the same key named twice
        std::erase_if(queue->second,
                      [&](const std::shared_ptr<waiter>& other) { return other.get() == &w; });
        if (queue->second.empty()) queues_.erase(queue);
    }
    --count_;
}

bool blocked_clients::withdraw(const std::shared_ptr<waiter>& w) {
    const std::lock_guard lock{mutex_};
    if (w->busy || w->done) return false;
    w->done = true;
    remove(*w);
    return true;
}

std::shared_ptr<waiter> blocked_clients::claim(const place& at) {
    const std::lock_guard lock{mutex_};
    const auto queue = queues_.find(at);
    if (queue == queues_.end()) return nullptr;
    const std::shared_ptr<waiter>& first = queue->second.front();
    if (first->busy) {
        first->again = true;
        return nullptr;
    }
    first->busy = true;
    return first;
}

bool blocked_clients::release(const std::shared_ptr<waiter>& w, bool served) {
    const std::lock_guard lock{mutex_};
    if (!served && std::exchange(w->again, false)) return true;
    w->busy = false;
    if (served) {
        w->done = true;
        remove(*w);
    }
    return false;
}

bool blocked_clients::end_wait(std::uint64_t client, bool as_error) {
    const std::lock_guard lock{mutex_};
    for (const auto& [at, queue] : queues_)
        for (const std::shared_ptr<waiter>& w : queue) {
            if (w->who->id != client) continue;
            if (w->busy) return false; // it is being served
            std::string reply;
            resp::reply_writer out{reply, w->version};
            if (as_error) out.error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
            else out.null_array();
            const std::shared_ptr<waiter> one = w; // the queue goes
            if (!one->silent) one->who->mail.send(reply);
            one->done = true;
            remove(*one);
            one->who->mail.poke();
            return true;
        }
    return false;
}

std::vector<place> blocked_clients::move(const database_places& moved) {
    const auto to = [&](const place& at) {
        return place{moved[static_cast<std::size_t>(at.db)], at.key, at.type};
    };
    const std::lock_guard lock{mutex_};
    std::map<place, std::deque<std::shared_ptr<waiter>>> queues;
    std::vector<place> all;
    std::set<waiter*> waiters;
    for (auto& [at, queue] : queues_) {
        for (const std::shared_ptr<waiter>& w : queue) waiters.insert(w.get());
        all.push_back(to(at));
        queues[all.back()] = std::move(queue);
    }
    for (waiter* w : waiters)
        for (place& at : w->keys) at = to(at);
    queues_ = std::move(queues);
    return all;
}

// --- opening and closing -------------------------------------------------------------------------

bool server::open(std::string& error) {
    const std::string& directory = options.storage.directory;
    const bool spills = options.policy == memory_policy::spill;
    if (spills && directory.empty())
        return error = "maxmemory-policy spill needs a dir to spill to", false;
    if (!directory.empty()) {
        const std::size_t limit = options.max_memory == 0 ? SIZE_MAX : options.max_memory;
        auto rows = spills ? spilling_rows_in(directory, limit, error) : rows_in(directory, error);
        if (rows == nullptr) return false;
        space.use(std::move(rows));
    }
    memory.set_limit(options.max_memory);
    memory.set_policy(options.policy);
    return true;
}

bool server::close(std::string& error) {
    saves.finish();
    if (!space.rows().is_durable()) return true;
    const bool saved = saves.save() == snapshots::outcome::done;
    const auto closed = space.rows().close();
    if (!closed)
        error = std::string{"the log could not be closed: "} + ashlar::name_of(closed.error().code);
    else if (!saved) error = "the last snapshot could not be written; the log holds everything";
    return saved && closed;
}

// --- clients -------------------------------------------------------------------------------------

std::shared_ptr<session> server::connect(std::string address, std::string local_address) {
    auto who = std::make_shared<session>();
    who->authenticated = !needs_password();
    who->shown.address = std::move(address);
    who->shown.local_address = std::move(local_address);
    who->shown.since = who->shown.active = std::time(nullptr);
    const std::lock_guard lock{clients_mutex_};
    who->id = next_client_++;
    clients_.emplace(who->id, who);
    ++counts.connections;
    return who;
}

void server::disconnect(const std::shared_ptr<session>& who) {
    who->mail.detach(); // the socket's descriptor may be another's from here on
    if (who->waiting) {
        blocked.withdraw(who->waiting);
        who->waiting.reset();
    }
    for (const std::string& name : who->channels) listeners.remove(name, false, *who);
    for (const std::string& name : who->patterns) listeners.remove(name, true, *who);
    who->channels.clear();
    who->patterns.clear();
    watchers.remove(*who);
    const std::lock_guard lock{clients_mutex_};
    clients_.erase(who->id);
}

std::vector<std::shared_ptr<session>> server::clients() const {
    const std::lock_guard lock{clients_mutex_};
    std::vector<std::shared_ptr<session>> all;
    all.reserve(clients_.size());
    for (const auto& [id, who] : clients_) all.push_back(who);
    return all;
}

std::size_t server::client_count() const {
    const std::lock_guard lock{clients_mutex_};
    return clients_.size();
}

void server::set_password(std::string password) {
    const std::lock_guard lock{password_mutex_};
    password_ = std::move(password);
    has_password_ = !password_.empty();
}

bool server::admits(std::string_view user, std::string_view password) const {
    std::string expected;
    bool known = false;
    if (user == "default") {
        const std::lock_guard lock{password_mutex_};
        expected = password_;
        known = true;
    } else if (const auto at = options.users.find(std::string{user}); at != options.users.end()) {
        expected = at->second;
        known = true;
    }
    if (known && user == "default" && expected.empty()) return true;
    // Every byte of what was sent is looked at, whatever is wrong and wherever.
    unsigned differs = known && expected.size() == password.size() ? 0U : 1U;
    for (std::size_t i = 0; i < password.size(); ++i) {
        const char right = expected.empty() ? '\0' : expected[i % expected.size()];
        differs |= static_cast<unsigned char>(password[i] ^ right);
    }
    return differs == 0;
}

} // namespace cache
