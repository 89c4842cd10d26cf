/** The event-task matrix and pins, for idf_host.h: all of it on the thread that calls. */
import { invalidArgument, invalidState } from '../../../errors.ts'
import { Etm } from '../../../etm/etm.ts'
import { GpioEvent, type GpioEdge } from '../../../etm/gpio-event.ts'
import type { GpioAction } from '../../../etm/gpio-matrix.ts'
import { GpioTask } from '../../../etm/gpio-task.ts'
import type { Direction } from '../../../etm/pin-words.ts'
import type { HostModule, HostThread } from '../host-module.ts'

import { answer, setWord, writeText, type Reasons } from './answer.ts'

const DIRECTIONS: readonly Direction[] = ['disabled', 'input', 'output']
const EDGES: readonly GpioEdge[] = ['rising', 'falling', 'any']
const ACTIONS: readonly GpioAction[] = ['set', 'clear', 'toggle']

/** One of a list that C knows by its place. */
export function nth<Name>(what: string, names: readonly Name[], index: number): Name {
  const name = names[index]
  if (name === undefined) throw invalidArgument(`${what} is ${index}: it is 0 to ${names.length - 1}`)
  return name
}

/** The functions of a thread. */
export function matrixFunctions(thread: HostThread, reasons: Reasons): ReturnType<HostModule['functions']> {
  let made: Etm | undefined
  const etm = (): Etm => (made ??= new Etm(thread.soc))
  const does = (run: () => void): number => answer(reasons, run)
  return {
    etm_new_channel: (out: number) =>
      does(() => {
        setWord(thread, out, etm().newChannel().handle)
      }),
    etm_del_channel: (channel: number) =>
      does(() => {
        etm()
          .channel(channel >>> 0)
          .delete()
      }),
    etm_enable: (channel: number) =>
      does(() => {
        etm()
          .channel(channel >>> 0)
          .enable()
      }),
    etm_disable: (channel: number) =>
      does(() => {
        etm()
          .channel(channel >>> 0)
          .disable()
      }),
    etm_connect: (channel: number, event: number, task: number) =>
      does(() => {
        etm()
          .channel(channel >>> 0)
          .connect(event === 0 ? null : etm().event(event >>> 0), task === 0 ? null : etm().task(task >>> 0))
      }),
    etm_del_event: (event: number) =>
      does(() => {
        const found = etm().event(event >>> 0)
        etm().disconnect(found)
        found.delete()
      }),
    etm_del_task: (task: number) =>
      does(() => {
        const found = etm().task(task >>> 0)
        if (found instanceof GpioTask && found.pins.length > 0) {
          throw invalidState(`the task changes the pins ${found.pins.join(', ')}: remove them first`)
        }
        etm().disconnect(found)
        found.delete()
      }),
    etm_dump: (text: number, size: number) => writeText(thread, etm().dump(), text >>> 0, size >>> 0),
    ...pinFunctions(thread, etm, does),
  }
}

function pinFunctions(
  thread: HostThread,
  etm: () => Etm,
  does: (run: () => void) => number,
): ReturnType<HostModule['functions']> {
  const gpioTask = (handle: number): GpioTask => {
    const task = etm().task(handle >>> 0)
    if (task instanceof GpioTask) return task
    throw invalidArgument(`${task.name} is no task of pins`)
  }
  return {
    gpio_direction: (pin: number, direction: number) =>
      does(() => {
        thread.soc.gpio(pin).direction = nth('direction', DIRECTIONS, direction)
      }),
    gpio_set: (pin: number, level: number) =>
      does(() => {
        thread.soc.gpio(pin).level = level === 0 ? 0 : 1
      }),
    gpio_get: (pin: number) => {
      const { value: pins } = thread.soc.target.peripherals.gpioPins
      return pin >= 0 && pin < pins ? thread.soc.gpio(pin).level : 0
    },
    gpio_pull: (pin: number, level: number) =>
      does(() => {
        thread.soc.gpio(pin).drive(level === 0 ? 0 : 1)
      }),
    gpio_new_event: (edge: number, out: number) =>
      does(() => {
        setWord(thread, out, etm().newGpioEvent(nth('edge', EDGES, edge)).handle)
      }),
    gpio_bind_event: (event: number, pin: number) =>
      does(() => {
        const found = etm().event(event >>> 0)
        if (!(found instanceof GpioEvent)) throw invalidArgument(`${found.name} is no event of pins`)
        found.bindGpio(pin)
      }),
    gpio_new_task: (action: number, out: number) =>
      does(() => {
        setWord(thread, out, etm().newGpioTask(nth('action', ACTIONS, action)).handle)
      }),
    gpio_add: (task: number, pin: number) =>
      does(() => {
        gpioTask(task).addGpio(pin)
      }),
    gpio_remove: (task: number, pin: number) =>
      does(() => {
        gpioTask(task).removeGpio(pin)
      }),
    gpio_changed: () => {
      if (thread.engine === 'simulated' && thread.kind === 'task' && !thread.inInterrupt) thread.call('gpio_changed')
    },
    gpio_told: (pin: number) => {
      if (thread.kind === 'task' && thread.engine === 'threads' && !thread.isCritical) thread.call('gpio_told', pin)
    },
    gpio_watch: (...values: number[]) => thread.call('gpio_watch', ...values),
  }
}
