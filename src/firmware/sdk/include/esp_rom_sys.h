/* Functions that are in the chip's ROM. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

int esp_rom_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int esp_rom_vprintf(const char *format, __builtin_va_list args);
/* Does not sleep: the caller's time passes. */
void esp_rom_delay_us(uint32_t us);
uint32_t esp_rom_get_cpu_ticks_per_us(void);
int ets_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ets_delay_us(uint32_t us);
#define esp_rom_install_channel_putc(channel, putc) ((void)(channel), (void)(putc))
#define esp_rom_output_tx_wait_idle(channel) ((void)(channel))

#ifdef __cplusplus
}
#endif
