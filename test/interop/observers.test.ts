/** Those who look on: asynchronous contexts in deferred callbacks, and diagnostics channels. */
import { AsyncLocalStorage } from 'node:async_hooks'
import diagnostics from 'node:diagnostics_channel'

import { afterEach, describe, expect, it } from 'vitest'

import type { CompleteMessage, SubmitMessage } from '../../src/index.ts'
import { rejectionOf } from '../support/errors.ts'
import { ENGINES, until, untilIdle, useWorld } from '../support/world.ts'

describe.each(ENGINES)('AsyncLocalStorage, %s engine', (engine) => {
  const world = useWorld(engine)
  const storage = new AsyncLocalStorage<string>()

  it('each callback finds the store of its own submission', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const seen: (string | undefined)[] = []
    const submit = (): void => {
      driver.memcpy(arena.view(0, 64), arena.view(128, 64), 64, () => {
        seen.push(storage.getStore())
      })
    }
    storage.run('a', submit)
    storage.run('b', submit)
    submit()
    storage.run('c', submit)
    await until(() => seen.length === 4, 'four callbacks')
    expect(seen).toEqual(['a', 'b', undefined, 'c'])
    arena.expectCopy(0, 128, 64)
  })

  it('what a callback submits is in its context', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    let seen: string | undefined
    let isOver = false
    storage.run('outer', () => {
      driver.memcpy(arena.view(0, 64), arena.view(128, 64), 64, () => {
        driver.memcpy(arena.view(0, 64), arena.view(128, 64), 64, () => {
          seen = storage.getStore()
          isOver = true
        })
      })
    })
    await until(() => isOver, 'the second callback')
    expect(seen).toBe('outer')
    arena.expectCopy(0, 128, 64)
  })

  it('after an awaited copy the context is what it was', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    await storage.run('awaited', async () => {
      await driver.copy(arena.view(0, 64), arena.view(128, 64))
      expect(storage.getStore()).toBe('awaited')
    })
    arena.expectCopy(0, 128, 64)
  })
})

describe.each(ENGINES)('diagnostics channels, %s engine', (engine) => {
  const world = useWorld(engine)
  const subscriptions: [string, diagnostics.ChannelListener][] = []

  afterEach(() => {
    for (const [name, listener] of subscriptions.splice(0)) diagnostics.unsubscribe(name, listener)
  })

  function collect<Message>(name: string): Message[] {
    const messages: Message[] = []
    const listener: diagnostics.ChannelListener = (message) => void messages.push(message as Message)
    diagnostics.subscribe(name, listener)
    subscriptions.push([name, listener])
    return messages
  }

  it('tell of each copy when it is accepted, and when it is over', async () => {
    const driver = await world.install()
    const arena = world.arena(512)
    const submitted = collect<SubmitMessage>('async-memcpy:submit')
    const completed = collect<CompleteMessage>('async-memcpy:complete')
    const order: string[] = []
    driver.memcpy(arena.address, arena.address + 128, 100, () => void order.push(`callback after ${completed.length}`))
    driver.memcpy(arena.address, arena.address + 128, 90)
    const event = await driver.copy(arena.address, arena.address + 128, { length: 80 })
    const last = driver.copySync(arena.address, arena.address + 128, 70)
    await until(() => completed.length === 4, 'four completions')
    const ranges = { driver: driver.handle, destination: arena.address, source: arena.address + 128 }
    expect(submitted).toEqual([100, 90, 80, 70].map((length, sequence) => ({ ...ranges, sequence, length })))
    expect(completed.map(({ event: outcome, ...rest }) => [rest, outcome?.bytes])).toEqual(
      submitted.map((message) => [message, message.length]),
    )
    expect(completed[2]?.event).toEqual(event)
    expect(completed[3]?.event).toEqual(last)
    // Of a copy those who look on hear before its submitter does.
    expect(order).toEqual(['callback after 1'])
    arena.expectCopy(0, 128, 100)
  })

  it('a copy that was called off has no outcome', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const completed = collect<CompleteMessage>('async-memcpy:complete')
    const held = world.hold(driver)
    const controller = new AbortController()
    const copy = driver.copy(arena.view(0, 64), arena.view(128, 64), { signal: controller.signal })
    controller.abort(new Error('never mind'))
    await rejectionOf(copy)
    held.release()
    await until(() => completed.some(({ event }) => event === undefined), 'the message')
    expect(completed.filter(({ event }) => event === undefined)).toHaveLength(1)
  })

  it('refused copies are not told of', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const submitted = collect<SubmitMessage>('async-memcpy:submit')
    expect(() => {
      driver.memcpy(arena.address, arena.address + 128, 0)
    }).toThrow()
    expect(submitted).toEqual([])
  })

  it('a subscriber that throws hurts nobody', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const uncaught: unknown[] = []
    const onUncaught = (error: unknown): void => void uncaught.push(error)
    const before = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', onUncaught)
    try {
      const failure = new Error('a bad subscriber')
      const listener = (): never => {
        throw failure
      }
      diagnostics.subscribe('async-memcpy:complete', listener)
      subscriptions.push(['async-memcpy:complete', listener])
      const event = await driver.copy(arena.view(0, 64), arena.view(128, 64))
      expect(event.bytes).toBe(64)
      await until(() => uncaught.length > 0, 'its error')
      expect(uncaught).toEqual([failure])
    } finally {
      process.off('uncaughtException', onUncaught)
      for (const listener of before) process.on('uncaughtException', listener)
    }
    await untilIdle(driver)
    arena.expectCopy(0, 128, 64)
  })
})
