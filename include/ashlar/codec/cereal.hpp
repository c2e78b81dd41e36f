// SPDX-License-Identifier: BSL-1.0
/// @file Defines cereal_value: values that cereal can serialize, hardened against hostile bytes.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/guarded.hpp>

#include <bit>
#include <cereal/cereal.hpp>

namespace ashlar::inline v0_1 {

/// What a cereal encoding may cost, checked in both directions: what could not be read back is
/// refused when it is written.
struct cereal_limits {
    std::size_t bytes = 64U << 20;     ///< longest encoding
    unsigned depth = 64;               ///< objects inside objects
    std::size_t amplification = 16;    ///< bytes of memory for containers per byte of encoding ...
    std::size_t allowance = 64U << 10; ///< ... above these
    constexpr bool operator==(const cereal_limits&) const = default;
};

namespace cereal_archive {

/// Thrown through the frames of cereal and the user, caught at the codec's border.
struct refused {
    errc code;
};

/// Satisfied by the smart pointers, which cereal would follow without end.
template <class T>
concept owning_pointer = requires(const T& t) {
    typename T::element_type;
    t.get();
    *t;
} || requires(const T& t) { t.lock(); };

/// Memory that a container of n elements takes apart from what its elements take themselves:
/// sizeof for contiguous ones, and a node's links and allocator overhead for the others.
template <class Container>
[[nodiscard]] constexpr std::size_t element_cost() noexcept {
    using value_type = typename Container::value_type;
    if constexpr (requires(Container& c) { c.data(); } || std::same_as<value_type, bool>)
        return sizeof(value_type);
    else return sizeof(value_type) + 64;
}

/// The sentences, and the book-keeping that both archives share.
template <cereal_limits Limits>
class frame {
  public:
    /// Called before every object, with its type: the place to know what a size will mean.
    template <class T>
    void enter() {
        static_assert(!owning_pointer<T> && !std::is_pointer_v<T>,
                      "ashlar: cereal_value stores no pointers, stored bytes must not decide how "
                      "deep they are followed; store the value, an index or an optional");
        static_assert(!std::is_polymorphic_v<T>,
                      "ashlar: cereal_value stores no polymorphic types, stored bytes must not "
                      "choose a type; store a variant or separate fields");
        static_assert(!std::is_base_of_v<cereal::detail::DeferredDataCore, T>,
                      "ashlar: cereal_value stores no deferred data, it is for pointers, which "
                      "aren't stored either; serialize the value in place");
        if (++depth_ > Limits.depth) throw refused{errc::invalid_argument};
        if constexpr (requires(const T& t) {
                          typename T::value_type;
                          t.size();
                      }) {
            using element = typename T::value_type;
            static_assert(!std::is_empty_v<element>,
                          "ashlar: cereal_value can't bound a container of empty objects, they "
                          "take no bytes; store their number instead");
            element_cost_ = element_cost<T>();
            element_least_ = std::is_arithmetic_v<element> ? sizeof(element) : 1;
        }
    }
    void leave() noexcept { --depth_; }
    /// A container of `count` elements follows.
    void charge(std::uint64_t count) {
        if (count > (dynamic_extent - memory_) / element_cost_) throw refused{errc::value_too_long};
        memory_ += static_cast<std::size_t>(count) * element_cost_;
    }
    /// Is the memory charged so far within the limits, for an encoding of `bytes`?
    [[nodiscard]] bool affordable(std::size_t bytes) const noexcept {
        return memory_ <= Limits.allowance || bytes > dynamic_extent / Limits.amplification ||
               memory_ - Limits.allowance <= bytes * Limits.amplification;
    }
    /// The bytes that an element of the current container takes at least.
    [[nodiscard]] std::size_t element_least() const noexcept { return element_least_; }

  private:
    static_assert(Limits.amplification > 0 && Limits.depth > 0);

    unsigned depth_ = 0;
    std::size_t element_cost_ = sizeof(std::max_align_t);
    std::size_t element_least_ = 1;
    std::size_t memory_ = 0;
};

/// Writes to `out`, or counts when there is none.
template <cereal_limits Limits>
class writer : public cereal::OutputArchive<writer<Limits>, cereal::AllowEmptyClassElision>,
               public frame<Limits> {
  public:
    explicit writer(std::byte* out)
        : cereal::OutputArchive<writer, cereal::AllowEmptyClassElision>{this}, out_{out} {}

    template <std::unsigned_integral Bits>
    void number(Bits bits) {
        if (std::byte* to = advance(sizeof(Bits))) store_little(to, bits);
    }
    void plain(const void* data, std::size_t bytes) {
        std::byte* to = advance(bytes);
        if (to != nullptr) copy_bytes(to, {static_cast<const std::byte*>(data), bytes});
    }
    [[nodiscard]] std::size_t written() const noexcept { return written_; }

  private:
    [[nodiscard]] std::byte* advance(std::size_t n) {
        if (n > Limits.bytes - written_) throw refused{errc::value_too_long};
        written_ += n;
        return out_ == nullptr ? nullptr : out_ + (written_ - n);
    }
    std::byte* out_;
    std::size_t written_ = 0;
};

/// Reads a view; every length is held against what is left of it before memory is taken.
template <cereal_limits Limits>
class reader : public cereal::InputArchive<reader<Limits>, cereal::AllowEmptyClassElision>,
               public frame<Limits> {
  public:
    explicit reader(bytes_view in)
        : cereal::InputArchive<reader, cereal::AllowEmptyClassElision>{this}, left_{in},
          whole_{in.size()} {}

    template <std::unsigned_integral Bits>
    [[nodiscard]] Bits number() {
        return load_little<Bits>(take(sizeof(Bits)).data());
    }
    void plain(void* data, std::size_t bytes) {
        copy_bytes(static_cast<std::byte*>(data), take(bytes));
    }
    /// The number of elements that follow: at least one byte each, and affordable.
    [[nodiscard]] std::uint64_t count() {
        const auto n = number<std::uint64_t>();
        if (n > left_.size() / this->element_least()) throw refused{errc::corrupt};
        this->charge(n);
        if (!this->affordable(whole_)) throw refused{errc::corrupt};
        return n;
    }
    [[nodiscard]] std::size_t taken() const noexcept { return whole_ - left_.size(); }

  private:
    [[nodiscard]] bytes_view take(std::size_t n) {
        if (n > left_.size()) throw refused{errc::corrupt};
        const bytes_view taken = left_.first(n);
        left_ = left_.skip(n);
        return taken;
    }
    bytes_view left_;
    std::size_t whole_;
};

/// The unsigned integer of a number's size.
template <class T>
using bits_of = std::conditional_t<
    sizeof(T) == 1, std::uint8_t,
    std::conditional_t<sizeof(T) == 2, std::uint16_t,
                       std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

template <class T>
concept number_type = std::is_arithmetic_v<T>;

// What cereal asks of an archive, found by argument-dependent lookup.

template <cereal_limits L, class T>
void prologue(writer<L>& to, const T&) {
    to.template enter<T>();
}
template <cereal_limits L, class T>
void epilogue(writer<L>& to, const T&) {
    to.leave();
}
template <cereal_limits L, class T>
void prologue(reader<L>& from, T&) { // not const: what is about to be read has no value yet
    from.template enter<std::remove_const_t<T>>();
}
template <cereal_limits L, class T>
void epilogue(reader<L>& from, const T&) {
    from.leave();
}

template <cereal_limits L, number_type T>
void CEREAL_SAVE_FUNCTION_NAME(writer<L>& to, const T& value) {
    static_assert(!std::same_as<T, long double>,
                  "ashlar: cereal_value stores no long double, its format differs between "
                  "machines; store a double");
    if constexpr (!std::same_as<T, long double>) to.number(std::bit_cast<bits_of<T>>(value));
}
template <cereal_limits L, number_type T>
void CEREAL_LOAD_FUNCTION_NAME(reader<L>& from, T& value) {
    const auto bits = from.template number<bits_of<T>>();
    if constexpr (std::same_as<T, bool>)
        if (bits > 1) throw refused{errc::corrupt};
    value = std::bit_cast<T>(bits);
}

template <cereal_limits L, class T>
void CEREAL_SAVE_FUNCTION_NAME(writer<L>& to, const cereal::SizeTag<T>& tag) {
    to.charge(tag.size);
    to.number(static_cast<std::uint64_t>(tag.size));
}
template <cereal_limits L, class T>
void CEREAL_LOAD_FUNCTION_NAME(reader<L>& from, cereal::SizeTag<T>& tag) {
    tag.size = static_cast<std::remove_reference_t<decltype((tag.size))>>(from.count());
}

template <cereal_limits L, class T>
void CEREAL_SAVE_FUNCTION_NAME(writer<L>& to, const cereal::BinaryData<T>& run) {
    static_assert(std::endian::native == std::endian::little,
                  "ashlar: cereal_value writes runs of numbers little-endian and was not taught to "
                  "turn them on this machine; use reflected");
    to.plain(run.data, static_cast<std::size_t>(run.size));
}
template <cereal_limits L, class T>
void CEREAL_LOAD_FUNCTION_NAME(reader<L>& from, cereal::BinaryData<T>& run) {
    from.plain(run.data, static_cast<std::size_t>(run.size));
    if constexpr (std::same_as<std::remove_cvref_t<std::remove_pointer_t<std::decay_t<T>>>, bool>)
        for (std::size_t i = 0; i < run.size; ++i)
            if (static_cast<const std::byte*>(run.data)[i] > std::byte{1})
                throw refused{errc::corrupt};
}

template <cereal_limits L, class T>
void CEREAL_SERIALIZE_FUNCTION_NAME(writer<L>& to, cereal::NameValuePair<T>& pair) {
    to(pair.value);
}
template <cereal_limits L, class T>
void CEREAL_SERIALIZE_FUNCTION_NAME(reader<L>& from, cereal::NameValuePair<T>& pair) {
    from(pair.value);
}

} // namespace cereal_archive

/// Value codec for every type that cereal serializes and whose <cereal/types/...> header is
/// included: numbers and runs little-endian, sizes u64, as cereal's portable binary archive but
/// without its first byte. Numbers have the width of their type: prefer std::int64_t to long.
///
/// cereal itself trusts its input (docs/policies/value_codecs.md); this archive doesn't. A size is
/// held against the bytes left and a budget of memory before a container grows, depth is bounded, a
/// bool is 0 or 1, and every exception of cereal or of a serialize function becomes `corrupt`, or
/// `out_of_memory`. Pointers and polymorphic types are refused at compile time.
///
/// size() runs the serialize functions once, counting; encode() once more, writing. It refuses what
/// decoding would: `value_too_long` (bytes, or containers that take more memory than the limits
/// grant their encoding), `invalid_argument` (depth, or a serialize function that threw).
/// A serialize function must write the same twice; one that throws only in encode() terminates.
template <cereal_limits Limits = cereal_limits{}>
struct cereal_value {
    using axis = value_codec_axis;

    template <class Value>
        requires requires { Value{}; }
    struct codec {
        using writer = cereal_archive::writer<Limits>;
        using reader = cereal_archive::reader<Limits>;
        static constexpr std::size_t extent = dynamic_extent;

        [[nodiscard]] static result<std::size_t> size(const Value& value) noexcept {
            return guarded(errc::invalid_argument, [&]() -> result<std::size_t> {
                writer counting{nullptr};
                try {
                    counting(value);
                } catch (const cereal_archive::refused& reason) {
                    return reason.code;
                }
                if (!counting.affordable(counting.written())) return errc::value_too_long;
                return counting.written();
            });
        }
        [[nodiscard]] static std::byte* encode(const Value& value, std::byte* out) noexcept {
            writer writing{out};
            writing(value);
            return out + writing.written();
        }
        [[nodiscard]] static result<Value> decode_some(bytes_view& in) {
            return guarded(errc::corrupt, [&]() -> result<Value> {
                reader reading{in.first(in.size() < Limits.bytes ? in.size() : Limits.bytes)};
                result<Value> value{Value{}};
                reading(*value);
                in = in.skip(reading.taken());
                return value;
            });
        }
        static void describe(sentence& out) noexcept { out << "cereal(portable,u64)"; }
    };
};

} // namespace ashlar::inline v0_1

/// cereal asks which archive reads what another wrote (for save_minimal).
template <ashlar::cereal_limits L>
struct cereal::traits::detail::get_output_from_input<ashlar::cereal_archive::reader<L>> {
    using type = ashlar::cereal_archive::writer<L>;
};
template <ashlar::cereal_limits L>
struct cereal::traits::detail::get_input_from_output<ashlar::cereal_archive::writer<L>> {
    using type = ashlar::cereal_archive::reader<L>;
};
