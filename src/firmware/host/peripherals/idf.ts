/** The module `idf`: what the drivers in C (sdk/src/idf) ask of the host. idf_host.h tells what each function does. */
import { defineHostModule, type HostModule } from '../host-module.ts'

import { KernelReasons, writeText, type Reasons } from './answer.ts'
import { memcpyCalls, memcpyFunctions } from './async-memcpy.ts'
import { interruptCalls } from './interrupts.ts'
import { matrixFunctions } from './matrix.ts'
import { timerFunctions } from './timers.ts'

/** The drivers' module. */
export const idf: HostModule = defineHostModule({
  name: 'idf',
  functions: (thread) => {
    const reasons: Reasons = { last: '' }
    return {
      reason: (text: number, size: number) => {
        const { last } = reasons
        reasons.last = ''
        if (last !== '') return writeText(thread, last, text >>> 0, size >>> 0)
        return thread.inInterrupt ? 0 : thread.call('reason', text, size)
      },
      flash_encryption: () => Number(thread.soc.fitting.flashEncryption),
      ...memcpyFunctions(thread, reasons),
      ...matrixFunctions(thread, reasons),
      ...timerFunctions(thread, reasons),
    }
  },
  calls: (kernel) => {
    const reasons = new KernelReasons(kernel)
    return {
      reason: (text = 0, size = 0) => reasons.tell(kernel.thread, text >>> 0, size >>> 0),
      ...memcpyCalls(kernel, reasons),
      ...interruptCalls(kernel, reasons),
    }
  },
})
