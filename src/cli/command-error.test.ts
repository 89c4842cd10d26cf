import { expect, test } from 'vitest'

import { EspError } from '../errors.ts'

import { CommandError, describeFailure, EXIT_FAILURE, EXIT_USAGE, usageError } from './command-error.ts'

test('an EspError is told with its name, in a line', () => {
  expect(describeFailure(new EspError('ESP_ERR_NO_MEM', 'no room for 5 bytes'), 'line')).toEqual({
    text: 'error: no room for 5 bytes (ESP_ERR_NO_MEM)',
    exitCode: EXIT_FAILURE,
  })
})

test('what the caller did wrong has another exit code than what the command did not manage', () => {
  expect(describeFailure(usageError('x is empty'), 'line')).toEqual({ text: 'error: x is empty', exitCode: EXIT_USAGE })
  expect(describeFailure(new CommandError('it broke', EXIT_FAILURE), 'line').exitCode).toBe(EXIT_FAILURE)
})

test('anything unexpected says how to learn more', () => {
  expect(describeFailure(new TypeError('x is not a function'), 'line').text).toBe(
    'error: x is not a function (--verbose shows where)',
  )
  expect(describeFailure('a string', 'line').text).toBe('error: a string (--verbose shows where)')
})

test('with the stack come the causes', () => {
  const error = new EspError('ESP_FAIL', 'no thread', { cause: new Error('out of threads') })
  const { text } = describeFailure(error, 'stack')
  expect(text).toMatch(/^error: no thread \(ESP_FAIL\)\n/)
  expect(text).toContain('command-error.test.ts')
  expect(text).toContain('caused by error: out of threads')
  expect(text).not.toContain('--verbose')
})
