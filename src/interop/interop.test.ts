import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeText, fillRandom, toArrayBuffer, toBlob, unshared } from './interop.ts'

/** Shared memory with the bytes, somewhere in the middle. */
function shared(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const view = new Uint8Array(new SharedArrayBuffer(bytes.length + 7), 3, bytes.length)
  view.set(bytes)
  return view
}

describe('shared memory where it is refused', () => {
  it('text in any encoding, however long, wherever a character ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), fc.integer({ min: 1, max: 3000 }), (part, times) => {
        const text = part.repeat(times)
        expect(decodeText(shared(new TextEncoder().encode(text)))).toBe(text.replace(/^\uFEFF/, ''))
      }),
      { numRuns: 100 },
    )
    const utf16 = new Uint8Array(Uint16Array.from('häß', (c) => c.charCodeAt(0)).buffer)
    expect(decodeText(shared(utf16), 'utf-16le')).toBe('häß')
  })

  it('bad text is replaced, or refused if that is asked for', () => {
    expect(decodeText(shared(Uint8Array.of(65, 0xff)))).toBe('A\ufffd')
    expect(() => decodeText(shared(Uint8Array.of(65, 0xff)), 'utf-8', { fatal: true })).toThrow(TypeError)
    expect(() => decodeText(shared(Uint8Array.of(0xc3)), 'utf-8', { fatal: true })).toThrow(TypeError)
    expect(() => decodeText(shared(Uint8Array.of(65)), 'no-such-encoding')).toThrow(RangeError)
    expect(decodeText(new Uint8Array(0))).toBe('')
  })

  it('random numbers into views of any length, and not beyond', () => {
    const buffer = new SharedArrayBuffer(200_010)
    const view = new Uint8Array(buffer, 5, 200_000)
    expect(fillRandom(view)).toBe(view)
    // No run of 100 zeros anywhere: it would have one in 2^800 chances.
    for (let at = 0; at < view.length; at += 100)
      expect(view.subarray(at, at + 100).some((byte) => byte !== 0)).toBe(true)
    expect([...new Uint8Array(buffer, 0, 5), ...new Uint8Array(buffer, 200_005)]).toEqual(new Array(10).fill(0))
    expect(fillRandom(new Float64Array(2))).toHaveLength(2)
  })

  it('a plain view stays what it is, a shared one becomes one of its kind', async () => {
    const plain = new Float32Array([1, 2])
    expect(unshared(plain)).toBe(plain)
    const floats = new Float32Array(new SharedArrayBuffer(16), 4, 2)
    floats.set([1.5, 2.5])
    const copy = unshared(floats)
    expect(copy).toBeInstanceOf(Float32Array)
    expect(copy.buffer).toBeInstanceOf(ArrayBuffer)
    expect([...(copy as unknown as Float32Array)]).toEqual([1.5, 2.5])
    const buffer = unshared(Buffer.from(new SharedArrayBuffer(4)))
    expect(Buffer.isBuffer(buffer)).toBe(true)
    const digest = await crypto.subtle.digest('SHA-256', unshared(shared(Uint8Array.of(1, 2, 3))))
    expect(Buffer.from(digest).toString('hex')).toBe('039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81')
  })

  it('a buffer and a blob of their own', async () => {
    const view = shared(Uint8Array.of(1, 2, 3))
    const buffer = toArrayBuffer(view)
    view.fill(0)
    expect([...new Uint8Array(buffer)]).toEqual([1, 2, 3])
    const blob = toBlob([shared(Uint8Array.of(104, 105)), new DataView(new ArrayBuffer(0))], { type: 'text/plain' })
    expect([blob.type, await blob.text()]).toEqual(['text/plain', 'hi'])
  })
})
