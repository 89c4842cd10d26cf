import { Writable } from 'node:stream'

import { beforeEach, expect, test } from 'vitest'

import { createProgress, Lines } from './progress.ts'

let written: string
let stream: Writable
beforeEach(() => {
  written = ''
  stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString()
      done()
    },
  })
})

test('a log gets a line for each piece of work, and another only when it takes long', () => {
  let now = 0
  const lines = new Lines(stream, () => now)
  lines.begin('Reading', 10)
  lines.advance(5)
  now += 6000
  lines.advance(6)
  lines.advance(7)
  now += 6000
  lines.advance(10)
  lines.begin('Copying', 4)
  lines.end()
  expect(written).toBe('Reading\nReading: 60 %\nCopying\n')
})

test('a program gets nothing', () => {
  const progress = createProgress(stream, 'program')
  progress.begin('Reading', 10)
  progress.advance(5)
  progress.end()
  expect(written).toBe('')
})

test('lines where there is no terminal', () => {
  expect(createProgress(stream, 'people')).toBeInstanceOf(Lines)
})
