import { expect, test } from 'vitest'

import { coloursOn, commandName, widthOf } from './terminal.ts'

const terminal = { isTTY: true }

test('colours only in a terminal, unless asked for, and never against NO_COLOR', () => {
  expect(coloursOn(terminal, {})).toBe(true)
  expect(coloursOn({}, {})).toBe(false)
  expect(coloursOn({}, { CI: '1' })).toBe(false)
  expect(coloursOn({}, { FORCE_COLOR: '1' })).toBe(true)
  expect(coloursOn(terminal, { FORCE_COLOR: '0' })).toBe(false)
  expect(coloursOn(terminal, { TERM: 'dumb' })).toBe(false)
  expect(coloursOn(terminal, { NO_COLOR: '1' })).toBe(false)
  expect(coloursOn(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false)
  expect(coloursOn(terminal, { NO_COLOR: '' })).toBe(true)
})

test('a line has as many characters as the terminal, 80 elsewhere', () => {
  expect(widthOf({ columns: 120 })).toBe(120)
  expect(widthOf({})).toBe(80)
})

test('the name of the command is what started it', () => {
  const started = (script: string, env: Record<string, string> = {}): string =>
    commandName({ script, directory: '/home/me/async-memcpy', env })
  expect(started('/usr/bin/async-memcpy')).toBe('async-memcpy')
  expect(started('/home/me/async-memcpy/dist/cli.js')).toBe('node dist/cli.js')
  expect(started('/x/node_modules/.bin/async-memcpy', { npm_command: 'exec' })).toBe('npx async-memcpy')
})
