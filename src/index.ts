/** The public names. */
export { Soc, type SocOptions } from './chip/soc.ts'
export type { TraceRecord } from './chip/trace-record.ts'
export type { TraceOptions, TraceRecorder } from './chip/trace-recorder.ts'
export type { Diagnoses } from './diagnostics/diagnoses.ts'
export type {
  DiagnosedCallback,
  DiagnosedCopy,
  Diagnosis,
  DiagnosisCode,
  DiagnosticsOptions,
} from './diagnostics/diagnosis.ts'
export { AsyncMemcpy, type CopyCallback, type CopyOptions } from './driver/async-memcpy.ts'
export { checkCopy, type AcceptedCopy, type CheckCopyOptions } from './driver/check-copy.ts'
export { AsyncMemcpyFlags, type AsyncMemcpyConfig, type CompleteConfig } from './driver/config.ts'
export type { CopyEtmEvent } from './driver/copy-done-event.ts'
export type { CopyEvent, CopyPath } from './driver/copy-event.ts'
export type { DriverStats } from './driver/driver-stats.ts'
export type { Bytes } from './driver/copy-group.ts'
export type { GatherOptions, SharedView } from './driver/gather.ts'
export type { BytesSource, CopyFromOptions, ReadableFromOptions } from './driver/streams.ts'
export type { CompleteMessage, SubmitMessage } from './driver/observers.ts'
export type { Memory } from './driver/ranges.ts'
export type { PrepareOptions } from './driver/prepared-copy.ts'
export type { IsrCallback, LoadIsrOptions, ResidentCallback, ResidentCallbacks } from './driver/resident-callback.ts'
export type { UninstallOptions } from './driver/tenure.ts'
export { EspError, ESP_ERROR_CODES, espErrorName, type EspErrorName } from './errors.ts'
export { EtmChannel, type EtmChannelState } from './etm/channel.ts'
export { EtmCounter } from './etm/counter.ts'
export { Etm } from './etm/etm.ts'
export { EtmEvent, SoftwareEvent } from './etm/event.ts'
export { GpioTask } from './etm/gpio-task.ts'
export { Gpio } from './etm/gpio.ts'
export { GpioEvent, type GpioEdge } from './etm/gpio-event.ts'
export type { GpioAction } from './etm/gpio-matrix.ts'
export type { PinChange, PinListener } from './etm/pin-watch.ts'
export type { Direction, Level } from './etm/pin-words.ts'
export { EtmTask, PreparedCopy } from './etm/task.ts'
export {
  GpTimer,
  type GpTimerAction,
  type GpTimerAlarm,
  type GpTimerConfig,
  type GpTimerDirection,
  type GpTimerState,
} from './etm/timer.ts'
export { inIsrContext } from './rtos/interrupt-context.ts'
export { Semaphore, type CountingOptions, type TakeOptions } from './rtos/semaphore.ts'
export type { View } from './soc/address-space.ts'
export type { AllocOptions, Heap, HeapStats } from './soc/heap.ts'
export type { CopyTiming, EngineKind, SocPort } from './soc/soc-core.ts'
export type { ClockMode } from './soc/virtual-clock.ts'
export type { CopyPlan, CopyRequest, PlannedEnd, Stash } from './targets/admit.ts'
export type { Backend, BackendName, BurstSizes, Bus, WeightSupport } from './targets/backend.ts'
export { targets } from './targets/catalog.ts'
export type { Alignment, DriverRules, EndKind, Refusal, RuleName } from './targets/driver-rules.ts'
export type { CopyTime, Leg } from './targets/estimate.ts'
export type { Fact } from './targets/fact.ts'
export type { ChipOptions, Fitting } from './targets/fitting.ts'
export { placesOf, type Place } from './targets/places.ts'
export type {
  Alias,
  CacheLines,
  MemoryKind,
  MemoryWindow,
  OtherWindow,
  PeripheralCounts,
  SourcedWindow,
  Target,
} from './targets/target.ts'
export type { ExternalBus, ProcessorWork, PublishedPoint, Timing } from './targets/timing.ts'
