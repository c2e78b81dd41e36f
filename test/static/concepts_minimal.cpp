// SPDX-License-Identifier: BSL-1.0

// The least model of each concept, as docs/concepts.md quotes it. Each stands between two lines of
// its own; the assertions behind it say what it models and what it does not.

#include <ashlar/apply.hpp>
#include <ashlar/backend/static_map.hpp>
#include <ashlar/chunked_scan.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/forwarding.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/shared_version.hpp>

namespace ashlar_test::minimal {

using ashlar::bytes_view;
using ashlar::commit_seq;
using ashlar::errc;
using ashlar::operation_list;
using ashlar::result;
using ashlar::text_view;

// --- readable_table ------------------------------------------------------------------------------
/// Room for one row of fixed length.
template <class Row>
struct slot {
    bool used = false;
    std::byte key[Row::key_extent]{};
    std::byte row[Row::row_extent]{};

    [[nodiscard]] bool is_at(bytes_view k) const {
        return used && k == bytes_view{key, sizeof key};
    }
    [[nodiscard]] bytes_view bytes() const { return {row, sizeof row}; }

    result<bool> find(bytes_view k, bytes_view& found) const {
        found = is_at(k) ? bytes() : bytes_view{};
        return is_at(k);
    }
    result<void> assign(bytes_view k, bytes_view r) {
        if (used && !is_at(k)) return errc::full;
        ashlar::copy_bytes(key, k);
        ashlar::copy_bytes(row, r);
        used = true;
        return {};
    }
    void remove(bytes_view k) { used = used && !is_at(k); }
};
// --- end -----------------------------------------------------------------------------------------

// --- ordered_table -------------------------------------------------------------------------------
template <class Row>
struct ordered_slot : slot<Row> {
    result<bool> find_in(bytes_view lo, bytes_view hi, bytes_view& found) const {
        const bytes_view key{this->key, sizeof this->key};
        if (!this->used || key < lo || !(hi.empty() || key < hi)) return false;
        found = this->bytes();
        return true;
    }
};
// --- end -----------------------------------------------------------------------------------------

using plain_row = ashlar::row_layout<8, 8, ashlar::row_fields{}>;
using numbered_row = ashlar::row_layout<8, 8, ashlar::row_fields{.sequenced = true}>;
static_assert(ashlar::readable_table<slot<plain_row>> && !ashlar::ordered_table<slot<plain_row>>);
static_assert(ashlar::ordered_table<ordered_slot<plain_row>>);

// --- engine --------------------------------------------------------------------------------------
/// Keeps one row; a second key is errc::full. For one thread.
template <class Row>
class one_row_engine {
  public:
    using row = Row;
    struct position {
        bool shown = false;
    };

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        if (!slot_.is_at(key)) return false;
        visit(slot_.bytes());
        return true;
    }
    template <class Visit>
    result<bool> walk(position& at, Visit&& visit, std::size_t limit) const {
        if (limit == 0) return !at.shown && slot_.used;
        if (at.shown || !slot_.used) return false;
        at.shown = true;
        ashlar::visit_row(visit, bytes_view{slot_.key, sizeof slot_.key}, slot_.bytes());
        return false;
    }
    template <class Hook = ashlar::no_hook, class OnConflict = ashlar::ignore_conflict>
    typename Row::receipt apply(ashlar::batch_span batch, Hook&& hook = Hook{},
                                OnConflict&& on_conflict = OnConflict{}) {
        if (auto room = hook.reserve(batch.operations.bytes().size()); !room) return room.error();
        if (auto ok = ashlar::admit<Row>(batch, slot_, on_conflict); !ok) return ok.error();
        const auto seq = commit_seq{sequence_ + 1};
        ashlar::fill_sequence(batch.operations, seq);
        auto changed = slot_; // all or nothing: the row is replaced only when all fitted
        if (auto ok = ashlar::carry_out(batch.operations, changed); !ok) return ok.error();
        slot_ = changed;
        ++sequence_;
        hook.commit(seq, batch.operations);
        if (auto kept = hook.wait(seq); !kept) return kept.error();
        return Row::receipt_for(seq);
    }
    result<void> apply_at(commit_seq seq, operation_list operations) {
        auto changed = slot_;
        if (auto ok = ashlar::carry_out(operations, changed); !ok) return ok;
        slot_ = changed;
        if (sequence_ < static_cast<std::uint64_t>(seq))
            sequence_ = static_cast<std::uint64_t>(seq);
        return {};
    }

  protected:
    slot<Row> slot_;
    std::uint64_t sequence_ = 0;
};
// --- end -----------------------------------------------------------------------------------------

static_assert(ashlar::engine<one_row_engine<plain_row>>);
static_assert(ashlar::engine<one_row_engine<numbered_row>>);
static_assert(!ashlar::ordered_engine<one_row_engine<plain_row>>);

// --- batched_engine ------------------------------------------------------------------------------
template <class Row>
struct batched : one_row_engine<Row> {
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit&& visit) const {
        for (std::size_t i = 0; i < count; ++i)
            if (this->slot_.is_at(keys[i])) visit(i, this->slot_.bytes());
        return {};
    }
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::batched_engine<batched<plain_row>>);

// --- ordered_engine ------------------------------------------------------------------------------
template <class Row>
struct ordered : one_row_engine<Row> {
    template <class Visit>
    result<bool> scan(const ashlar::scan_range& range, Visit&& visit) const {
        if (auto ok = ashlar::check_range(range); !ok) return ok.error();
        const bytes_view key{this->slot_.key, sizeof this->slot_.key};
        if (!this->slot_.used || !range.contains(key)) return false;
        const bool behind = range.reverse ? key < range.after : range.after < key;
        if (range.resume && !behind) return false;
        if (range.limit == 0) return true;
        return !ashlar::visit_row(visit, key, this->slot_.bytes()) || range.limit == 1;
    }
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::ordered_engine<ordered<plain_row>>);

// --- snapshot_engine -----------------------------------------------------------------------------
template <class Row>
struct with_snapshots : one_row_engine<Row> {
    class view {
      public:
        explicit view(const one_row_engine<Row>& then) : then_{then} {}
        template <class Visit>
        result<bool> read(bytes_view key, Visit&& visit) const {
            return then_.read(key, visit);
        }
        template <class Visit>
        result<bool> walk(typename one_row_engine<Row>::position& at, Visit&& visit,
                          std::size_t limit) const {
            return then_.walk(at, visit, limit);
        }

      private:
        one_row_engine<Row> then_;
    };
    result<view> snapshot() const { return view{*this}; }
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::snapshot_engine<with_snapshots<plain_row>>);

// --- in_place_engine -----------------------------------------------------------------------------
template <class Row>
struct in_place : one_row_engine<Row> {
    template <class F, class Hook = ashlar::no_hook>
    typename Row::receipt update(bytes_view key, std::size_t capacity, F&& f,
                                 Hook&& hook = Hook{}) {
        if (key.size() != Row::key_extent || capacity > Row::row_extent)
            return errc::invalid_argument;
        if (auto room = hook.reserve(sizeof(ashlar::batch_entry) + key.size() + capacity); !room)
            return room.error();
        const auto seq = commit_seq{this->sequence_ + 1};
        const bool found = this->slot_.is_at(key);
        const bytes_view old = this->slot_.bytes();
        std::byte out[Row::row_extent];
        const ashlar::update_action done = f(seq, found ? &old : nullptr, out);
        if (done.what == ashlar::update_action::kind::write) {
            if (done.size != Row::row_extent) return errc::invalid_argument;
            if (auto ok = this->slot_.assign(key, {out, done.size}); !ok) return ok.error();
            hook.commit_put(seq, key, {out, done.size});
        } else if (done.what == ashlar::update_action::kind::erase && found) {
            this->slot_.remove(key);
            hook.commit_erase(seq, key);
        } else {
            return Row::receipt_for(commit_seq{this->sequence_}); // nothing has changed
        }
        ++this->sequence_;
        if (auto kept = hook.wait(seq); !kept) return kept.error();
        return Row::receipt_for(seq);
    }
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::in_place_engine<in_place<plain_row>>);
static_assert(ashlar::in_place_engine<in_place<numbered_row>>);

// --- direct_engine -------------------------------------------------------------------------------
template <class Row>
struct direct : one_row_engine<Row> {
    template <class Hook = ashlar::no_hook>
    typename Row::receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{}) {
        ashlar::write_batch one;
        one.put(key, bytes);
        if (!one.status()) return one.status().error();
        return this->apply(one, hook);
    }
    template <class Hook = ashlar::no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{}) {
        ashlar::write_batch one;
        one.erase(key);
        if (!one.status()) return one.status().error();
        const bool was_there = this->slot_.is_at(key);
        if (const auto done = this->apply(one, hook); !done) return done.error();
        return was_there;
    }
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::direct_engine<direct<plain_row>>);
static_assert(ashlar::direct_engine<direct<numbered_row>>);

// --- durable_engine ------------------------------------------------------------------------------
/// For memory that keeps its contents without power: there is nothing left to do.
template <class Row>
struct durable : one_row_engine<Row> {
    result<void> sync(commit_seq) { return {}; }
    result<void> close() { return {}; }
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::durable_engine<durable<plain_row>>);

// --- sized_engine, metered_engine ----------------------------------------------------------------
template <class Row>
struct sized : one_row_engine<Row> {
    [[nodiscard]] std::size_t size() const { return this->slot_.used ? 1 : 0; }
    [[nodiscard]] std::size_t memory_used() const { return 0; } // nothing on the heap
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::sized_engine<sized<plain_row>> && ashlar::metered_engine<sized<plain_row>>);

// --- commit_hook ---------------------------------------------------------------------------------
/// Counts commits. Nothing to reserve, nothing to wait for.
struct commit_counter {
    std::uint64_t commits = 0;

    result<void> reserve(std::size_t) { return {}; }
    void commit(commit_seq, operation_list) noexcept { ++commits; }
    void commit_put(commit_seq, bytes_view, bytes_view) noexcept { ++commits; }
    void commit_erase(commit_seq, bytes_view) noexcept { ++commits; }
    result<void> wait(commit_seq) { return {}; }
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::commit_hook<commit_counter>);

// --- row_cursor ----------------------------------------------------------------------------------
/// A place among no rows at all: every movement answers that there is nothing to stand on.
struct empty_cursor {
    result<bool> seek(bytes_view) { return false; }
    result<bool> seek_before(bytes_view) { return false; }
    result<bool> seek_last() { return false; }
    result<bool> next() { return false; }
    result<bool> previous() { return false; }
    bytes_view key() { return {}; }
    bytes_view row() { return {}; }
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::row_cursor<empty_cursor>);

// --- codec_for, key_codec_for --------------------------------------------------------------------
/// A number below 256, as one byte.
struct byte_codec {
    static constexpr std::size_t extent = 1;
    static constexpr bool ordered = true; // what makes it a codec of keys

    static result<std::size_t> size(const std::uint8_t&) noexcept { return extent; }
    static std::byte* encode(const std::uint8_t& value, std::byte* out) noexcept {
        *out = std::byte{value};
        return out + 1;
    }
    static result<std::uint8_t> decode_some(bytes_view& in) noexcept {
        if (in.empty()) return errc::corrupt;
        const auto value = static_cast<std::uint8_t>(in[0]);
        in = in.skip(1);
        return value;
    }
    static void describe(ashlar::sentence& text) { text << "byte/1"; }
};
/// The policy by which a store is given it.
struct byte_keys {
    using axis = ashlar::key_codec_axis;
    template <class Key>
    using codec = byte_codec;
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::codec_for<byte_codec, std::uint8_t>);
static_assert(ashlar::key_codec_for<byte_codec, std::uint8_t>);
static_assert(!ashlar::codec_for<byte_codec, double> && !ashlar::grouping_codec<byte_codec>);
static_assert(ashlar::key_codec_policy<byte_keys, std::uint8_t>);
static_assert(!ashlar::key_codec_policy<byte_keys, double>);

// --- grouping_codec ------------------------------------------------------------------------------
/// Two bytes: a shelf and a place on it. The shelf is the group.
struct place_codec {
    struct place {
        std::uint8_t shelf, number;
    };
    static constexpr std::size_t extent = 2;
    static constexpr bool ordered = true;

    static result<std::size_t> size(const place&) noexcept { return extent; }
    static std::byte* encode(const place& key, std::byte* out) noexcept {
        out[0] = std::byte{key.shelf};
        out[1] = std::byte{key.number};
        return out + 2;
    }
    static result<place> decode_some(bytes_view& in) noexcept {
        if (in.size() < 2) return errc::corrupt;
        const place key{static_cast<std::uint8_t>(in[0]), static_cast<std::uint8_t>(in[1])};
        in = in.skip(2);
        return key;
    }
    static void describe(ashlar::sentence& text) { text << "place/1"; }

    static result<std::size_t> prefix_size(bytes_view key) noexcept {
        if (key.empty()) return errc::corrupt;
        return std::size_t{1};
    }
    /// Nothing behind the shelf: a key of one byte, which no place is.
    static constexpr bytes_view group_row{};
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::key_codec_for<place_codec, place_codec::place>);
static_assert(ashlar::grouping_codec<place_codec>);
static_assert(ashlar::version_scope<ashlar::by_prefix, place_codec>);

// --- version_scope -------------------------------------------------------------------------------
/// One group for the whole store: its name is empty, its row stands under one byte.
struct whole_store {
    template <class KeyCodec>
    static result<std::size_t> size(bytes_view) noexcept {
        return std::size_t{0};
    }
    template <class KeyCodec>
    static bytes_view row_suffix() noexcept {
        static constexpr std::byte name[1]{};
        return {name, 1};
    }
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::version_scope<whole_store, place_codec>); // whose keys have two bytes

// --- backend_policy, openable_engine -------------------------------------------------------------
struct one_row {
    using axis = ashlar::backend_axis;
    using options = ashlar::no_options;
    static constexpr bool ordered = false;
    static constexpr bool persistent = false;
    static constexpr std::size_t max_key_size = ashlar::dynamic_extent;
    static constexpr std::size_t max_row_size = ashlar::dynamic_extent;
    static constexpr bool needs_fixed_extents = true;
    static void describe(ashlar::sentence& text) { text << "one_row/1"; }

    template <class Row, class Environment, class Concurrency>
    struct engine : one_row_engine<Row> {
        static_assert(!Concurrency::threads, "one_row has no lock; add ashlar::single");

        static result<engine> open(const ashlar::opening<Environment>&, const options&) {
            return engine{};
        }
    };
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::backend_policy<one_row>);
static_assert(ashlar::openable_engine<one_row::engine<plain_row, ashlar::bare, ashlar::single>,
                                      ashlar::bare, ashlar::no_options>);
using one_number =
    ashlar::store<std::uint64_t, std::uint64_t, one_row, ashlar::single, ashlar::bare>;
static_assert(ashlar::engine<one_number::stack_type> && !one_number::is_ordered);

// --- layer_policy, an axis -----------------------------------------------------------------------
/// Counts reads and forwards all else: the least layer that does something.
struct read_counter {
    using axis = ashlar::metrics_axis;
    static constexpr ashlar::row_fields fields{}; // no header field
    static void describe(ashlar::sentence&) {}    // no stored byte is changed

    template <ashlar::engine Next, class KeyCodec>
    class layer : public ashlar::forwarding<layer<Next, KeyCodec>, Next, ashlar::forwards::writes,
                                            ashlar::forwards::replays, ashlar::forwards::walks,
                                            ashlar::forwards::sizes, ashlar::forwards::upkeep> {
      public:
        using row = typename Next::row;
        using position = typename Next::position;
        using receipt = typename row::receipt;

        explicit layer(Next&& next) : next_{std::move(next)} {}

        template <class Visit>
        result<bool> read(bytes_view key, Visit&& visit) const {
            ++reads_;
            return next_.read(key, visit);
        }
        [[nodiscard]] std::uint64_t reads() const { return reads_; }

        [[nodiscard]] Next& below() noexcept { return next_; } // where the groups hand on to
        [[nodiscard]] const Next& below() const noexcept { return next_; }

      private:
        [[no_unique_address]] Next next_;
        mutable std::uint64_t reads_ = 0; // for one thread
    };
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::layer_policy<read_counter> && ashlar::metrics_policy<read_counter>);
static_assert(!ashlar::feed_policy<read_counter>);
using counted_number = ashlar::store<std::uint64_t, std::uint64_t, one_row, read_counter,
                                     ashlar::single, ashlar::bare>;
static_assert(ashlar::engine<counted_number::stack_type>);
static_assert(requires(const counted_number& db) { db.stack().reads(); });

// A layer has the verbs of its groups, if the engine below has them, and no others.
using number_engine =
    std::remove_cvref_t<decltype(std::declval<counted_number&>().stack().below())>;
using reading_layer = read_counter::layer<number_engine, void>;
static_assert(ashlar::sized_engine<reading_layer> == ashlar::sized_engine<number_engine>);
static_assert(ashlar::direct_engine<reading_layer> == ashlar::direct_engine<number_engine>);
static_assert(!ashlar::durable_engine<reading_layer>); // nor is the engine
static_assert(!ashlar::batched_engine<reading_layer>); // reads are counted one by one
static_assert(sizeof(reading_layer) == sizeof(number_engine) + sizeof(std::uint64_t));
static_assert(std::is_empty_v<ashlar::forwarding<int, number_engine, ashlar::forwards::writes,
                                                 ashlar::forwards::walks>>);

// --- concurrency_policy --------------------------------------------------------------------------
/// What `single` gives, under another name: a policy may be built of another's parts.
struct one_thread {
    using axis = ashlar::concurrency_axis;
    static constexpr bool threads = false;
    using mutex = ashlar::single::mutex; // lock, unlock, try_lock
    template <class T>
    using atomic = ashlar::single::atomic<T>; // load, store, exchange, fetch_add, ...
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::concurrency_policy<one_thread>);

// --- environment_policy --------------------------------------------------------------------------
/// A board with a clock and nothing else.
struct board {
    using axis = ashlar::environment_axis;
    static constexpr bool has_files = false;
    static constexpr bool has_clock = true;
    static constexpr bool has_random = false;
    static constexpr bool has_threads = false;

    const volatile std::uint64_t* ticks = nullptr; // nanoseconds since the board was started

    [[nodiscard]] ashlar::wall_time wall_now() const { return ashlar::wall_time{*ticks}; }
    [[nodiscard]] ashlar::monotonic_time monotonic_now() const {
        return ashlar::monotonic_time{*ticks};
    }
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::environment_policy<board> && ashlar::clock_source<board>);
static_assert(!ashlar::file_system<board> && !ashlar::random_source<board>);

// --- random_source -------------------------------------------------------------------------------
struct dice {
    [[nodiscard]] std::uint64_t random_seed() const { return 4; } // thrown once, as in a test
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::random_source<dice> && !ashlar::secret_random_source<dice>);

// --- file_handle, file_system --------------------------------------------------------------------
/// A file system that holds nothing and takes nothing.
struct no_disk {
    struct file {
        result<std::size_t> read_at(std::uint64_t, std::byte*, std::size_t) const {
            return std::size_t{0};
        }
        result<std::size_t> write_at(std::uint64_t, bytes_view) { return errc::no_space; }
        result<std::size_t> append(bytes_view) { return errc::no_space; }
        result<void> sync() { return {}; }
        result<void> truncate(std::uint64_t) { return {}; }
        result<std::uint64_t> size() const { return std::uint64_t{0}; }
        result<bool> try_lock(ashlar::file_lock) { return true; }
        result<void> close() { return {}; }
    };
    result<file> open_file(text_view, ashlar::file_mode) const { return errc::no_space; }
    result<ashlar::file_kind> kind_of(text_view) const { return ashlar::file_kind::none; }
    result<void> make_directory(text_view) const { return errc::no_space; }
    result<void> sync_directory(text_view) const { return {}; }
    result<void> rename(text_view, text_view) const { return errc::io; }
    result<void> remove(text_view) const { return errc::io; }
    template <class Visit>
    result<void> list(text_view, Visit&&) const {
        return {};
    }
    result<std::uint64_t> space_left(text_view) const { return std::uint64_t{0}; }
    [[nodiscard]] std::uint64_t process_id() const { return 1; }
};
// --- end -----------------------------------------------------------------------------------------
static_assert(ashlar::file_handle<no_disk::file> && ashlar::file_system<no_disk>);

} // namespace ashlar_test::minimal
