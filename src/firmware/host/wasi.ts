/**
 * What the C library of the compiler cannot do without (WASI preview 1): the console and the time. There are no files, no
 * arguments and no environment.
 */
import { defineHostModule, type HostModule } from './host-module.ts'
import type { PortThread } from './port-thread.ts'
import { nextRandom } from './random.ts'

/** WASI's numbers. */
const SUCCESS = 0
const BADF = 8
const NOSYS = 52
const CHARACTER_DEVICE = 2
const STDOUT = 1
const STDERR = 2

/** Functions of the system that firmware has no use for. */
const MISSING = [
  'args_get',
  'fd_advise',
  'fd_allocate',
  'fd_close',
  'fd_datasync',
  'fd_fdstat_set_flags',
  'fd_fdstat_set_rights',
  'fd_filestat_get',
  'fd_filestat_set_size',
  'fd_filestat_set_times',
  'fd_pread',
  'fd_prestat_dir_name',
  'fd_pwrite',
  'fd_read',
  'fd_readdir',
  'fd_renumber',
  'fd_seek',
  'fd_sync',
  'fd_tell',
  'path_create_directory',
  'path_filestat_get',
  'path_filestat_set_times',
  'path_link',
  'path_open',
  'path_readlink',
  'path_remove_directory',
  'path_rename',
  'path_symlink',
  'path_unlink_file',
  'poll_oneoff',
  'proc_raise',
  'sock_accept',
  'sock_recv',
  'sock_send',
  'sock_shutdown',
] as const

/** The module `wasi_snapshot_preview1`. */
export const wasi: HostModule = defineHostModule({
  name: 'wasi_snapshot_preview1',
  functions: (host) => {
    const thread = host as PortThread
    const store = (address: number, value: number): void => {
      thread.words[(address >>> 0) >> 2] = value
    }
    const load = (address: number): number => (thread.words[(address >>> 0) >> 2] ?? 0) >>> 0
    const none = (count: number, bytes: number): number => {
      store(count, 0)
      store(bytes, 0)
      return SUCCESS
    }
    return {
      ...Object.fromEntries(MISSING.map((name) => [name, () => NOSYS])),
      // No directory is open before the start.
      fd_prestat_get: () => BADF,
      environ_get: () => SUCCESS,
      environ_sizes_get: none,
      args_sizes_get: none,
      fd_fdstat_get: (_fd: number, stat: number) => {
        thread.bytes.fill(0, stat >>> 0, (stat >>> 0) + 24)
        thread.bytes[stat >>> 0] = CHARACTER_DEVICE
        return SUCCESS
      },
      fd_write: (fd: number, vectors: number, count: number, written: number) => {
        if (fd !== STDOUT && fd !== STDERR) return BADF
        const parts: Uint8Array[] = []
        for (let i = 0; i < count; i++) {
          const start = load(vectors + 8 * i)
          parts.push(thread.bytes.subarray(start, start + load(vectors + 8 * i + 4)))
        }
        const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
        let at = 0
        for (const part of parts) {
          bytes.set(part, at)
          at += part.length
        }
        thread.write(bytes)
        store(written, bytes.length)
        return SUCCESS
      },
      clock_res_get: (_clock: number, resolution: number) => {
        store(resolution, 1000)
        store(resolution + 4, 0)
        return SUCCESS
      },
      clock_time_get: (_clock: number, _precision: bigint, time: number) => {
        const ns = BigInt(Math.floor(thread.nowUs())) * 1000n
        store(time, Number(ns & 0xffffffffn) | 0)
        store(time + 4, Number(ns >> 32n) | 0)
        return SUCCESS
      },
      random_get: (address: number, length: number) => {
        for (let i = 0; i < length; i++) thread.bytes[(address >>> 0) + i] = nextRandom(thread.board) & 0xff
        return SUCCESS
      },
      sched_yield: () => {
        thread.port.yield()
        return SUCCESS
      },
      proc_exit: (code: number) => thread.end({ kind: 'exit', code }),
    }
  },
})
