// SPDX-License-Identifier: BSL-1.0
// What an image weighs before there is a store in it: start-up code and a way to report.
#include "board.hpp"

int main() {
    board::expect(board::failures == 0, "nothing can fail");
    return board::failures;
}
