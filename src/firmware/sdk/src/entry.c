/* Where the host comes in: the start, tasks' threads, and their end. A module with a port_task_main of its own has none of it. */
#include "rtos.h"

#include <stdio.h>

#ifdef CONFIG_ESP_MAIN_TASK_STACK_SIZE
#define MAIN_STACK_BYTES CONFIG_ESP_MAIN_TASK_STACK_SIZE
#else
#define MAIN_STACK_BYTES 3584
#endif
#define MAIN_PRIORITY 1

PORT_EXPORT(port_task_main) void port_task_main(void *block)
{
    rtos_task *task = block;
    task->code(task->parameters);
    char text[96];
    snprintf(text, sizeof text, "FreeRTOS Task \"%s\" should not return, Aborting now!", task->name);
    port_panic(text, NULL, 0, NULL);
}

/* On another thread: from now on it is one of the tasks. */
PORT_EXPORT(port_task_begun) void port_task_begun(void *block)
{
    rtos_task_begun(block);
}

/* On another thread: nothing runs on this stack any more. */
PORT_EXPORT(port_task_gone) void port_task_gone(void *block)
{
    rtos_task_gone(block);
}

static void main_task(void *unused)
{
    (void)unused;
    app_main();
    vTaskDelete(NULL);
}

PORT_EXPORT(port_main) void port_main(void)
{
    xTaskCreatePinnedToCore(main_task, "main", MAIN_STACK_BYTES, NULL, MAIN_PRIORITY, NULL, 0);
}
