// SPDX-License-Identifier: BSL-1.0
/// @file Defines connection: what one client says, and what it is told.
#pragma once

#include "network/lane.hpp"
#include "network/tls.hpp"
#include "resp/request_parser.hpp"
#include "server/server.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/socket.h>

namespace cache {

/// While more than this waits to be sent, or lies unread behind a blocked command, nothing is read.
inline constexpr std::size_t much_pending = std::size_t{1} << 20;
/// Who takes no byte for this long is closed.
inline constexpr std::chrono::seconds patience{60};

/// Stays with its lane, so its state needs no lock. An idle one owns no buffer.
class connection : public std::enable_shared_from_this<connection> {
  public:
    connection(server& host, lane& on, tcp::socket socket, const tls_context* tls)
        : host_{host}, lane_{on}, socket_{std::move(socket)}, stalled_{on.context},
          timeout_{on.context}, tls_{tls == nullptr ? nullptr : new tls_session{*tls}} {}

    void start() {
        error_code bad;
        socket_.non_blocking(true, bad);
        socket_.set_option(tcp::no_delay{true}, bad);
        session_ = host_.connect(text_of(socket_.remote_endpoint(bad)),
                                 text_of(socket_.local_endpoint(bad)));
        {
            const std::lock_guard lock{session_->mutex};
            session_->shown.descriptor = socket_.native_handle();
        }
        const auto wake = [weak = weak_from_this(), &context = lane_.context] {
            asio::post(context, [weak] {
                if (const auto self = weak.lock()) self->look_around();
            });
        };
        const auto cut = [fd = socket_.native_handle()] { ::shutdown(fd, SHUT_RDWR); };
        session_->mail.attach(wake, cut);
        if (!session_->authenticated) parser_.limit(resp::request_limits::before_authentication());
        wait_readable();
    }
    /// Closes it if it has said nothing for so long; those who wait for something may.
    void close_if_idle(std::chrono::steady_clock::time_point now, std::chrono::seconds limit) {
        const bool waits = session_->waiting || session_->subscriptions() != 0 || held_ || paused_;
        if (!waits && unsent() == 0 && now - heard_ >= limit && !is_monitor()) close();
    }
    /// Sends what is answered, then closes.
    void drain() {
        session_->closing = true;
        go_on();
    }

  private:
    static std::string text_of(const tcp::endpoint& at) {
        error_code bad;
        std::string text = at.address().to_string(bad);
        if (at.address().is_v6()) text = '[' + text + ']';
        return text + ':' + std::to_string(at.port());
    }

    [[nodiscard]] bool is_monitor() const {
        const std::lock_guard lock{session_->mutex};
        return session_->shown.monitors;
    }
    [[nodiscard]] std::size_t unsent() const noexcept {
        return out_.size() + sending_.size() - sent_;
    }
    /// Whether the client may make us hold more.
    [[nodiscard]] bool may_read() const noexcept {
        if (held_) return false;
        if (session_->closing || unsent() >= much_pending) return false;
        return !(session_->waiting || paused_) || parser_.pending() < much_pending;
    }

    void wait_readable() {
        if (reading_ || closed_ || !may_read()) return;
        reading_ = true;
        socket_.async_wait(tcp::socket::wait_read,
                           [self = shared_from_this()](const error_code& bad) {
                               self->reading_ = false;
                               if (!bad) self->readable();
                           });
    }
    void readable() {
        if (closed_) return;
        error_code bad;
        const std::size_t got = socket_.read_some(asio::buffer(lane_.input), bad);
        if (bad == asio::error::would_block || bad == asio::error::try_again)
            return wait_readable();
        if (bad) return close();
        heard_ = std::chrono::steady_clock::now();
        const bool more = hear({lane_.input.data(), got});
        go_on();
        if (!more) close();
    }

    /// Hands on what the client says. False: it has nothing more to say, or can't be understood.
    [[nodiscard]] bool hear(std::string_view bytes) {
        if (!tls_) return parser_.feed(bytes), true;
        std::string plain;
        const bool more = tls_->receive(bytes, plain);
        parser_.feed(plain);
        return more;
    }
    /// Moves what is to be said to what is on its way.
    void say() {
        if (!tls_) return sending_.swap(out_);
        tls_->send(out_);
        out_.clear();
        tls_->take(sending_);
    }

    /// Another thread has left something: a message, the reply we wait for, the order to go.
    void look_around() {
        if (!closed_) go_on();
    }

    /// Does all that can be done now: answers, takes mail, sends, waits for more.
    void go_on() {
        if (closed_) return;
        do {
            take_mail();
            if (closed_) return;
            answer_requests();
            send();
            if (closed_) return;
        } while (!held_ && unsent() == 0 && more_to_do_);
        if (session_->closing && unsent() == 0) return close();
        wait_readable();
    }

    void take_mail() {
        more_to_do_ = false;
        // In this order: who is served after we have looked wakes us once more.
        if (session_->mail.closing()) return close();
        const bool served = session_->waiting && session_->waiting->done;
        if (unsent() < much_pending && !held_) session_->mail.take(out_);
        if (served) {
            session_->waiting.reset();
            timeout_.cancel();
        }
    }

    void answer_requests() {
        using outcome = resp::request_parser::outcome;
        session_->pause = {};
        paused_.reset();
        while (may_answer()) {
            const outcome got = parser_.next();
            const auto as = got == outcome::request ? sort() : server::alike::none;
            if (as != server::alike::none) {
                answer_run(as);
                continue;
            }
            if (got == outcome::incomplete) return;
            if (got == outcome::broken) {
                out_ += "-ERR " + parser_.complaint() + "\r\n";
                session_->closing = true;
                return;
            }
            if (const auto rest = host_.pause_before(*session_, parser_.arguments());
                rest > rest.zero()) {
                parser_.go_back(parser_.position());
                return sleep_for(rest);
            }
            host_.execute(session_, parser_.arguments(), out_);
            parser_.limit(session_->authenticated ? resp::request_limits{}
                                                  : resp::request_limits::before_authentication());
            if (session_->waiting) limit_wait();
        }
    }
    [[nodiscard]] bool may_answer() noexcept {
        if (held_ || session_->waiting || session_->closing) return false;
        more_to_do_ = unsent() >= much_pending || (session_->wrote && alone_);
        return !more_to_do_;
    }

    [[nodiscard]] server::alike sort() const {
        if (!parser_.is_in_buffer()) return server::alike::none;
        const server::alike as = host_.sort_of(*session_, parser_.arguments());
        // Where each write is synced by itself, each is answered by itself.
        return alone_ && as != server::alike::lookups ? server::alike::none : as;
    }
    /// The request at hand is answered with those like it that follow at once.
    void answer_run(server::alike as) {
        resp::request_run& run = lane_.run;
        run.clear();
        for (;;) {
            run.add(parser_.arguments(), parser_.position());
            if (run.size() == run.most() || parser_.is_drained()) break;
            if (parser_.next() == resp::request_parser::outcome::request && sort() == as) continue;
            parser_.go_back(parser_.position()); // it is answered in another way
            break;
        }
        std::size_t done = 0;
        switch (as) {
        case server::alike::none: break;
        case server::alike::lookups:
            done = host_.look_up(*session_, run, much_pending, out_);
            break;
        case server::alike::assignments: done = host_.assign(session_, run, out_); break;
        case server::alike::increments: done = host_.add_one(session_, run, out_); break;
        }
        if (done != run.size()) parser_.go_back(run.position(done));
    }

    /// Behind a CLIENT PAUSE what has come is looked at once more.
    void sleep_for(std::chrono::steady_clock::duration rest) {
        paused_.emplace(host_.pausing);
        timeout_.expires_after(rest);
        timeout_.async_wait([self = shared_from_this()](error_code bad) {
            if (!bad) self->look_around();
        });
    }

    void limit_wait() {
        const double seconds = session_->waiting->timeout;
        if (seconds == 0) return;
        constexpr double longest = 1e9; // some thirty years
        timeout_.expires_after(std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::duration<double>(seconds < longest ? seconds : longest)));
        timeout_.async_wait([self = shared_from_this(), w = session_->waiting](error_code bad) {
            if (bad || self->closed_ || self->session_->waiting != w) return;
            self->host_.give_up(self->session_, self->out_);
            self->go_on();
        });
    }

    /// What a reply speaks of, a write or what somebody else wrote, is on the disk before it
    /// leaves. What this thread does until then, for others, shares the sync.
    void hold() {
        session_->wrote = false;
        held_ = true;
        lane_.held.push_back(shared_from_this());
        if (lane_.held.size() == 1) look_behind(lane_);
    }
    /// Passes the gate behind all requests that are known of by then.
    static void look_behind(lane& on) {
        asio::post(on.context, [&on] { pass_gate(on); });
    }
    /// A sync costs the same for one reply and for all. Who is held sends nothing, so while more
    /// come it is put off; then this thread has nothing else to do but to sync. Where there is much
    /// to write and more to do, it is handed over.
    static void pass_gate(lane& on) {
        disk_gate& gate = on.gate;
        const bool more_came = on.held.size() != std::exchange(on.held_before, on.held.size());
        const bool more_may_come = more_came && on.held.size() != on.connections.size();
        if (more_may_come && gate.gathers() && !gate.has_much()) return look_behind(on);
        on.held_before = 0;
        const auto those = std::exchange(on.held, {});
        if (more_may_come && gate.gathers()) {
            gate.after_sync([&on, those](bool durable) {
                asio::post(on.context, [those, durable] { let_go(those, durable); });
            });
        } else if (gate.passes_one_by_one()) {
            for (const auto& one : those) let_go({one}, gate.pass());
        } else {
            let_go(those, gate.pass());
        }
    }
    /// Who can't be told the truth is told nothing: the write has happened and may not last.
    static void let_go(const std::vector<std::shared_ptr<connection>>& those, bool durable) {
        for (const auto& one : those) {
            one->held_ = false;
            if (one->closed_) continue;
            if (!durable) one->close();
            else one->transmit(); // whatever others have written meanwhile
            one->go_on();
        }
    }

    void send() {
        if (held_) return;
        if (durable_ && !out_.empty() && !lane_.gate.is_open()) {
            if (!lane_.gate.has_failed()) return hold();
            // No write succeeds from here on; a reply to one that had is not told.
            if (session_->wrote) return close();
        }
        session_->wrote = false;
        transmit();
    }
    void transmit() {
        while (!writing_) {
            if (sent_ == sending_.size()) {
                sending_.clear();
                sent_ = 0;
                if (sending_.capacity() > much_pending) std::string{}.swap(sending_);
                say();
                if (sending_.empty()) {
                    if (out_.capacity() != 0) std::string{}.swap(out_);
                    return;
                }
            }
            error_code bad;
            sent_ += socket_.write_some(
                asio::buffer(sending_.data() + sent_, sending_.size() - sent_), bad);
            if (bad == asio::error::would_block || bad == asio::error::try_again)
                return wait_writable();
            if (bad) return close();
        }
    }
    void wait_writable() {
        writing_ = true;
        stalled_.expires_after(patience);
        stalled_.async_wait([self = shared_from_this()](const error_code& bad) {
            if (!bad && self->writing_) self->close();
        });
        socket_.async_wait(tcp::socket::wait_write,
                           [self = shared_from_this()](const error_code& bad) {
                               if (self->closed_) return;
                               self->writing_ = false;
                               self->stalled_.cancel();
                               if (bad) self->close();
                               else self->go_on();
                           });
    }

    void close() {
        if (closed_) return;
        closed_ = true;
        host_.disconnect(session_);
        error_code bad;
        if (tls_) {
            std::string last;
            tls_->end();
            tls_->take(last);
            if (sent_ == sending_.size())
                static_cast<void>(socket_.write_some(asio::buffer(last), bad));
        }
        socket_.shutdown(tcp::socket::shutdown_both, bad);
        socket_.close(bad);
        stalled_.cancel();
        timeout_.cancel();
        lane_.connections.erase(shared_from_this());
    }

    server& host_;
    lane& lane_;
    const bool durable_ = host_.space.rows().is_durable();
    /// Each write is synced by itself.
    const bool alone_ = durable_ && host_.options.storage.fsync == fsync_policy::always;
    tcp::socket socket_;
    asio::steady_timer stalled_;
    asio::steady_timer timeout_;
    std::shared_ptr<session> session_;
    resp::request_parser parser_;
    std::string out_;     ///< written by commands, not yet on its way
    std::string sending_; ///< on its way; `sent_` bytes of it are gone
    std::size_t sent_ = 0;
    std::chrono::steady_clock::time_point heard_ =
        std::chrono::steady_clock::now(); ///< when the client said something last
    std::unique_ptr<tls_session> tls_;    ///< null where nothing is encrypted
    bool reading_ = false;
    bool writing_ = false;
    bool more_to_do_ = false;
    bool held_ = false; ///< what is in out_ waits for the disk; nothing is read or run
    bool closed_ = false;
    /// There while a CLIENT PAUSE keeps what has come from running.
    std::optional<pauses::stay> paused_;
};

} // namespace cache
