// SPDX-License-Identifier: BSL-1.0
/// @file Defines where the cursors of a change log rest: in a file that is replaced as a whole.
#pragma once

#include <ashlar/concurrency/concept.hpp>
#include <ashlar/feed/change/reader.hpp>
#include <ashlar/format/feed_cursors.hpp>

namespace ashlar::inline v0_1::change_parts {

inline constexpr text_view file_name{feed_cursors_name};
inline constexpr text_view new_file_name{"feed-cursors.new"};

/// A cursor by name. `used` while an object stands for it.
struct entry {
    byte_buffer name;
    std::uint64_t after = 0;
    log_position place{};
    bool used = false;
    entry* next = nullptr;

    /// The log has never come to where it stood: an older one was put in its place, say. What
    /// stands there later is not what comes next.
    [[nodiscard]] bool is_lost() const noexcept { return place.segment == 0; }
};

/// All cursors of a store, and the part of its log that they need. Thread-safe as Concurrency is.
template <file_system Environment, concurrency_policy Concurrency, class Log>
class table {
  public:
    using log_type = Log;

    explicit table(Log& log) noexcept : log_{&log} {
        if (log_->directory().empty()) broken_ = {errc::read_only};
        else if (const auto loaded = load(); !loaded) broken_ = loaded.error();
        hold();
    }
    table(const table&) = delete;
    table& operator=(const table&) = delete;
    ~table() {
        while (first_ != nullptr) delete std::exchange(first_, first_->next);
    }

    /// Null when the store is gone.
    [[nodiscard]] Log* log() noexcept {
        const guard hold_on{mutex_};
        return log_;
    }
    /// The store goes.
    void end() noexcept {
        const guard hold_on{mutex_};
        log_ = nullptr;
        broken_ = {errc::closed};
    }
    [[nodiscard]] reader<Environment> read() const noexcept {
        return {log_->directory(), log_->uuid()};
    }

    /// The cursor of that name, or a new one, made durable: place_of(log, entry) -> result<void>
    /// says where it begins.
    template <class PlaceOf>
    [[nodiscard]] result<entry*> take(bytes_view name, PlaceOf place_of) noexcept {
        if (name.empty() || name.size() > max_feed_cursor_name) return errc::invalid_argument;
        const guard hold_on{mutex_};
        if (const auto usable = may_save(); !usable) return usable.error();
        if (entry* const known = find(name); known != nullptr) {
            if (known->used) return errc::locked;
            known->used = true;
            return known;
        }
        if (count_ == max_feed_cursors) return errc::full;
        auto* fresh = new (std::nothrow) entry;
        if (fresh == nullptr) return errc::out_of_memory;
        result<void> done = fresh->name.assign(name) ? result<void>{} : errc::out_of_memory;
        log_->keep_from(1); // all of it, until this one's place is known
        if (done) done = place_of(*log_, *fresh);
        if (done) {
            fresh->next = std::exchange(first_, fresh);
            ++count_;
            done = save();
            if (done) return fresh->used = true, fresh;
            first_ = fresh->next;
            --count_;
        }
        hold();
        delete fresh;
        return done.error();
    }
    void give_back(entry* taken) noexcept {
        const guard hold_on{mutex_};
        taken->used = false;
    }
    /// Errors: those of writing the file; then the cursor stands where it was.
    [[nodiscard]] result<void> acknowledge(entry* of, log_position place) noexcept {
        const guard hold_on{mutex_};
        if (const auto usable = may_save(); !usable) return usable;
        const log_position before = std::exchange(of->place, place);
        const auto saved = save();
        if (!saved) of->place = before;
        return saved;
    }
    /// False when there is none. Errors: locked while it is in use.
    [[nodiscard]] result<bool> forget(bytes_view name) noexcept {
        const guard hold_on{mutex_};
        if (const auto usable = may_save(); !usable) return usable.error();
        entry** link = &first_;
        while (*link != nullptr && !((*link)->name.view() == name)) link = &(*link)->next;
        if (*link == nullptr) return false;
        if ((*link)->used) return errc::locked;
        entry* const gone = std::exchange(*link, (*link)->next);
        --count_;
        const auto saved = save();
        if (!saved) {
            gone->next = std::exchange(first_, gone);
            ++count_;
            return saved.error();
        }
        delete gone;
        return true;
    }

  private:
    /// The file is not ours when the store is closed, whose log says so.
    [[nodiscard]] result<void> may_save() const noexcept {
        if (broken_.code != errc::ok) return broken_;
        const error poison = log_->poison();
        return poison == errc::ok ? result<void>{} : poison;
    }
    [[nodiscard]] entry* find(bytes_view name) const noexcept {
        entry* at = first_;
        while (at != nullptr && !(at->name.view() == name)) at = at->next;
        return at;
    }
    /// The log keeps what the slowest cursor has not acknowledged; all of it while that is unknown.
    void hold() noexcept {
        std::uint64_t oldest = broken_.code == errc::ok || broken_ == errc::read_only ? 0 : 1;
        for (const entry* at = first_; at != nullptr; at = at->next)
            if (!at->is_lost() && (oldest == 0 || at->place.segment < oldest))
                oldest = at->place.segment;
        log_->keep_from(oldest);
    }

    [[nodiscard]] result<void> load() noexcept {
        const auto path = joined_path::of(log_->directory(), file_name);
        if (!path) return path.error();
        const auto kind = environment_.kind_of(*path);
        if (!kind) return kind.error();
        if (*kind == file_kind::none) return {};
        byte_buffer bytes;
        const auto read = log_parts::read_whole(environment_, log_->directory(), file_name,
                                                max_feed_cursors_size, bytes);
        if (!read) return read;
        return decode_feed_cursors(
            bytes.view(), log_->uuid(),
            [&](const feed_cursor_entry& e, bytes_view name) -> result<void> {
                auto* fresh = new (std::nothrow) entry;
                if (fresh == nullptr) return errc::out_of_memory;
                fresh->after = e.after;
                fresh->place = {e.segment, e.offset, 0};
                if (log_->position() < fresh->place) fresh->place = {};
                fresh->next = std::exchange(first_, fresh);
                ++count_;
                return fresh->name.assign(name) ? result<void>{} : errc::out_of_memory;
            });
    }
    /// Replaces the file: it is the old one or the new one, whatever happens.
    [[nodiscard]] result<void> save() noexcept {
        byte_buffer bytes;
        std::byte* to = bytes.extend(sizeof(feed_cursors_header));
        if (to == nullptr) return errc::out_of_memory;
        encode_feed_cursors_header(to, log_->uuid(), count_);
        for (const entry* at = first_; at != nullptr; at = at->next) {
            to = bytes.extend(sizeof(feed_cursor_entry) + at->name.size());
            if (to == nullptr) return errc::out_of_memory;
            encode_feed_cursor(to, {at->after, at->place.segment, at->place.offset, 0},
                               at->name.view());
        }
        const std::uint32_t sum = crc32c(bytes.view());
        to = bytes.extend(4);
        if (to == nullptr) return errc::out_of_memory;
        store_little(to, sum);
        const auto path = joined_path::of(log_->directory(), new_file_name);
        if (!path) return path.error();
        auto out = environment_.open_file(*path, file_mode::create);
        if (!out) return out.error();
        result<void> done = out->truncate(0);
        if (done) done = write_exactly(*out, 0, bytes.view());
        if (done) done = sync_exactly(*out);
        if (done) done = out->close();
        if (done)
            done = log_parts::rename_durably(environment_, log_->directory(), new_file_name,
                                             file_name);
        if (done) hold();
        return done;
    }

    [[no_unique_address]] Environment environment_{};
    Log* log_; ///< under mutex_
    typename Concurrency::mutex mutex_;
    entry* first_ = nullptr;
    std::size_t count_ = 0;
    error broken_{};
};

} // namespace ashlar::inline v0_1::change_parts
