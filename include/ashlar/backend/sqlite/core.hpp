// SPDX-License-Identifier: BSL-1.0
/// @file Defines what the engine and the snapshots of one SQLite file share: its connections.
#pragma once

#include <ashlar/backend/sqlite/file.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/environment/store_directory.hpp>

namespace ashlar::inline v0_1 {

/// What a commit of sqlite<> waits for (SQLite's PRAGMA synchronous, in WAL mode).
enum class sqlite_sync : std::uint8_t {
    full,   ///< the log is on disk: commits survive power loss
    normal, ///< power loss may take the last commits; the file stays whole
    none,   ///< nothing until sync(); power loss before it may damage the file
};

struct sqlite_options {
    sqlite_sync sync = sqlite_sync::full;
    bool check = false;             ///< on opening, read every page and check its structure
    int busy_ms = 5000;             ///< how long to wait for other programs that hold the file
    std::uint32_t cache_kib = 2048; ///< page cache of each connection
    std::size_t idle_readers = 32;  ///< connections kept open for the next readers
};

namespace sqlite_parts {

/// Owned by an engine and its snapshots together. One connection writes, under `write`; readers
/// take one out of a list, which is made longer when it is empty, so that no reader waits and a
/// visitor may read again.
template <class Environment, class Concurrency>
class core {
    using directory_type = store_directory<Environment>;

  public:
    core(directory_type&& of, const sqlite_options& options) noexcept
        : directory{std::move(of)}, options_{options} {}
    ~core() { static_cast<void>(close()); }
    core(const core&) = delete;
    core& operator=(const core&) = delete;

    directory_type directory;
    typename Concurrency::mutex write;
    connection writer;      ///< under `write`
    std::uint64_t last = 0; ///< the latest commit's sequence; under `write`

    [[nodiscard]] bool is_closed() const noexcept { return closed_.load_acquire(); }

    /// A connection to read by, given back when it goes.
    class lease {
      public:
        lease(core* of, connection* taken) noexcept : core_{of}, taken_{taken} {}
        lease(lease&& other) noexcept
            : core_{other.core_}, taken_{std::exchange(other.taken_, nullptr)} {}
        lease& operator=(lease&& other) noexcept {
            std::swap(core_, other.core_);
            std::swap(taken_, other.taken_);
            return *this;
        }
        ~lease() {
            if (taken_ != nullptr) core_->give_back(taken_);
        }
        connection& operator*() const noexcept { return *taken_; }
        connection* operator->() const noexcept { return taken_; }
        [[nodiscard]] core* owner() const noexcept { return core_; }

      private:
        core* core_;
        connection* taken_;
    };
    /// Errors: closed; those of opening the file once more.
    [[nodiscard]] result<lease> acquire() noexcept {
        if (is_closed()) return errc::closed;
        if (connection* const latest = latest_.exchange(nullptr); latest != nullptr)
            return lease{this, latest};
        {
            const guard lock{idle_lock_};
            if (connection* const first = idle_; first != nullptr) {
                idle_ = first->next;
                --idle_count_;
                return lease{this, first};
            }
        }
        auto* fresh = new (std::nothrow) connection;
        if (fresh == nullptr) return errc::out_of_memory;
        lease taken{this, fresh};
        if (const auto opened = open_file(*fresh, SQLITE_OPEN_READONLY); !opened) {
            fresh->close();
            return opened.error();
        }
        return taken;
    }

    /// Errors: as sqlite<>'s engine says of open.
    [[nodiscard]] result<void> open(const opening<Environment>& how) noexcept {
        const auto path = joined_path::of(how.options.directory, data_name);
        const auto log = joined_path::of(how.options.directory, text_view{"rows.sqlite-wal"});
        if (!path || !log) return errc::out_of_memory;
        for (const text_view each : {text_view{*path}, text_view{*log}}) {
            const auto kind = how.environment.kind_of(each);
            if (kind && *kind != file_kind::none && *kind != file_kind::file) // it would wait
                return refuse(how, {errc::io},
                              "or its log is no file; see to what their paths name");
        }
        const bool is_new = directory.created();
        if (!is_new && !has_bytes(path->c_str()))
            return refuse(how, {errc::corrupt}, "is missing or empty; restore it from a backup");
        // Nobody writes while somebody reads only (the directory's lock says so). A file without a
        // log is then immutable, and SQLite makes no files; with a log, left by a killed process,
        // it reads the log where it is.
        const bool logged = has_bytes(log->c_str());
        checks_header_ = !is_new && !logged;
        text_view parameters{};
        if (directory.read_only()) parameters = logged ? "?readonly_shm=1" : "?immutable=1";
        if (!append_uri(uri_, *path, parameters)) return errc::out_of_memory;
        if (directory.read_only()) {
            auto reader = acquire();
            if (!reader) return describe(how, reader.error());
            return recognise(how, **reader);
        }
        const int flags = SQLITE_OPEN_READWRITE | (is_new ? SQLITE_OPEN_CREATE : 0);
        if (const auto opened = open_file(writer, flags); !opened)
            return describe(how, opened.error());
        checks_header_ = false; // from now on the file may be behind its log
        if (is_new) {
            if (const auto made = create_tables(writer); !made) return describe(how, made.error());
        } else if (const auto known = recognise(how, writer); !known) {
            return known;
        }
        constexpr const char* levels[] = {"PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL",
                                          "PRAGMA synchronous=OFF"};
        if (const auto set = writer.run(levels[static_cast<std::size_t>(options_.sync)]); !set)
            return describe(how, set.error());
        return load_sequence();
    }

    /// Runs body() -> result<bool> in a write transaction: true commits, false and errors undo.
    /// REQUIRES: `write` is held.
    template <class Body>
    [[nodiscard]] result<bool> transact(Body&& body) {
        if (const auto begun = writer.order(query::begin_write); !begun) return begun.error();
        result<bool> done = body();
        if (done && *done)
            if (const auto kept = writer.order(query::commit); !kept) done = kept.error();
        // SQLite has undone the transaction itself after some errors (a full disk), not after all.
        if ((!done || !*done) && ::sqlite3_get_autocommit(writer.handle()) == 0)
            if (const auto undone = writer.order(query::rollback); !undone) return undone.error();
        return done;
    }

    /// Syncs the log, then the file, as SQLite opened them. REQUIRES: `write` is held.
    [[nodiscard]] result<void> sync() noexcept {
        if (directory.read_only() || options_.sync == sqlite_sync::full) return {};
        for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
            ::sqlite3_file* file = nullptr;
            ::sqlite3_file_control(writer.handle(), "main", which, &file);
            if (file == nullptr || file->pMethods == nullptr) continue; // nothing logged so far
            const int code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
            if (code != SQLITE_OK) return writer.failed(code);
        }
        return {};
    }

    /// Gives everything back but what readers hold; they do so themselves. Errors: closed; those of
    /// the last sync.
    result<void> close() noexcept {
        const guard writers{write};
        connection* idle = nullptr;
        {
            const guard lock{idle_lock_};
            if (closed_.load_relaxed()) return errc::closed;
            closed_.store(true);
            idle = std::exchange(idle_, nullptr);
        }
        result<void> done;
        delete latest_.exchange(nullptr);
        while (idle != nullptr) delete std::exchange(idle, idle->next);
        if (writer.handle() != nullptr) {
            done = sync();
            // The last connection moves the log into the file, and that must be on disk before
            // the log goes.
            static_cast<void>(writer.run("PRAGMA synchronous=FULL"));
            writer.close();
        }
        const auto given_back = directory.close();
        return done ? given_back : done;
    }

    /// One more snapshot shares this.
    void join() noexcept { users_.fetch_add(1); }
    /// Whoever leaves last deletes it.
    static void leave(core* self) noexcept {
        if (self->users_.fetch_sub(1) == 1) delete self;
    }

  private:
    template <class... Parts>
    [[nodiscard]] static error refuse(const opening<Environment>& how, error e,
                                      const Parts&... parts) noexcept {
        sentence text;
        text << "the file '" << data_name << "' in '" << how.options.directory << "' ";
        (void)(text << ... << parts);
        return how.fail(e, text.view());
    }
    [[nodiscard]] static error describe(const opening<Environment>& how, error e) noexcept {
        const char* const native = ::sqlite3_errstr(e.native);
        switch (e.code) {
        case errc::corrupt:
            return refuse(how, e, "is damaged or no SQLite file: ", native,
                          "; restore it from a backup");
        case errc::unsupported_version:
            return refuse(how, e, "is of a newer version; open it with a newer ashlar");
        case errc::foreign:
            return refuse(how, e, "is another program's SQLite file; name another directory");
        case errc::unsupported:
            return refuse(how, e,
                          "lies where no write-ahead log can be kept; use a disk of this machine");
        default: return refuse(how, e, "can't be used: ", native);
        }
    }

    [[nodiscard]] result<void> recognise(const opening<Environment>& how, connection& on) noexcept {
        sentence why;
        const auto known = check_tables(on, options_.check, why);
        if (known) return known;
        if (!why.empty())
            return refuse(how, known.error(), "is damaged: ", why.view(),
                          "; restore it from a backup");
        return describe(how, known.error());
    }
    [[nodiscard]] result<void> open_file(connection& at, int flags) const noexcept {
        const auto* const uri = reinterpret_cast<const char*>(uri_.data());
        if (const auto opened = at.open(uri, flags, options_.busy_ms); !opened) return opened;
        if (checks_header_) // before SQLite reads more of it
            if (const auto whole = check_file(at); !whole) return whole;
        sentence pragma;
        pragma << "PRAGMA cache_size=-" << std::uint64_t{options_.cache_kib};
        return at.run(pragma.c_str());
    }
    [[nodiscard]] result<void> load_sequence() noexcept {
        const auto at = writer.start(query::load_sequence);
        if (!at) return at.error();
        const auto found = writer.step(*at);
        if (!found) return found.error();
        if (!*found) return errc::corrupt;
        last = at->number(0);
        return {};
    }

    /// Either close() sees what is put back here, or this sees that it is closed: both are ordered
    /// by the atomics' total order.
    void give_back(connection* used) noexcept {
        if (used->handle() == nullptr) return void(delete used);
        connection* none = nullptr;
        if (latest_.compare_exchange_strong(none, used)) {
            if (closed_.load()) delete latest_.exchange(nullptr);
            return;
        }
        {
            const guard lock{idle_lock_};
            if (!closed_.load_relaxed() && idle_count_ < options_.idle_readers) {
                used->next = std::exchange(idle_, used);
                ++idle_count_;
                return;
            }
        }
        delete used;
    }

    sqlite_options options_;
    byte_buffer uri_;
    bool checks_header_ = false;
    /// The connection given back last, apart: one reader at a time takes no lock.
    typename Concurrency::template atomic<connection*> latest_{nullptr};
    typename Concurrency::mutex idle_lock_; ///< taken after `write`
    connection* idle_ = nullptr;
    std::size_t idle_count_ = 0;
    typename Concurrency::template atomic<bool> closed_{false};
    typename Concurrency::template atomic<std::size_t> users_{1};
};

} // namespace sqlite_parts
} // namespace ashlar::inline v0_1
