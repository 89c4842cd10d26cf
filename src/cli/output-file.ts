/** Files that commands write their results to. */
import { access, constants, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { CommandError, EXIT_FAILURE, EXIT_USAGE } from './command-error.ts'

/**
 * Looks whether a file can be written where it is to go: what takes minutes should not end with that it cannot.
 *
 * @param option - What it was typed for, such as `--junit`.
 * @param path - As it was typed.
 * @throws CommandError for a folder that is not there or not to be written to.
 */
export async function checkFolder(option: string, path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK)
  } catch (cause) {
    throw new CommandError(`${option} ${path}: ${dirname(path)} is no directory to write to`, EXIT_USAGE, { cause })
  }
}

/**
 * Writes a file.
 *
 * @throws CommandError if it cannot be written.
 */
export async function saveFile(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content)
  } catch (cause) {
    throw new CommandError(`${path} cannot be written`, EXIT_FAILURE, { cause })
  }
}
