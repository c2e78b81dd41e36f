// SPDX-License-Identifier: BSL-1.0
// Locks (row K-19): a key that holds its owner's name for a time. The fencing token is the version
// of the write that took the lock: any later owner's is greater, also over restarts, so what the
// lock protects can refuse whoever comes late with a lesser one.
#include "commands/expire.hpp"
#include "commands/handlers.hpp"

namespace cache::on {

namespace {

/// The moment `ms` milliseconds from now; an error is replied when it is none, or not ahead (W13).
std::optional<std::uint64_t> end_of_hold(call& c, string_view ms) {
    return moment(c, {{.absolute = false, .seconds = false}, ms}, true);
}

enum class holder : std::uint8_t { nobody, owner, another };

/// Who holds c[1], seen by c[2]. None when the key is no lock; that is replied.
std::optional<holder> held_by(call& c) {
    holder who = holder::nobody;
    bool wrong = false;
    c.work.read(head_key(c.db, c[1]), [&](string_view row) {
        wrong = row[0] != 's';
        who = row.substr(1) == c[2] ? holder::owner : holder::another;
    });
    if (wrong) return c.wrong_type(), std::nullopt;
    return who;
}

void hold(call& c, std::uint64_t until) {
    c.work.put_head(c.db, c[1], std::string(1, 's').append(c[2]), until);
}

/// 0 for a lock that nobody holds.
void refuse(call& c, holder who) {
    if (who == holder::nobody) c.out.integer(0);
    else c.out.error("LOCKOWNER the lock is held by another owner");
}

} // namespace

/// LOCK key owner milliseconds: the fencing token; nothing when somebody holds it, the owner
/// included.
void lock(call& c) {
    if (c[2].empty()) return c.out.error("ERR a lock needs an owner's name");
    const auto until = end_of_hold(c, c[3]);
    if (!until) return;
    const auto who = held_by(c);
    if (!who) return;
    if (*who != holder::nobody) return c.out.null();
    hold(c, *until);
    c.reply_version();
}

/// UNLOCK key owner: 1; 0 when nobody holds it.
void unlock(call& c) {
    const auto who = held_by(c);
    if (!who) return;
    if (*who != holder::owner) return refuse(c, *who);
    c.work.erase_head(c.db, c[1]);
    c.out.integer(1);
}

/// EXTEND key owner milliseconds, from now: 1; 0 when nobody holds it.
void extend(call& c) {
    const auto until = end_of_hold(c, c[3]);
    if (!until) return;
    const auto who = held_by(c);
    if (!who) return;
    if (*who != holder::owner) return refuse(c, *who);
    hold(c, *until);
    c.out.integer(1);
}

} // namespace cache::on
