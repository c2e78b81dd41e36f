// SPDX-License-Identifier: BSL-1.0
/// @file Defines what basic_store is made of: types of a composition, and the steps of its verbs.
#pragma once

#include <ashlar/detail/fnv1a.hpp>
#include <ashlar/face/answers.hpp>
#include <ashlar/face/encoded.hpp>
#include <ashlar/face/refused.hpp>
#include <ashlar/face/verdict.hpp>

namespace ashlar::inline v0_1::face {

/// Satisfied by key codecs that encode any bytes, so that a look-up needs no Key object.
template <class Codec>
concept takes_bytes = requires(bytes_view bytes, std::byte* out) {
    { Codec::size(bytes) } -> std::same_as<result<std::size_t>>;
    Codec::encode(bytes, out);
};

template <class Key, class Value, class C>
struct parts {
    using key_codec = typename C::key_codec::template codec<Key>;
    using value_codec = typename C::value_codec::template codec<Value>;

    static constexpr row_fields fields =
        merged(C::versioning::fields, C::expiry::fields, C::index::fields, C::quota::fields,
               C::replication::fields, C::checkpoint::fields, C::feed::fields, C::metrics::fields);
    /// Group rows are of another length than the rows they stand among.
    static constexpr bool grouped = requires { requires C::versioning::needs_groups; };
    using row = row_layout<grouped ? dynamic_extent : key_codec::extent,
                           grouped ? dynamic_extent : value_codec::extent, fields>;

    /// Where a batch of one check and one operation rests: in place when lengths are known, so that
    /// insert, compare_exchange and add need no heap.
    static constexpr bool lengths_known =
        row::key_extent != dynamic_extent && row::row_extent != dynamic_extent;
    static constexpr std::size_t one_entry =
        lengths_known ? sizeof(batch_entry) + row::key_extent + row::row_extent : 1;
    using one_sink = std::conditional_t<lengths_known, fixed_buffer<one_entry>, byte_buffer>;

    // The order of layers, from the top: metrics > versioning > expiry > index > quota >
    // replication > feed > checkpoint > backend (docs/architecture.md, "Layers and their order").
    using backend_engine =
        typename C::backend::template engine<row, typename C::environment, typename C::concurrency>;
    static_assert(sizeof(engine_verdict<backend_engine, C>) != 0);
    template <class Policy, class Next>
    using over = typename layer_over<Policy, Next, key_codec, typename C::environment,
                                     typename C::concurrency>::type;
    using checkpointed = over<typename C::checkpoint, backend_engine>;
    using committing = over<typename C::feed, checkpointed>;
    using admitting = over<typename C::quota, over<typename C::replication, committing>>;
    using resolving = over<typename C::expiry, over<typename C::index, admitting>>;
    using stack = over<typename C::metrics, over<typename C::versioning, resolving>>;

    static constexpr bool keeps_log = rule::keeps_log<C>;
    static constexpr bool persistent = C::backend::persistent || keeps_log;
    /// Whether the checkpoint opens something itself, and has options for that.
    static constexpr bool opens_checkpoint = requires { typename C::checkpoint::options; };
    template <bool Opens, class Checkpoint>
    struct options_of {
        using type = no_options;
    };
    template <class Checkpoint>
    struct options_of<true, Checkpoint> {
        using type = typename Checkpoint::options;
    };
    using checkpoint_options = typename options_of<opens_checkpoint, typename C::checkpoint>::type;

    /// The store's formats in words: stands in the manifest, so it names explicit ids only.
    static void describe(sentence& text) {
        text << "key=";
        key_codec::describe(text);
        text << " value=";
        value_codec::describe(text);
        text << " backend=";
        C::backend::describe(text);
        C::versioning::describe(text);
        C::expiry::describe(text);
        C::index::describe(text);
        C::checkpoint::describe(text);
    }
    /// A store in memory has nothing from earlier runs: it can only be made.
    static result<backend_engine> open_backend(const opening<typename C::environment>& how,
                                               const typename C::backend::options& options) {
        if constexpr (!outlives_process<typename C::backend>) {
            if (!how.options.create)
                return how.fail({errc::no_such_store},
                                "a store in memory keeps nothing from earlier runs; allow create");
            if (how.options.read_only)
                return how.fail({errc::invalid_argument},
                                "a store in memory begins empty and, read-only, would stay so");
        }
        return backend_engine::open(how, options);
    }
    template <class Options>
    static constexpr bool takes_options =
        std::is_same_v<Options, typename C::backend::options> ||
        (opens_checkpoint && std::is_same_v<Options, checkpoint_options>);
    /// The options given for one policy among those given, or its own defaults.
    template <class Wanted, class... Options>
    [[nodiscard]] static Wanted pick(const Options&... given) {
        Wanted chosen{};
        [[maybe_unused]] const auto look = [&](const auto& each) {
            if constexpr (std::is_same_v<std::remove_cvref_t<decltype(each)>, Wanted>)
                chosen = each;
        };
        (look(given), ...);
        return chosen;
    }
    /// Opens the engine up to what makes it durable: a checkpoint that keeps files opens them
    /// itself.
    template <class... Options>
    static result<checkpointed> open_engine(const opening<typename C::environment>& how,
                                            const Options&... given) {
        const auto backend_chosen = pick<typename C::backend::options>(given...);
        if constexpr (keeps_log) {
            opening<typename C::environment> memory = how;
            memory.options = {};
            auto empty = backend_engine::open(memory, backend_chosen);
            if (!empty) return how.fail(empty.error(), "the engine in memory can't be made");
            return checkpointed::open(how, pick<checkpoint_options>(given...), std::move(*empty));
        } else {
            auto backend = open_backend(how, backend_chosen);
            if (!backend) return backend.error();
            if constexpr (opens_checkpoint)
                return checkpointed::open(how, pick<checkpoint_options>(given...),
                                          std::move(*backend));
            else return checkpointed{std::move(*backend)};
        }
    }
    /// The layer that makes checkpoints, for its own verbs. REQUIRES: opens_checkpoint.
    template <class Stack>
    [[nodiscard]] static auto& checkpointed_in(Stack& stack) noexcept {
        if constexpr (std::is_same_v<std::remove_const_t<Stack>, checkpointed>) return stack;
        else return checkpointed_in(stack.below());
    }
    /// Tells stores of different formats apart.
    [[nodiscard]] static std::uint64_t format_identity() noexcept {
        sentence formats;
        describe(formats);
        return detail::fnv1a(formats.view());
    }

    template <class K>
    [[nodiscard]] static auto encode(const K& key) {
        if constexpr (std::is_same_v<K, Key>) {
            return encoded_key<key_codec>{key};
        } else if constexpr (takes_bytes<key_codec> && std::convertible_to<const K&, text_view>) {
            const text_view text = key;
            return encoded_key<key_codec>{bytes_view{text}};
        } else if constexpr (viewing_codec<key_codec, Key>) {
            static_assert(std::same_as<K, Key>, // which it isn't; no more is said than that
                          "ashlar: this argument is no Key and can't be viewed as text; make a Key "
                          "of it first");
            return encoded_key<key_codec>{Key{}};
        } else {
            return encoded_key<key_codec>{static_cast<Key>(key)};
        }
    }
    [[nodiscard]] static result<Value> decode_value(bytes_view r) noexcept {
        if (!row::fits(r)) return errc::corrupt;
        bytes_view left = row::payload(r);
        result<Value> value = value_codec::decode_some(left);
        if (value && !left.empty()) return errc::corrupt;
        return value;
    }
    /// Whether the codec can decode into a value that is there.
    template <class To>
    static constexpr bool decodes_into = decoding_into<value_codec, To>;
    [[nodiscard]] static error decode_into(Value& to, bytes_view r) noexcept {
        if (!row::fits(r)) return error{errc::corrupt};
        bytes_view left = row::payload(r);
        const result<void> done = value_codec::decode_into(to, left);
        if (!done) return done.error();
        return error{left.empty() ? errc::ok : errc::corrupt};
    }

    /// decode_value for one row after another, as decoder has it.
    struct row_decoder {
        decoder<value_codec, Value> payloads;

        [[nodiscard, gnu::always_inline]] decltype(auto) next(bytes_view r) {
            if constexpr (!refilling_codec<value_codec, Value>) return decode_value(r);
            else if (row::fits(r)) return payloads.next(row::payload(r));
            else return std::as_const(payloads.last = errc::corrupt);
        }
    };

    template <class Stack>
    [[nodiscard]] static result<std::uint64_t> stored_version(const Stack& stack, bytes_view key) {
        std::uint64_t version = 0;
        bool fits = true;
        const auto there = stack.read(key, [&](bytes_view r) noexcept {
            if ((fits = row::fits(r))) version = row::version(r);
        });
        if (!there) return there.error();
        if (!fits) return errc::corrupt;
        return version;
    }

    template <class Stack, class... Hook>
    static typename row::receipt put(Stack& stack, bytes_view key, bytes_view bytes,
                                     Hook&... hook) {
        if constexpr (direct_engine<Stack>) {
            return stack.put(key, bytes, hook...);
        } else {
            basic_batch<one_sink> one;
            one.put(key, bytes);
            if (!one.status()) return one.status().error();
            return stack.apply(one, hook...);
        }
    }
    template <class Stack>
    static result<bool> erase(Stack& stack, bytes_view key) {
        if constexpr (direct_engine<Stack>) {
            return stack.erase(key);
        } else {
            basic_batch<one_sink> one;
            one.present(key).erase(key);
            if (!one.status()) return one.status().error();
            const auto done = stack.apply(one);
            if (done) return true;
            if (done.error() == errc::conflict) return false;
            return done.error();
        }
    }

    template <class Scope, class Stack, class F>
    static typename row::receipt update(Stack& stack, bytes_view key, const void* store, F& f) {
        error broken{};
        const auto done = stack.update(
            key, row::row_extent,
            [&](commit_seq, const bytes_view* old, std::byte* out) noexcept -> update_action {
                const Scope in{store};
                Value value{};
                if (old != nullptr) {
                    auto before = decode_value(*old);
                    if (!before) return broken = before.error(), update_action::keep();
                    value = std::move(*before);
                }
                const update_action::kind what = f(value, old != nullptr);
                if (what == update_action::kind::erase) return update_action::erase();
                if (what == update_action::kind::keep) return update_action::keep();
                const auto size = value_codec::size(value);
                if (!size) return broken = size.error(), update_action::keep();
                if constexpr (row::header_size != 0) {
                    if (old != nullptr) __builtin_memcpy(out, old->data(), row::header_size);
                    else __builtin_memset(out, 0, row::header_size);
                }
                static_cast<void>(value_codec::encode(value, out + row::header_size));
                return update_action::write(row::row_extent);
            });
        if (broken.code != errc::ok) return broken;
        return done;
    }

    template <class Scope, class Stack, class Visit>
    static result<void> read_many(const Stack& stack, const Key* keys, std::size_t count,
                                  const void* store, Visit& visit) {
        constexpr std::size_t group = 32; // enough to hide a memory access behind the others
        encoded_keys<key_codec, group> encoded;
        bytes_view views[group];
        error broken{};
        for (std::size_t first = 0; first < count; first += group) {
            const std::size_t n = count - first < group ? count - first : group;
            if (const auto done = encoded.make(keys + first, n, views); !done) return done;
            const auto read =
                ashlar::read_many(stack, views, n, [&](std::size_t i, bytes_view r) noexcept {
                    const Scope in{store};
                    if (auto value = decode_value(r)) visit(first + i, std::as_const(*value));
                    else broken = value.error();
                });
            if (!read) return read;
            if (broken.code != errc::ok) return broken;
        }
        return {};
    }

    template <class Stack, class Visit>
    static result<bool> walk(const Stack& stack, typename Stack::position& at, Visit& visit,
                             std::size_t limit) {
        return decoded(visit, [&](auto show) { return stack.walk(at, show, limit); });
    }
    /// Visits all rows. An ordered engine scans, because a walk would copy every key as the place
    /// to go on from.
    template <class Stack, class Visit>
    static result<bool> visit_all(const Stack& stack, Visit& visit) {
        return decoded(visit, [&](auto show) {
            if constexpr (ordered_engine<Stack>) {
                return stack.scan(scan_range{}, show);
            } else {
                typename Stack::position from{};
                return stack.walk(from, show, static_cast<std::size_t>(-1));
            }
        });
    }
    /// Calls go(show), where show(key, row) decodes both for the visitor. Answers what go answers,
    /// or why a row can't be decoded.
    template <class Visit, class Go>
    static result<bool> decoded(Visit& visit, Go go) {
        error broken{};
        decoder<key_codec, Key> keys;
        row_decoder values;
        const result<bool> more = go([&](bytes_view key, bytes_view r) {
            auto&& k = keys.next(key);
            auto&& v = values.next(r);
            if (k && v) return visit_row(visit, *k, *v);
            return broken = k ? v.error() : k.error(), false;
        });
        if (broken.code != errc::ok) return broken;
        return more;
    }

    template <class Stack>
    static result<void> clear(Stack& stack) {
        if constexpr (requires {
                          { stack.clear() } -> std::same_as<result<void>>;
                      }) {
            return stack.clear();
        } else if constexpr (requires { stack.clear(); }) { // where nothing can fail
            return stack.clear(), result<void>{};
        } else {
            write_batch some;
            do {
                some.clear();
                typename Stack::position from{};
                const auto more = stack.walk(
                    from, [&](bytes_view key, bytes_view) { some.erase(key); }, std::size_t{256});
                if (!more) return more.error();
                if (some.operation_count() == 0) return {};
                if (!some.status()) return some.status();
                if (const auto done = stack.apply(some); !done) return done.error();
            } while (true);
        }
    }

    [[nodiscard]] static conflict report(const conflict_view& c) noexcept {
        conflict seen{c.index, c.found, 0, 0};
        if constexpr (row::fields.version) {
            if (c.check.kind == check_kind::version_is) {
                seen.expected = load_little<std::uint64_t>(c.check.operand.data());
                if (c.found) seen.actual = row::version(c.row);
            }
        }
        return seen;
    }
};

/// An illegal composition is not instantiated: its sentence is enough.
template <bool Legal>
struct parts_of {
    template <class Key, class Value, class C>
    using type = parts<Key, Value, C>;
};
template <>
struct parts_of<false> {
    template <class, class, class>
    using type = refused_parts;
};
template <class Key, class Value, class C>
using parts_for = typename parts_of<rule::legal<C, Key, Value>>::template type<Key, Value, C>;

} // namespace ashlar::inline v0_1::face
