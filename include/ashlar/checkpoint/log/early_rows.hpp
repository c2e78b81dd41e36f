// SPDX-License-Identifier: BSL-1.0
/// @file Defines early_rows: answers reads from the log's files before they are loaded.
#pragma once

#include <ashlar/checkpoint/log/index_reader.hpp>
#include <ashlar/checkpoint/log/last_words.hpp>
#include <ashlar/checkpoint/log/recovery.hpp>

namespace ashlar::inline v0_1::log_parts {

/// What the newest snapshot and the log behind it say of a key. A key that the log speaks of has
/// what its last record says; any other what the snapshot holds. Writes nothing, and holds as long
/// as nobody writes. It vouches for what it answers, not for the files: whatever it finds amiss
/// when opening or reading, and whatever it does not understand, is an error, and says that all
/// should be loaded instead, which finds out what there is to be done (recovery).
///
/// Memory: 8 bytes for each 512 rows and each block of the snapshot, 32 to 128 for each key in the
/// log. Thread safety: read may be called side by side.
template <file_system Environment, concurrency_policy Concurrency = single>
class early_rows {
  public:
    /// The log is read by at most `threads`; 0 for as many as there are processors.
    explicit early_rows(const Environment& environment, std::size_t threads = 0) noexcept
        : environment_{environment}, words_{seed_from(environment)}, threads_{threads} {}

    /// Complexity: reads the log behind the snapshot, and 1/4,000 of what the snapshot holds.
    [[nodiscard]] result<void> open(text_view directory, bytes_view uuid) noexcept {
        copy_bytes(uuid_, uuid);
        if (!directory_.assign(bytes_view{directory})) return errc::out_of_memory;
        const auto there = listing::of(environment_, directory);
        if (!there) return there.error();
        if (there->snapshots.size() == 0) return errc::unsupported;
        const std::uint64_t number = there->snapshots[there->snapshots.size() - 1];
        if (const auto done = rows_.open(environment_, directory, uuid, number); !done) return done;
        snapshot_index_end of{rows_.size(), 0, 0};
        const auto promised = rows_.promised(of.snapshot_sum);
        if (!promised) return promised.error();
        const auto indexed = index_.open(environment_, directory, uuid, number, of);
        if (!indexed) return indexed.error();
        if (*indexed != promised->rows) return errc::corrupt;
        report_.snapshot = first_ = number;
        report_.rows = promised->rows;
        time_ = promised->time;
        return read_log(*promised);
    }
    /// What opening has found; and the latest wall time that was noted, 0 for none.
    [[nodiscard]] const recovery_report& report() const noexcept { return report_; }
    [[nodiscard]] std::uint64_t time() const noexcept { return time_; }

    /// Calls visit(row) if there is one. Errors: see above; visit was not called then.
    template <class Visit>
    [[nodiscard]] result<bool> read(bytes_view key, Visit& visit) const {
        byte_buffer block;
        std::uint64_t segment = 0;
        std::uint32_t offset = 0;
        if (words_.find(key, segment, offset)) {
            const auto said = record_at(first_ + segment, offset, block);
            if (!said) return said.error();
            return show_last(*said, key, visit, errc::corrupt);
        }
        result<bool> found = false;
        std::size_t blocks = 0;
        const auto looked = index_.candidates(key, [&](std::uint64_t where) -> result<bool> {
            if (++blocks > most_blocks) return errc::unsupported;
            const auto rows = rows_.rows_of(where, block);
            if (!rows) return rows.error();
            found = show_last(*rows, key, visit, errc::ok);
            return found && !*found;
        });
        if (!found) return found;
        return looked ? found : looked.error();
    }

  private:
    /// Somebody may have chosen keys with equal tags; for them nothing is gained by reading early.
    static constexpr std::size_t most_blocks = 64;

    [[nodiscard]] static std::uint64_t seed_from(const Environment& environment) noexcept {
        if constexpr (Environment::has_random) return environment.random_seed();
        else return 0;
    }
    [[nodiscard]] text_view directory() const noexcept {
        return {reinterpret_cast<const char*>(directory_.data()), directory_.size()};
    }
    [[nodiscard]] result<void> read_log(const loaded_snapshot& base) noexcept {
        log_replay<Environment, Concurrency> from{
            environment_, directory(), {uuid_, sizeof uuid_}, nullptr, threads_};
        const auto end =
            from.run(first_, [&](const log_record_view& record, log_position at) -> result<void> {
                ++report_.records;
                if (record.kind == log_record_kind::opaque) return {};
                if (record.kind == log_record_kind::time && record.payload.size() == 8) {
                    const auto time = load_little<std::uint64_t>(record.payload.data());
                    if (time > time_) time_ = time;
                    return {};
                }
                if (record.kind != log_record_kind::operations) return errc::unsupported;
                return note(record.payload, at);
            });
        if (!end) return end.error();
        if (const auto settled = words_.settle(); !settled) return settled;
        if (end->position < base.redo_to) return errc::corrupt;
        report_.torn = end->torn;
        report_.closed_well = end->closed;
        return {};
    }
    [[nodiscard]] result<void> note(bytes_view payload, log_position at) noexcept {
        if (!validate_operations(payload)) return errc::corrupt;
        auto* bytes = const_cast<std::byte*>(payload.data()); // the replay's own, and only read
        for (const operation op : operation_list{bytes, payload.size()}) {
            // Ranges, and sums of what stood there before, are not the last word on one key.
            if (op.kind != operation_kind::put && op.kind != operation_kind::erase)
                return errc::unsupported;
            const auto noted = words_.note(op.key, at.segment - first_, at.offset);
            if (!noted) return noted;
        }
        return {};
    }
    /// A record that was read before: it must be as it was.
    [[nodiscard]] result<operation_list> record_at(std::uint64_t segment, std::uint32_t offset,
                                                   byte_buffer& out) const noexcept {
        const auto path = segment_path(directory(), segment);
        if (!path) return path.error();
        const auto from = environment_.open_file(*path, file_mode::read);
        if (!from) return from.error();
        std::byte head[sizeof(log_record_header)];
        const auto got = read_exactly(*from, offset, head, sizeof head);
        if (!got) return got.error();
        const auto size = load_little<std::uint32_t>(head);
        const auto seed = log_segment_seed({uuid_, sizeof uuid_}, segment);
        if (*got < sizeof head || size > max_log_payload ||
            load_little<std::uint32_t>(head + 28) != log_header_sum(head, seed, offset))
            return errc::corrupt;
        out.clear();
        std::byte* to = out.extend(size);
        if (to == nullptr && size != 0) return errc::out_of_memory;
        const auto body = read_exactly(*from, offset + sizeof head, to, size);
        if (!body) return body.error();
        if (*body < size || crc32c(out.view()) != load_little<std::uint32_t>(head + 24) ||
            !validate_operations(out.view()))
            return errc::corrupt;
        return operation_list{to, size};
    }
    /// Shows the last of the operations on a key, if it is a put. `none` is the answer when there
    /// is none: ok for "no such row".
    template <class Visit>
    [[nodiscard]] static result<bool> show_last(operation_list from, bytes_view key, Visit& visit,
                                                errc none) {
        bool found = false, put = false;
        bytes_view row;
        for (const operation op : from)
            if (op.key == key) found = true, put = op.kind == operation_kind::put, row = op.value;
        if (!found && none != errc::ok) return none;
        if (put) visit(row);
        return put;
    }

    [[no_unique_address]] Environment environment_;
    snapshot_reader<Environment> rows_;
    index_reader<Environment> index_;
    last_words words_;
    std::size_t threads_;
    byte_buffer directory_;
    std::byte uuid_[16]{};
    std::uint64_t first_ = 0; ///< the snapshot's number: that of the first segment behind it
    std::uint64_t time_ = 0;
    recovery_report report_{};
};

} // namespace ashlar::inline v0_1::log_parts
