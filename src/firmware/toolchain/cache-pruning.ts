/** A folder of what was built does not grow for ever: what has not been used for the longest goes first. */
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a folder may hold: some thousand builds. */
export const MOST_BYTES: number = 512 * 2 ** 20

const DAY_MS = 86_400_000
/** Room that is made at once, so that it does not have to be made again at once. */
const KEPT_SHARE = 0.75
/** When this was last changed, room was last made. */
const STAMP = 'pruned'

interface Kept {
  readonly path: string
  readonly bytes: number
  /** When it was last used, to the day. */
  readonly usedMs: number
}

/** Notes that a file was used. To the day is enough, and nearly always costs nothing but a look. */
export function touch(path: string): void {
  const now = new Date()
  if (now.getTime() - statSync(path).mtimeMs > DAY_MS) utimesSync(path, now, now)
}

/**
 * Makes room in a folder, at most once a day. Other processes may use it meanwhile: what is gone was not there.
 *
 * @param folder - With folders of files in it.
 * @param mostBytes - What they may hold.
 */
export function pruneDaily(folder: string, mostBytes: number = MOST_BYTES): void {
  const stamp = join(folder, STAMP)
  const lastMs = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (Date.now() - lastMs < DAY_MS) return
  writeFileSync(stamp, '')
  prune(folder, mostBytes)
}

/**
 * Makes room in a folder.
 *
 * @param folder - With folders of files in it.
 * @param mostBytes - What they may hold.
 */
export function prune(folder: string, mostBytes: number): void {
  const files = filesIn(folder).sort((a, b) => a.usedMs - b.usedMs)
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  if (bytes <= mostBytes) return
  for (const file of files) {
    if (bytes <= mostBytes * KEPT_SHARE) return
    rmSync(file.path, { force: true })
    bytes -= file.bytes
  }
}

function filesIn(folder: string): Kept[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(folder, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat?.isFile() === true && name !== STAMP ? [{ path, bytes: stat.size, usedMs: stat.mtimeMs }] : []
  })
}
