/* General purpose timers: clock, direction, events and tasks. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    GPTIMER_CLK_SRC_DEFAULT = 0,
    GPTIMER_CLK_SRC_APB,
    GPTIMER_CLK_SRC_XTAL,
    GPTIMER_CLK_SRC_PLL_F80M,
    GPTIMER_CLK_SRC_RC_FAST,
    GPTIMER_CLK_SRC_PLL_F40M,
    GPTIMER_CLK_SRC_PLL_F48M,
} soc_periph_gptimer_clk_src_t;

/* Those that every chip has. */
#define SOC_GPTIMER_CLKS {GPTIMER_CLK_SRC_DEFAULT, GPTIMER_CLK_SRC_XTAL}
typedef soc_periph_gptimer_clk_src_t gptimer_clock_source_t;

typedef enum {
    GPTIMER_COUNT_DOWN,
    GPTIMER_COUNT_UP,
} gptimer_count_direction_t;

typedef enum {
    GPTIMER_ETM_TASK_START_COUNT,
    GPTIMER_ETM_TASK_STOP_COUNT,
    GPTIMER_ETM_TASK_EN_ALARM,
    GPTIMER_ETM_TASK_RELOAD,
    GPTIMER_ETM_TASK_CAPTURE,
    GPTIMER_ETM_TASK_MAX,
} gptimer_etm_task_type_t;

typedef enum {
    GPTIMER_ETM_EVENT_ALARM_MATCH,
    GPTIMER_ETM_EVENT_MAX,
} gptimer_etm_event_type_t;

#ifdef __cplusplus
}
#endif
