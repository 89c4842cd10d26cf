/** Copies that events start. The document has none, but its users ask for it; GDMA's own start task is not public. */
import { holdDriver } from '../engine/driver-block.ts'
import { createTask } from '../etm/object-words.ts'
import { PreparedCopy } from '../etm/task.ts'
import {
  PREPARED_ARGUMENT,
  PREPARED_CALLBACK,
  PREPARED_DESTINATION,
  PREPARED_LENGTH,
  PREPARED_SOURCE,
  TASK_COPY_START,
} from '../microcode/etm-layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

import type { InterruptRequest } from './driver-port.ts'
import type { ResidentCallback } from './resident-callback.ts'

/** Options of `AsyncMemcpy.prepare`. */
export interface PrepareOptions {
  /** A resident callback, called each time the copy is done. */
  readonly isr?: ResidentCallback
  /** What it is given: a 32-bit number, such as an address or a handle. Default 0. */
  readonly argument?: number
}

/** What is copied, checked. */
export interface PreparedRange {
  /** Address. */
  readonly destination: number
  /** Address. */
  readonly source: number
  /** Bytes. */
  readonly length: number
  /** The resident callback and its argument. */
  readonly interrupt: InterruptRequest | undefined
}

/**
 * The task that starts a copy. The driver's block stays as long as the task does; once the driver is closed, it refuses.
 *
 * @throws EspError `ESP_ERR_NO_MEM`.
 */
export function prepareCopy(soc: SocCore, driver: number, range: PreparedRange): PreparedCopy {
  const handle = createTask(soc, {
    type: TASK_COPY_START,
    target: driver,
    fill: (_slot, write) => {
      write(PREPARED_DESTINATION, range.destination)
      write(PREPARED_SOURCE, range.source)
      write(PREPARED_LENGTH, range.length)
      write(PREPARED_CALLBACK, range.interrupt?.callback ?? 0)
      write(PREPARED_ARGUMENT, range.interrupt?.argument ?? 0)
    },
  })
  holdDriver(soc, driver)
  return new PreparedCopy(soc, handle)
}
