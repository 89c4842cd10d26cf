/**
 * Where threads are in the program that do not answer: one that runs in a circle, or waits. Node.js's inspector interrupts them
 * for the moment that it takes to ask. Only the process's main thread can do that; elsewhere, and on other runtimes, nobody knows.
 */
import type { Session } from 'node:inspector'

import { BOARD_RUN } from './board-layout.ts'
import type { Board } from './board.ts'

/** Under this key a thread says which one it is. */
const MARK = 'async-memcpy.firmware-thread'

/** What the thread is asked. */
const QUESTION = `JSON.stringify({ mark: globalThis[Symbol.for('${MARK}')], stack: new Error('here').stack })`

/** So long threads have to answer: one that runs does at once, where others let it run. */
const ANSWER_MS = 10_000

/** A thread of firmware. */
export interface ThreadMark {
  /** Which run's: BOARD_RUN. */
  readonly run: number
  /** A task's, or one that interrupts run on. */
  readonly kind: 'task' | 'interrupts'
  /** Number of the task's thread, or that under which interrupts are counted. */
  readonly number: number
}

interface Answer {
  readonly mark?: ThreadMark
  readonly stack?: string
}

/** This thread can be found. */
export function markThread(board: Board, { kind, number }: Omit<ThreadMark, 'run'>): void {
  Reflect.set(globalThis, Symbol.for(MARK), { run: board.load(BOARD_RUN), kind, number } satisfies ThreadMark)
}

/** The engine's stack traces of threads that have answered. */
export type ThreadStacks = (kind: ThreadMark['kind'], number: number) => string

/**
 * Asks all threads of a run.
 *
 * @param board - Whose.
 * @param wanted - Those that are waited for: the process may have others, which are busy.
 */
export async function threadStacks(board: Board, wanted: readonly Omit<ThreadMark, 'run'>[]): Promise<ThreadStacks> {
  const run = board.load(BOARD_RUN)
  const stacks = new Map<string, string>()
  const keyOf = ({ kind, number }: Omit<ThreadMark, 'run'>): string => `${kind} ${number}`
  const isEnough = ({ mark, stack = '' }: Answer): boolean => {
    if (mark?.run === run) stacks.set(keyOf(mark), stack)
    return wanted.every((thread) => stacks.has(keyOf(thread)))
  }
  await askAll(isEnough)
  return (kind, number) => stacks.get(keyOf({ kind, number })) ?? ''
}

async function askAll(isEnough: (answer: Answer) => boolean): Promise<void> {
  try {
    const { Session } = await import('node:inspector')
    const session = new Session()
    session.connect()
    try {
      await ask(session, isEnough)
    } finally {
      session.disconnect()
    }
  } catch {
    // There is no inspector, or it has no threads to show.
  }
}

/** Until that is enough, or all have answered. */
async function ask(session: Session, isEnough: (answer: Answer) => boolean): Promise<void> {
  let attached = 0
  let answered = 0
  let areAllAttached = false
  let over: () => void = () => undefined
  const hasAnswered = new Promise<void>((resolve) => {
    over = resolve
  })
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
    attached++
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: QUESTION } })
    session.post('NodeWorker.sendMessageToWorker', { sessionId, message })
  })
  session.on('NodeWorker.receivedMessageFromWorker', ({ params: { message } }) => {
    answered++
    if (isEnough(answerIn(message)) || (areAllAttached && answered >= attached)) over()
  })
  await new Promise<void>((resolve, reject) => {
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => {
      if (error === null) resolve()
      else reject(error)
    })
  })
  areAllAttached = true
  if (answered >= attached) return
  const timer = setTimeout(over, ANSWER_MS)
  await hasAnswered
  clearTimeout(timer)
}

/** What a thread has answered; nothing if it is none of firmware, or was ended. */
function answerIn(message: string): Answer {
  const { result } = JSON.parse(message) as { result?: { result?: { value?: unknown } } }
  const value = result?.result?.value
  return typeof value === 'string' ? (JSON.parse(value) as Answer) : {}
}
