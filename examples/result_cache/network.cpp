// SPDX-License-Identifier: BSL-1.0
// The connections of clients, over Asio. One context for each thread; a connection stays with its
// context, so its state needs no lock. An idle connection owns no buffer.
#include "network.hpp"

#include "listen_on.hpp"
#include "resp/request_parser.hpp"
#include "resp/request_run.hpp"
#include "tls.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/socket.h>

#include <cstdio>
#include <set>
#include <thread>

namespace cache {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using moment = std::chrono::steady_clock::time_point;

/// While more than this waits to be sent, or lies unread behind a blocked command, nothing is read.
constexpr std::size_t much_pending = std::size_t{1} << 20;
/// Who takes no byte for this long is closed.
constexpr std::chrono::seconds patience{60};
constexpr std::chrono::seconds drain_time{10};

class connection;

/// What the connections of one thread share.
struct lane {
    explicit lane(disk_gate& disk) noexcept : gate{disk} {}

    disk_gate& gate;
    asio::io_context context{1};
    std::set<std::shared_ptr<connection>> connections;
    std::vector<std::shared_ptr<connection>> held; ///< replies that wait for the disk
    std::size_t held_before = 0;                   ///< how many did at the last look
    std::vector<char> input = std::vector<char>(std::size_t{64} * 1024);
    resp::request_run run; ///< of the connection that is being answered
};

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
    void close_if_idle(moment now, std::chrono::seconds limit) {
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
    moment heard_ = std::chrono::steady_clock::now(); ///< when the client said something last
    std::unique_ptr<tls_session> tls_;                ///< null where nothing is encrypted
    bool reading_ = false;
    bool writing_ = false;
    bool more_to_do_ = false;
    bool held_ = false; ///< what is in out_ waits for the disk; nothing is read or run
    bool closed_ = false;
    /// There while a CLIENT PAUSE keeps what has come from running.
    std::optional<pauses::stay> paused_;
};

/// Takes clients on one port and deals them out to the lanes; encrypts where it has a context.
class listener {
  public:
    listener(server& host, std::vector<std::unique_ptr<lane>>& lanes)
        : host_{host}, lanes_{lanes}, acceptor_{lanes.front()->context} {}

    /// Answers whether it listens; `error` says why not.
    [[nodiscard]] bool open(const std::string& address, unsigned short port, std::string& error) {
        return listen_on(acceptor_, address, port, error);
    }
    [[nodiscard]] bool open_encrypted(const listening& where, std::string& error) {
        tls_ = tls_context::load(where.tls_certificate, where.tls_key, error);
        return tls_ != nullptr && open(where.address, *where.tls_port, error);
    }
    [[nodiscard]] unsigned short port() const {
        error_code bad;
        return acceptor_.local_endpoint(bad).port();
    }
    void accept() {
        lane& to = *lanes_[next_++ % lanes_.size()];
        acceptor_.async_accept(to.context, [this, &to](const error_code& bad, tcp::socket socket) {
            if (bad == asio::error::operation_aborted) return;
            if (!bad) welcome(to, std::move(socket));
            accept();
        });
    }
    void stop() {
        error_code bad;
        acceptor_.close(bad);
    }

  private:
    void welcome(lane& to, tcp::socket socket) {
        if (host_.client_count() >= host_.most_clients) {
            ++host_.counts.rejected;
            error_code bad;
            socket.non_blocking(true, bad);
            constexpr std::string_view full = "-ERR max number of clients reached\r\n";
            if (!tls_) static_cast<void>(socket.write_some(asio::buffer(full), bad));
            return;
        }
        auto one = std::make_shared<connection>(host_, to, std::move(socket), tls_.get());
        asio::post(to.context, [&to, one = std::move(one)] {
            to.connections.insert(one);
            one->start();
        });
    }

    server& host_;
    std::vector<std::unique_ptr<lane>>& lanes_;
    tcp::acceptor acceptor_;
    std::unique_ptr<tls_context> tls_;
    std::size_t next_ = 0;
};

/// Gives back what has expired or is too much, also when nobody writes. A little at a time: clients
/// come between.
class janitor {
  public:
    janitor(server& host, lane& on) : host_{host}, context_{on.context}, timer_{on.context} {}
    void begin() {
        timer_.expires_after(std::chrono::milliseconds{100});
        timer_.async_wait([this](const error_code& bad) {
            if (!bad) sweep();
        });
    }

  private:
    void sweep() {
        host_.saves.tend();
        static_cast<void>(host_.memory.make_room()); // a limit may have come down
        if (host_.space.sweep_some()) asio::post(context_, [this] { sweep(); });
        else begin();
    }

    server& host_;
    asio::io_context& context_;
    asio::steady_timer timer_;
};

/// Closes the clients of a lane that have been idle for too long (row K-31), once a second.
class idle_watch {
  public:
    idle_watch(server& host, lane& on) : host_{host}, lane_{on}, timer_{on.context} {}
    void begin() {
        timer_.expires_after(std::chrono::seconds{1});
        timer_.async_wait([this](const error_code& bad) {
            if (bad) return;
            if (const unsigned limit = host_.idle_seconds; limit != 0)
                look(std::chrono::seconds{limit});
            begin();
        });
    }

  private:
    void look(std::chrono::seconds limit) {
        const moment now = std::chrono::steady_clock::now();
        for (auto i = lane_.connections.begin(); i != lane_.connections.end();) {
            const auto one = *i++; // closing takes it out
            one->close_if_idle(now, limit);
        }
    }

    server& host_;
    lane& lane_;
    asio::steady_timer timer_;
};

/// Has every client finish, and the lanes end when all are gone or the time is over.
class farewell {
  public:
    farewell(server& host, std::vector<std::unique_ptr<lane>>& lanes)
        : host_{host}, lanes_{lanes}, timer_{lanes.front()->context} {}

    void begin() {
        last_moment_ = std::chrono::steady_clock::now() + drain_time;
        for (const auto& one : lanes_)
            asio::post(one->context, [&drained = *one] {
                const auto all = drained.connections;
                for (const auto& c : all) c->drain();
            });
        look();
    }

  private:
    void look() {
        timer_.expires_after(std::chrono::milliseconds{10});
        timer_.async_wait([this](const error_code&) {
            if (host_.client_count() != 0 && std::chrono::steady_clock::now() < last_moment_)
                return look();
            for (const auto& one : lanes_) one->context.stop();
        });
    }

    server& host_;
    std::vector<std::unique_ptr<lane>>& lanes_;
    asio::steady_timer timer_;
    std::chrono::steady_clock::time_point last_moment_;
};

} // namespace

int serve(server& host, const listening& where) {
    std::vector<std::unique_ptr<lane>> lanes;
    disk_gate gate{host.space.rows(), host.options.storage};
    lanes.reserve(where.threads);
    for (unsigned i = 0; i < where.threads; ++i) lanes.push_back(std::make_unique<lane>(gate));
    listener door{host, lanes};
    listener encrypted{host, lanes};
    std::string error;
    if (!door.open(where.address, where.port, error) ||
        (where.tls_port && !encrypted.open_encrypted(where, error))) {
        std::fprintf(stderr, "result_cache: %s\n", error.c_str());
        return 1;
    }
    host.options.port = door.port();
    door.accept();
    if (where.tls_port) {
        encrypted.accept();
        std::printf("TLS on %s:%u\n", where.address.c_str(), unsigned{encrypted.port()});
    }
    janitor sweeper{host, *lanes.front()};
    sweeper.begin();
    std::vector<std::unique_ptr<idle_watch>> watches;
    for (const auto& one : lanes) {
        watches.push_back(std::make_unique<idle_watch>(host, *one));
        watches.back()->begin();
    }

    asio::signal_set signals{lanes.front()->context, SIGTERM, SIGINT};
    farewell end{host, lanes};
    signals.async_wait([&](const error_code& bad, int) {
        if (bad) return;
        if (where.on_draining) where.on_draining();
        door.stop();
        encrypted.stop();
        end.begin();
    });

    if (where.on_serving) where.on_serving(); // first, so that who reads "ready" finds the probe so
    std::printf("ready on %s:%u\n", where.address.c_str(), static_cast<unsigned>(door.port()));
    std::fflush(stdout);
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < lanes.size(); ++i)
        others.emplace_back([&one = *lanes[i]] {
            const auto at_work = asio::make_work_guard(one.context);
            one.context.run();
        });
    lanes.front()->context.run();
    for (std::thread& t : others) t.join();
    return 0;
}

} // namespace cache
