// SPDX-License-Identifier: BSL-1.0
// Snapshots on demand.
#include "commands/handlers.hpp"

namespace cache::on {

namespace {

/// Answers whether there is a directory to write to; if not, the error is replied.
bool on_disk(call& c) {
    if (c.host.space.rows().is_durable()) return true;
    c.out.error("ERR this server keeps everything in memory; start it with --dir");
    return false;
}
void busy(call& c) { c.out.error("ERR Background save already in progress"); }

} // namespace

void save(call& c) {
    if (!on_disk(c)) return;
    switch (c.host.saves.save()) {
    case snapshots::outcome::done: return c.out.ok();
    case snapshots::outcome::busy: return busy(c);
    case snapshots::outcome::failed: return c.out.error("ERR the snapshot could not be written");
    }
}

void bgsave(call& c) {
    if (c.size() > 2 || (c.size() == 2 && !is(c[1], "schedule"))) return c.syntax_error();
    if (!on_disk(c)) return;
    if (c.host.saves.start() == snapshots::outcome::busy) return busy(c);
    c.out.simple("Background saving started");
}

/// The log is rewritten by a snapshot, which begins a new one.
void bgrewriteaof(call& c) {
    if (!on_disk(c)) return;
    if (c.host.saves.start() == snapshots::outcome::busy) return busy(c);
    c.out.simple("Background append only file rewriting started");
}

void lastsave(call& c) { c.out.integer(c.host.saves.last()); }

} // namespace cache::on
