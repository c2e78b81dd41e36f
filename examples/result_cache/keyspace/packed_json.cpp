// SPDX-License-Identifier: BSL-1.0
#include "keyspace/packed_json.hpp"

#include <cstring>

#include <lz4.h>

namespace cache::packed_json {

namespace {

using std::string_view;

/// What results of tasks have in common; longer wholes first. Part of the form on disk.
constexpr string_view dictionary =
    R"({"status": "SUCCESS", "result": null, "traceback": null, "children": [], )"
    R"("date_done": "2026-)"
    R"({"status": "SUCCESS", "result": {"status": "SUCCESS", "result": [)"
    R"({"status": "SUCCESS", "result": "", "traceback": null, "children": [[[")"
    R"({"status": "FAILURE", "result": {"exc_type": "ValueError", "exc_message": [""], )"
    R"("exc_module": "builtins"}, "traceback": "Traceback (most recent call last):\n  File )"
    R"(\"/usr/lib/python3/dist-packages/celery/app/trace.py\", line 451, in trace_task\n    )"
    R"(R = retval = fun(*args, **kwargs)\n  File )"
    R"(\"/usr/lib/python3/dist-packages/celery/app/trace.py\", line 734, in )"
    R"(__protected_call__\n    )"
    R"(return self.run(*args, **kwargs)\n  File \"/app/tasks.py\", line )"
    R"(", "exc_module": "celery.exceptions"}, "traceback": ")"
    R"({"status": "RETRY", "result": {"status": "STARTED", "result": {"pid": , )"
    R"("hostname": "celery@)"
    R"(", null], null]], ["+00:00", "parent_id": null, "group_id": ")"
    R"(", "name": "tasks.", "args": [], "kwargs": {}, "worker": "celery@", "retries": 0, )"
    R"("queue": "celery", "properties": {"timestamp": "user_id": "message": "error": "amount": ")"
    R"("currency": "EUR", "value": "items": [{"id": true, "data": {"name": false, "type": ")"
    R"("date_done": "2025-", "date_done": "2027-", "date_done": "2028-", "date_done": "2029-)"
    R"(.000000+00:00", "task_id": ", "parent_id": ", "group_id": "})";

constexpr std::size_t size_bytes = 2;

/// What a text may refer to, as LZ4 wants it: the dictionary and the key in one piece, and where a
/// text is packed, the text behind them. One for each thread: the dictionary is copied once.
template <std::size_t More>
class window {
  public:
    window() noexcept { dictionary.copy(bytes_, dictionary.size()); }
    window(const window&) = delete;
    window& operator=(const window&) = delete;
    /// Where the key begins. REQUIRES: key.size() <= longest_key.
    [[nodiscard]] char* put(string_view key) noexcept {
        key.copy(bytes_ + dictionary.size(), key.size());
        return bytes_ + dictionary.size();
    }
    [[nodiscard]] const char* data() const noexcept { return bytes_; }

  private:
    char bytes_[dictionary.size() + longest_key + More];
};

/// LZ4's tables with the dictionary in them, which takes a microsecond to do and a third to copy.
class packer {
  public:
    packer() noexcept {
        LZ4_initStream(&with_dictionary_, sizeof with_dictionary_);
        LZ4_loadDict(&with_dictionary_, window_.data(), static_cast<int>(dictionary.size()));
    }
    packer(const packer&) = delete;
    packer& operator=(const packer&) = delete;
    /// How many bytes it took; 0 where it takes more than there is room for.
    [[nodiscard]] std::size_t run(string_view key, string_view text, char* out,
                                  std::size_t room) noexcept {
        state_ = with_dictionary_;
        char* from = window_.put(key);
        if (!key.empty()) static_cast<void>(next(from, key.size(), of_key_, sizeof of_key_));
        text.copy(from + key.size(), text.size());
        return next(from + key.size(), text.size(), out, room);
    }

  private:
    [[nodiscard]] std::size_t next(const char* from, std::size_t size, char* out,
                                   std::size_t room) noexcept {
        const int done = LZ4_compress_fast_continue(&state_, from, out, static_cast<int>(size),
                                                    static_cast<int>(room), 1);
        return done > 0 ? static_cast<std::size_t>(done) : 0;
    }

    window<longest_text> window_;
    LZ4_stream_t with_dictionary_;
    LZ4_stream_t state_;
    char of_key_[LZ4_COMPRESSBOUND(longest_key)]; ///< of no use: the key is known already
};

} // namespace

string_view pack(string_view key, string_view text, room& out) noexcept {
    if (!is_candidate(key, text)) return {};
    static thread_local packer of_thread;
    const std::size_t enough = text.size() * 3 / 4;
    out[0] = static_cast<char>(text.size() & 0xff);
    out[1] = static_cast<char>(text.size() >> 8);
    const std::size_t size = of_thread.run(key, text, out.data() + size_bytes, enough - size_bytes);
    return size == 0 ? string_view{} : string_view{out.data(), size_bytes + size};
}

bool unpacked::read(string_view key, string_view packed) noexcept {
    size_ = 0;
    if (packed.size() < size_bytes || packed.size() > sizeof bytes_ || key.size() > longest_key)
        return false;
    const std::size_t whole = static_cast<unsigned char>(packed[0]) +
                              static_cast<std::size_t>(static_cast<unsigned char>(packed[1])) * 256;
    if (whole > longest_text) return false;
    static thread_local window<0> known;
    static_cast<void>(known.put(key));
    const int done = LZ4_decompress_safe_usingDict(
        packed.data() + size_bytes, bytes_ + 1, static_cast<int>(packed.size() - size_bytes),
        static_cast<int>(whole), known.data(), static_cast<int>(dictionary.size() + key.size()));
    if (done < 0 || static_cast<std::size_t>(done) != whole) return false;
    size_ = whole;
    return true;
}

} // namespace cache::packed_json
