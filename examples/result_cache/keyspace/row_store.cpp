// SPDX-License-Identifier: BSL-1.0
// The stores whose rows are all in memory.
#include "keyspace/stored_rows.hpp"

namespace cache {

namespace {

/// The composition: the whole of the server's data, and what it promises, is this type. Commands
/// don't wait for the disk under their stripes; the connection does, before it sends a reply.
using durable_rows = ashlar::result_cache<std::string, std::string, ashlar::sync::none>;
using fleeting_rows = ashlar::fleeting_result_cache<std::string, std::string>;

} // namespace

std::unique_ptr<row_store> rows_in_memory() {
    return std::make_unique<stored_rows<fleeting_rows>>(fleeting_rows{});
}

std::unique_ptr<row_store> rows_in(const std::string& directory, std::string& error) {
    ashlar::error_detail detail;
    auto opened = durable_rows::open({.directory = directory, .detail = &detail});
    if (opened) return std::make_unique<stored_rows<durable_rows>>(std::move(*opened));
    const ashlar::text_view why = detail.message.view();
    error =
        why.empty() ? ashlar::name_of(opened.error().code) : std::string{why.data(), why.size()};
    return nullptr;
}

} // namespace cache
