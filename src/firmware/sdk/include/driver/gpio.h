/* Pins: ESP-IDF's GPIO driver, as far as virtual chips have any: direction, level, pull, interrupts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "esp_attr.h"
#include "esp_err.h"
#include "esp_idf_version.h"
#include "hal/gpio_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Called in interrupt context after an edge. */
typedef void (*gpio_isr_t)(void *arg);
typedef struct gpio_isr_handle *gpio_isr_handle_t;

typedef struct {
    uint64_t pin_bit_mask;        /* a bit for each pin */
    gpio_mode_t mode;
    gpio_pullup_t pull_up_en;
    gpio_pulldown_t pull_down_en;
    gpio_int_type_t intr_type;
} gpio_config_t;

/* All of them: INVALID_ARG for a pin that there is not, or a mode or kind of interrupt. */
esp_err_t gpio_config(const gpio_config_t *pGPIOConfig);
esp_err_t gpio_reset_pin(gpio_num_t gpio_num);
esp_err_t gpio_set_direction(gpio_num_t gpio_num, gpio_mode_t mode);
esp_err_t gpio_input_enable(gpio_num_t gpio_num);
esp_err_t gpio_output_enable(gpio_num_t gpio_num);
esp_err_t gpio_output_disable(gpio_num_t gpio_num);
esp_err_t gpio_set_level(gpio_num_t gpio_num, uint32_t level);
/* The level; 0 for a pin that there is not. */
int gpio_get_level(gpio_num_t gpio_num);
/* A pull puts its level on an input: nothing else does. */
esp_err_t gpio_set_pull_mode(gpio_num_t gpio_num, gpio_pull_mode_t pull);
esp_err_t gpio_pullup_en(gpio_num_t gpio_num);
esp_err_t gpio_pullup_dis(gpio_num_t gpio_num);
esp_err_t gpio_pulldown_en(gpio_num_t gpio_num);
esp_err_t gpio_pulldown_dis(gpio_num_t gpio_num);

/*
 * Interrupts of a level come once when the pin gets there. None of these from interrupts, but that a handler may turn the
 * interrupt of its own pin off and on.
 */
esp_err_t gpio_set_intr_type(gpio_num_t gpio_num, gpio_int_type_t intr_type);
esp_err_t gpio_intr_enable(gpio_num_t gpio_num);
esp_err_t gpio_intr_disable(gpio_num_t gpio_num);
/* INVALID_STATE if it is installed already. */
esp_err_t gpio_install_isr_service(int intr_alloc_flags);
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 0)
esp_err_t gpio_uninstall_isr_service(void);
#else
void gpio_uninstall_isr_service(void);
#endif
/* INVALID_STATE without the service. */
esp_err_t gpio_isr_handler_add(gpio_num_t gpio_num, gpio_isr_t isr_handler, void *args);
esp_err_t gpio_isr_handler_remove(gpio_num_t gpio_num);

#ifdef __cplusplus
}
#endif
