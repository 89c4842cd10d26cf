#!/usr/bin/env node
/** The `async-memcpy` command. */
import { CommanderError } from 'commander'

import { describeFailure, EXIT_USAGE } from './command-error.ts'
import { withLevel } from './diagnostics-option.ts'
import { createProgram } from './program.ts'

// Whoever reads the output may have seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

// Whoever does not read messages any more has not ended the work.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const program = createProgram()
program.parseAsync(withLevel(process.argv.slice(2)), { from: 'user' }).catch((error: unknown) => {
  if (error instanceof CommanderError) {
    // It has said what there is to say.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE
    return
  }
  const verbose = program.opts<{ verbose?: boolean }>().verbose === true || (process.env['DEBUG'] ?? '') !== ''
  const { text, exitCode } = describeFailure(error, verbose ? 'stack' : 'line')
  process.stderr.write(`${text}\n`)
  process.exitCode = exitCode
})
