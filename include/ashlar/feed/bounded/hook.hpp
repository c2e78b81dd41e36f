// SPDX-License-Identifier: BSL-1.0
/// @file Defines what bounded_events hangs on the commit point.
#pragma once

#include <ashlar/engine.hpp>
#include <ashlar/feed/bounded/hub.hpp>

namespace ashlar::inline v0_1::bounded_parts {

/// Makes a commit's events: one for each key it changed, up to `FanOut`, then a summary of the rest
/// with up to `Sample` of their keys. Rows that groups keep of themselves are no events; they are
/// where the others' version comes from.
template <class Row, class KeyCodec, std::size_t FanOut, std::size_t Sample>
class commit_events {
  public:
    // Never inlined: a commit that nobody hears of should not pay for the frame of an event.

    template <class Hub>
    [[gnu::noinline]] static void publish(Hub& hub, commit_seq seq,
                                          operation_list operations) noexcept {
        hub.publish([&](const auto& emit) {
            // Without memory for an event there is none for the rest; what is lost is not counted
            // by number but shows as silence, as if the commit had changed nothing.
            static_cast<void>(guarded(errc::out_of_memory, [&]() -> result<void> {
                make(seq, operations, emit);
                return {};
            }));
        });
    }
    template <class Hub>
    [[gnu::noinline]] static void publish_one(Hub& hub, commit_seq seq, event_kind kind,
                                              bytes_view key, bytes_view row) noexcept {
        if (is_group_row(key)) return;
        hub.publish([&](const auto& emit) {
            static_cast<void>(guarded(errc::out_of_memory, [&]() -> result<void> {
                record one;
                one.sequence = seq;
                one.kind = kind;
                one.key = text(key);
                if (kind == event_kind::put) one.version = version_of(row);
                emit(one);
                return {};
            }));
        });
    }

  private:
    template <class Emit>
    static void make(commit_seq seq, operation_list operations, const Emit& emit) {
        std::size_t changed = 0;
        for (const operation op : operations) changed += is_of_group(op) ? 0U : 1U;
        record rest;
        rest.kind = event_kind::summary;
        std::size_t emitted = 0;
        for (const operation op : operations) {
            if (is_of_group(op)) continue;
            if (emitted == FanOut) {
                if (rest.sample.size() < Sample) rest.sample.push_back(text(op.key));
                continue;
            }
            ++emitted;
            emit(one(seq, operations, op));
        }
        if (emitted == changed) return;
        rest.sequence = seq;
        rest.changed = changed;
        rest.emitted = emitted;
        rest.version = group_version(operations, bytes_view{});
        emit(rest);
    }
    [[nodiscard]] static record one(commit_seq seq, operation_list operations,
                                    const operation& op) {
        record made;
        made.sequence = seq;
        made.key = text(op.key);
        switch (op.kind) {
        case operation_kind::put:
        case operation_kind::add:
            made.kind = event_kind::put;
            made.version = version_of(op.value);
            break;
        case operation_kind::erase:
            made.kind = event_kind::erase;
            made.version = group_version(operations, op.key);
            break;
        case operation_kind::erase_range:
            made.kind = event_kind::erase_range;
            made.end = text(op.value);
            made.version = group_version(operations, op.key);
            break;
        }
        return made;
    }
    /// The version in the group row that the commit wrote, for the group of `key` or, without a
    /// key, for any. Group rows stand behind what they are made for, and there are few.
    [[nodiscard]] static std::uint64_t group_version(operation_list operations,
                                                     bytes_view key) noexcept {
        if constexpr (grouping_codec<KeyCodec>) {
            for (const operation op : operations) {
                if (op.kind != operation_kind::put || !is_group_row(op.key)) continue;
                const bytes_view name =
                    op.key.first(op.key.size() - bytes_view{KeyCodec::group_row}.size());
                if (key.empty() || key.starts_with(name)) return version_of(op.value);
            }
        }
        return 0;
    }
    /// A range may begin where its group's own row stands.
    [[nodiscard]] static bool is_of_group(const operation& op) noexcept {
        return op.kind != operation_kind::erase_range && is_group_row(op.key);
    }
    [[nodiscard]] static bool is_group_row(bytes_view key) noexcept {
        if constexpr (grouping_codec<KeyCodec> && Row::fields.version) {
            const bytes_view suffix = KeyCodec::group_row;
            const auto size = KeyCodec::prefix_size(key);
            return size && key.size() == *size + suffix.size() && key.skip(*size) == suffix;
        }
        return false;
    }
    [[nodiscard]] static std::uint64_t version_of(bytes_view row) noexcept {
        if constexpr (Row::fields.version)
            if (Row::fits(row)) return Row::version(row);
        return 0;
    }
    [[nodiscard]] static std::string text(bytes_view bytes) {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
};

/// Stands between an engine and the hook it was given.
template <class Events, class Hub, class Hook>
class telling_hook {
  public:
    telling_hook(Hub& hub, Hook& inner) noexcept : hub_{hub}, inner_{inner} {}

    result<void> reserve(std::size_t bytes) { return inner_.reserve(bytes); }
    void commit(commit_seq seq, operation_list operations) noexcept {
        inner_.commit(seq, operations);
        if (hub_.is_heard()) Events::publish(hub_, seq, operations);
    }
    void commit_put(commit_seq seq, bytes_view key, bytes_view row) noexcept {
        inner_.commit_put(seq, key, row);
        if (hub_.is_heard()) Events::publish_one(hub_, seq, event_kind::put, key, row);
    }
    void commit_erase(commit_seq seq, bytes_view key) noexcept {
        inner_.commit_erase(seq, key);
        if (hub_.is_heard()) Events::publish_one(hub_, seq, event_kind::erase, key, {});
    }
    result<void> wait(commit_seq seq) { return inner_.wait(seq); }
    [[nodiscard]] Hook& inner() noexcept { return inner_; }

  private:
    Hub& hub_;
    Hook& inner_;
};

} // namespace ashlar::inline v0_1::bounded_parts
