// SPDX-License-Identifier: BSL-1.0
// Start-up code for RISC-V, run by QEMU's virt board, with the two semihosting calls the tests need
// and the three functions of a C library that compilers call. Sources: "RISC-V Semihosting" (RISC-V
// International), chapter 3, and start.c's for the calls.
#include <stddef.h>
#include <stdint.h>

extern uint32_t image_data_load[], image_data_begin[], image_data_end[];
extern uint32_t image_bss_begin[], image_bss_end[];

int main(void);

enum { sys_write0 = 0x04, sys_exit_extended = 0x20, adp_application_exit = 0x20026 };

// The three instructions in one page and uncompressed are what makes the ebreak a call.
static void semihost(uint32_t call, const void* argument) {
    register uint32_t a0 __asm__("a0") = call;
    register const void* a1 __asm__("a1") = argument;
    __asm__ volatile(".option push\n"
                     ".option norvc\n"
                     ".balign 16\n"
                     "slli zero, zero, 0x1f\n"
                     "ebreak\n"
                     "srai zero, zero, 7\n"
                     ".option pop"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
}

void board_write(const char* text) { semihost(sys_write0, text); }

__attribute__((noreturn)) void board_exit(uint32_t code) {
    const uint32_t reason[2] = {adp_application_exit, code};
    semihost(sys_exit_extended, reason);
    for (;;) {
    }
}

// There is no loop over .init_array: that the image has none is one of the tests.
__attribute__((noreturn, used)) static void on_reset(void) {
    const uint32_t* from = image_data_load;
    for (uint32_t* to = image_data_begin; to != image_data_end; ++to) *to = *from++;
    for (uint32_t* to = image_bss_begin; to != image_bss_end; ++to) *to = 0;
    board_exit((uint32_t)main());
}

// Where the board begins: no stack yet, and no pointer to the small data.
__attribute__((naked, section(".start"), used)) void start(void) {
    __asm__(".option push\n"
            ".option norelax\n"
            "la gp, __global_pointer$\n"
            ".option pop\n"
            "la sp, image_stack_top\n"
            "j on_reset");
}

void* memcpy(void* to, const void* from, size_t n) {
    for (size_t i = 0; i != n; ++i) ((unsigned char*)to)[i] = ((const unsigned char*)from)[i];
    return to;
}
void* memset(void* to, int byte, size_t n) {
    for (size_t i = 0; i != n; ++i) ((unsigned char*)to)[i] = (unsigned char)byte;
    return to;
}
int memcmp(const void* left, const void* right, size_t n) {
    const unsigned char *a = left, *b = right;
    for (size_t i = 0; i != n; ++i)
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    return 0;
}
