import { expect, test } from 'vitest'

import { createProgram, usageLine } from './program.ts'

test('a wrong command line is told in one line that says what to do', () => {
  expect(usageLine("error: unknown option '--round'\n(Did you mean --rounds?)\n")).toBe(
    "error: unknown option '--round' (Did you mean --rounds?)\n",
  )
  expect(usageLine("error: unknown command 'x'\n")).toBe("error: unknown command 'x' (--help tells what there is)\n")
})

test('the help names the commands', () => {
  expect(createProgram().helpInformation()).toMatch(/^ {2}demo [^]*^ {2}bench /m)
})
