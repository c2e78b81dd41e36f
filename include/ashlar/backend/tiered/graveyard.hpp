// SPDX-License-Identifier: BSL-1.0
/// @file Defines graveyard: places of the cold tier that wait until nobody can look there any more.
#pragma once

#include <ashlar/buffer.hpp>

#include <utility>

namespace ashlar::inline v0_1::tiered_parts {

/// Places of the cold tier that are free, but that a reader may still follow: reclamation by
/// epochs, of which two are enough. What is freed goes into the present one. The one before it is
/// given back as soon as nobody is left who entered while it was the present one. All verbs but
/// leaving and waiting() ask for the store's lock.
template <class Concurrency>
class graveyard {
  public:
    /// Whoever holds one may follow any place that the hot tier named since it was made.
    class [[nodiscard]] visit {
      public:
        explicit visit(graveyard& of) noexcept : of_{&of}, side_{of.present_} {
            of.visitors_[side_].fetch_add(1);
        }
        visit(visit&& other) noexcept
            : of_{std::exchange(other.of_, nullptr)}, side_{other.side_} {}
        visit& operator=(visit&& other) noexcept {
            std::swap(of_, other.of_);
            std::swap(side_, other.side_);
            return *this;
        }
        ~visit() {
            if (of_ != nullptr) of_->visitors_[side_].fetch_sub(1);
        }

      private:
        graveyard* of_;
        std::size_t side_;
    };

    /// Without memory for its number a place stays taken until the store is closed.
    void add(std::uint64_t id) noexcept {
        std::byte* to = free_[present_].extend(8);
        if (to == nullptr) return;
        store_little(to, id);
        waiting_.fetch_add_relaxed(1);
    }
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.load_relaxed(); }
    /// Moves up to `most` numbers that nobody can reach to the end of `to`.
    void take(byte_buffer& to, std::size_t most) noexcept {
        byte_buffer& old = free_[1 - present_];
        if (visitors_[1 - present_].load() != 0) return;
        const std::size_t size = old.size() < most * 8 ? old.size() : most * 8;
        if (!append(to, {old.data() + old.size() - size, size})) return;
        old.truncate(old.size() - size);
        waiting_.fetch_sub(size / 8);
        if (old.empty()) present_ = 1 - present_;
    }

  private:
    std::size_t present_ = 0;
    byte_buffer free_[2];
    typename Concurrency::template atomic<std::size_t> waiting_{0};
    typename Concurrency::template atomic<std::uint32_t> visitors_[2]{};
};

} // namespace ashlar::inline v0_1::tiered_parts
