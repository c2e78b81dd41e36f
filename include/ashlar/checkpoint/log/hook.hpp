// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a logged store hangs on the commit point, and tickets for waiting later.
#pragma once

#include <ashlar/checkpoint/log/log.hpp>
#include <ashlar/engine.hpp>

#include <type_traits>
#include <utility>

namespace ashlar::inline v0_1 {

/// Says that everything up to a sequence survives a loss of power. Only a log makes one, so what
/// takes a `durable` can't be called too early.
template <class Log>
class durable {
  public:
    [[nodiscard]] commit_seq sequence() const noexcept { return sequence_; }

  private:
    template <class>
    friend class pending;
    explicit durable(commit_seq sequence) noexcept : sequence_{sequence} {}
    commit_seq sequence_;
};

/// A commit that has happened and may not be durable yet. Must not outlive its store, nor the
/// store's moving; waiting for it is optional and may be done by any thread.
template <class Log>
class pending {
  public:
    [[nodiscard]] commit_seq sequence() const noexcept { return sequence_; }
    /// Errors: what has poisoned the log; then the commit is known to have happened, not to last.
    [[nodiscard]] result<durable<Log>> wait() const noexcept {
        if (log_ != nullptr)
            if (const auto done = log_->wait(ticket_); !done) return done.error();
        return durable<Log>{sequence_};
    }

  private:
    template <class, class>
    friend class log_hook;
    Log* log_ = nullptr; // null: nothing was changed, so there is nothing to wait for
    std::uint64_t ticket_ = 0;
    commit_seq sequence_{};
};

/// A hook that takes a ticket instead of waiting: `stack.apply(batch, ticket)`.
template <class Log>
struct ticket_hook : no_hook {
    pending<Log>& out;
    explicit ticket_hook(pending<Log>& ticket) noexcept : out{ticket} {}
};

/// Who takes the ticket, however many hooks stand before him; nullptr when nobody does.
template <class Log, class Hook>
[[nodiscard]] constexpr auto ticket_behind(Hook& hook) noexcept {
    if constexpr (std::is_same_v<Hook, ticket_hook<Log>>) return &hook.out;
    else if constexpr (requires { hook.inner(); }) return ticket_behind<Log>(hook.inner());
    else return nullptr;
}

/// Logs one commit. Lives for one call of the engine below.
template <class Log, class Outer>
class log_hook {
    static constexpr bool gives_ticket =
        std::is_pointer_v<decltype(ticket_behind<Log>(std::declval<Outer&>()))>;

  public:
    log_hook(Log& log, Outer& outer) noexcept : log_{log}, outer_{outer} {}
    log_hook(const log_hook&) = delete;
    log_hook& operator=(const log_hook&) = delete;
    ~log_hook() {
        if (reserved_ != none) log_.release(reserved_);
    }

    result<void> reserve(std::size_t bytes) noexcept {
        if (reserved_ != none && bytes <= reserved_) return {};
        if (reserved_ != none) log_.release(std::exchange(reserved_, none));
        if (const auto outer = outer_.reserve(bytes); !outer) return outer;
        if (const auto room = log_.reserve(bytes); !room) return room;
        reserved_ = bytes;
        return {};
    }
    void commit(commit_seq seq, operation_list operations) noexcept {
        const bytes_view bytes = operations.bytes();
        append(seq, bytes.size(), [&, sum = crc32c(bytes)](std::byte* to) {
            copy_bytes(to, bytes);
            return sum;
        });
        outer_.commit(seq, operations);
    }
    void commit_put(commit_seq seq, bytes_view key, bytes_view row) noexcept {
        append_one(seq, operation_kind::put, key, row);
        outer_.commit_put(seq, key, row);
    }
    void commit_erase(commit_seq seq, bytes_view key) noexcept {
        append_one(seq, operation_kind::erase, key, {});
        outer_.commit_erase(seq, key);
    }
    result<void> wait(commit_seq seq) noexcept {
        if constexpr (gives_ticket) {
            pending<Log>& taker = *ticket_behind<Log>(outer_);
            taker.sequence_ = seq;
            if (ticket_ != 0) taker.log_ = &log_, taker.ticket_ = ticket_;
        } else if (ticket_ != 0) {
            if (const auto done = log_.acknowledge(ticket_); !done) return done;
        }
        return outer_.wait(seq);
    }

  private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    void append_one(commit_seq seq, operation_kind kind, bytes_view key, bytes_view row) noexcept {
        std::byte entry[sizeof(batch_entry)];
        store_entry(entry,
                    {static_cast<std::uint8_t>(kind), 0, 0, static_cast<std::uint32_t>(key.size()),
                     static_cast<std::uint32_t>(row.size()), 0});
        const std::uint32_t sum = crc32c(row, crc32c(key, crc32c({entry, sizeof entry})));
        append(seq, sizeof entry + key.size() + row.size(), [&](std::byte* to) {
            copy_bytes(to, {entry, sizeof entry});
            copy_bytes(to + sizeof entry, key);
            copy_bytes(to + sizeof entry + key.size(), row);
            return sum;
        });
    }
    template <class Fill>
    void append(commit_seq seq, std::size_t payload, Fill fill) noexcept {
        ticket_ = log_.append(log_record_kind::operations, static_cast<std::uint64_t>(seq), payload,
                              std::exchange(reserved_, none), fill);
    }

    Log& log_;
    Outer& outer_;
    std::size_t reserved_ = none;
    std::uint64_t ticket_ = 0;
};

} // namespace ashlar::inline v0_1
