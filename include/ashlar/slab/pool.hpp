// SPDX-License-Identifier: BSL-1.0
/// @file Defines pool: memory for many small objects of all lengths, with next to nothing beside
/// them.
#pragma once

#include <ashlar/concurrency/brief_guard.hpp>
#include <ashlar/detail/prefetch.hpp>
#include <ashlar/slab/page.hpp>

namespace ashlar::inline v0_1::slab {

/// Objects are rounded up to this, and aligned to the greatest power of two up to 8 that divides
/// their size then.
inline constexpr std::size_t step = 4;
/// Longer objects come from the heap, one by one.
inline constexpr std::size_t longest = 1024;

/// Whether all of them do, so that tools which watch the heap see each: with AddressSanitizer, and
/// where a whole program defines ASHLAR_OBJECTS_FROM_HEAP.
#if defined(__SANITIZE_ADDRESS__) || defined(ASHLAR_OBJECTS_FROM_HEAP)
inline constexpr bool from_heap = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool from_heap = true;
#else
inline constexpr bool from_heap = false;
#endif
#else
inline constexpr bool from_heap = false;
#endif

template <class Pool>
class returned;
template <class Pool>
class supply;

/// Gives memory by sizes of 4, 8, ... 1,024 bytes, each from slabs of its own; a slab that is
/// empty again serves any size. Beside an object stand its rounding (2 bytes on average) and its
/// share of the slab's head and tail (1 % at 150 bytes): no header, as malloc has.
/// Thread-safe where Concurrency has threads: an object may be given back by any of them.
/// Complexity: O(1).
template <class Concurrency, bool FromHeap = from_heap>
class pool {
    using page = slab::page<pool>;
    friend returned<pool>;
    friend supply<pool>;

  public:
    constexpr pool() noexcept = default;
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;
    ~pool() = default; ///< REQUIRES: all objects were given back.
    /// REQUIRES: nobody takes or gives meanwhile.
    void use(page_advice advise) noexcept { regions_.use(advise); }

    /// Uninitialised, aligned to 4, or to 8 where `bytes` is a multiple of it; nullptr without
    /// memory.
    [[nodiscard]] void* take(std::size_t bytes) noexcept {
        if (is_of_heap(bytes)) return ::operator new(bytes, std::nothrow);
        const brief_guard hold{mutex_};
        return take_one(class_of(bytes));
    }
    /// To the pool that it is from. REQUIRES: take(bytes) gave it.
    static void give(void* object, std::size_t bytes) noexcept {
        if (is_of_heap(bytes)) return ::operator delete(object);
        page& to = page::of(object);
        const brief_guard hold{to.owner.mutex_};
        to.owner.take_back(to, object);
    }
    /// Asks for what give() needs of the object's slab.
    static void expect_give(const void* object) noexcept {
        detail::prefetch(&page::of(const_cast<void*>(object)));
    }
    /// Bytes of slabs, used or not.
    [[nodiscard]] std::size_t bytes() const noexcept {
        const brief_guard hold{mutex_};
        return regions_.bytes();
    }

  private:
    static constexpr std::size_t classes = longest / step;

    [[nodiscard]] static constexpr bool is_of_heap(std::size_t bytes) noexcept {
        return FromHeap || bytes > longest;
    }
    [[nodiscard]] static constexpr std::size_t class_of(std::size_t bytes) noexcept {
        return bytes == 0 ? 0 : (bytes - 1) / step;
    }
    /// REQUIRES: locked.
    [[nodiscard]] void* take_one(std::size_t size_class) noexcept {
        page* from = open_[size_class];
        if (from == nullptr) [[unlikely]]
            from = begin_page(size_class);
        if (from == nullptr) return nullptr;
        void* object = from->take();
        if (from->full()) unlink(*from);
        return object;
    }

    /// REQUIRES: locked.
    void take_back(page& to, void* object) noexcept {
        if (to.full()) link(to);
        to.give(object);
        if (!to.empty()) [[likely]]
            return;
        unlink(to);
        regions_.give(to.in, to.slab());
    }
    [[nodiscard, gnu::noinline]] page* begin_page(std::size_t size_class) noexcept {
        region* in = nullptr;
        std::byte* memory = regions_.take(in);
        if (memory == nullptr) return nullptr;
        page* made = page::make(*this, in, memory, (size_class + 1) * step);
        link(*made);
        return made;
    }
    void link(page& at) noexcept {
        page*& first = open_[at.object_size() / step - 1];
        at.next = first;
        at.before = nullptr;
        if (first != nullptr) first->before = &at;
        first = &at;
    }
    void unlink(page& at) noexcept {
        if (at.before != nullptr) at.before->next = at.next;
        else open_[at.object_size() / step - 1] = at.next;
        if (at.next != nullptr) at.next->before = at.before;
    }

    mutable typename Concurrency::mutex mutex_;
    page* open_[classes]{}; ///< by size: pages with room
    regions regions_;
};

/// A pool on the heap, made when it is first needed: an owner that nobody writes to has no memory,
/// and can be moved, for slabs know where their pool is. Not thread-safe.
template <class Concurrency>
class own_pool {
  public:
    constexpr own_pool() noexcept = default;
    own_pool(own_pool&& other) noexcept
        : pool_{std::exchange(other.pool_, nullptr)}, advise_{other.advise_} {}
    own_pool& operator=(own_pool&& other) noexcept {
        std::swap(pool_, other.pool_);
        std::swap(advise_, other.advise_);
        return *this;
    }
    ~own_pool() { delete pool_; }
    void use(page_advice advise) noexcept { advise_ = advise; }

    /// nullptr without memory.
    [[nodiscard]] pool<Concurrency>* get() noexcept {
        if (pool_ == nullptr) [[unlikely]] {
            pool_ = new (std::nothrow) pool<Concurrency>;
            if (pool_ != nullptr) pool_->use(advise_);
        }
        return pool_;
    }

  private:
    pool<Concurrency>* pool_ = nullptr;
    page_advice advise_ = nullptr;
};

} // namespace ashlar::inline v0_1::slab
