/** Where an instruction of a module with checks stood before they were put in. */
import { describe, expect, it } from 'vitest'

import { accessCode, moduleOf, windows } from '../../../../test/support/wasm-module.ts'

import { ByteReader } from './byte-reader.ts'
import { addChecks } from './checks.ts'
import { OPCODE, prefixed, readInstruction, TYPE } from './instructions.ts'
import { OffsetMap } from './offset-map.ts'
import { readSections, SECTION } from './sections.ts'

describe('places', () => {
  it('of instructions and of the checks before them are those of the module without checks', () => {
    const code = [
      ...accessCode(0x28, 4, 0),
      0x01,
      ...accessCode(0x36, 8, 1),
      ...accessCode(prefixed(0xfe, 0x1e), 0, 1),
      OPCODE.localGet,
      0,
      OPCODE.globalSet,
      0,
      0x01,
    ]
    const plain = moduleOf(code, [TYPE.i64, TYPE.i32])
    const checked = addChecks(plain, windows)
    const map = new OffsetMap(checked)
    const old = instructionsOf(plain)
    const made = instructionsOf(checked)
    // Instructions of the old code in the new one, in order; what is between them counts as the next.
    let next = 0
    for (const { at, bytes } of made) {
      const place = map.codeOffset(at)
      const expected = old[next]
      if (expected === undefined) throw new Error('more than there were')
      expect(place).toBe(expected.at - codeStart(plain))
      if (bytes === expected.bytes && isLast(made, at, map)) next++
    }
    expect(next).toBe(old.length)
  })

  it('are the same in a module without checks', () => {
    const plain = moduleOf([0x01, 0x01])
    expect(new OffsetMap(plain).codeOffset(codeStart(plain) + 5)).toBe(5)
  })

  const codeStart = (wasm: Uint8Array): number => readSections(wasm).find(({ id }) => id === SECTION.code)?.start ?? 0

  /** Whether it is the last that counts as its place. */
  const isLast = (made: readonly { at: number }[], at: number, map: OffsetMap): boolean => {
    const behind = made.find((one) => one.at > at)
    return behind === undefined || map.codeOffset(behind.at) !== map.codeOffset(at)
  }

  /** The first function's instructions, by place in the module. */
  function instructionsOf(wasm: Uint8Array): { at: number; bytes: string }[] {
    const code = new ByteReader(wasm, codeStart(wasm))
    code.unsigned()
    const body = code.part(code.unsigned())
    for (let declarations = body.unsigned(); declarations > 0; declarations--) body.take(2)
    const found: { at: number; bytes: string }[] = []
    while (body.more) {
      const at = body.at
      readInstruction(body)
      found.push({ at, bytes: Buffer.from(wasm.subarray(at, body.at)).toString('hex') })
    }
    return found
  }
})
