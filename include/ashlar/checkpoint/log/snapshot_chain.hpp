// SPDX-License-Identifier: BSL-1.0
/// @file Defines what the blocks of a snapshot must be: each by itself, and one behind another.
#pragma once

#include <ashlar/batch.hpp>
#include <ashlar/format/snapshot.hpp>

namespace ashlar::inline v0_1::log_parts {

/// Where a block's rows stand, and what its header says of them. None: the snapshot has ended.
struct snapshot_place {
    std::uint64_t offset = 0;
    std::uint64_t rows = 0;
    std::uint32_t size = 0;
    std::uint32_t sum = 0;

    /// `size`, with the zeros behind it.
    [[nodiscard]] std::size_t padded() const noexcept {
        return log_record_size(size) - sizeof(log_record_header);
    }
};

/// Says what is amiss with a snapshot, to whom it concerns.
struct snapshot_judge {
    error_detail* detail = nullptr;

    [[nodiscard]] error refuse(std::uint64_t position, text_view why) const noexcept {
        if (detail != nullptr) detail->position = position;
        return fail(detail, {errc::corrupt}, why);
    }
    /// A payload out of what was read of it and of the zeros behind it.
    [[nodiscard]] result<bytes_view> payload(const snapshot_place& at,
                                             bytes_view there) const noexcept {
        if (there.size() < at.padded() || crc32c(there.first(at.size)) != at.sum)
            return refuse(at.offset, "a block's rows were altered");
        for (std::size_t i = at.size; i < at.padded(); ++i)
            if (there[i] != std::byte{})
                return refuse(at.offset + i, "the zeros behind a block were altered");
        return there.first(at.size);
    }
    /// The rows of a payload, as puts. REQUIRES: who calls may write to its bytes.
    [[nodiscard]] result<operation_list> rows(const snapshot_place& at,
                                              bytes_view payload) const noexcept {
        const std::uint64_t begin = at.offset - sizeof(log_record_header);
        if (!validate_section(payload, 16, 16))
            return refuse(begin, "a block's rows make no sense");
        const operation_list rows{const_cast<std::byte*>(payload.data()), payload.size()};
        std::uint64_t count = 0;
        for (const operation op : rows) static_cast<void>(op), ++count;
        if (count != at.rows) return refuse(begin, "a block has another number of rows");
        return rows;
    }
};

/// The next block of a snapshot, and what it must say to follow those before.
struct snapshot_chain {
    std::uint64_t length = 0; ///< of the file
    std::uint64_t offset = 0; ///< of the next block
    std::uint64_t rows = 0;   ///< before it
    std::uint32_t seed = 0;
    std::uint32_t sum = 0; ///< of the block before

    /// The header of the next block, which `there` begins with if it is all there.
    [[nodiscard]] result<snapshot_block_view> block(bytes_view there,
                                                    snapshot_judge judge) const noexcept {
        if (there.size() < sizeof(log_record_header))
            return judge.refuse(offset, "a block is cut off");
        const auto view = decode_snapshot_block(there.data(), seed, offset, sum);
        if (!view) return judge.refuse(offset, "a block's header was altered");
        // Looked at before memory is asked for: a size from a file is anybody's.
        if (log_record_size(view->payload_size) > length - offset)
            return judge.refuse(offset, "a block is cut off");
        const bool ends = view->kind == snapshot_block::end;
        if (view->rows < rows || (ends && view->rows != rows))
            return judge.refuse(offset, "a block has another number of rows");
        return view;
    }
    /// Goes on behind that block.
    snapshot_place pass(const snapshot_block_view& block) noexcept {
        const snapshot_place here{offset + sizeof(log_record_header), block.rows - rows,
                                  block.payload_size, block.payload_sum};
        rows = block.rows;
        sum = block.sum;
        offset = here.offset + here.padded();
        return here;
    }
};

} // namespace ashlar::inline v0_1::log_parts
