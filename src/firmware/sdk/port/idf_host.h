/*
 * What the host gives to the peripherals' drivers: imports of the WebAssembly module ("idf"), implemented in
 * src/firmware/host/peripherals over the same objects that programs in TypeScript use. They answer with an esp_err_t unless it
 * says otherwise, and write what else they return where a pointer says; then idf_reason tells why they refused.
 *
 * All may be called in interrupts but those marked "task": the kernel's thread carries these out while the calling task waits.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IDF_IMPORT(name) __attribute__((import_module("idf"), import_name(#name)))

/* Why the last call of the calling task was refused: text, cut to size bytes with its end. The length; 0 if there is none. */
IDF_IMPORT(reason) uint32_t idf_reason(char *text, uint32_t size);

/* Logs why a call was refused, as ESP_LOGE does, and returns its code. Not from interrupts, where it only returns the code. */
esp_err_t idf_check(const char *tag, const char *function, esp_err_t code);

/* 1 if flash and external memory are encrypted. */
IDF_IMPORT(flash_encryption) uint32_t idf_flash_encryption(void);

/* ---- async memcpy -------------------------------------------------------------------------------------------------- */

#define IDF_BACKEND_DEFAULT 0
#define IDF_BACKEND_CP_DMA 1
#define IDF_BACKEND_GDMA_AHB 2
#define IDF_BACKEND_GDMA_AXI 3
#define IDF_BACKEND_GDMA_LP_AHB 4

typedef struct {
    uint32_t backlog;
    uint32_t sram_trans_align;
    uint32_t psram_trans_align;
    uint32_t dma_burst_size;
    uint32_t weight;
    uint32_t backend;
    uint32_t unaligned_psram; /* 1: there is no psram_trans_align, nothing is asked by 0 */
    uint32_t bursts_by_size;  /* 1: there is no sram_trans_align, dma_burst_size alone tells of bursts */
} idf_memcpy_config_t;

/* Written by the host. serial is never the same again: who finds another one has found another driver. */
typedef struct {
    uint32_t driver;
    uint32_t client;
    uint32_t dispatch;
    uint32_t serial;
    uint32_t core; /* by C: where its interrupts are */
} idf_memcpy_driver_t;

/* task */
IDF_IMPORT(memcpy_install)
esp_err_t idf_memcpy_install(const idf_memcpy_config_t *config, idf_memcpy_driver_t *driver);
/* task */
IDF_IMPORT(memcpy_uninstall) esp_err_t idf_memcpy_uninstall(const idf_memcpy_driver_t *driver);
/* cb (0 for none) is called through port_isr_copy with handle and args. */
IDF_IMPORT(memcpy_submit)
esp_err_t idf_memcpy_submit(const idf_memcpy_driver_t *driver, const void *dst, const void *src, uint32_t n, uint32_t cb,
                            const void *handle, const void *args);
IDF_IMPORT(memcpy_event) esp_err_t idf_memcpy_event(const idf_memcpy_driver_t *driver, uint32_t *event);

/* ---- event-task matrix: objects are named by their handles --------------------------------------------------------- */

IDF_IMPORT(etm_new_channel) esp_err_t idf_etm_new_channel(uint32_t *channel);
IDF_IMPORT(etm_del_channel) esp_err_t idf_etm_del_channel(uint32_t channel);
IDF_IMPORT(etm_enable) esp_err_t idf_etm_enable(uint32_t channel);
IDF_IMPORT(etm_disable) esp_err_t idf_etm_disable(uint32_t channel);
IDF_IMPORT(etm_connect) esp_err_t idf_etm_connect(uint32_t channel, uint32_t event, uint32_t task);
IDF_IMPORT(etm_del_event) esp_err_t idf_etm_del_event(uint32_t event);
IDF_IMPORT(etm_del_task) esp_err_t idf_etm_del_task(uint32_t task);
/* What is connected, as text, cut to size bytes with its end. Its whole length. */
IDF_IMPORT(etm_dump) uint32_t idf_etm_dump(char *text, uint32_t size);

/* ---- pins ---------------------------------------------------------------------------------------------------------- */

#define IDF_GPIO_DISABLED 0
#define IDF_GPIO_INPUT 1
#define IDF_GPIO_OUTPUT 2
IDF_IMPORT(gpio_direction) esp_err_t idf_gpio_direction(int32_t pin, uint32_t direction);
IDF_IMPORT(gpio_set) esp_err_t idf_gpio_set(int32_t pin, uint32_t level);
/* The level; 0 for a pin that there is not. */
IDF_IMPORT(gpio_get) uint32_t idf_gpio_get(int32_t pin);
/* A level that the outside puts on it: a pull, as nothing else is connected. */
IDF_IMPORT(gpio_pull) esp_err_t idf_gpio_pull(int32_t pin, uint32_t level);

#define IDF_GPIO_RISING 0
#define IDF_GPIO_FALLING 1
#define IDF_GPIO_ANY 2
IDF_IMPORT(gpio_new_event) esp_err_t idf_gpio_new_event(uint32_t edge, uint32_t *event);
IDF_IMPORT(gpio_bind_event) esp_err_t idf_gpio_bind_event(uint32_t event, int32_t pin);
#define IDF_GPIO_SET 0
#define IDF_GPIO_CLEAR 1
#define IDF_GPIO_TOGGLE 2
IDF_IMPORT(gpio_new_task) esp_err_t idf_gpio_new_task(uint32_t action, uint32_t *task);
IDF_IMPORT(gpio_add) esp_err_t idf_gpio_add(uint32_t task, int32_t pin);
IDF_IMPORT(gpio_remove) esp_err_t idf_gpio_remove(uint32_t task, int32_t pin);

/* task: from now on fn(pin, argument, 0) is called as an interrupt after edges; fn 0 for never. kinds: a bit for rising (1), falling (2). */
IDF_IMPORT(gpio_watch) esp_err_t idf_gpio_watch(int32_t pin, uint32_t kinds, uint32_t fn, uint32_t argument);
/* Levels may have changed, and pins are watched: in the simulated engine their interrupts come now, before the task goes on. */
IDF_IMPORT(gpio_changed) void idf_gpio_changed(void);
/* Returns when edges of the pin from before have been told, where that takes time: in real time, for tasks outside of critical sections. */
IDF_IMPORT(gpio_told) void idf_gpio_told(int32_t pin);

/* ---- general purpose timers ---------------------------------------------------------------------------------------- */

/* task. is_down: 1 for one that counts down. */
IDF_IMPORT(timer_new) esp_err_t idf_timer_new(uint32_t resolution_hz, uint32_t is_down, uint32_t *timer);
#define IDF_TIMER_DELETE 0
#define IDF_TIMER_ENABLE 1
#define IDF_TIMER_DISABLE 2
#define IDF_TIMER_START 3
#define IDF_TIMER_STOP 4
IDF_IMPORT(timer_operate) esp_err_t idf_timer_operate(uint32_t timer, uint32_t operation);
IDF_IMPORT(timer_set_count) esp_err_t idf_timer_set_count(uint32_t timer, uint64_t count);
#define IDF_TIMER_COUNT 0
#define IDF_TIMER_CAPTURED 1
#define IDF_TIMER_RESOLUTION 2
IDF_IMPORT(timer_get) esp_err_t idf_timer_get(uint32_t timer, uint32_t what, uint64_t *value);
#define IDF_TIMER_ALARM_OFF 0
#define IDF_TIMER_ALARM_ONCE 1
#define IDF_TIMER_ALARM_RELOAD 2
IDF_IMPORT(timer_alarm) esp_err_t idf_timer_alarm(uint32_t timer, uint32_t mode, uint64_t count, uint64_t reload);
IDF_IMPORT(timer_event) esp_err_t idf_timer_event(uint32_t timer, uint32_t *event);
IDF_IMPORT(timer_task) esp_err_t idf_timer_task(uint32_t timer, uint32_t action, uint32_t *task);
/* Returns when alarms from before have been told, where that takes time: in real time, for tasks outside of critical sections. */
IDF_IMPORT(timer_told) void idf_timer_told(uint32_t timer);
/* task: from now on fn(argument, 0, 0) is called as an interrupt after each alarm; fn 0 for never. */
IDF_IMPORT(timer_watch) esp_err_t idf_timer_watch(uint32_t timer, uint32_t fn, uint32_t argument);

#ifdef __cplusplus
}
#endif
