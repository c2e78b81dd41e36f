// SPDX-License-Identifier: BSL-1.0
// Pairs of functions that must be compiled to the same instructions: `via_store` says it through a
// store whose axes are null models, `via_engine` through the backend's engine alone. same_code.py
// compares them.
#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/buffer.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/environment/fault_point.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <cstring>

namespace code {

struct point {
    std::int64_t x, y;
};

template <class Backend, class Environment, class Concurrency>
struct composition {
    using store = ashlar::store<std::uint64_t, point, Backend, Environment, Concurrency>;
    using engine =
        typename Backend::template engine<ashlar::row_layout<8, 16, ashlar::row_fields{}>,
                                          Environment, Concurrency>;
    // Null models leave neither a layer nor a byte. An ordered store in memory has one word of its
    // own: the identity that its cursors are marked with.
    static_assert(std::same_as<typename store::stack_type, engine>);
    static constexpr std::size_t own = store::is_ordered ? sizeof(std::uint64_t) : 0;
    static_assert(sizeof(store) == sizeof(engine) + own);
};
struct hashed : composition<ashlar::hash_map<>, ashlar::bare, ashlar::single> {};
struct hashed_shared : composition<ashlar::hash_map<>, ashlar::posix, ashlar::shared> {};
struct sorted : composition<ashlar::sorted_map<>, ashlar::bare, ashlar::single> {};
struct sorted_shared : composition<ashlar::sorted_map<>, ashlar::posix, ashlar::shared> {};

template <class Composition>
struct via_store {
    using store = typename Composition::store;
    static ashlar::result<bool> get(const store& from, const std::uint64_t& key, point& out) {
#ifdef ASHLAR_BENCH_PLANT
        const volatile std::int64_t& redundant = out.x;
        [[maybe_unused]] const std::int64_t loaded = redundant; // must be noticed
#endif
        return from.get(key, out);
    }
    static ashlar::result<bool> contains(const store& in, const std::uint64_t& key) {
        return in.contains(key);
    }
    static ashlar::result<void> put(store& to, const std::uint64_t& key, const point& value) {
        return to.put(key, value);
    }
    static ashlar::result<bool> erase(store& from, const std::uint64_t& key) {
        return from.erase(key);
    }
    static std::size_t size(const store& of) { return of.size(); }
};

/// A copy of something's bytes.
template <class T>
struct image {
    std::byte bytes[sizeof(T)];
    explicit image(const T& of) noexcept { std::memcpy(bytes, &of, sizeof of); }
};

template <class Composition>
struct via_engine {
    using view = ashlar::bytes_view;
    /// Stands where it stands in the store.
    struct engine {
        struct none {};
        [[no_unique_address]] std::conditional_t<Composition::own != 0, std::uint64_t, none> own;
        [[no_unique_address]] typename Composition::engine behind;
    };
    static ashlar::result<bool> get(const engine& from, const std::uint64_t& key, point& out) {
        const std::uint64_t k = key;
        return from.behind.read(ashlar::object_bytes(k), [&out](view row) noexcept {
            std::memcpy(&out, row.data(), sizeof out);
        });
    }
    static ashlar::result<bool> contains(const engine& in, const std::uint64_t& key) {
        const std::uint64_t k = key;
        return in.behind.read(ashlar::object_bytes(k), [](view) noexcept {});
    }
    static ashlar::result<void> put(engine& to, const std::uint64_t& key, const point& value) {
        const image k{key};
        const image v{value};
        return to.behind.put({k.bytes, sizeof k}, {v.bytes, sizeof v});
    }
    static ashlar::result<bool> erase(engine& from, const std::uint64_t& key) {
        const std::uint64_t k = key;
        return from.behind.erase(ashlar::object_bytes(k));
    }
    static std::size_t size(const engine& of) { return of.behind.size(); }
};

/// A step with a place in front of it where a simulated world could make it fail: what the log's
/// queue does before it grows.
struct growth {};
template <>
struct via_store<growth> {
    static ashlar::result<void> enlarge(ashlar::byte_buffer& queue, std::size_t size);
};
ashlar::result<void> via_store<growth>::enlarge(ashlar::byte_buffer& queue, std::size_t size) {
    if (const auto on = ashlar::reach<ashlar::fault_point::queue_memory>(ashlar::posix{}); !on)
        return on;
    if (queue.extend(size) == nullptr) return ashlar::errc::out_of_memory;
    return {};
}
template <>
struct via_engine<growth> {
    static ashlar::result<void> enlarge(ashlar::byte_buffer& queue, std::size_t size);
};
ashlar::result<void> via_engine<growth>::enlarge(ashlar::byte_buffer& queue, std::size_t size) {
    if (queue.extend(size) == nullptr) return ashlar::errc::out_of_memory;
    return {};
}

template struct via_store<hashed>;
template struct via_engine<hashed>;
template struct via_store<hashed_shared>;
template struct via_engine<hashed_shared>;
template struct via_store<sorted>;
template struct via_engine<sorted>;
template struct via_store<sorted_shared>;
template struct via_engine<sorted_shared>;

} // namespace code

int main() {}
