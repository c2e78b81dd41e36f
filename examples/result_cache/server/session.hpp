// SPDX-License-Identifier: BSL-1.0
/// @file Defines session, what the server knows of one client, and mailbox, what others send it.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cache {

using word_list = std::vector<std::string>;

/// What other clients' threads have for a client: messages, replies to a blocked command, the order
/// to go. Thread-safe.
class mailbox {
  public:
    /// A client that lets more than this pile up is closed.
    static constexpr std::size_t limit = std::size_t{32} << 20;

    void send(std::string_view bytes) {
        const std::lock_guard lock{mutex_};
        if (closing_) return;
        if (bytes_.size() + bytes.size() > limit) closing_ = true;
        else bytes_.append(bytes);
        wake();
    }
    /// Ends the connection: the client has been told so when this returns.
    void close() {
        const std::lock_guard lock{mutex_};
        closing_ = true;
        if (cut_) cut_();
        wake();
    }
    /// Has the client look around, though nothing was sent.
    void poke() {
        const std::lock_guard lock{mutex_};
        wake();
    }
    /// The client is to be closed at once. Who asks has looked around: what comes now wakes again,
    /// also when what is here can't be taken yet.
    [[nodiscard]] bool closing() {
        const std::lock_guard lock{mutex_};
        woken_ = false;
        return closing_;
    }
    /// Moves what has come behind `out`.
    void take(std::string& out) {
        const std::lock_guard lock{mutex_};
        out.append(bytes_);
        bytes_.clear();
        if (bytes_.capacity() > std::size_t{64} * 1024) std::string{}.swap(bytes_);
    }
    /// `wake` is called, from any thread, when there is something to take, and `cut` when the
    /// client is to be told that it is over; they must not block. Without them, what is sent waits.
    void attach(std::function<void()> wake, std::function<void()> cut) {
        const std::lock_guard lock{mutex_};
        wake_ = std::move(wake);
        cut_ = std::move(cut);
    }
    /// Neither is called any more once this has returned.
    void detach() { attach({}, {}); }

  private:
    void wake() {
        if (woken_ || !wake_) return;
        woken_ = true;
        wake_();
    }

    std::mutex mutex_;
    std::string bytes_;
    std::function<void()> wake_;
    std::function<void()> cut_;
    bool woken_ = false;
    bool closing_ = false;
};

struct waiter;

/// One client. Its own thread alone uses it, but for `mail`, which everybody may, and what stands
/// under `shown`, which CLIENT LIST reads under `mutex`.
struct session {
    std::uint64_t id = 0;
    int db = 0;
    int version = 2; ///< of the protocol
    bool authenticated = false;
    bool closing = false; ///< behind the replies that are written already
    /// CLIENT REPLY: what of its commands is answered. Messages come in any case.
    enum class replies : std::uint8_t { all, none, all_but_next, all_but_this };
    replies answers = replies::all;
    [[nodiscard]] bool is_answered() const noexcept {
        return answers != replies::none && answers != replies::all_but_this;
    }

    /// When the last command ended, if the next one follows at once, and begins there: the clock is
    /// read once for each.
    std::chrono::steady_clock::time_point pause{};
    const void* last_command = nullptr; ///< that `shown` tells of, and when that was
    std::time_t last_active = 0;
    /// Has `shown` tell of a command of that name. Cheap where it does already.
    void note(const void* command, std::string_view command_name) {
        const std::time_t now = std::time(nullptr);
        if (command == last_command && now == last_active) return;
        last_command = command;
        last_active = now;
        const std::lock_guard lock{mutex};
        shown.last_command = command_name;
        shown.active = now;
    }
    bool wrote = false; ///< since its replies were sent last

    bool in_multi = false;
    bool multi_failed = false;
    std::vector<word_list> queued;
    std::size_t queued_bytes = 0;
    struct watch {
        int db;
        std::string key;
        std::uint64_t version;
        std::uint32_t erasures; ///< as keyspace::erasures() said
    };
    std::vector<watch> watched;

    std::set<std::string, std::less<>> channels;
    std::set<std::string, std::less<>> patterns;
    [[nodiscard]] std::size_t subscriptions() const noexcept {
        return channels.size() + patterns.size();
    }

    /// The command this client waits for; further requests wait behind it.
    std::shared_ptr<waiter> waiting;

    mailbox mail;

    struct shown_state {
        std::string name;
        std::string user = "default";
        std::string address;
        std::string local_address;
        int descriptor = -1; ///< of its socket
        std::string last_command = "NULL";
        std::time_t since = 0;
        std::time_t active = 0; ///< when the last command came
        int db = 0;
        int version = 2;
        std::size_t channels = 0;
        std::size_t patterns = 0;
        int multi = -1; ///< commands queued; -1 outside of MULTI
        bool no_evict = false;
        bool monitors = false;
    };
    std::mutex mutex;
    shown_state shown;
};

} // namespace cache
