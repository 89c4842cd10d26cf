/** Every metric: its name, its unit, and what it must reach. */

/** What a metric must reach: at least so much, or at most. */
export type Floor = { readonly atLeast: number } | { readonly atMost: number }

/** A metric of the benchmark. */
export interface MetricSpec {
  /** Unit of the value; `x` for a ratio. */
  readonly unit: string
  /** What is measured, in a line. */
  readonly says: string
  /** What it must reach. Without: the figure is reported. */
  readonly reach?: Floor
}

/** The metrics, in the order of the report. */
export const METRICS = {
  copy_1MiB_vs_memcpy: {
    unit: 'x',
    says: '1 MiB, copySync on an awake channel, against libc memcpy: speed ratio',
    reach: { atLeast: 0.85 },
  },
  copy_16MiB_vs_memcpy: {
    unit: 'x',
    says: '16 MiB, awaited copy, against libc memcpy: speed ratio',
    reach: { atLeast: 1 },
  },
  copy_256MiB_vs_memcpy: {
    unit: 'x',
    says: '256 MiB, awaited copy, against libc memcpy: speed ratio',
    reach: { atLeast: 1.1 },
  },
  copy_256MiB_channels2_vs_memcpy: { unit: 'x', says: 'the same with two channels', reach: { atLeast: 1.25 } },
  copy_64KiB_misaligned_vs_set: {
    unit: 'x',
    says: '64 KiB, destination off by 1, copySync against TypedArray.set: speed ratio',
    reach: { atLeast: 3 },
  },
  copy_64MiB_misaligned_vs_set: {
    unit: 'x',
    says: '64 MiB, destination off by 1, awaited copy against TypedArray.set: speed ratio',
    reach: { atLeast: 4 },
  },
  copy_64MiB_misaligned_channels2_vs_set: { unit: 'x', says: 'the same with two channels' },

  submit_ns_awake: { unit: 'ns', says: "caller's time in memcpy: addresses, no callback", reach: { atMost: 100 } },
  submit_ns_callback: { unit: 'ns', says: "caller's time in memcpy: addresses, a callback", reach: { atMost: 250 } },
  rate_64B_mops: { unit: 'M/s', says: '64-byte copies by one caller, backlog 1024', reach: { atLeast: 10 } },
  koffi_async_submit_ns: { unit: 'ns', says: "caller's time in koffi's memcpy.async, in bursts" },
  koffi_async_submit_vs_submit: { unit: 'x', says: 'koffi_async_submit_ns ÷ submit_ns_awake', reach: { atLeast: 50 } },
  piscina_submit_ns: { unit: 'ns', says: "caller's time in piscina's run, in bursts" },
  piscina_submit_vs_submit: { unit: 'x', says: 'piscina_submit_ns ÷ submit_ns_awake', reach: { atLeast: 50 } },
  submit_ns_single: {
    unit: 'ns',
    says: "caller's time in memcpy, one copy at a time, a turn of the event loop between",
  },
  koffi_async_submit_ns_single: { unit: 'ns', says: "caller's time in koffi's memcpy.async, one copy at a time" },
  koffi_async_submit_single_vs_submit_single: { unit: 'x', says: "koffi's ÷ the driver's, both one at a time" },
  piscina_submit_ns_single: { unit: 'ns', says: "caller's time in piscina's run, one copy at a time" },
  piscina_submit_single_vs_submit_single: { unit: 'x', says: "piscina's ÷ the driver's, both one at a time" },

  roundtrip_us_sync_awake: { unit: 'µs', says: '64 bytes, copySync, channel awake', reach: { atMost: 0.8 } },
  roundtrip_us_promise_awake: { unit: 'µs', says: '64 bytes, awaited copy, channel awake', reach: { atMost: 5 } },
  roundtrip_us_promise_parked: { unit: 'µs', says: '64 bytes, awaited copy, channel parked' },
  postmessage_roundtrip_us: { unit: 'µs', says: '64 bytes posted to an idle worker that answers' },
  roundtrip_promise_parked_vs_postmessage: {
    unit: 'x',
    says: 'the parked round trip ÷ that of postMessage',
    reach: { atMost: 1 },
  },

  loop_held_ms_256MiB: { unit: 'ms', says: 'longest time without a turn of the event loop, awaited copy' },
  loop_held_ms_256MiB_set: { unit: 'ms', says: 'the same, TypedArray.set' },
  loop_held_256MiB_vs_set: { unit: 'x', says: "the driver's ÷ that of set", reach: { atMost: 0.05 } },

  browser_longest_frame_ms_driver: { unit: 'ms', says: 'longest frame of a page in Chromium, 256 MiB, awaited copy' },
  browser_longest_frame_ms_set: { unit: 'ms', says: 'the same, TypedArray.set' },
  browser_longest_frame_driver_vs_set: { unit: 'x', says: "the driver's ÷ that of set", reach: { atMost: 0.2 } },
  bundle_bytes_brotli: {
    unit: 'B',
    says: 'the library in a bundle for browsers, minified and compressed',
    reach: { atMost: 14_336 },
  },
  native_256MiB_vs_memcpy: {
    unit: 'x',
    says: '256 MiB from Buffer to Buffer by address, awaited, against libc memcpy: speed ratio',
    reach: { atLeast: 1 },
  },
  native_submit_ns: {
    unit: 'ns',
    says: "caller's time in memcpy: Buffers whose addresses are known, no callback",
    reach: { atMost: 600 },
  },
  native_64KiB_us: { unit: 'µs', says: '64 KiB from Buffer to Buffer by address, awaited' },
  koffi_async_64KiB_us: { unit: 'µs', says: "the same by koffi's memcpy.async" },
  koffi_async_64KiB_vs_native: { unit: 'x', says: "koffi's ÷ the driver's", reach: { atLeast: 2 } },
  sliced_loop_held_ms_p99: {
    unit: 'ms',
    says: 'time without a turn of the event loop while 256 MiB of plain memory are copied in slices, 99 of 100',
    reach: { atMost: 1.5 },
  },
  shared_misaligned_64MiB_vs_set: {
    unit: 'x',
    says: '64 MiB between SharedArrayBuffers, destination off by 1, awaited copy against TypedArray.set: speed ratio',
    reach: { atLeast: 3 },
  },

  isr_latency_us_median: {
    unit: 'µs',
    says: 'from the end of a copy to the first statement of its resident callback, 64 bytes, channel awake',
    reach: { atMost: 2 },
  },
  semaphore_isr_to_spinning_task_us: {
    unit: 'µs',
    says: 'from giving a semaphore in a resident callback until a thread that looks for it goes on',
  },
  semaphore_isr_to_parked_task_us: { unit: 'µs', says: 'the same with a thread that sleeps' },
  semaphore_isr_to_spinning_task_vs_bare: {
    unit: 'x',
    says: 'the first ÷ a bare Atomics.notify and wait',
    reach: { atMost: 1.5 },
  },
  semaphore_isr_to_parked_task_vs_bare: {
    unit: 'x',
    says: 'the second ÷ a bare Atomics.notify and wait',
    reach: { atMost: 1.5 },
  },
  isr_wakeups_per_1000_true: {
    unit: '',
    says: 'wake-ups of a waiting thread by 1,000 copies whose resident callbacks return true',
  },
  isr_wakeups_per_1000_false: { unit: '', says: 'the same, returning false' },
  etm_chain_us: { unit: 'µs', says: 'from the end of one copy to the start of the next that its event starts' },
  etm_chain_vs_callback: {
    unit: 'x',
    says: 'that ÷ the same by a deferred callback that submits the next copy',
    reach: { atMost: 0.2 },
  },
  etm_overhead_ns: { unit: 'ns', says: 'what events cost a copy that nothing is connected to', reach: { atMost: 10 } },
  etm_event_ns: { unit: 'ns', says: 'what an event costs that adds 1 to a counter' },
  trace_off_ns: { unit: 'ns', says: 'what the recorder costs a copy while nobody records', reach: { atMost: 10 } },
  threads4_rate_64B_mops: { unit: 'M/s', says: '64-byte copies by four threads that share a driver, backlog 1024' },
  threads4_rate_vs_one: { unit: 'x', says: 'that ÷ the same copies by one thread', reach: { atLeast: 0.5 } },

  simulated_copies_per_second: {
    unit: '/s',
    says: 'copies of 64 bytes that a virtual esp32s3 makes in a second of real time',
    reach: { atLeast: 300_000 },
  },
  simulated_seconds_per_second: {
    unit: 's/s',
    says: 'virtual seconds in a second, for an esp32s3 that copies 40 KiB back to back',
    reach: { atLeast: 20 },
  },
  paced_vs_model_ratio: {
    unit: 'x',
    says: "40 KiB back to back on threads that keep to an esp32s3's time ÷ the same in virtual time",
  },

  firmware_compile_cold_s: {
    unit: 's',
    says: 'async-memcpy cc main.c, nothing kept from before',
    reach: { atMost: 10 },
  },
  firmware_compile_warm_ms: {
    unit: 'ms',
    says: 'the same again, from the cache',
    reach: { atMost: 300 },
  },
  firmware_copies_per_second: {
    unit: '/s',
    says: 'C on a virtual esp32s3: 64 bytes, esp_async_memcpy, wait for the semaphore that its callback gives',
  },
  firmware_memcpy_blocking_us: { unit: 'µs', says: 'the same with esp_memcpy_blocking' },

  install_ms: { unit: 'ms', says: 'open a Soc and install a driver: starts a thread, measures the kernels' },
  install_ms_reused: { unit: 'ms', says: 'install a driver where a thread is parked already' },
  idle_cpu_percent: { unit: '%', says: 'CPU time of the process, a driver installed and idle', reach: { atMost: 0.5 } },
  rss_mb_per_channel: { unit: 'MB', says: 'resident memory that each further channel takes' },

  libc_gbps_1MiB: { unit: 'GB/s', says: 'libc memcpy, 1 MiB' },
  libc_gbps_16MiB: { unit: 'GB/s', says: 'libc memcpy, 16 MiB' },
  libc_gbps_256MiB: { unit: 'GB/s', says: 'libc memcpy, 256 MiB' },
  driver_gbps_1MiB: { unit: 'GB/s', says: 'the driver, 1 MiB, copySync' },
  driver_gbps_16MiB: { unit: 'GB/s', says: 'the driver, 16 MiB, awaited' },
  driver_gbps_256MiB: { unit: 'GB/s', says: 'the driver, 256 MiB, awaited' },
  driver_gbps_256MiB_channels2: { unit: 'GB/s', says: 'the driver with two channels, 256 MiB, awaited' },
  crossover_latency_KiB: { unit: 'KiB', says: 'from this size on an awaited copy is over sooner than set' },
  crossover_caller_KiB: {
    unit: 'KiB',
    says: "from this size on the caller's time is less than with set, channel awake",
  },
  crossover_caller_parked_KiB: {
    unit: 'KiB',
    says: "from this size on the caller's time is less than with set, channel parked",
  },
} as const

/** The name of a metric. */
export type MetricName = keyof typeof METRICS

/** The metric of a name. */
export function specOf(name: MetricName): MetricSpec {
  return METRICS[name]
}

/** Whether a value reaches a floor. */
export function reaches(value: number, floor: Floor): boolean {
  return 'atLeast' in floor ? value >= floor.atLeast : value <= floor.atMost
}
