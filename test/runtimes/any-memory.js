/**
 * Copies between every two kinds of memory that a runtime has, for conformance.js and native.js.
 *
 * @typedef {import('../../src/index.ts').AsyncMemcpy} AsyncMemcpy
 *
 * @typedef {object} Kind
 * @property {string} name
 * @property {boolean} isShared
 * @property {(length: number) => Uint8Array} make
 * @property {(bytes: Uint8Array, offset: number, length: number) => import('../../src/index.ts').Memory} [view]
 */

const ROOM = 64

/** The kinds that there are here. @param {AsyncMemcpy} driver @returns {Kind[]} */
function kindsOf({ soc }) {
  /** @type {Kind[]} */
  const kinds = [
    { name: 'the Soc', isShared: true, make: (length) => soc.heap.alloc(length) },
    { name: 'an ArrayBuffer', isShared: false, make: (length) => new Uint8Array(length) },
    {
      name: 'a DataView',
      isShared: false,
      make: (length) => new Uint8Array(new ArrayBuffer(length + 5), 5),
      view: (bytes, offset, length) => new DataView(bytes.buffer, bytes.byteOffset + offset, length),
    },
    {
      name: 'a Float64Array',
      isShared: false,
      make: (length) => new Uint8Array(Math.ceil(length / 8) * 8),
      view: (bytes, offset) => new Float64Array(bytes.buffer, offset - (offset % 8)),
    },
  ]
  if (typeof Buffer === 'function') {
    kinds.push({ name: 'a Buffer', isShared: false, make: (length) => Buffer.alloc(length) })
  }
  const { ArrayBuffer: Plain, SharedArrayBuffer: Shared } = globalThis
  if ('resizable' in Plain.prototype) {
    const make = (/** @type {number} */ length) =>
      new Uint8Array(Reflect.construct(Plain, [length, { maxByteLength: 2 * length }]))
    kinds.push({ name: 'a resizable ArrayBuffer', isShared: false, make })
  }
  if (typeof Shared !== 'function') return kinds
  kinds.push({ name: 'a SharedArrayBuffer', isShared: true, make: (length) => new Uint8Array(new Shared(length)) })
  kinds.push({
    name: 'a shared WebAssembly.Memory',
    isShared: true,
    make: (length) => {
      const pages = Math.ceil(length / 65_536)
      const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
      return new Uint8Array(buffer, 0, length)
    },
  })
  if ('growable' in Shared.prototype) {
    const make = (/** @type {number} */ length) =>
      new Uint8Array(Reflect.construct(Shared, [length, { maxByteLength: 2 * length }]))
    kinds.push({ name: 'a growable SharedArrayBuffer', isShared: true, make })
  }
  return kinds
}

/**
 * Copies between all of them, at several alignments and lengths, and compares every byte there is.
 *
 * @param {AsyncMemcpy} driver
 * @returns {Promise<{ wrong: string[], copies: number, paths: Record<string, string> }>} `paths` by source and destination
 */
export async function copyBetweenAllKinds(driver) {
  const { heap } = driver.soc
  const kinds = kindsOf(driver)
  /** @type {string[]} */
  const wrong = []
  /** @type {Record<string, string>} */
  const paths = {}
  let copies = 0
  for (const from of kinds) {
    for (const to of kinds) {
      for (const length of [1, 8, 63, 1000, 70_001]) {
        for (const [dstAt, srcAt] of [
          [0, 0],
          [3, 8],
          [16, 5],
        ]) {
          const [src, dst] = [from.make(length + ROOM), to.make(length + ROOM)]
          for (let i = 0; i < src.length; i++) src[i] = i * 7 + (i >> 8)
          dst.fill(9)
          // Views of 8 bytes each begin where they can.
          const [dstPlace, srcPlace] = [
            dstAt - (to.name.includes('64') ? dstAt % 8 : 0),
            srcAt - (from.name.includes('64') ? srcAt % 8 : 0),
          ]
          const expected = new Uint8Array(dst.length).fill(9)
          expected.set(new Uint8Array(src).subarray(srcPlace, srcPlace + length), dstPlace)
          const viewOf = (/** @type {Kind} */ kind, /** @type {Uint8Array} */ bytes, /** @type {number} */ at) =>
            kind.view === undefined ? bytes.subarray(at, at + length) : kind.view(bytes, at, length)
          const event = await driver.copy(viewOf(to, dst, dstPlace), viewOf(from, src, srcPlace), { length })
          copies++
          const what = `${from.name} to ${to.name}`
          paths[what] ??= event.path
          const differs = dst.some((byte, i) => byte !== expected[i])
          if (differs || event.bytes !== length || event.path !== paths[what]) {
            wrong.push(`${length} bytes from ${what}, ${srcPlace} to ${dstPlace}, ${event.path}`)
          }
          if (from.name === 'the Soc') heap.free(src)
          if (to.name === 'the Soc') heap.free(dst)
        }
      }
    }
  }
  return { wrong, copies, paths }
}
