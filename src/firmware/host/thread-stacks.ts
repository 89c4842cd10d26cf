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

/** So long threads have to answer. */
const ANSWER_MS = 1000

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

/** Asks all threads of a run. */
export async function threadStacks(board: Board): Promise<ThreadStacks> {
  const run = board.load(BOARD_RUN)
  const stacks = new Map<string, string>()
  for (const { mark, stack = '' } of await askAll()) {
    if (mark?.run === run) stacks.set(`${mark.kind} ${mark.number}`, stack)
  }
  return (kind, number) => stacks.get(`${kind} ${number}`) ?? ''
}

async function askAll(): Promise<readonly Answer[]> {
  try {
    const { Session } = await import('node:inspector')
    const session = new Session()
    session.connect()
    try {
      return await asked(session)
    } finally {
      session.disconnect()
    }
  } catch {
    // There is no inspector, or it has no threads to show.
    return []
  }
}

async function asked(session: Session): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  let attached = 0
  let over: () => void = () => undefined
  const allAnswered = new Promise<void>((resolve) => {
    over = resolve
  })
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
    attached++
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: QUESTION } })
    session.post('NodeWorker.sendMessageToWorker', { sessionId, message })
  })
  session.on('NodeWorker.receivedMessageFromWorker', ({ params: { message } }) => {
    answers.push(answerIn(message))
    if (answers.length >= attached) over()
  })
  await new Promise<void>((resolve, reject) => {
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => {
      if (error === null) resolve()
      else reject(error)
    })
  })
  const timer = setTimeout(over, ANSWER_MS)
  await allAnswered
  clearTimeout(timer)
  return answers
}

/** What a thread has answered; nothing if it is none of firmware, or was ended. */
function answerIn(message: string): Answer {
  const { result } = JSON.parse(message) as { result?: { result?: { value?: unknown } } }
  const value = result?.result?.value
  return typeof value === 'string' ? (JSON.parse(value) as Answer) : {}
}
