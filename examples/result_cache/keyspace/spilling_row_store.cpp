// SPDX-License-Identifier: BSL-1.0
// The store whose rows rest on disk when memory is used up.
#include "keyspace/stored_rows.hpp"

#include <ashlar/backend/lmdb.hpp>

namespace cache {

namespace {

using spilling_rows =
    ashlar::spilling_result_cache<std::string, std::string, ashlar::lmdb<64>, ashlar::sync::none>;

} // namespace

std::unique_ptr<row_store> spilling_rows_in(const std::string& directory, std::size_t memory_limit,
                                            std::string& error) {
    ashlar::error_detail detail;
    const std::string cold = directory + ".cold";
    const ashlar::tiered_options<ashlar::lmdb_options> tiers{
        .memory_limit = memory_limit,
        .directory = cold,
        .cold = {.map_size = std::uint64_t{1} << 30, .sync = ashlar::lmdb_sync::none}};
    auto opened = spilling_rows::open({.directory = directory, .detail = &detail}, tiers);
    if (opened) return std::make_unique<stored_rows<spilling_rows>>(std::move(*opened));
    const ashlar::text_view why = detail.message.view();
    error =
        why.empty() ? ashlar::name_of(opened.error().code) : std::string{why.data(), why.size()};
    return nullptr;
}

} // namespace cache
