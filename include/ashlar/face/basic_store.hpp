// SPDX-License-Identifier: BSL-1.0
/// @file Defines basic_store, the typed face over a stack of policies.
#pragma once

#include <ashlar/concurrency/visit_scope.hpp>
#include <ashlar/face/all_keys.hpp>
#include <ashlar/face/expiring.hpp>
#include <ashlar/face/submitting.hpp>

namespace ashlar::inline v0_1 {

/// A store of Values under Keys, as its composition decides. Movable, not copyable. As thread-safe
/// as its concurrency policy; batches and cursors belong to one thread. Every verb answers a
/// result; none throws. A verb is there when the stack can honour it, and its declaration says
/// what to choose otherwise. Spell the type `ashlar::store<Key, Value, policies...>`. The verbs
/// over all keys (scan, walk, for_each, snapshot, size) stand in face/all_keys.hpp, those of rows
/// that expire (put with a time to live, ttl_of, persist, sweep) in face/expiring.hpp, and submit,
/// which does not wait for the disk, in face/submitting.hpp.
template <class Key, class Value, class Composition>
class basic_store
    : public face::all_keys<basic_store<Key, Value, Composition>, Key, Composition,
                            typename face::parts_for<Key, Value, Composition>::stack>,
      public face::expiring<basic_store<Key, Value, Composition>, Key, Value, Composition,
                            typename face::parts_for<Key, Value, Composition>::stack>,
      public face::submitting<basic_store<Key, Value, Composition>, Key, Value,
                              face::parts_for<Key, Value, Composition>> {
    // Before anything is made of it, so that an illegal one is told no more than its sentence.
    static_assert(sizeof(face::verdict<Key, Value, Composition>) != 0);
    using parts = face::parts_for<Key, Value, Composition>;
    using scope = visit_scope<typename Composition::concurrency>;
    using all_keys = face::all_keys<basic_store, Key, Composition, typename parts::stack>;
    using expiring = face::expiring<basic_store, Key, Value, Composition, typename parts::stack>;
    using submitting = face::submitting<basic_store, Key, Value, parts>;
    friend all_keys;
    friend expiring;
    friend submitting;

  public:
    using key_type = Key;
    using mapped_type = Value;
    using composition = Composition;
    using key_codec = typename parts::key_codec;
    using value_codec = typename parts::value_codec;
    using row = typename parts::row;
    using stack_type = typename parts::stack;
    using options = open_options;
    using receipt = typename row::receipt;
    using row_bytes = face::encoded_row<value_codec, row>;
    using payload_bytes = face::encoded<value_codec, 0, 256>;
    using versioned_value = face::versioned<Value>;
    using batch_type = face::typed_batch<basic_store, byte_buffer>;
    using one_batch = face::typed_batch<basic_store, typename parts::one_sink>;
    using conflict = face::conflict;
    using cursor = face::cursor<key_codec::extent>;

    static constexpr bool is_ordered = ordered_engine<stack_type>;
    static constexpr bool keeps_key_order = is_ordered && key_codec::ordered;
    static constexpr bool expires = row::fields.expiry;
    static constexpr bool is_counter = std::is_same_v<Value, std::int64_t>;
    static constexpr bool is_durable = durable_engine<stack_type> && parts::persistent;
    static constexpr bool keeps_log = parts::keeps_log;
    static constexpr bool makes_checkpoints = parts::opens_checkpoint;
    static constexpr bool updates_in_place =
        in_place_engine<stack_type> && row::row_extent != dynamic_extent;
    static constexpr bool erases_groups =
        requires(stack_type& stack) { stack.erase_group(bytes_view{}); };
    static constexpr std::size_t max_key_size = Composition::backend::max_key_size;
    static constexpr std::size_t max_row_size = Composition::backend::max_row_size;

    // --- opening and closing ---------------------------------------------------------------------

    /// In-memory stores that need nothing to begin may simply be declared, also constinit.
    constexpr basic_store()
        requires std::default_initializable<stack_type>
    = default;
    constexpr explicit basic_store(stack_type&& stack) noexcept : stack_{std::move(stack)} {}
    basic_store(basic_store&&) = default;
    basic_store& operator=(basic_store&&) = default;
    // clang-format off: the compiler prints these lines; so with all deleted members below
    basic_store(const basic_store&) = delete; // ashlar: a store is not copied; move it, or pass a reference
    basic_store& operator=(const basic_store&) = delete; // ashlar: a store is not copied; move it, or pass a reference
    // clang-format on

    /// Opens or creates. `more` are options of single policies: `lmdb<>::options{.map_size = ...}`.
    /// Errors: those of open_options and of the backend; `how.detail` gets the sentence.
    template <class... Options>
    [[nodiscard]] static result<basic_store> open(const open_options& how, const Options&... more) {
        static_assert((parts::template takes_options<Options> && ...),
                      "ashlar: open() was given options of a policy that this store is not "
                      "composed of; leave them out, or add the policy");
        sentence formats;
        parts::describe(formats);
        const opening<typename Composition::environment> with{how, formats.view(), {}};
        auto engine = parts::open_engine(with, more...);
        if (!engine) return engine.error();
        return basic_store{stack_type{std::move(*engine)}};
    }
    [[nodiscard]] static result<basic_store> open() { return open(open_options{}); }

    /// Gives files and locks back and answers the error of the last sync. Every verb after it
    /// answers errc::closed. A store that is only destroyed closes too, but keeps its error.
    result<void> close() {
        if constexpr (requires { stack_.close(); }) return stack_.close();
        else return {};
    }
    /// Returns when everything acknowledged so far survives power loss.
    result<void> sync()
        requires is_durable
    {
        return stack_.sync(commit_seq{});
    }
    // clang-format off
    void sync() requires(!is_durable) = delete; // ashlar: this store keeps nothing on disk; add ashlar::logged<>, or choose lmdb, rocksdb or sqlite
    // clang-format on

    /// Under `logged`, writes all rows into a snapshot, so that the next opening replays only what
    /// comes after, and drops the log that is not needed any more; under `native`, has the backend
    /// copy itself. Readers and writers go on meanwhile.
    auto checkpoint()
        requires makes_checkpoints
    {
        return parts::checkpointed_in(stack_).checkpoint();
    }
    /// What opening has found: rows, records, bytes that a crash had torn.
    [[nodiscard]] const auto& recovered() const noexcept
        requires keeps_log
    {
        return parts::checkpointed_in(stack_).recovered();
    }
    // clang-format off
    void checkpoint() requires(!makes_checkpoints) = delete; // ashlar: this store makes no checkpoints; add ashlar::logged<> to a backend in memory, or ashlar::native to one on disk
    void recovered() const requires(!keeps_log) = delete; // ashlar: this store keeps no log; add ashlar::logged<> to a backend in memory
    void submit(auto&&...) requires(!keeps_log) = delete; // ashlar: this store keeps no log; add ashlar::logged<> to a backend in memory
    // clang-format on

    // --- one key ---------------------------------------------------------------------------------

    /// The value, or not_found. Complexity of this and the following: the backend's.
    template <class K = Key>
    [[nodiscard]] result<Value> get(const K& key) const {
        result<Value> value = errc::not_found;
        const auto there = read_row(key, [&](bytes_view r) noexcept { value = decode_value(r); });
        if (!there) return there.error();
        return value;
    }
    /// Answers whether the key is there, and assigns its value to `out` if so. Where the codec can
    /// (text, raw, reflected), the memory of out's strings and sequences is used again; after an
    /// error out may hold any value then.
    template <class K = Key>
    [[nodiscard]] result<bool> get(const K& key, Value& out) const {
        ashlar::error broken{};
        auto there = read_row(key, [&](bytes_view r) noexcept {
            if constexpr (requires { value_codec::assign(out, row::payload(r)); }) {
                if (row::fits(r)) value_codec::assign(out, row::payload(r));
                else broken = ashlar::error{errc::corrupt};
            } else if constexpr (parts::template decodes_into<Value>) {
                broken = parts::decode_into(out, r);
            } else if (auto value = decode_value(r)) {
                out = std::move(*value);
            } else {
                broken = value.error();
            }
        });
        if (broken.code != errc::ok) there = broken; // one object to return: nothing is copied
        return there;
    }
    /// visit(const Value&), once, if the key is there. The visitor must not call the store, block
    /// or throw (debug builds detect the first, a throw ends the program).
    template <class Visit, class K = Key>
    [[nodiscard]] result<bool> read(const K& key, Visit&& visit) const {
        ashlar::error broken{};
        auto there = read_row(key, [&](bytes_view r) noexcept {
            const scope in{this};
            if (auto value = decode_value(r)) visit(std::as_const(*value));
            else broken = value.error();
        });
        if (broken.code != errc::ok) there = broken; // one object to return: nothing is copied
        return there;
    }
    /// As read, with the encoded value: visit(bytes_view). Nothing is copied or decoded.
    template <class Visit, class K = Key>
    [[nodiscard]] result<bool> read_bytes(const K& key, Visit&& visit) const {
        bool fits = true;
        auto there = read_row(key, [&](bytes_view r) noexcept {
            const scope in{this};
            if ((fits = row::fits(r))) visit(row::payload(r));
        });
        if (!fits) there = errc::corrupt;
        return there;
    }
    template <class K = Key>
    [[nodiscard]] result<bool> contains(const K& key) const {
        return read_row(key, [](bytes_view) noexcept {});
    }
    /// The value with the version it was written at.
    template <class K = Key>
    [[nodiscard]] result<versioned_value> get_versioned(const K& key) const
        requires(row::fields.version)
    {
        result<versioned_value> both = errc::not_found;
        const auto there = read_row(key, [&](bytes_view r) noexcept {
            both = decode_value(r).and_then([&](Value&& value) -> result<versioned_value> {
                return versioned_value{std::move(value), row::version(r)};
            });
        });
        if (!there) return there.error();
        return both;
    }
    /// The version that expect_version has to name now to hold: the row's, or its group's under
    /// shared_version; 0 for what was never there.
    template <class K = Key>
    [[nodiscard]] result<std::uint64_t> version_of(const K& key) const
        requires(row::fields.version)
    {
        const auto k = encode(key);
        if (!k.status()) return k.status().error();
        key_buffer at;
        if (auto named = version_key(k.view(), at); !named) return named.error();
        return parts::stored_version(unvisited(), at.view());
    }

    template <class K = Key>
    receipt put(const K& key, const Value& value) {
        return put_until(key, value, no_expiry);
    }
    using expiring::compare_exchange;
    using expiring::insert;
    using expiring::put;
    /// Answers whether the key was there.
    template <class K = Key>
    result<bool> erase(const K& key) {
        scope::check(this);
        const auto k = encode(key);
        if (!k.status()) return k.status().error();
        return parts::erase(stack_, k.view());
    }
    /// Puts only what is not there yet; answers whether it did.
    template <class K = Key>
    result<bool> insert(const K& key, const Value& value) {
        one_batch one;
        return face::unless_conflict(apply(one.expect_absent(key).put(key, value)));
    }
    /// Puts only over a value equal to `expected` (compared as encoded).
    template <class K = Key>
    result<bool> compare_exchange(const K& key, const Value& expected, const Value& desired) {
        one_batch one;
        return face::unless_conflict(
            apply(one.expect_equals(key, expected).put_value(key, desired)));
    }
    /// Puts and gives the old value back: `.existed` says whether there was one.
    template <class K = Key>
    result<face::exchanged<Value>> exchange(const K& key, const Value& value) {
        return face::exchange(*this, key, value);
    }
    /// f(Value& value, bool existed) -> update_action::kind, in place and atomic: write keeps what
    /// f left in `value`, erase removes the row. f must not call the store, block or throw.
    template <class F, class K = Key>
    receipt update(const K& key, F&& f)
        requires updates_in_place
    {
        scope::check(this);
        const auto k = encode(key);
        if (!k.status()) return k.status().error();
        return written(parts::template update<scope>(stack_, k.view(), this, f));
    }
    /// Adds to a signed 64-bit value; absent counts as 0. Answers the sum, or errc::overflow.
    template <class K = Key>
    result<std::int64_t> add(const K& key, std::int64_t delta)
        requires is_counter
    {
        one_batch one;
        one.add(key, delta);
        const receipt done = apply(one);
        if (!done) return done.error();
        const operation sum = *one.raw().operations().begin();
        return static_cast<std::int64_t>(
            load_little<std::uint64_t>(sum.value.data() + row::header_size));
    }

    /// Erases all keys of the group that `key` belongs to and leaves a tombstone, whose version
    /// goes on; answers whether there was anything to erase.
    template <class K = Key>
    result<bool> erase_group(const K& key)
        requires erases_groups
    {
        scope::check(this);
        const auto k = encode(key);
        if (!k.status()) return k.status().error();
        return stack_.erase_group(k.view());
    }
    // clang-format off
    void get_versioned(auto&&...) const requires(!row::fields.version) = delete; // ashlar: this store keeps no versions; add ashlar::stamped or ashlar::shared_version<by_prefix>
    void version_of(auto&&...) const requires(!row::fields.version) = delete; // ashlar: this store keeps no versions; add ashlar::stamped or ashlar::shared_version<by_prefix>
    void update(auto&&...) requires(!updates_in_place) = delete; // ashlar: update in place needs a backend that can (any here but rocksdb, sqlite and tiered) and values of fixed length; use transact
    void add(auto&&...) requires(!is_counter) = delete; // ashlar: add needs values of type std::int64_t; use transact for others
    void erase_group(auto&&...) requires(!erases_groups) = delete; // ashlar: this store has no groups to erase; add ashlar::shared_version<by_prefix> over an ordered backend
    // clang-format on

    // --- many keys -------------------------------------------------------------------------------

    [[nodiscard]] static batch_type batch() { return {}; }
    /// All checks, then all operations or none. `report`, if given, says which check failed.
    template <byte_sink Sink>
    receipt apply(face::typed_batch<basic_store, Sink>& batch, conflict* report = nullptr) {
        return apply_raw(batch.raw(), [&](const conflict_view& c) noexcept {
            if (report != nullptr) *report = parts::report(c);
        });
    }
    using submitting::submit; // apply and put that don't wait for the disk
    /// Runs f(transaction&) -> result<void> and commits what it did, again while other writers
    /// changed what it read; errc::contended after `attempts`. An error from f changes nothing.
    template <class F>
    receipt transact(F&& f, std::size_t attempts = 64) {
        scope::check(this);
        return face::transact(*this, f, attempts);
    }
    /// visit(index, const Value&) for each key that is there; consistent key by key only.
    template <class Visit>
    [[nodiscard]] result<void> read_many(const Key* keys, std::size_t count, Visit&& visit) const {
        return parts::template read_many<scope>(unvisited(), keys, count, this, visit);
    }
    /// Puts (key, value) pairs, by batches of 256, each atomic; answers how many. Input in key
    /// order is fastest on ordered backends; an empty hash_map without a limit of memory grows at
    /// once for a range that knows its size. Stops at the first error.
    template <class Range>
    result<std::size_t> bulk_load(Range&& pairs) {
        return face::bulk_load(*this, pairs);
    }
    /// Removes every row. Not atomic against writers: rows put meanwhile may stay.
    result<void> clear() {
        scope::check(this);
        return parts::clear(stack_);
    }

    // --- below the face --------------------------------------------------------------------------
    [[nodiscard]] stack_type& stack() noexcept { return stack_; }
    [[nodiscard]] const stack_type& stack() const noexcept { return stack_; }

    /// The bytes of a key; texts need no Key object. Check `status()` before `view()`.
    template <class K = Key>
    [[nodiscard]] static auto encode(const K& key) {
        return parts::encode(key);
    }
    [[nodiscard]] static result<Value> decode_value(bytes_view r) noexcept {
        return parts::decode_value(r);
    }
    using row_decoder = typename parts::row_decoder;
    [[nodiscard]] static result<void> version_key(bytes_view key, key_buffer& out) {
        return Composition::versioning::template version_key<key_codec>(key, out);
    }

  private:
    [[nodiscard]] const stack_type& unvisited() const noexcept {
        return scope::check(this), stack_;
    }
    template <class K, class Visit>
    [[nodiscard]] result<bool> read_row(const K& key, Visit&& visit) const {
        const auto k = encode(key);
        if (!k.status()) return k.status().error();
        return unvisited().read(k.view(), visit);
    }
    template <byte_sink Sink, class OnConflict, class Hook = no_hook>
    receipt apply_raw(basic_batch<Sink>& batch, OnConflict&& on_conflict, Hook hook = Hook{}) {
        scope::check(this);
        if (!batch.status()) return batch.status().error();
        return written(stack_.apply(batch, hook, on_conflict));
    }
    static constexpr std::uint64_t no_expiry = 0;
    template <class K, class... Hook>
    [[gnu::always_inline]] receipt put_until(const K& key, const Value& value, std::uint64_t expiry,
                                             Hook&... hook) {
        scope::check(this);
        const auto k = encode(key);
        row_bytes r{value};
        if (!k.status()) return k.status().error();
        if (!r.status()) return r.status().error();
        if constexpr (expires) row::set_expiry(r.header(), expiry);
        return written(parts::put(stack_, k.view(), r.view(), hook...));
    }
    /// Runs behind every write that may take room: policies evict and sweep here.
    [[gnu::always_inline]] receipt written(receipt done) {
        expiring::after_write();
        return done;
    }
    [[no_unique_address]] stack_type stack_;
};

} // namespace ashlar::inline v0_1
