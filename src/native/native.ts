/**
 * The memory of the whole process: `async-memcpy/native`. Node.js reaches it through koffi, Deno and Bun by themselves. Loaded
 * on every thread that submits copies by address, and on those of the channels.
 */
import type { NativeMemory } from '../soc/native-memory.ts'

export type { NativeMemory } from '../soc/native-memory.ts'

/** Names of the C library, by the platform's name in Node.js and in Deno. */
const C_LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  linux: ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'],
  darwin: ['/usr/lib/libSystem.B.dylib'],
  win32: ['ucrtbase.dll', 'msvcrt.dll'],
  windows: ['ucrtbase.dll', 'msvcrt.dll'],
}

/** What is used of koffi. */
interface Koffi {
  load(path: string): {
    func(name: string, result: string, parameters: readonly string[]): (...numbers: number[]) => unknown
  }
  address(view: Uint8Array): bigint
}

/** What is used of Deno. */
interface DenoNamespace {
  readonly build: { readonly os: string }
  readonly UnsafePointer: {
    of(view: Uint8Array): unknown
    value(pointer: unknown): bigint | number
    create(address: bigint): unknown
  }
  readonly dlopen: (
    path: string,
    symbols: object,
  ) => { readonly symbols: { memmove(to: unknown, from: unknown, length: bigint): unknown } }
}

/** What is used of `bun:ffi`. */
interface BunFfi {
  readonly dlopen: (
    path: string,
    symbols: object,
  ) => { readonly symbols: { memmove(to: number, from: number, length: number): unknown } }
  readonly ptr: (view: Uint8Array) => number
}

/**
 * Finds the way to the memory of the process. `Soc.native` does it; who calls it directly has `memmove` at hand.
 *
 * @throws Error where there is none: koffi is not installed, Deno was not given `--allow-ffi`, a browser.
 */
export async function openNative(): Promise<NativeMemory> {
  const deno = Reflect.get(globalThis, 'Deno') as DenoNamespace | undefined
  if (deno !== undefined) return openInDeno(deno)
  return Reflect.has(globalThis, 'Bun') ? await openInBun() : await openWithKoffi()
}

/** The first of the platform's C libraries that can be opened. */
function openFirst<Library>(os: string, open: (path: string) => Library): Library {
  let failure: unknown = new Error(`no C library is known for ${os}`)
  for (const path of C_LIBRARIES[os] ?? ['libc.so.7', 'libc.so']) {
    try {
      return open(path)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

async function openWithKoffi(): Promise<NativeMemory> {
  const { default: koffi } = (await import('koffi')) as unknown as { default: Koffi }
  const memmove = openFirst(process.platform, (path) =>
    // As numbers addresses cost least: those of a process are below 2^53.
    koffi.load(path).func('memmove', 'uintptr_t', ['uintptr_t', 'uintptr_t', 'size_t']),
  )
  return { name: 'koffi', addressOf: (view) => Number(koffi.address(view)), memmove }
}

function openInDeno({ build, dlopen, UnsafePointer }: DenoNamespace): NativeMemory {
  const { symbols } = openFirst(build.os, (path) =>
    dlopen(path, { memmove: { parameters: ['pointer', 'pointer', 'usize'], result: 'pointer' } }),
  )
  const pointer = (address: number): unknown => UnsafePointer.create(BigInt(address))
  return {
    name: 'Deno',
    addressOf: (view) => Number(UnsafePointer.value(UnsafePointer.of(view))),
    memmove: (destination, source, length) => {
      symbols.memmove(pointer(destination), pointer(source), BigInt(length))
    },
  }
}

/** Bundlers must not go looking for it. */
const BUN_FFI: string = 'bun:ffi'

async function openInBun(): Promise<NativeMemory> {
  const { dlopen, ptr } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ BUN_FFI)) as BunFfi
  const { symbols } = openFirst(process.platform, (path) =>
    dlopen(path, { memmove: { args: ['ptr', 'ptr', 'usize'], returns: 'ptr' } }),
  )
  return {
    name: 'Bun',
    addressOf: (view) => ptr(view),
    memmove: (destination, source, length) => {
      symbols.memmove(destination, source, length)
    },
  }
}
