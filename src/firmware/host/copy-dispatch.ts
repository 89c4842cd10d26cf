/** The interrupt at the end of a copy: the C function that was given with it. */
import type { FirmwareThread } from './firmware-thread.ts'

/** Calls the function of a record; whether it woke somebody. */
export type CopyDispatch = (record: number, status: number) => boolean

/** What calls C functions on a thread. */
export function copyDispatcher(thread: FirmwareThread): CopyDispatch {
  const { records, instance } = thread
  const copyDone = instance.find('port_isr_copy')
  return (record) => {
    records.release(record)
    const { callback, argument, handle, core } = records
    if (callback === 0) return false
    return (
      thread.asInterrupt(core, () =>
        copyDone === undefined
          ? instance.callPointer(callback, handle, 0, argument)
          : copyDone(callback, handle, 0, argument),
      ) !== 0
    )
  }
}
