// SPDX-License-Identifier: BSL-1.0
/// @file Defines how rows are read from a RocksDB database and how a commit changes it.
#pragma once

#include <ashlar/engine.hpp>
#include <ashlar/guarded.hpp>

#include <memory>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <string>

namespace ashlar::inline v0_1::rocksdb_parts {

[[nodiscard]] inline ::rocksdb::Slice slice(bytes_view bytes) noexcept {
    // A debug build of the library asserts that even an empty slice points somewhere.
    if (bytes.empty()) return {};
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline bytes_view bytes(const ::rocksdb::Slice& slice) noexcept {
    return {reinterpret_cast<const std::byte*>(slice.data()), slice.size()};
}

/// RocksDB's status in our terms; its code stays in error::native.
[[nodiscard]] inline error failure(const ::rocksdb::Status& status) noexcept {
    const auto native = static_cast<std::int32_t>(status.code());
    if (status.IsCorruption()) return {errc::corrupt, native};
    if (status.IsNoSpace()) return {errc::no_space, native};
    if (status.IsMemoryLimit()) return {errc::out_of_memory, native};
    if (status.IsTimedOut() || status.IsBusy()) return {errc::timeout, native};
    if (status.IsInvalidArgument()) return {errc::invalid_argument, native};
    if (status.IsNotSupported()) return {errc::unsupported, native};
    return {errc::io, native};
}
[[nodiscard]] inline result<void> done(const ::rocksdb::Status& status) noexcept {
    if (!status.ok()) return failure(status);
    return {};
}

/// A copy of the database, as it is at one moment, in a directory that is not there yet.
[[nodiscard]] inline result<void> make_checkpoint(::rocksdb::DB* db, const char* directory) {
    ::rocksdb::Checkpoint* made = nullptr;
    const auto ready = ::rocksdb::Checkpoint::Create(db, &made);
    if (!ready.ok()) return failure(ready);
    const std::unique_ptr<::rocksdb::Checkpoint> checkpoint{made};
    return done(checkpoint->CreateCheckpoint(directory));
}

/// Reading a database, or one snapshot of it. Rows are seen in RocksDB's memory, not copied; no
/// lock is held while they are visited, so visitors of scan and walk may call the store. A row that
/// can't be of this layout is corrupt.
template <class Row>
class reader {
  public:
    reader(::rocksdb::DB* db, const ::rocksdb::Snapshot* snapshot) noexcept : db_{db} {
        options_.snapshot = snapshot;
    }

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const noexcept {
        return guarded(errc::io, [&]() -> result<bool> {
            ::rocksdb::PinnableSlice row;
            const auto status = db_->Get(options_, db_->DefaultColumnFamily(), slice(key), &row);
            if (status.IsNotFound()) return false;
            if (!status.ok()) return failure(status);
            if (!Row::fits(bytes(row))) return errc::corrupt;
            visit(bytes(row));
            return true;
        });
    }

    template <class Visit>
    result<bool> scan(const scan_range& range, Visit&& visit) const noexcept {
        if (const auto fine = check_range(range); !fine) return fine.error();
        return guarded(errc::io,
                       [&] { return range.reverse ? down(range, visit) : up(range, visit); });
    }

  private:
    template <class Visit>
    result<bool> up(const scan_range& range, Visit& visit) const {
        auto options = options_;
        const ::rocksdb::Slice hi = slice(range.hi);
        if (!range.hi.empty()) options.iterate_upper_bound = &hi;
        const std::unique_ptr<::rocksdb::Iterator> at{db_->NewIterator(options)};
        at->Seek(slice(range.resume ? range.after : range.lo));
        if (range.resume && at->Valid() && bytes(at->key()) == range.after) at->Next();
        std::size_t left = range.limit;
        for (; at->Valid(); at->Next(), --left) {
            if (left == 0) return true;
            if (!Row::fits(bytes(at->value()))) return errc::corrupt;
            if (!visit_row(visit, bytes(at->key()), bytes(at->value()))) return true;
        }
        return ended(*at);
    }
    template <class Visit>
    result<bool> down(const scan_range& range, Visit& visit) const {
        auto options = options_;
        const ::rocksdb::Slice lo = slice(range.lo);
        options.iterate_lower_bound = &lo;
        const std::unique_ptr<::rocksdb::Iterator> at{db_->NewIterator(options)};
        const bytes_view from = range.resume ? range.after : range.hi;
        if (from.empty() && !range.resume) at->SeekToLast();
        else at->SeekForPrev(slice(from));
        if (!from.empty() || range.resume)
            if (at->Valid() && bytes(at->key()) == from) at->Prev(); // exclusive
        std::size_t left = range.limit;
        for (; at->Valid(); at->Prev(), --left) {
            if (left == 0) return true;
            if (!Row::fits(bytes(at->value()))) return errc::corrupt;
            if (!visit_row(visit, bytes(at->key()), bytes(at->value()))) return true;
        }
        return ended(*at);
    }
    static result<bool> ended(const ::rocksdb::Iterator& at) {
        if (!at.status().ok()) return failure(at.status());
        return false;
    }

    ::rocksdb::DB* db_;
    ::rocksdb::ReadOptions options_;
};

/// What a commit sees and changes: the database behind the batch under construction.
class writer {
  public:
    explicit writer(::rocksdb::DB* db) noexcept : db_{db} {}

    result<bool> find(bytes_view key, bytes_view& row) {
        row_.Reset();
        const auto status = db_->Get({}, db_->DefaultColumnFamily(), slice(key), &row_);
        if (status.IsNotFound()) return false;
        if (!status.ok()) return failure(status);
        row = bytes(row_);
        return true;
    }
    result<bool> find_in(bytes_view lo, bytes_view hi, bytes_view& row) {
        at_.reset(db_->NewIterator({}));
        at_->Seek(slice(lo));
        if (!at_->Valid()) return at_->status().ok() ? result<bool>{false} : failure(at_->status());
        if (!hi.empty() && !(bytes(at_->key()) < hi)) return false;
        row = bytes(at_->value());
        return true;
    }

    result<void> assign(bytes_view key, bytes_view row) {
        if (greatest_ < key.as<std::string>()) greatest_ = key.as<std::string>();
        return done(changes_.Put(slice(key), slice(row)));
    }
    result<void> remove(bytes_view key) { return done(changes_.Delete(slice(key))); }
    /// DeleteRange wants an upper bound: without one it is the greatest key there is, stored or put
    /// earlier in this batch, which is then erased by name.
    result<void> remove_range(bytes_view lo, bytes_view hi) {
        if (!hi.empty()) return done(changes_.DeleteRange(slice(lo), slice(hi)));
        const std::unique_ptr<::rocksdb::Iterator> at{db_->NewIterator({})};
        at->SeekToLast();
        if (!at->status().ok()) return failure(at->status());
        if (at->Valid() && greatest_ < at->key().ToString()) greatest_ = at->key().ToString();
        if (bytes_view{greatest_} < lo) return {};
        const auto status = changes_.DeleteRange(slice(lo), greatest_);
        if (!status.ok()) return failure(status);
        return done(changes_.Delete(greatest_));
    }
    [[nodiscard]] ::rocksdb::WriteBatch& changes() noexcept { return changes_; }

  private:
    ::rocksdb::DB* db_;
    ::rocksdb::WriteBatch changes_;
    ::rocksdb::PinnableSlice row_;
    std::unique_ptr<::rocksdb::Iterator> at_;
    std::string greatest_;
};

} // namespace ashlar::inline v0_1::rocksdb_parts
