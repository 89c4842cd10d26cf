/** The functions of port.h (src/firmware/sdk/port), which tells what they do. */
import { takeInput } from './console-input.ts'
import { TaskEnd, Unwind } from './ends.ts'
import { PortHeap } from './heap-functions.ts'
import { defineHostModule, type HostFunctions, type HostModule } from './host-module.ts'
import type { PortThread } from './port-thread.ts'
import { nextRandom } from './random.ts'
import { text } from './text.ts'
import { ThreadWords } from './thread-words.ts'

/** Longest wording of a panic. */
const LONGEST_REASON = 4096

/** The port's module. Its threads are always {@link PortThread}. */
export const port: HostModule = defineHostModule({
  name: 'port',
  functions: (thread) => {
    const self = thread as PortThread
    return { ...console(self), ...time(self), ...waiting(self), ...tasks(self), ...ending(self), ...heap(self) }
  },
})

function console(thread: PortThread): HostFunctions {
  return {
    write: (address: number, length: number) => {
      const from = address >>> 0
      thread.write(thread.bytes.subarray(from, from + (length >>> 0)))
    },
    read: (address: number, length: number) => {
      const from = address >>> 0
      return takeInput(thread.board, thread.bytes.subarray(from, from + (length >>> 0)))
    },
  }
}

function time(thread: PortThread): HostFunctions {
  return {
    time_us: () => BigInt(Math.floor(thread.nowUs())),
    random: () => nextRandom(thread.board),
    worked: () => {
      thread.settleWork()
    },
  }
}

function waiting(thread: PortThread): HostFunctions {
  const { port } = thread
  return {
    wait: (address: number, expected: number, timeoutUs: bigint) =>
      thread.wait(address >>> 0, expected, Number(timeoutUs)),
    wait_for: (address: number, expected: number, timeoutUs: bigint, what: number, which: number) =>
      thread.wait(address >>> 0, expected, Number(timeoutUs), { what, which: which >>> 0 }),
    wake: (address: number, count: number) => port.wake(address >>> 0, count >>> 0),
    yield: () => {
      if (!thread.inInterrupt) port.yield()
    },
    enter_critical: () => {
      port.enterCritical()
    },
    exit_critical: () => {
      port.exitCritical()
    },
    in_interrupt: () => Number(thread.inInterrupt),
    core: () => thread.core,
    self: () => (thread.inInterrupt ? 0 : (thread.thread?.task ?? 0)),
  }
}

function tasks(thread: PortThread): HostFunctions {
  const threads = ThreadWords.all(thread.board)
  const find = (task: number): ThreadWords | undefined => threads.find((other) => other.hasTask(task))
  return {
    task_start: (...values: number[]) => thread.call('task_start', ...values),
    task_exit: () => {
      throw new TaskEnd()
    },
    task_stop: (task: number) => {
      const found = find(task)
      if (found === undefined) return 0
      const { number } = found
      if (thread.port.stop(found) && thread.instance.has('port_task_gone')) thread.instance.call('port_task_gone', task)
      return number
    },
    task_join: (number: number) => {
      thread.call('task_join', number)
    },
    task_priority: (task: number, priority: number) => {
      const found = find(task)
      if (found === undefined) return
      found.priority = priority
      thread.trace?.priority(found)
      // Whoever is now the highest runs.
      thread.port.enterCritical()
      thread.port.exitCritical()
    },
    task_daemon: (task: number) => {
      const found = find(task)
      if (found !== undefined) found.isDaemon = true
    },
  }
}

function ending(thread: PortThread): HostFunctions {
  return {
    panic: (reason: number, file: number, line: number, fn: number) => {
      thread.panic({
        reason: text(thread.bytes, reason, LONGEST_REASON),
        file: file === 0 ? undefined : text(thread.bytes, file),
        line: line === 0 ? undefined : line,
        function: fn === 0 ? undefined : text(thread.bytes, fn),
      })
    },
    restart: (code: number) => thread.end({ kind: 'restart', code }),
    fault: (address: number, _bytes: number, isWrite: number) => {
      thread.panic({ reason: thread.exceptions.access(address >>> 0, isWrite !== 0, thread.core) })
    },
    touched: (address: number, bytes: number, isWrite: number) => {
      thread.informer?.touches(address >>> 0, bytes >>> 0, isWrite !== 0)
    },
    stack_overflow: () => {
      const where = thread.inInterrupt ? 'the interrupt stack' : `task ${thread.thread?.name ?? 'main'}`
      thread.panic({ reason: `***ERROR*** A stack overflow in ${where} has been detected.` })
    },
    protect: (fn: number, argument: number) => {
      const { instance } = thread
      const before = instance.stackPointer
      try {
        instance.callPointer(fn, argument)
        return 0
      } catch (error) {
        if (!(error instanceof Unwind)) throw error
        instance.stackPointer = before
        return error.code
      }
    },
    unwind: (code: number) => {
      throw new Unwind(code)
    },
  }
}

function heap(thread: PortThread): HostFunctions {
  let made: PortHeap | undefined
  // The Soc is attached when it is first needed.
  const port = (): PortHeap => (made ??= new PortHeap(thread.soc))
  return {
    heap_alloc: (bytes: number, align: number, caps: number) => port().alloc(bytes >>> 0, align >>> 0, caps >>> 0),
    heap_free: (address: number) => {
      thread.informer?.frees(address >>> 0, port().size(address >>> 0))
      return port().free(address >>> 0)
    },
    heap_size: (address: number) => port().size(address >>> 0),
    heap_info: (caps: number, out: number) => {
      port()
        .info(caps >>> 0)
        .forEach((value, i) => {
          thread.words[((out >>> 0) >> 2) + i] = value
        })
    },
  }
}
