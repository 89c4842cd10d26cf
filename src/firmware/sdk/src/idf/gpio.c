/* Pins over the host's. */
#include "driver/gpio.h"

#include <stdlib.h>
#include <string.h>

#include "esp_log.h"
#include "idf_host.h"
#include "port.h"

static const char *TAG = "gpio";

/* Kinds of edges, as idf_gpio_watch wants them. */
#define RISING 1u
#define FALLING 2u

typedef struct {
    gpio_isr_t handler;
    void *args;
} handler_t;

typedef struct {
    uint8_t type;
    bool is_enabled;
    bool pull_up;
    bool pull_down;
} pin_t;

/* Written by tasks only, but is_enabled; interrupts read those of pins that are watched. */
static pin_t pins[SOC_GPIO_PIN_COUNT];
static handler_t handlers[SOC_GPIO_PIN_COUNT];
static bool has_service;
/* Pins that are watched. */
static uint64_t watched;

static esp_err_t refuse(const char *function, const char *message)
{
    if (!port_in_interrupt()) ESP_LOGE(TAG, "%s: %s", function, message);
    return ESP_ERR_INVALID_ARG;
}

#define CHECK_PIN(pin) \
    if (!GPIO_IS_VALID_GPIO((int)(pin))) return refuse(__func__, "GPIO number error")

/* What the host calls after edges of a pin. */
static int32_t on_edge(uint32_t pin, uint32_t argument, uint32_t unused)
{
    (void)argument;
    (void)unused;
    handler_t handler = handlers[pin];
    if (handler.handler != NULL && pins[pin].is_enabled) handler.handler(handler.args);
    return 0;
}

/* Before what is done with edges of a pin changes: on a chip the handler of those from before has been called by then. */
static void told(int pin)
{
    if ((watched >> pin & 1) != 0) idf_gpio_told(pin);
}

static uint32_t kinds_of(uint32_t type)
{
    switch (type) {
    case GPIO_INTR_POSEDGE:
    case GPIO_INTR_HIGH_LEVEL:
        return RISING;
    case GPIO_INTR_NEGEDGE:
    case GPIO_INTR_LOW_LEVEL:
        return FALLING;
    case GPIO_INTR_ANYEDGE:
        return RISING | FALLING;
    default:
        return 0;
    }
}

static esp_err_t watch(int pin, const char *function)
{
    uint32_t kinds = pins[pin].is_enabled && handlers[pin].handler != NULL ? kinds_of(pins[pin].type) : 0;
    uint32_t fn = kinds == 0 ? 0 : (uint32_t)(uintptr_t)on_edge;
    watched = (watched & ~(1ULL << pin)) | ((uint64_t)(kinds != 0) << pin);
    return idf_check(TAG, function, idf_gpio_watch(pin, kinds, fn, 0));
}

/* After what may have been an edge, of this pin or of those that its events change. */
static esp_err_t changed(esp_err_t code)
{
    if (watched != 0) idf_gpio_changed();
    return code;
}

/* The level of a pull; what one up and one down come to, halfway, is read as low. */
static esp_err_t pull(int pin, const char *function)
{
    if (!pins[pin].pull_up && !pins[pin].pull_down) return ESP_OK;
    return changed(idf_check(TAG, function, idf_gpio_pull(pin, !pins[pin].pull_down)));
}

esp_err_t gpio_set_direction(gpio_num_t gpio_num, gpio_mode_t mode)
{
    CHECK_PIN(gpio_num);
    if (mode < 0 || mode > 7) return refuse(__func__, "GPIO mode error");
    uint32_t direction = (mode & GPIO_MODE_OUTPUT)  ? IDF_GPIO_OUTPUT
                         : (mode & GPIO_MODE_INPUT) ? IDF_GPIO_INPUT
                                                    : IDF_GPIO_DISABLED;
    return changed(idf_check(TAG, __func__, idf_gpio_direction(gpio_num, direction)));
}

esp_err_t gpio_input_enable(gpio_num_t gpio_num)
{
    return gpio_set_direction(gpio_num, GPIO_MODE_INPUT);
}

esp_err_t gpio_output_enable(gpio_num_t gpio_num)
{
    return gpio_set_direction(gpio_num, GPIO_MODE_OUTPUT);
}

esp_err_t gpio_output_disable(gpio_num_t gpio_num)
{
    return gpio_set_direction(gpio_num, GPIO_MODE_INPUT);
}

esp_err_t gpio_set_level(gpio_num_t gpio_num, uint32_t level)
{
    CHECK_PIN(gpio_num);
    return changed(idf_check(TAG, __func__, idf_gpio_set(gpio_num, level != 0)));
}

int gpio_get_level(gpio_num_t gpio_num)
{
    return (int)idf_gpio_get(gpio_num);
}

static esp_err_t set_pulls(gpio_num_t gpio_num, bool up, bool down, const char *function)
{
    pins[gpio_num].pull_up = up;
    pins[gpio_num].pull_down = down;
    return pull(gpio_num, function);
}

esp_err_t gpio_set_pull_mode(gpio_num_t gpio_num, gpio_pull_mode_t mode)
{
    CHECK_PIN(gpio_num);
    if (mode < GPIO_PULLUP_ONLY || mode > GPIO_FLOATING) return refuse(__func__, "GPIO pull mode error");
    bool both = mode == GPIO_PULLUP_PULLDOWN;
    return set_pulls(gpio_num, both || mode == GPIO_PULLUP_ONLY, both || mode == GPIO_PULLDOWN_ONLY, __func__);
}

esp_err_t gpio_pullup_en(gpio_num_t gpio_num)
{
    CHECK_PIN(gpio_num);
    return set_pulls(gpio_num, true, pins[gpio_num].pull_down, __func__);
}

esp_err_t gpio_pullup_dis(gpio_num_t gpio_num)
{
    CHECK_PIN(gpio_num);
    return set_pulls(gpio_num, false, pins[gpio_num].pull_down, __func__);
}

esp_err_t gpio_pulldown_en(gpio_num_t gpio_num)
{
    CHECK_PIN(gpio_num);
    return set_pulls(gpio_num, pins[gpio_num].pull_up, true, __func__);
}

esp_err_t gpio_pulldown_dis(gpio_num_t gpio_num)
{
    CHECK_PIN(gpio_num);
    return set_pulls(gpio_num, pins[gpio_num].pull_up, false, __func__);
}

esp_err_t gpio_set_intr_type(gpio_num_t gpio_num, gpio_int_type_t intr_type)
{
    CHECK_PIN(gpio_num);
    if (intr_type < 0 || intr_type >= GPIO_INTR_MAX) return refuse(__func__, "GPIO interrupt type error");
    told(gpio_num);
    pins[gpio_num].type = intr_type;
    return watch(gpio_num, __func__);
}

static esp_err_t enable(gpio_num_t gpio_num, bool is_enabled, const char *function)
{
    told(gpio_num);
    pins[gpio_num].is_enabled = is_enabled;
    /* A handler that turns its own interrupt off, as those of levels do, cannot ask the host: the pin stays watched. */
    if (port_in_interrupt() && (watched >> gpio_num & 1) != 0) return ESP_OK;
    return watch(gpio_num, function);
}

esp_err_t gpio_intr_enable(gpio_num_t gpio_num)
{
    CHECK_PIN(gpio_num);
    return enable(gpio_num, true, __func__);
}

esp_err_t gpio_intr_disable(gpio_num_t gpio_num)
{
    CHECK_PIN(gpio_num);
    return enable(gpio_num, false, __func__);
}

esp_err_t gpio_config(const gpio_config_t *pGPIOConfig)
{
    if (pGPIOConfig == NULL || pGPIOConfig->pin_bit_mask == 0 ||
        (pGPIOConfig->pin_bit_mask & ~SOC_GPIO_VALID_GPIO_MASK) != 0) {
        return refuse(__func__, "GPIO_PIN mask error");
    }
    for (int pin = 0; pin < SOC_GPIO_PIN_COUNT; pin++) {
        if (((pGPIOConfig->pin_bit_mask >> pin) & 1) == 0) continue;
        esp_err_t code = gpio_set_direction(pin, pGPIOConfig->mode);
        if (code != ESP_OK) return code;
        pins[pin].pull_up = pGPIOConfig->pull_up_en == GPIO_PULLUP_ENABLE;
        pins[pin].pull_down = pGPIOConfig->pull_down_en == GPIO_PULLDOWN_ENABLE;
        code = pull(pin, __func__);
        if (code == ESP_OK) code = gpio_set_intr_type(pin, pGPIOConfig->intr_type);
        if (code == ESP_OK) {
            code = pGPIOConfig->intr_type == GPIO_INTR_DISABLE ? gpio_intr_disable(pin) : gpio_intr_enable(pin);
        }
        if (code != ESP_OK) return code;
    }
    return ESP_OK;
}

esp_err_t gpio_reset_pin(gpio_num_t gpio_num)
{
    CHECK_PIN(gpio_num);
    gpio_config_t config = {
        .pin_bit_mask = 1ULL << gpio_num,
        .mode = GPIO_MODE_DISABLE,
        .pull_up_en = GPIO_PULLUP_ENABLE,
    };
    return gpio_config(&config);
}

esp_err_t gpio_install_isr_service(int intr_alloc_flags)
{
    (void)intr_alloc_flags;
    if (has_service) {
        ESP_LOGE(TAG, "%s: GPIO isr service already installed", __func__);
        return ESP_ERR_INVALID_STATE;
    }
    has_service = true;
    return ESP_OK;
}

#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 0)
esp_err_t gpio_uninstall_isr_service(void)
#else
void gpio_uninstall_isr_service(void)
#endif
{
    for (int pin = 0; pin < SOC_GPIO_PIN_COUNT; pin++) {
        if (handlers[pin].handler == NULL) continue;
        told(pin);
        handlers[pin] = (handler_t){0};
        watch(pin, __func__);
    }
    has_service = false;
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 0)
    return ESP_OK;
#endif
}

esp_err_t gpio_isr_handler_add(gpio_num_t gpio_num, gpio_isr_t isr_handler, void *args)
{
    if (!has_service) {
        ESP_LOGE(TAG, "%s: GPIO isr service is not installed, call gpio_install_isr_service() first", __func__);
        return ESP_ERR_INVALID_STATE;
    }
    CHECK_PIN(gpio_num);
    if (isr_handler == NULL) return refuse(__func__, "GPIO isr handler is NULL");
    told(gpio_num);
    handlers[gpio_num] = (handler_t){.handler = isr_handler, .args = args};
    pins[gpio_num].is_enabled = true;
    return watch(gpio_num, __func__);
}

esp_err_t gpio_isr_handler_remove(gpio_num_t gpio_num)
{
    if (!has_service) {
        ESP_LOGE(TAG, "%s: GPIO isr service is not installed, call gpio_install_isr_service() first", __func__);
        return ESP_ERR_INVALID_STATE;
    }
    CHECK_PIN(gpio_num);
    told(gpio_num);
    pins[gpio_num].is_enabled = false;
    esp_err_t code = watch(gpio_num, __func__);
    handlers[gpio_num] = (handler_t){0};
    return code;
}
