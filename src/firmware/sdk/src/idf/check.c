/* Refusals of the host, told as ESP-IDF's drivers tell theirs. */
#include <stdlib.h>

#include "esp_log.h"
#include "idf_host.h"
#include "port.h"

#define LONGEST 320

/* On the heap, as the stacks of tasks are small. */
static __attribute__((noinline)) char *reason_of_last(void)
{
    char *reason = malloc(LONGEST);
    if (reason != NULL && idf_reason(reason, LONGEST) != 0) return reason;
    free(reason);
    return NULL;
}

esp_err_t idf_check(const char *tag, const char *function, esp_err_t code)
{
    if (code == ESP_OK || port_in_interrupt()) return code;
    char *reason = reason_of_last();
    if (reason != NULL) ESP_LOGE(tag, "%s: %s", function, reason);
    free(reason);
    return code;
}
