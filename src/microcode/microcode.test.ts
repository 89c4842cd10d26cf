/** The compiled microcode: what it asks for, what it exports, and what it must not have. */
import { describe, expect, it } from 'vitest'

import { microcodeHex } from './microcode.generated.ts'
import { microcodeModule, type Microcode } from './microcode.ts'

describe('the module', () => {
  const bytes = Buffer.from(microcodeHex, 'hex')

  it('asks for nothing but a memory, the time and the resident callbacks', () => {
    const imports = WebAssembly.Module.imports(microcodeModule())
    const told = imports.map(({ module, name, kind }) => `${kind} ${module}.${name}`)
    expect(told.sort()).toEqual([
      'function env.foreign',
      'function env.interrupt',
      'function env.now',
      'memory env.memory',
    ])
  })

  it('exports what its interface says, and nothing else', () => {
    const documented: Record<keyof Microcode, true> = {
      ...{ regionInit: true, regionExtend: true, alloc: true, free: true, blockAt: true, blockLength: true },
      ...{ couldFit: true, attach: true, letGo: true, setTime: true, time: true },
      ...{ choiceInit: true, calibrate: true, submit: true, withdraw: true, close: true, inFlight: true },
      ...{ goOn: true, heldBlock: true, revoke: true, copyBytes: true },
      ...{ objectNew: true, objectPublish: true, objectDelete: true, objectAdd: true },
      ...{ semaphoreGive: true, semaphoreTake: true, semaphoreEnd: true },
      ...{ etmTrigger: true, etmNewChannel: true, etmConnect: true, etmEnable: true, etmDisable: true },
      ...{ etmDeleteChannel: true, etmRetain: true, etmBind: true, etmUnbind: true, etmDelete: true, pinChange: true },
      ...{ timerNew: true, timerOperate: true, timerCount: true, timerSet: true },
      ...{ timersNext: true, timersRun: true, etmListen: true, etmFollow: true },
      ...{
        step: true,
        serve: true,
        hasWork: true,
        begin: true,
        move: true,
        finish: true,
        failAll: true,
        takeOver: true,
        abandonSplit: true,
      },
      ...{ trace: true, traceStart: true, traceStop: true, traceReclaim: true },
    }
    const exported = WebAssembly.Module.exports(microcodeModule())
    expect(exported.map(({ name }) => name).sort()).toEqual(Object.keys(documented).sort())
    expect(exported.every(({ kind }) => kind === 'function')).toBe(true)
  })

  it('has no start function, no data and no tables: a new instance changes nothing for the others', () => {
    // Ids of sections, WebAssembly core specification 5.5.2.
    const forbidden = new Map([
      ['table', 4],
      ['start', 8],
      ['element', 9],
      ['data', 11],
    ])
    const found = sectionsOf(bytes)
    expect([...forbidden].filter(([, id]) => found.has(id)).map(([name]) => name)).toEqual([])
  })
})

function sectionsOf(bytes: Uint8Array): Set<number> {
  const ids = new Set<number>()
  for (let at = 8; at < bytes.length;) {
    ids.add(bytes[at++] ?? 0)
    let size = 0
    let shift = 0
    let byte: number
    do {
      byte = bytes[at++] ?? 0
      size |= (byte & 0x7f) << shift
      shift += 7
    } while (byte > 0x7f)
    at += size
  }
  return ids
}
