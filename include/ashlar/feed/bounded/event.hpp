// SPDX-License-Identifier: BSL-1.0
/// @file Defines what subscribers of bounded_events are told.
#pragma once

#include <ashlar/batch.hpp>
#include <ashlar/codec/concept.hpp>

#include <string>
#include <vector>

namespace ashlar::inline v0_1 {

/// What happened. A summary stands for those changes of a batch that exceed the fan-out cap.
enum class event_kind : std::uint8_t { put = 1, erase = 2, erase_range = 3, summary = 4 };

namespace bounded_parts {

/// An event as it waits in a queue. Owns its bytes.
struct record {
    std::uint64_t number = 0;
    commit_seq sequence{};
    event_kind kind{};
    std::uint64_t version = 0;
    std::string key;
    std::string end;                 ///< of an erased range
    std::size_t changed = 1;         ///< by the batch, where this is a summary
    std::size_t emitted = 1;         ///< events before it, where this is a summary
    std::vector<std::string> sample; ///< keys that got no event of their own
};

} // namespace bounded_parts

/// One event, in the types of a store. Lives for the call of the visitor it is given to.
template <class Codec, class Key>
class event {
  public:
    explicit event(const bounded_parts::record& from) noexcept : from_{from} {}

    /// 1 for the first event that a subscription could have had; a gap is what was dropped.
    [[nodiscard]] std::uint64_t number() const noexcept { return from_.number; }
    /// Of the commit, where the store numbers its commits.
    [[nodiscard]] commit_seq sequence() const noexcept { return from_.sequence; }
    [[nodiscard]] event_kind kind() const noexcept { return from_.kind; }
    /// The version that the row or its group has now; 0 where none is kept, and for erased rows
    /// that have none of their own.
    [[nodiscard]] std::uint64_t version() const noexcept { return from_.version; }

    /// The changed key. Errors: not_found in a summary; corrupt in an erased range whose bounds
    /// are no keys (use range_begin and range_end).
    [[nodiscard]] result<Key> key() const {
        if (kind() == event_kind::summary) return errc::not_found;
        return decode(from_.key);
    }
    [[nodiscard]] bytes_view range_begin() const noexcept { return bytes(from_.key); }
    [[nodiscard]] bytes_view range_end() const noexcept { return bytes(from_.end); }

    /// How many keys the batch changed, how many had an event, and how many had none.
    [[nodiscard]] std::size_t changed() const noexcept { return from_.changed; }
    [[nodiscard]] std::size_t emitted() const noexcept { return from_.emitted; }
    [[nodiscard]] std::size_t remaining() const noexcept { return changed() - emitted(); }
    [[nodiscard]] std::size_t sample_size() const noexcept { return from_.sample.size(); }
    /// REQUIRES: i < sample_size().
    [[nodiscard]] result<Key> sample(std::size_t i) const { return decode(from_.sample[i]); }

  private:
    [[nodiscard]] static bytes_view bytes(const std::string& text) noexcept {
        return bytes_view{text_view{text.data(), text.size()}};
    }
    [[nodiscard]] static result<Key> decode(const std::string& text) {
        return decode_all<Codec, Key>(bytes(text));
    }

    const bounded_parts::record& from_;
};

} // namespace ashlar::inline v0_1
