/*
 * What the host gives to firmware: console, time, threads, waiting, memory, the end. Everything else of the runtime is C on
 * top of it. The functions are imports of the WebAssembly module ("port"); src/firmware/host/port/ implements them.
 *
 * "task" is the address of the C task control block: the host never looks into it, it only gives it back.
 */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PORT_IMPORT(name) __attribute__((import_module("port"), import_name(#name)))
#define PORT_EXPORT(name) __attribute__((export_name(#name), used, visibility("default")))

/* ---- console ------------------------------------------------------------------------------------------------------- */

/* Bytes for the console. What one call writes stays together, and calls keep their order, whichever threads they come from. */
PORT_IMPORT(write) void port_write(const char *bytes, uint32_t length);

/* The next bytes that were typed into the console, up to length: how many; 0 when there are no more. Never waits. */
PORT_IMPORT(read) uint32_t port_read(char *bytes, uint32_t length);

/* ---- time ---------------------------------------------------------------------------------------------------------- */

/* Microseconds since the firmware started. In the simulated engine each call moves the virtual clock on by 1 us. */
PORT_IMPORT(time_us) int64_t port_time_us(void);

PORT_IMPORT(random) uint32_t port_random(void);

/* ---- waiting ------------------------------------------------------------------------------------------------------- */

#define PORT_WOKEN 0
#define PORT_DIFFERED 1
#define PORT_TIMEOUT 2

/*
 * Sleeps while *address == expected, until somebody wakes this address: PORT_WOKEN, PORT_DIFFERED (the value was another one
 * to begin with) or PORT_TIMEOUT. timeout_us < 0: for ever. A woken caller looks at the value again; it may be woken for nothing.
 * In an interrupt this ends the firmware. Not to be called between port_enter_critical and port_exit_critical.
 */
PORT_IMPORT(wait) int32_t port_wait(volatile uint32_t *address, uint32_t expected, int64_t timeout_us);

/* What a task waits for, as traces tell it; which one of its kind says the address of the thing. */
#define PORT_FOR_ANYTHING 0
#define PORT_FOR_TIME 1
#define PORT_FOR_MESSAGE 2
#define PORT_FOR_ROOM 3
#define PORT_FOR_SEMAPHORE 4
#define PORT_FOR_MUTEX 5
#define PORT_FOR_EVENTS 6
#define PORT_FOR_NOTIFICATION 7
#define PORT_FOR_STREAM 8
#define PORT_FOR_RESUME 9
#define PORT_FOR_ALARM 10
#define PORT_FOR_COPY 11

/* port_wait, by one who says what for. */
PORT_IMPORT(wait_for)
int32_t port_wait_for(volatile uint32_t *address, uint32_t expected, int64_t timeout_us, uint32_t what, uintptr_t which);

/*
 * Wakes up to count callers of port_wait on this address; UINT32_MAX for all. In the simulated engine the ones of the highest
 * priority first, and a task that wakes one of a higher priority than its own is overtaken at once (inside a critical section: at
 * its end; in an interrupt: when the interrupt ends). Returns how many it woke. Allowed in interrupts.
 */
PORT_IMPORT(wake) uint32_t port_wake(volatile uint32_t *address, uint32_t count);

/* ---- where am I ---------------------------------------------------------------------------------------------------- */

PORT_IMPORT(in_interrupt) uint32_t port_in_interrupt(void);
/* Of a task that has no affinity, 0. Interrupts come on the core of the task that has asked for them. */
PORT_IMPORT(core) uint32_t port_core(void);
/* The calling task; NULL in an interrupt, and in constructors before app_main. */
PORT_IMPORT(self) void *port_self(void);

/* ---- tasks --------------------------------------------------------------------------------------------------------- */

#define PORT_NO_AFFINITY (-1)

/*
 * Starts a thread that calls port_task_main(task) with its stack at stack_low. The lowest bytes stay free of the stack as a
 * guard. 0, or ESP_ERR_NO_MEM. Before it runs the host calls the export port_task_begun(task), on some other thread. In the
 * simulated engine a task of a higher priority than the caller's runs at once, or at the end of the caller's critical section.
 */
PORT_IMPORT(task_start)
int32_t port_task_start(void *task, void *stack_low, uint32_t stack_bytes, uint32_t priority, int32_t core,
                        const char *name);
/* The calling task ends. Afterwards the host calls the export port_task_gone(task), on some other thread. */
PORT_IMPORT(task_exit) _Noreturn void port_task_exit(void);
/*
 * Another task ends: it is sure to from here on, also if the caller is ended next. It does where it waits or at its next call of the
 * host, but not in a critical section; when it makes none its thread is terminated: what it held stays held. Not for the caller
 * itself. Returns a number for port_task_join; 0 if there is no such task.
 */
PORT_IMPORT(task_stop) uint32_t port_task_stop(void *task);
/* Returns when that task no longer runs and the host has called port_task_gone(task), or when the caller is to end itself. */
PORT_IMPORT(task_join) void port_task_join(uint32_t number);
PORT_IMPORT(task_priority) void port_task_priority(void *task, uint32_t priority);
PORT_IMPORT(yield) void port_yield(void);
/* This task is a service (timers): the firmware ends when only services are left, and a deadlock is one of the others. */
PORT_IMPORT(task_daemon) void port_task_daemon(void *task);

/* ---- critical sections --------------------------------------------------------------------------------------------- */

/*
 * One lock for all tasks and interrupts, nestable: while one is inside, no other enters, and in the simulated engine none runs. Nobody
 * is ended inside. Functions that the kernel carries out (port_task_start, port_task_join, and what makes and deletes peripherals)
 * lend it to others until they return.
 */
PORT_IMPORT(enter_critical) void port_enter_critical(void);
PORT_IMPORT(exit_critical) void port_exit_critical(void);

/* ---- the end ------------------------------------------------------------------------------------------------------- */

/*
 * Ends the firmware with a report: reason is ESP-IDF's wording, printed as it is; file, line and function of the C source are
 * added to the backtrace when given (file and function may be NULL, line 0).
 */
PORT_IMPORT(panic) _Noreturn void port_panic(const char *reason, const char *file, int32_t line, const char *function);
/* esp_restart: virtual chips do not start again, the firmware ends with this exit code. */
PORT_IMPORT(restart) _Noreturn void port_restart(int32_t code);

/* Calls fn(arg). 0, or the code that something in it gave to port_unwind, which leaves everything up to here. */
PORT_IMPORT(protect) int32_t port_protect(void (*fn)(void *), void *arg);
PORT_IMPORT(unwind) _Noreturn void port_unwind(int32_t code);

/* ---- heap ---------------------------------------------------------------------------------------------------------- */

/* The chip's heap. caps are ESP-IDF's MALLOC_CAP_*; align 0, or a power of two. NULL when there is no such memory. */
PORT_IMPORT(heap_alloc) void *port_heap_alloc(uint32_t bytes, uint32_t align, uint32_t caps);
/* 0, or -1 when there is no live block at this address. */
PORT_IMPORT(heap_free) int32_t port_heap_free(void *address);
/* The length that was asked for, 0 if there is no live block at this address. */
PORT_IMPORT(heap_size) uint32_t port_heap_size(void *address);

#define PORT_HEAP_FREE 0
#define PORT_HEAP_ALLOCATED 1
#define PORT_HEAP_LARGEST_FREE 2
#define PORT_HEAP_MINIMUM_FREE 3
#define PORT_HEAP_BLOCKS 4
#define PORT_HEAP_TOTAL 5
PORT_IMPORT(heap_info) void port_heap_info(uint32_t caps, uint32_t out[6]);

/* ---- what the checks of the compiler call (put in by src/firmware/toolchain) ----------------------------------------- */

PORT_IMPORT(fault) _Noreturn void port_fault(const void *address, uint32_t bytes, uint32_t is_write);
PORT_IMPORT(stack_overflow) _Noreturn void port_stack_overflow(void);

/* ---- what firmware exports ----------------------------------------------------------------------------------------- */

/* Written by the SDK, called by the host. Optional ones may be missing from a module. */
void app_main(void);
/*
 * Optional: called once, after the constructors, on the kernel's thread and the linker's own stack. It starts the main task, which
 * is the first that is started, and must not wait. Without it app_main is called in a task on that stack.
 */
void port_main(void);
/* A task that port_task_start started. Returning is the same as port_task_exit. */
void port_task_main(void *task);
/* Optional: a task is about to run. The order of these calls is that in which tasks were started. */
void port_task_begun(void *task);
/* Optional: the thread of a task has ended for good, by itself or by port_task_stop; its stack and control block may be freed. */
void port_task_gone(void *task);
/* Calls cb(handle, event, args) in interrupt context; 1 if it returned true. */
int32_t port_isr_copy(int32_t (*cb)(void *, void *, void *), void *handle, void *event, void *args);
/* Calls fn(a, b, c) in interrupt context, and returns what it returned. */
int32_t port_isr_call(int32_t (*fn)(uint32_t, uint32_t, uint32_t), uint32_t a, uint32_t b, uint32_t c);

#ifdef __cplusplus
}
#endif
