// SPDX-License-Identifier: BSL-1.0
/// @file Defines what one would write by hand over the tree of sorted_map, for one type of key.
#pragma once

#include "harness.hpp"

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>

#include <cstring>

namespace bench {

/// `Image` is a key in bytes that sort: made of a key, it has view(), and key_of(bytes) is the way
/// back. Keys that fit into a word stand with their points in the leaves, others in items.
template <class Key, class Image>
class hand_tree {
    static constexpr bool words = Image::extent <= 8;
    using kind = ashlar::sorted_tree::kind<words, !words, ashlar::single>;
    static constexpr auto no_undo = ashlar::sorted_tree::undo_log::none;

  public:
    hand_tree() {
        if constexpr (!words) {
            require(items_.template make<ashlar::bare>(), "no memory for a pool of items");
            tree_.shape.use(items_.get());
        }
    }
    template <class Visit>
    ashlar::result<bool> read(const Key& key, Visit visit) const noexcept {
        const Image at{key};
        const std::byte* found = tree_.find(at.view());
        if (found == nullptr) return false;
        visit(*reinterpret_cast<const point*>(tree_.shape.row_in(found).data()));
        return true;
    }
    ashlar::result<bool> get(const Key& key, point& out) const noexcept {
        return read(key, [&out](const point& at) noexcept { out = at; });
    }
    ashlar::result<void> put(const Key& key, const point& value) noexcept {
        const Image at{key};
        ashlar::sorted_tree::table<kind> rows{tree_, no_undo};
        return rows.assign(at.view(), ashlar::object_bytes(value));
    }
    ashlar::result<bool> erase(const Key& key) noexcept {
        const Image at{key};
        ashlar::sorted_tree::table<kind> rows{tree_, no_undo};
        return rows.erase(at.view());
    }
    /// Visits copies of 256 rows, as the store does, so that a visitor may change the map.
    template <class Visit>
    void each(Visit visit) const {
        struct copy {
            Key key;
            point value;
        };
        std::vector<copy> copies(256);
        ashlar::scan_range range{};
        Key last{};
        for (bool more = true; more;) {
            const Image behind{last};
            if (range.resume) range.after = behind.view();
            ashlar::sorted_tree::range_reader<kind> reader{tree_, range};
            std::size_t n = 0;
            ashlar::bytes_view key;
            ashlar::bytes_view row;
            while (n < copies.size() && (more = reader.next(key, row))) {
                Image::assign(copies[n].key, key);
                std::memcpy(&copies[n++].value, row.data(), sizeof(point));
            }
            for (std::size_t i = 0; i < n; ++i) visit(copies[i].key, copies[i].value);
            if (n == 0) return;
            last = copies[n - 1].key;
            range.resume = true;
        }
    }

  private:
    /// Words stand in nodes of the heap: no pool.
    struct none {};
    template <class Kind, bool = words>
    struct items_of {
        using type = ashlar::sorted_tree::pool_share<typename Kind::pool>;
    };
    template <class Kind>
    struct items_of<Kind, true> {
        using type = none;
    };
    [[no_unique_address]] typename items_of<kind>::type items_;
    ashlar::sorted_tree::tree<kind> tree_{Image::extent, sizeof(point)};
};

} // namespace bench
