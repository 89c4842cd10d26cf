/** `esp_etm.h`, `driver/gpio_etm.h`, `driver/gptimer.h`: what each function does and answers. */
import { describe, expect, it } from 'vitest'

import {
  ASYNC_MEMCPY_ETM_EVENT_COPY_DONE,
  ESP_ERR_INVALID_ARG,
  ESP_ERR_INVALID_STATE,
  ESP_ERR_NOT_FOUND,
  ESP_ERR_NOT_SUPPORTED,
  ESP_ERROR_CHECK,
  ESP_OK,
  GPIO_ETM_EVENT_EDGE_ANY,
  GPIO_ETM_EVENT_EDGE_NEG,
  GPIO_ETM_EVENT_EDGE_POS,
  GPIO_ETM_TASK_ACTION_CLR,
  GPIO_ETM_TASK_ACTION_SET,
  GPIO_ETM_TASK_ACTION_TOG,
  GPIO_MODE_DISABLE,
  GPIO_MODE_INPUT,
  GPIO_MODE_INPUT_OUTPUT,
  GPIO_MODE_OUTPUT,
  GPTIMER_COUNT_DOWN,
  GPTIMER_COUNT_UP,
  GPTIMER_ETM_EVENT_ALARM_MATCH,
  GPTIMER_ETM_TASK_CAPTURE,
  GPTIMER_ETM_TASK_EN_ALARM,
  GPTIMER_ETM_TASK_RELOAD,
  GPTIMER_ETM_TASK_START_COUNT,
  GPTIMER_ETM_TASK_STOP_COUNT,
  MALLOC_CAP_DMA,
  NULL,
  esp_async_memcpy_new_etm_event,
  esp_etm_channel_connect,
  esp_etm_channel_disable,
  esp_etm_channel_enable,
  esp_etm_del_channel,
  esp_etm_del_event,
  esp_etm_del_task,
  esp_etm_dump,
  esp_etm_new_channel,
  esp_memcpy_blocking,
  gpio_etm_event_bind_gpio,
  gpio_etm_task_add_gpio,
  gpio_etm_task_rm_gpio,
  gpio_get_level,
  gpio_new_etm_event,
  gpio_new_etm_task,
  gpio_set_direction,
  gpio_set_level,
  gptimer_del_timer,
  gptimer_disable,
  gptimer_enable,
  gptimer_get_captured_count,
  gptimer_get_raw_count,
  gptimer_get_resolution,
  gptimer_new_etm_event,
  gptimer_new_etm_task,
  gptimer_new_timer,
  gptimer_set_alarm_action,
  gptimer_set_raw_count,
  gptimer_start,
  gptimer_stop,
  heap_caps_malloc,
  ref,
  type esp_etm_channel_handle_t,
  type esp_etm_event_handle_t,
  type esp_etm_task_handle_t,
  type gptimer_handle_t,
} from '../../src/idf/esp-idf.ts'

import { install, open, there, useChips } from './chips.ts'

useChips()

function newChannel(): esp_etm_channel_handle_t {
  const channel = ref<esp_etm_channel_handle_t>(NULL)
  ESP_ERROR_CHECK(esp_etm_new_channel({}, channel))
  return there(channel.value)
}

function newGpioTask(action: number, pin: number): esp_etm_task_handle_t {
  const task = ref<esp_etm_task_handle_t>(NULL)
  ESP_ERROR_CHECK(gpio_new_etm_task({ action }, task))
  ESP_ERROR_CHECK(gpio_etm_task_add_gpio(task.value, pin))
  return there(task.value)
}

function newGpioEvent(edge: number, pin?: number): esp_etm_event_handle_t {
  const event = ref<esp_etm_event_handle_t>(NULL)
  ESP_ERROR_CHECK(gpio_new_etm_event({ edge }, event))
  if (pin !== undefined) ESP_ERROR_CHECK(gpio_etm_event_bind_gpio(event.value, pin))
  return there(event.value)
}

describe('esp_etm.h', () => {
  it('nineteen copies toggle a pin, and no program between them', async () => {
    await open('esp32c6', { engine: 'simulated' })
    const driver = await install()
    gpio_set_direction(4, GPIO_MODE_OUTPUT)
    const event = ref<esp_etm_event_handle_t>(NULL)
    ESP_ERROR_CHECK(esp_async_memcpy_new_etm_event(driver, ASYNC_MEMCPY_ETM_EVENT_COPY_DONE, event))
    const task = newGpioTask(GPIO_ETM_TASK_ACTION_TOG, 4)
    const channel = newChannel()
    ESP_ERROR_CHECK(esp_etm_channel_connect(channel, event.value, task))
    ESP_ERROR_CHECK(esp_etm_channel_enable(channel))
    const [to, from] = [heap_caps_malloc(64, MALLOC_CAP_DMA), heap_caps_malloc(64, MALLOC_CAP_DMA)]
    for (let i = 0; i < 19; i++) ESP_ERROR_CHECK(esp_memcpy_blocking(driver, to, from, 64, -1))
    expect(channel.soc.target.name).toBe('esp32c6')
    expect(gpio_get_level(4)).toBe(1)

    let text = ''
    const write = (more: string): void => {
      text += more
    }
    expect(esp_etm_dump({ write })).toBe(ESP_OK)
    expect(text).toMatch(/channel 0: event copy-done of driver 0x[0-9a-f]+ ==> task gpio 4 toggle\n/)

    expect(esp_etm_del_task(task)).toBe(ESP_ERR_INVALID_STATE)
    expect(esp_etm_del_channel(channel)).toBe(ESP_ERR_INVALID_STATE)
    expect(esp_etm_channel_disable(channel)).toBe(ESP_OK)
    expect(esp_etm_channel_disable(channel)).toBe(ESP_ERR_INVALID_STATE)
    expect(gpio_etm_task_rm_gpio(task, 4)).toBe(ESP_OK)
    expect(esp_etm_del_task(task)).toBe(ESP_OK)
    expect(esp_etm_del_event(event.value)).toBe(ESP_OK)
    expect(esp_etm_del_event(event.value)).toBe(ESP_ERR_INVALID_STATE)
    expect(esp_etm_del_channel(channel)).toBe(ESP_OK)
  })

  it('answers NULL with ESP_ERR_INVALID_ARG, a 51st channel with ESP_ERR_NOT_FOUND, a chip without it with ESP_ERR_NOT_SUPPORTED', async () => {
    await open('esp32c6', { engine: 'simulated' })
    const channel = ref<esp_etm_channel_handle_t>(NULL)
    const nulls = [
      esp_etm_new_channel(NULL, channel),
      esp_etm_new_channel({}, NULL),
      esp_etm_channel_connect(NULL, NULL, NULL),
      esp_etm_channel_enable(NULL),
      esp_etm_channel_disable(NULL),
      esp_etm_del_channel(NULL),
      esp_etm_del_event(NULL),
      esp_etm_del_task(NULL),
      esp_etm_dump(NULL),
      gpio_new_etm_event(NULL, ref<esp_etm_event_handle_t>(NULL)),
      gpio_new_etm_event({ edge: GPIO_ETM_EVENT_EDGE_POS }, NULL),
      gpio_new_etm_event({ edge: 0 }, ref<esp_etm_event_handle_t>(NULL)),
      gpio_new_etm_task(NULL, ref<esp_etm_task_handle_t>(NULL)),
      gpio_new_etm_task({ action: GPIO_ETM_TASK_ACTION_SET }, NULL),
      gpio_etm_event_bind_gpio(NULL, 0),
      gpio_etm_task_add_gpio(NULL, 0),
      gpio_etm_task_rm_gpio(NULL, 0),
    ]
    expect(nulls).toEqual(nulls.map(() => ESP_ERR_INVALID_ARG))
    expect(channel.value).toBe(NULL)
    for (let i = 0; i < 50; i++) newChannel()
    expect(esp_etm_new_channel({}, channel)).toBe(ESP_ERR_NOT_FOUND)

    await open('esp32s3', { engine: 'simulated' })
    expect(esp_etm_new_channel({}, channel)).toBe(ESP_ERR_NOT_SUPPORTED)
  })
})

describe('driver/gpio.h and driver/gpio_etm.h', () => {
  it('sets directions and levels; a pin or mode that there is not is ESP_ERR_INVALID_ARG', async () => {
    const soc = await open('esp32c6', { engine: 'simulated' })
    soc.gpio(3).drive(1)
    expect([gpio_set_direction(3, GPIO_MODE_INPUT), gpio_get_level(3)]).toEqual([ESP_OK, 1])
    expect([gpio_set_direction(3, GPIO_MODE_DISABLE), gpio_get_level(3)]).toEqual([ESP_OK, 0])
    expect([gpio_set_direction(3, GPIO_MODE_INPUT_OUTPUT), gpio_set_level(3, 7), gpio_get_level(3)]).toEqual([0, 0, 1])
    expect([gpio_set_level(3, 0), gpio_get_level(3)]).toEqual([ESP_OK, 0])
    expect([gpio_set_direction(3, 9), gpio_set_level(99, 1), gpio_get_level(99)]).toEqual([0x102, 0x102, 0])
  })

  it('binds an event to a pin after it is connected, and to another one instead', async () => {
    const soc = await open('esp32c6', { engine: 'simulated' })
    gpio_set_direction(9, GPIO_MODE_OUTPUT)
    const event = newGpioEvent(GPIO_ETM_EVENT_EDGE_POS)
    const channel = newChannel()
    esp_etm_channel_connect(channel, event, newGpioTask(GPIO_ETM_TASK_ACTION_TOG, 9))
    esp_etm_channel_enable(channel)
    const edgesOf = (pin: number): number => {
      const before = soc.gpio(9).edges
      soc.gpio(pin).drive(1)
      soc.gpio(pin).drive(0)
      return soc.gpio(9).edges - before
    }
    expect([edgesOf(5), edgesOf(6)]).toEqual([0, 0])
    expect(gpio_etm_event_bind_gpio(event, 5)).toBe(ESP_OK)
    expect([edgesOf(5), edgesOf(6)]).toEqual([1, 0])
    expect(gpio_etm_event_bind_gpio(event, 6)).toBe(ESP_OK)
    expect([edgesOf(5), edgesOf(6)]).toEqual([0, 1])
    expect(event.name).toBe('gpio 6 rising edge')
    expect(gpio_etm_event_bind_gpio(event, 99)).toBe(ESP_ERR_INVALID_ARG)
    esp_etm_channel_disable(channel)
    expect([edgesOf(5), edgesOf(6)]).toEqual([0, 0])
    esp_etm_channel_connect(channel, NULL, NULL)
    expect(esp_etm_del_event(event)).toBe(ESP_OK)
  })

  it.each([
    [GPIO_ETM_EVENT_EDGE_POS, GPIO_ETM_TASK_ACTION_SET, 1],
    [GPIO_ETM_EVENT_EDGE_NEG, GPIO_ETM_TASK_ACTION_CLR, 0],
    [GPIO_ETM_EVENT_EDGE_ANY, GPIO_ETM_TASK_ACTION_TOG, 0],
  ])('edge %i, action %i: the pin is at %i in the end', async (edge, action, level) => {
    const soc = await open('esp32c6', { engine: 'simulated' })
    gpio_set_direction(9, GPIO_MODE_OUTPUT)
    gpio_set_level(9, 1 - level)
    if (edge === GPIO_ETM_EVENT_EDGE_ANY) gpio_set_level(9, 0)
    const channel = newChannel()
    esp_etm_channel_connect(channel, newGpioEvent(edge, 5), newGpioTask(action, 9))
    esp_etm_channel_enable(channel)
    soc.gpio(5).drive(1)
    soc.gpio(5).drive(0)
    expect(gpio_get_level(9)).toBe(level)
  })

  it('has eight events and tasks, knows whose a pin is, and what is of another kind', async () => {
    await open('esp32c6', { engine: 'simulated' })
    for (let pin = 0; pin < 8; pin++) {
      newGpioEvent(GPIO_ETM_EVENT_EDGE_ANY, pin)
      newGpioTask(GPIO_ETM_TASK_ACTION_SET, pin)
    }
    const event = ref<esp_etm_event_handle_t>(NULL)
    const task = ref<esp_etm_task_handle_t>(NULL)
    expect(gpio_new_etm_event({ edge: GPIO_ETM_EVENT_EDGE_ANY }, event)).toBe(ESP_ERR_NOT_FOUND)
    expect(gpio_new_etm_task({ action: GPIO_ETM_TASK_ACTION_SET }, task)).toBe(ESP_ERR_NOT_FOUND)

    const soc = await open('esp32c6', { engine: 'simulated' })
    const set = newGpioTask(GPIO_ETM_TASK_ACTION_SET, 1)
    expect(gpio_etm_task_add_gpio(set, 1)).toBe(ESP_ERR_INVALID_STATE)
    expect(gpio_etm_task_rm_gpio(set, 2)).toBe(ESP_ERR_INVALID_STATE)
    expect(gpio_etm_event_bind_gpio(soc.etm.newSoftwareEvent(), 1)).toBe(ESP_ERR_INVALID_ARG)
    expect(gpio_etm_task_add_gpio(soc.etm.newCounter().newTask(), 1)).toBe(ESP_ERR_INVALID_ARG)
  })
})

describe('driver/gptimer.h', () => {
  const newTimer = (resolution_hz: number): gptimer_handle_t => {
    const timer = ref<gptimer_handle_t>(NULL)
    ESP_ERROR_CHECK(gptimer_new_timer({ resolution_hz }, timer))
    return there(timer.value)
  }

  it('counts, keeps, and has ESP-IDF’s states', async () => {
    const soc = await open('esp32c6', { engine: 'simulated', clock: 'manual' })
    const timer = newTimer(1_000_000)
    const count = ref(NaN)
    expect([gptimer_get_resolution(timer, count), count.value]).toEqual([ESP_OK, 1_000_000])
    expect([gptimer_start(timer), gptimer_stop(timer)]).toEqual([ESP_ERR_INVALID_STATE, ESP_ERR_INVALID_STATE])
    expect([gptimer_enable(timer), gptimer_enable(timer)]).toEqual([ESP_OK, ESP_ERR_INVALID_STATE])
    expect([gptimer_set_raw_count(timer, 100), gptimer_start(timer), gptimer_start(timer)]).toEqual([0, 0, 0])
    soc.advance(50)
    expect([gptimer_get_raw_count(timer, count), count.value]).toEqual([ESP_OK, 150])
    expect(gptimer_disable(timer)).toBe(ESP_ERR_INVALID_STATE)
    expect([gptimer_stop(timer), gptimer_stop(timer)]).toEqual([ESP_OK, ESP_OK])
    expect(gptimer_del_timer(timer)).toBe(ESP_ERR_INVALID_STATE)
    expect([gptimer_disable(timer), gptimer_del_timer(timer), gptimer_del_timer(timer)]).toEqual([0, 0, 0x103])
  })

  it('counts down where it is to, with a reload above the alarm, and wraps', async () => {
    const soc = await open('esp32c6', { engine: 'simulated', clock: 'manual' })
    const [down, up] = [ref<gptimer_handle_t>(NULL), ref<gptimer_handle_t>(NULL)]
    ESP_ERROR_CHECK(gptimer_new_timer({ resolution_hz: 1_000_000, direction: GPTIMER_COUNT_DOWN }, down))
    ESP_ERROR_CHECK(gptimer_new_timer({ resolution_hz: 1_000_000, direction: GPTIMER_COUNT_UP }, up))
    const alarm = { alarm_count: 50, reload_count: 100, flags: { auto_reload_on_alarm: true } }
    ESP_ERROR_CHECK(gptimer_set_raw_count(down.value, 100))
    ESP_ERROR_CHECK(gptimer_set_alarm_action(down.value, alarm))
    ESP_ERROR_CHECK(gptimer_set_raw_count(up.value, 2 ** 54 - 10))
    for (const { value } of [down, up]) {
      ESP_ERROR_CHECK(gptimer_enable(value))
      ESP_ERROR_CHECK(gptimer_start(value))
    }
    soc.advance(130)
    const count = ref(NaN)
    expect([gptimer_get_raw_count(down.value, count), count.value]).toEqual([ESP_OK, 70])
    expect(down.value?.alarms).toBe(2)
    expect([gptimer_get_raw_count(up.value, count), count.value]).toEqual([ESP_OK, 120])
  })

  it('answers NULL and bad numbers with ESP_ERR_INVALID_ARG, and one timer too many with ESP_ERR_NOT_FOUND', async () => {
    await open('esp32c6', { engine: 'simulated', clock: 'manual' })
    const timer = newTimer(1000)
    const out = ref(0)
    const answers = [
      gptimer_new_timer(NULL, ref<gptimer_handle_t>(NULL)),
      gptimer_new_timer({ resolution_hz: 1 }, NULL),
      gptimer_new_timer({ resolution_hz: 0 }, ref<gptimer_handle_t>(NULL)),
      gptimer_del_timer(NULL),
      gptimer_enable(NULL),
      gptimer_disable(NULL),
      gptimer_start(NULL),
      gptimer_stop(NULL),
      gptimer_set_raw_count(timer, -1),
      gptimer_get_raw_count(timer, NULL),
      gptimer_get_captured_count(NULL, out),
      gptimer_get_resolution(timer, NULL),
      gptimer_set_alarm_action(NULL, NULL),
      gptimer_set_alarm_action(timer, { alarm_count: 5, reload_count: 5, flags: { auto_reload_on_alarm: true } }),
      gptimer_new_etm_event(timer, NULL, NULL),
      gptimer_new_etm_event(timer, { event_type: 1 }, ref<esp_etm_event_handle_t>(NULL)),
      gptimer_new_etm_task(timer, { task_type: 5 }, ref<esp_etm_task_handle_t>(NULL)),
    ]
    expect(answers).toEqual(answers.map(() => ESP_ERR_INVALID_ARG))
    newTimer(1000)
    expect(gptimer_new_timer({ resolution_hz: 1000 }, ref<gptimer_handle_t>(NULL))).toBe(ESP_ERR_NOT_FOUND)
  })

  it('an alarm sets off tasks: once, or again and again; other timers start, stop, reload, capture, arm', async () => {
    const soc = await open('esp32c6', { engine: 'simulated', clock: 'manual' })
    const [source, target] = [newTimer(1_000_000), newTimer(1_000_000)]
    const event = ref<esp_etm_event_handle_t>(NULL)
    ESP_ERROR_CHECK(gptimer_new_etm_event(source, { event_type: GPTIMER_ETM_EVENT_ALARM_MATCH }, event))
    for (const timer of [source, target]) ESP_ERROR_CHECK(gptimer_enable(timer))
    const channel = newChannel()
    esp_etm_channel_enable(channel)
    const count = ref(NaN)
    /** Lets the alarm go off after 10 µs, and 5 µs later tells the count of the other timer. */
    const after = (task_type: number, read = gptimer_get_raw_count): number => {
      const task = ref<esp_etm_task_handle_t>(NULL)
      ESP_ERROR_CHECK(gptimer_new_etm_task(target, { task_type }, task))
      ESP_ERROR_CHECK(esp_etm_channel_connect(channel, event.value, task.value))
      ESP_ERROR_CHECK(gptimer_set_raw_count(source, 0))
      ESP_ERROR_CHECK(gptimer_set_alarm_action(source, { alarm_count: 10 }))
      ESP_ERROR_CHECK(gptimer_start(source))
      soc.advance(15)
      ESP_ERROR_CHECK(gptimer_stop(source))
      ESP_ERROR_CHECK(read(target, count))
      return count.value
    }
    expect(after(GPTIMER_ETM_TASK_START_COUNT)).toBe(5)
    expect(after(GPTIMER_ETM_TASK_CAPTURE, gptimer_get_captured_count)).toBe(15)
    expect(after(GPTIMER_ETM_TASK_STOP_COUNT)).toBe(30)
    expect(after(GPTIMER_ETM_TASK_RELOAD)).toBe(0)
    ESP_ERROR_CHECK(gptimer_set_alarm_action(target, { alarm_count: 1 }))
    ESP_ERROR_CHECK(gptimer_start(target))
    soc.advance(10)
    expect(target.alarms).toBe(1)
    after(GPTIMER_ETM_TASK_EN_ALARM)
    expect(target.alarms).toBe(2)
    ESP_ERROR_CHECK(
      gptimer_set_alarm_action(source, { alarm_count: 10, reload_count: 0, flags: { auto_reload_on_alarm: true } }),
    )
    const before = source.alarms
    ESP_ERROR_CHECK(gptimer_set_raw_count(source, 0))
    ESP_ERROR_CHECK(gptimer_start(source))
    soc.advance(100)
    expect(source.alarms - before).toBe(10)
    ESP_ERROR_CHECK(gptimer_set_alarm_action(source, NULL))
    soc.advance(100)
    expect(source.alarms - before).toBe(10)
  })
})
