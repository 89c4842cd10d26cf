import { describe, expect, it } from 'vitest'

import { nodePlatform } from './node.ts'
import { isSharedBuffer, pollWord } from './word-waits.ts'

const { waitAsync } = nodePlatform()

describe('waiting for a word', () => {
  it('knows memory that is shared from memory that is not', () => {
    expect(isSharedBuffer(new ArrayBuffer(8))).toBe(false)
    expect(isSharedBuffer(new SharedArrayBuffer(8))).toBe(true)
    expect(isSharedBuffer(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer)).toBe(true)
  })

  it.each([
    ['shared', (): Int32Array => new Int32Array(new SharedArrayBuffer(8))],
    ['unshared', (): Int32Array => new Int32Array(2)],
  ])('in %s memory: nothing to wait for, or a promise that resolves when the word has changed', async (_kind, make) => {
    const words = make()
    expect(waitAsync(words, 1, 5)).toMatchObject({ async: false })
    const wait = waitAsync(words, 1, 0)
    if (!wait.async) throw new Error('there is something to wait for')
    let over = false
    void wait.value.then(() => (over = true))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(over).toBe(false)
    Atomics.store(words, 1, 1)
    Atomics.notify(words, 1)
    await wait.value
  })

  it('a word that is polled for stops being looked at', async () => {
    const words = new Int32Array(1)
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const wait = pollWord(words, 0, 0)
    expect(timers()).toBe(before + 1)
    words[0] = 1
    if (wait.async) await wait.value
    expect(timers()).toBe(before)
  })
})
