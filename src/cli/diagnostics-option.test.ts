import { expect, test } from 'vitest'

import { withLevel } from './diagnostics-option.ts'

test.each([
  [
    ['run', '--diagnostics', 'main.c'],
    ['run', '--diagnostics=warn', 'main.c'],
  ],
  [
    ['--verbose', 'run', 'main.c', '--diagnostics'],
    ['--verbose', 'run', 'main.c', '--diagnostics=warn'],
  ],
  [
    ['run', '--diagnostics', 'error', 'main.c'],
    ['run', '--diagnostics', 'error', 'main.c'],
  ],
  [
    ['test', '--diagnostics', 'run'],
    ['test', '--diagnostics', 'run'],
  ],
])('%j is read as %j', (typed, read) => {
  expect(withLevel(typed)).toEqual(read)
})
