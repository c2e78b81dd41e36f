// SPDX-License-Identifier: BSL-1.0
/// @file Defines fiber: a stack to run on, left and entered by hand (POSIX ucontext).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#define ASHLAR_FIBERS_UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASHLAR_FIBERS_UNDER_ASAN 1
#endif
#endif
#ifdef ASHLAR_FIBERS_UNDER_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

namespace ashlar::inline v0_1::scheduled_parts {

/// A stack with a function on it, or (default-constructed) that of whoever switches to the first.
/// All fibers that switch to each other belong to one thread. The address sanitizer is told of
/// each switch; the thread sanitizer is not and must not be used with it.
class fiber {
  public:
    static constexpr std::size_t stack_size = std::size_t{256} << 10;

    fiber() noexcept = default;
    fiber(const fiber&) = delete;
    fiber& operator=(const fiber&) = delete;

    /// The next switch to it calls entry(argument), which must switch away and not return.
    void prepare(void (*entry)(void*), void* argument) {
        if (!stack_) stack_ = std::make_unique_for_overwrite<std::byte[]>(stack_size);
        entry_ = entry;
        argument_ = argument;
        ::getcontext(&context_);
        context_.uc_stack.ss_sp = stack_.get();
        context_.uc_stack.ss_size = stack_size;
        context_.uc_link = nullptr;
        const auto self = reinterpret_cast<std::uintptr_t>(this);
        ::makecontext(&context_, reinterpret_cast<void (*)()>(&begin), 2,
                      static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
    }
    /// Leaves `from`, which is running, and goes on here. `for_good`: it will not be entered again.
    void enter_from(fiber& from, bool for_good = false) noexcept {
#ifdef ASHLAR_FIBERS_UNDER_ASAN
        if (stack_) bottom_ = stack_.get(), size_ = stack_size;
        came_from_ = &from;
        ::__sanitizer_start_switch_fiber(for_good ? nullptr : &from.fake_stack_, bottom_, size_);
        entered_ = this;
#else
        static_cast<void>(for_good);
#endif
        ::swapcontext(&from.context_, &context_);
        from.arrive();
    }

  private:
    static void begin(unsigned high, unsigned low) {
        auto* self = reinterpret_cast<fiber*>(static_cast<std::uintptr_t>(high) << 32 | low);
        self->arrive();
        self->entry_(self->argument_);
    }
    /// On the stack that was entered, first thing.
    void arrive() noexcept {
#ifdef ASHLAR_FIBERS_UNDER_ASAN
        const void* bottom = nullptr;
        std::size_t size = 0;
        ::__sanitizer_finish_switch_fiber(entered_->fake_stack_, &bottom, &size);
        fiber& left = *entered_->came_from_;
        left.bottom_ = bottom;
        left.size_ = size;
        entered_->fake_stack_ = nullptr;
#endif
    }

    ::ucontext_t context_{};
    std::unique_ptr<std::byte[]> stack_;
    void (*entry_)(void*) = nullptr;
    void* argument_ = nullptr;
#ifdef ASHLAR_FIBERS_UNDER_ASAN
    const void* bottom_ = nullptr;
    std::size_t size_ = 0;
    void* fake_stack_ = nullptr;
    fiber* came_from_ = nullptr;
    inline static thread_local fiber* entered_ = nullptr;
#endif
};

} // namespace ashlar::inline v0_1::scheduled_parts
