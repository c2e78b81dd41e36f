// SPDX-License-Identifier: BSL-1.0
/// @file Defines the engine of lmdb: the waist's verbs over one LMDB file.
#pragma once

#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/lmdb/snapshot.hpp>
#include <ashlar/backend/lmdb/table.hpp>

namespace ashlar::inline v0_1::lmdb_parts {

/// Thread-safe when Concurrency has threads, but for moving. Readers neither wait for the writer
/// nor for one another as long as there are no more of them than slots. Visitors of read see the
/// mapped file itself; those of scan and walk see copies and may call the engine.
template <class Row, class Environment, class Concurrency, std::size_t Readers>
class engine {
    using core_type = core<Environment, Concurrency, Readers>;

  public:
    using row = Row;
    using position = key_buffer;
    using view = lmdb_parts::snapshot<Row, core_type>;

    engine(engine&& other) noexcept : core_{std::exchange(other.core_, nullptr)} {}
    engine& operator=(engine&& other) noexcept {
        std::swap(core_, other.core_);
        if (this != &other && other.core_ != nullptr)
            core_type::leave_engine(std::exchange(other.core_, nullptr));
        return *this;
    }
    ~engine() {
        if (core_ != nullptr) core_type::leave_engine(core_);
    }

    /// Errors: those of store_directory; corrupt when the data file is missing, shorter than its
    /// pages or not LMDB's; unsupported_version; invalid_argument for a map without room.
    [[nodiscard]] static result<engine> open(const opening<Environment>& how,
                                             const lmdb_options& options) {
        if (options.map_size < min_map_size || options.max_map_size < options.map_size)
            return how.fail({errc::invalid_argument},
                            "lmdb_options::map_size must lie between 64 KiB and max_map_size");
        auto directory = store_directory<Environment>::open(how);
        if (!directory) return directory.error();
        auto path = joined_path::of(how.options.directory, data_name);
        if (!path) return path.error();
        if (!directory->created())
            if (const auto there = check_file(how, *path, 1); !there) return there.error();
        auto* core =
            new (std::nothrow) core_type{std::move(*directory), std::move(*path), how.environment};
        if (core == nullptr) return errc::out_of_memory;
        engine self{core};
        auto opened = core->open(options);
        if (!opened) return describe(how, opened.error());
        if (const auto whole = check_file(how, core->path, used_bytes(core->env)); !whole)
            return whole.error();
        if (opened = self.load_offset(); !opened) return opened.error();
        if (opened = core->directory.finish(how); !opened) return opened.error();
        return self;
    }

    // --- reading ---------------------------------------------------------------------------------

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        if (const auto fine = check_key<Row>(key); !fine) return fine.error();
        return in_reader([&](reader& r) { return read_in(r.txn, key, visit); });
    }
    /// All keys within one read transaction: consistent as a whole.
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        for (std::size_t i = 0; i < count; ++i)
            if (const auto fine = check_key<Row>(keys[i]); !fine) return fine.error();
        const auto done = in_reader([&](reader& r) -> result<bool> {
            for (std::size_t i = 0; i < count; ++i) {
                const auto show = [&](bytes_view bytes) { visit(i, bytes); };
                if (const auto found = read_in(r.txn, keys[i], show); !found) return found;
            }
            return true;
        });
        if (!done) return done.error();
        return {};
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const {
        if (const auto fine = check_range(range); !fine) return fine.error();
        const auto with_cursor = [this](auto fill) {
            return in_reader([&](reader& r) -> result<bool> {
                if (const auto opened = r.open_cursor(core_->dbi); !opened) return opened.error();
                cursor<Row> rows{r.at};
                return fill(rows);
            });
        };
        return scan_in_chunks<Row>(with_cursor, range, visit);
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        return walk_by_scan(*this, at, visit, limit);
    }
    /// Errors: full when there are as many as options::max_snapshots.
    [[nodiscard]] result<view> snapshot() const {
        const auto slot = core_->readers.acquire();
        if (core_->closed) return errc::closed;
        MDB_txn* txn = nullptr;
        const auto begun = status(::mdb_txn_begin(core_->env, nullptr, MDB_RDONLY, &txn));
        if (!begun) return begun.error();
        core_->enter_snapshot();
        return view{core_, txn};
    }
    /// Writes a copy of the file, as it is at one moment, into another directory. Nobody waits but
    /// a writer that needs a larger map: that moves, and must not while it is copied.
    [[nodiscard]] result<void> copy_into(text_view directory) const {
        const auto to = joined_path::of(directory, data_name);
        if (!to) return to.error();
        const auto slot = core_->readers.acquire();
        if (core_->closed) return errc::closed;
        return status(::mdb_env_copy(core_->env, to->c_str()));
    }
    /// 0 when closed. Complexity: constant.
    [[nodiscard]] std::size_t size() const {
        ::MDB_stat facts{};
        bool own = false;
        const auto done = in_reader([&](reader& r) -> result<bool> {
            if (const int code = ::mdb_stat(r.txn, core_->dbi, &facts); code != MDB_SUCCESS)
                return failure(code);
            if constexpr (Row::fields.sequenced) {
                MDB_val key = value_of({own_key.bytes, longest_key});
                MDB_val bytes{};
                own = ::mdb_get(r.txn, core_->dbi, &key, &bytes) == MDB_SUCCESS;
            }
            return true;
        });
        return done ? facts.ms_entries - std::size_t{own} : 0;
    }
    /// Names the store over restarts; cursors carry it.
    [[nodiscard]] std::uint64_t identity() const noexcept { return core_->directory.identity(); }

    // --- writing ---------------------------------------------------------------------------------

    /// One LMDB write transaction. A batch longer than some 512 MiB is errc::full.
    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    typename Row::receipt apply(batch_span batch, Hook&& hook = Hook{},
                                OnConflict&& on_conflict = OnConflict{}) {
        if (const auto fine = check_operations(batch.operations); !fine) return fine.error();
        if (const auto room = hook.reserve(batch.operations.bytes().size()); !room)
            return room.error();
        return commit(
            hook,
            [&](table<Row>& rows, commit_seq seq) -> result<bool> {
                if (const auto fine = admit<Row>(batch, rows, on_conflict); !fine)
                    return fine.error();
                if constexpr (Row::fields.sequenced) fill_sequence(batch.operations, seq);
                if (const auto done = carry_out(batch.operations, rows); !done) return done.error();
                return true;
            },
            [&](commit_seq seq) { hook.commit(seq, batch.operations); });
    }
    result<void> apply_at(commit_seq seq, operation_list operations) {
        if (const auto fine = check_operations(operations); !fine) return fine.error();
        if constexpr (Row::fields.sequenced) fill_sequence(operations, seq);
        const guard lock{core_->write};
        if (core_->closed) return errc::closed;
        std::uint64_t offset = core_->offset;
        const auto done = core_->transact([&](MDB_txn* txn) -> result<bool> {
            table<Row> rows{txn, core_->dbi};
            if (const auto carried = carry_out(operations, rows); !carried) return carried.error();
            if constexpr (Row::fields.sequenced) {
                const auto wanted = static_cast<std::uint64_t>(seq);
                const std::uint64_t own = rows.sequence(core_->offset);
                if (wanted < own || (wanted == own && rows.changed())) return true;
                offset = core_->offset + (wanted - own);
                if (const auto kept = rows.write_offset(offset); !kept) return kept.error();
            }
            return true;
        });
        if (!done) return done.error();
        core_->offset = offset;
        return {};
    }
    template <class Hook = no_hook>
    typename Row::receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{}) {
        if (const auto fine = check_key<Row>(key); !fine) return fine.error();
        if (const auto fine = check_row<Row>(bytes); !fine) return fine.error();
        const std::size_t size = sizeof(batch_entry) + key.size() + bytes.size();
        if (const auto room = hook.reserve(size); !room) return room.error();
        return commit(
            hook,
            [&](table<Row>& rows, commit_seq) -> result<bool> {
                if (const auto done = rows.assign(key, bytes); !done) return done.error();
                return true;
            },
            [&](commit_seq seq) { hook.commit_put(seq, key, bytes); });
    }
    /// Answers whether the key was there; if not, nothing is committed.
    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{}) {
        if (const auto fine = check_key<Row>(key); !fine) return fine.error();
        if (const auto room = hook.reserve(sizeof(batch_entry) + key.size()); !room)
            return room.error();
        bool there = false;
        const auto done = commit(
            hook,
            [&](table<Row>& rows, commit_seq) {
                const auto erased = rows.erase(key);
                there = erased && *erased;
                return erased;
            },
            [&](commit_seq seq) { hook.commit_erase(seq, key); });
        if (!done) return done.error();
        return there;
    }
    /// Calls f(seq, old or null, out) in the write transaction, once. When it keeps the row, or
    /// erases none, nothing is committed and the receipt is the latest commit's.
    template <class F, class Hook = no_hook>
    typename Row::receipt update(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{}) {
        if (const auto fine = check_key<Row>(key); !fine) return fine.error();
        if (capacity > 0xFFFF'FFFFU) return errc::value_too_long;
        const std::size_t size = sizeof(batch_entry) + key.size() + capacity;
        if (const auto room = hook.reserve(size); !room) return room.error();
        bool called = false;
        update_action action;
        std::byte* out = nullptr;
        return commit(
            hook,
            [&](table<Row>& rows, commit_seq seq) -> result<bool> {
                if (!std::exchange(called, true)) {
                    core_->scratch.clear();
                    out = core_->scratch.extend(capacity);
                    if (out == nullptr && capacity != 0) return errc::out_of_memory;
                    bytes_view old;
                    const auto found = rows.find(key, old);
                    if (!found) return found;
                    if (*found && !Row::fits(old)) return errc::corrupt;
                    action = f(seq, *found ? &old : nullptr, out);
                    if (action.size > capacity) return errc::invalid_argument;
                }
                if (action.what == update_action::kind::keep) return false;
                if (action.what == update_action::kind::erase) return rows.erase(key);
                if (const auto fine = check_row<Row>({out, action.size}); !fine)
                    return fine.error();
                if (const auto done = rows.assign(key, {out, action.size}); !done)
                    return done.error();
                return true;
            },
            [&](commit_seq seq) {
                if (action.what == update_action::kind::erase) hook.commit_erase(seq, key);
                else hook.commit_put(seq, key, {out, action.size});
            });
    }

    /// Under lmdb_sync::durable there is nothing left to do: every commit has synced by itself.
    result<void> sync(commit_seq = {}) {
        const auto slot = core_->readers.acquire();
        if (core_->closed) return errc::closed;
        if (core_->directory.read_only()) return {};
        return status(::mdb_env_sync(core_->env, 1));
    }
    result<void> close() { return core_->close(); }

  private:
    static constexpr std::uint64_t min_map_size = 65536;

    explicit engine(core_type* core) noexcept : core_{core} {}

    /// Errors: corrupt when the file is missing or shorter than that.
    [[nodiscard]] static result<void> check_file(const opening<Environment>& how, text_view path,
                                                 std::uint64_t least) noexcept {
        std::uint64_t size = 0;
        const auto file = how.environment.open_file(path, file_mode::read);
        if (file) size = file->size().value_or(std::uint64_t{0});
        if (size >= least) return {};
        sentence text;
        text << "'" << path << "' has " << size << " bytes where " << least
             << " are needed: it was cut or removed; restore it from a backup";
        if (how.options.detail != nullptr)
            how.options.detail->position = size, how.options.detail->expected = least;
        return how.fail({errc::corrupt}, text.view());
    }
    [[nodiscard]] static std::uint64_t used_bytes(MDB_env* env) noexcept {
        ::MDB_envinfo info{};
        ::MDB_stat facts{};
        static_cast<void>(::mdb_env_info(env, &info));
        static_cast<void>(::mdb_env_stat(env, &facts));
        return (std::uint64_t{info.me_last_pgno} + 1) * facts.ms_psize;
    }
    [[nodiscard]] static error describe(const opening<Environment>& how, error e) noexcept {
        sentence text;
        text << "LMDB can't open '" << how.options.directory << "/" << data_name
             << "': " << ::mdb_strerror(e.native);
        return how.fail(e, text.view());
    }

    [[nodiscard]] result<void> load_offset() noexcept {
        if constexpr (Row::fields.sequenced) {
            const auto done = in_reader([&](reader& r) -> result<bool> {
                MDB_val key = value_of({own_key.bytes, longest_key});
                MDB_val bytes{};
                const auto there = presence(::mdb_get(r.txn, core_->dbi, &key, &bytes));
                if (!there || !*there) return there;
                if (bytes.mv_size != 8) return errc::corrupt;
                core_->offset = load_little<std::uint64_t>(view_of(bytes).data());
                return true;
            });
            if (!done) return done.error();
        }
        return {};
    }

    [[nodiscard]] static result<void> check_operations(operation_list operations) noexcept {
        for (const operation op : operations) {
            result<void> fine;
            if (op.kind != operation_kind::erase_range) fine = check_key<Row>(op.key);
            if (fine && op.kind == operation_kind::put) fine = check_row<Row>(op.value);
            if (fine && op.kind == operation_kind::add && !Row::fits(op.value))
                fine = errc::type_mismatch;
            if (!fine) return fine;
        }
        return {};
    }

    /// f(reader) within a read transaction.
    template <class F>
    [[nodiscard]] result<bool> in_reader(F f) const {
        const auto slot = core_->readers.acquire();
        if (core_->closed) return errc::closed;
        if (const auto begun = slot->begin(core_->env); !begun) return begun.error();
        const result<bool> done = f(*slot);
        slot->end();
        return done;
    }
    template <class Visit>
    [[nodiscard]] result<bool> read_in(MDB_txn* txn, bytes_view key, Visit& visit) const {
        MDB_val wanted = value_of(key);
        MDB_val found{};
        const auto there = presence(::mdb_get(txn, core_->dbi, &wanted, &found));
        if (!there || !*there) return there;
        if (!Row::fits(view_of(found))) return errc::corrupt;
        visit(view_of(found));
        return true;
    }

    /// change(rows, seq) in a write transaction, note(seq) at the commit point when it answered
    /// true, then the hook's wait.
    template <class Hook, class Change, class Note>
    [[nodiscard]] typename Row::receipt commit(Hook& hook, Change change, Note note) {
        commit_seq seq{};
        {
            const guard lock{core_->write};
            if (core_->closed) return errc::closed;
            const auto done = core_->transact([&](MDB_txn* txn) -> result<bool> {
                table<Row> rows{txn, core_->dbi};
                if constexpr (Row::fields.sequenced)
                    seq = static_cast<commit_seq>(rows.sequence(core_->offset));
                const result<bool> changed = change(rows, seq);
                if constexpr (Row::fields.sequenced)
                    if (changed && *changed && !rows.changed())
                        if (const auto kept = rows.write_offset(core_->offset); !kept)
                            return kept.error();
                return changed;
            });
            if (!done) return done.error();
            const auto latest = static_cast<commit_seq>(core_->last + core_->offset);
            if (!*done) return Row::receipt_for(latest);
            note(seq);
        }
        if (const auto durable = hook.wait(seq); !durable) return durable.error();
        return Row::receipt_for(seq);
    }

    core_type* core_;
};

} // namespace ashlar::inline v0_1::lmdb_parts
