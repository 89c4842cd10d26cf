import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'

import { describe, expect, it } from 'vitest'

import { expectEspError, thrownBy } from '../../test/support/errors.ts'
import { CONTROL_END } from '../microcode/layout.ts'

import { AddressSpace, PAGE, type View } from './address-space.ts'

const INITIAL = CONTROL_END + 2 * PAGE

function newMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: INITIAL / PAGE, maximum: INITIAL / PAGE + 16, shared: true })
}

function newSpace(): AddressSpace {
  const space = new AddressSpace(newMemory())
  space.initialise()
  return space
}

/** The same view as another thread would get it: over another buffer object. */
function posted<V extends View>(view: V): V {
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(view)
  const received = receiveMessageOnPort(port2) as { message: V }
  port1.close()
  return received.message
}

describe('address space', () => {
  it('is a Soc only after it was initialised', () => {
    const memory = newMemory()
    expect(new AddressSpace(memory).isInitialised).toBe(false)
    new AddressSpace(memory).initialise()
    expect(new AddressSpace(memory).isInitialised).toBe(true)
  })

  it('a view is the memory at its address, and its address is where it came from', () => {
    const space = newSpace()
    const view = space.view(CONTROL_END + 100, 28)
    expect(view).toHaveLength(28)
    view.fill(0xa5)
    const all = new Uint8Array(space.memory.buffer)
    expect(all[CONTROL_END + 99]).toBe(0)
    expect(all.subarray(CONTROL_END + 100, CONTROL_END + 128).every((byte) => byte === 0xa5)).toBe(true)
    expect(all[CONTROL_END + 128]).toBe(0)
    expect(space.addressOf(view)).toBe(CONTROL_END + 100)
  })

  it('knows the address of every kind of view', () => {
    const space = newSpace()
    const { buffer } = space.view(CONTROL_END, 64)
    expect(space.addressOf(new Float64Array(buffer, CONTROL_END + 8, 2))).toBe(CONTROL_END + 8)
    expect(space.addressOf(new DataView(buffer, CONTROL_END + 3, 2))).toBe(CONTROL_END + 3)
    expect(space.addressOf(Buffer.from(buffer, CONTROL_END + 5, 7))).toBe(CONTROL_END + 5)
    expect(space.addressOf(space.view(CONTROL_END, 64).subarray(9))).toBe(CONTROL_END + 9)
  })

  it('views reach from the end of the control area to the end of the memory', () => {
    const space = newSpace()
    expect(space.view(CONTROL_END, INITIAL - CONTROL_END)).toHaveLength(2 * PAGE)
    expect(space.view(INITIAL - 1, 1)).toHaveLength(1)
    expect(space.view(INITIAL, 0)).toHaveLength(0)
  })

  it.each([
    ['in the control area', CONTROL_END - 1, 1],
    ['at 0', 0, 1],
    ['negative', -1, 1],
    ['fractional', CONTROL_END + 0.5, 1],
    ['NaN', NaN, 1],
    ['Infinity', Infinity, 1],
    ['beyond 32 bits', 2 ** 32 + CONTROL_END, 1],
    ['undefined', undefined, 1],
    ['a BigInt', BigInt(CONTROL_END), 1],
    ['a string', String(CONTROL_END), 1],
  ])('an address %s is ESP_ERR_INVALID_ARG and the message says from where they go', (_what, address, length) => {
    const error = thrownBy(() => newSpace().view(address as number, length))
    expectEspError(error, 'ESP_ERR_INVALID_ARG', /0x04000000|memory ends at 0x04020000/)
  })

  it.each([-1, 0.5, NaN, Infinity, undefined, 8n, '8'])(
    'a length that is no whole number, 0 or more, is ESP_ERR_INVALID_ARG: %s',
    (length) => {
      const error = thrownBy(() => newSpace().view(CONTROL_END, length as number))
      expectEspError(error, 'ESP_ERR_INVALID_ARG', String(length))
    },
  )

  it.each([
    [INITIAL, 1],
    [INITIAL - 1, 2],
    [CONTROL_END, INITIAL - CONTROL_END + 1],
    [CONTROL_END, 2 ** 32],
    [CONTROL_END, Number.MAX_SAFE_INTEGER],
  ])(
    'a view that ends beyond the memory is ESP_ERR_INVALID_ARG and the message says where that ends: %d + %d',
    (address, length) => {
      const error = thrownBy(() => newSpace().view(address, length))
      expectEspError(error, 'ESP_ERR_INVALID_ARG', length, '0x04020000')
    },
  )
})

describe('whose memory a view is of', () => {
  it('a view that was posted, from this Soc, has its address although its buffer is another object', () => {
    const space = newSpace()
    const view = space.view(CONTROL_END + 192, 64)
    const theirs = posted(view)
    expect(theirs.buffer).not.toBe(view.buffer)
    expect(space.addressOf(theirs)).toBe(CONTROL_END + 192)
    expect(space.owns(theirs.buffer)).toBe(true)
  })

  it('so has one that went through structuredClone', () => {
    const space = newSpace()
    expect(space.addressOf(structuredClone(space.view(CONTROL_END + 64, 64)))).toBe(CONTROL_END + 64)
  })

  it('a view of the memory as it was before it grew keeps its address', () => {
    const space = newSpace()
    const before = space.view(CONTROL_END + 64, 64)
    const postedBefore = posted(before)
    expect(space.grow(INITIAL + PAGE)).toBe(true)
    expect(space.view(CONTROL_END, 1).buffer).not.toBe(before.buffer)
    expect(space.addressOf(before)).toBe(CONTROL_END + 64)
    expect(space.addressOf(postedBefore)).toBe(CONTROL_END + 64)
  })

  it('a view of a copy of the memory is foreign, however equal its bytes are', () => {
    const space = newSpace()
    const copy = new SharedArrayBuffer(INITIAL)
    new Uint8Array(copy).set(new Uint8Array(space.memory.buffer))
    expectEspError(
      thrownBy(() => space.addressOf(new Uint8Array(copy, CONTROL_END, 64))),
      'ESP_ERR_INVALID_ARG',
      64,
      'heap.alloc',
    )
  })

  it.each([
    ['ordinary memory', (): View => new Uint8Array(10)],
    ['a pooled Buffer', (): View => Buffer.from('0123456789')],
    ['small shared memory', (): View => new Uint8Array(new SharedArrayBuffer(10))],
    ['large shared memory', (): View => new Uint8Array(new SharedArrayBuffer(INITIAL), CONTROL_END, 10)],
    ['another Soc', (): View => newSpace().view(CONTROL_END, 10)],
    ['a WebAssembly memory of its own', (): View => new Uint8Array(newMemory().buffer, CONTROL_END, 10)],
  ])('a view of %s is ESP_ERR_INVALID_ARG and the message says what to do', (_what, make) => {
    const space = newSpace()
    const view = make()
    const error = thrownBy(() => space.addressOf(view))
    expectEspError(error, 'ESP_ERR_INVALID_ARG', '10 bytes', 'another buffer', 'heap.alloc')
    expect(space.owns(view.buffer)).toBe(false)
  })

  it.each([undefined, null, 5, {}, 'view', new ArrayBuffer(8)])(
    'what is no view is ESP_ERR_INVALID_ARG: %s',
    (view) => {
      const space = newSpace()
      expectEspError(
        thrownBy(() => space.addressOf(view as View)),
        'ESP_ERR_INVALID_ARG',
      )
    },
  )
})

describe('growth', () => {
  it('reaches what was asked for, in whole pages, and no further than the maximum', () => {
    const space = newSpace()
    expect(space.grow(INITIAL)).toBe(true)
    expect(space.size).toBe(INITIAL)
    expect(space.grow(INITIAL + 1)).toBe(true)
    expect(space.size).toBe(INITIAL + PAGE)
    expect(space.grow(INITIAL + 16 * PAGE + 1)).toBe(false)
    expect(space.size).toBe(INITIAL + PAGE)
    expect(space.grow(INITIAL + 16 * PAGE)).toBe(true)
    expect(space.view(INITIAL + 16 * PAGE - 1, 1)).toHaveLength(1)
  })

  it('is seen by a second address space over the same memory, which knows the new buffer as its own', () => {
    const first = newSpace()
    const second = new AddressSpace(first.memory)
    expect(second.reaches(INITIAL + 1)).toBe(false)
    first.grow(INITIAL + PAGE)
    const view = first.view(INITIAL, 64)
    view.fill(3)
    expect(second.reaches(INITIAL + PAGE)).toBe(true)
    expect(second.reaches(INITIAL + PAGE + 1)).toBe(false)
    expect(second.addressOf(view)).toBe(INITIAL)
    expect(second.view(INITIAL, 64)[63]).toBe(3)
  })

  it('keeps the words of the control area where they are', () => {
    const space = newSpace()
    const { words } = space
    words[0x1000] = 12345
    space.grow(INITIAL + PAGE)
    expect(space.words).toBe(words)
    expect(new Int32Array(space.memory.buffer)[0x1000]).toBe(12345)
    words[0x1001] = 54321
    expect(new Int32Array(space.memory.buffer)[0x1001]).toBe(54321)
  })
})
