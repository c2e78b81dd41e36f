// SPDX-License-Identifier: BSL-1.0
/// @file Defines returned and supply: objects that go back to a pool, or come from it, together.
#pragma once

#include <ashlar/slab/pool.hpp>

namespace ashlar::inline v0_1::slab {

/// Gives objects back together, when the next is one too many and at the end: their pool is locked
/// once for a row of them.
template <class Pool>
class returned {
  public:
    returned() noexcept = default;
    returned(const returned&) = delete;
    returned& operator=(const returned&) = delete;
    ~returned() { give_all(); }
    /// REQUIRES: as Pool::give().
    void add(void* object, std::size_t bytes) noexcept {
        if (Pool::is_of_heap(bytes)) return ::operator delete(object);
        if (count_ == most) give_all();
        objects_[count_++] = object;
    }

  private:
    static constexpr std::size_t most = 64;
    using page = slab::page<Pool>;

    void give_all() noexcept {
        while (count_ != 0) {
            Pool& owner = page::of(objects_[0]).owner;
            std::size_t others = 0;
            const brief_guard hold{owner.mutex_};
            for (std::size_t i = 0; i < count_; ++i) {
                page& of = page::of(objects_[i]);
                if (&of.owner == &owner) owner.take_back(of, objects_[i]);
                else objects_[others++] = objects_[i];
            }
            count_ = others;
        }
    }

    std::size_t count_ = 0;
    void* objects_[most];
};

/// Takes objects for one who needs many of a size: more each time, up to 16, and the pool is locked
/// once for all of these. Those that are left go back at the end.
template <class Pool>
class supply {
  public:
    supply() noexcept = default;
    supply(const supply&) = delete;
    supply& operator=(const supply&) = delete;
    ~supply() { give_rest(); }
    /// The pool to take from; the first that is named.
    void from(Pool& of) noexcept {
        if (of_ == nullptr) of_ = &of;
    }
    /// As Pool::take(). REQUIRES: from().
    [[nodiscard]] void* take(std::size_t bytes) noexcept {
        if (Pool::is_of_heap(bytes)) return of_->take(bytes);
        const std::size_t wanted = Pool::class_of(bytes);
        if (next_ == count_ || wanted != class_) [[unlikely]]
            refill(wanted);
        return next_ == count_ ? nullptr : objects_[next_++];
    }

  private:
    static constexpr std::size_t most = 16;

    [[gnu::noinline]] void refill(std::size_t wanted) noexcept {
        give_rest();
        const bool more = wanted == class_ && count_ != 0;
        const std::size_t some = !more ? 1 : count_ < most ? 2 * count_ : most;
        class_ = wanted;
        const brief_guard hold{of_->mutex_};
        for (next_ = count_ = 0; count_ < some; ++count_)
            if ((objects_[count_] = of_->take_one(wanted)) == nullptr) return;
    }
    void give_rest() noexcept {
        for (returned<Pool> rest; next_ < count_; ++next_)
            rest.add(objects_[next_], (class_ + 1) * step);
    }

    Pool* of_ = nullptr;
    std::size_t class_ = 0;
    std::size_t next_ = 0;
    std::size_t count_ = 0;
    void* objects_[most];
};

} // namespace ashlar::inline v0_1::slab
