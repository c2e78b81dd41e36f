// SPDX-License-Identifier: BSL-1.0
// Start-up code for a Cortex-M3 that QEMU emulates, and the two semihosting calls the tests need.
// Sources: ARMv7-M Architecture Reference Manual, B1.5 (vector table, reset); "Semihosting for
// AArch32 and AArch64" (ARM), SYS_WRITE0 and SYS_EXIT_EXTENDED.
#include <stddef.h>
#include <stdint.h>

extern uint32_t image_data_load[], image_data_begin[], image_data_end[];
extern uint32_t image_bss_begin[], image_bss_end[];
extern uint32_t image_stack_top[];

int main(void);

enum {
    sys_write0 = 0x04,
    sys_exit_extended = 0x20,
    adp_application_exit = 0x20026,
    fault_code = 99
};

static void semihost(uint32_t call, const void* argument) {
    register uint32_t r0 __asm__("r0") = call;
    register const void* r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

void board_write(const char* text) { semihost(sys_write0, text); }

__attribute__((noreturn)) void board_exit(uint32_t code) {
    const uint32_t reason[2] = {adp_application_exit, code};
    semihost(sys_exit_extended, reason);
    for (;;) {
    }
}

// Any fault ends the run with a code of its own, so that nothing hangs.
static void on_fault(void) { board_exit(fault_code); }

// There is no loop over .init_array: that the image has none is one of the tests.
__attribute__((noreturn)) void on_reset(void) {
    const uint32_t* from = image_data_load;
    for (uint32_t* to = image_data_begin; to != image_data_end; ++to) *to = *from++;
    for (uint32_t* to = image_bss_begin; to != image_bss_end; ++to) *to = 0;
    board_exit((uint32_t)main());
}

typedef void (*handler)(void);

// Initial stack pointer, reset, NMI, then the faults; the rest is not enabled.
__attribute__((section(".vectors"), used)) static const struct {
    uint32_t* stack;
    handler handlers[6];
} vectors = {image_stack_top, {on_reset, on_fault, on_fault, on_fault, on_fault, on_fault}};
