import { describe, expect, it } from 'vitest'

import { WaitingLine, type Waiting } from './waiting-line.ts'

describe('waiting line', () => {
  /** Copies that submit while there is room, and leave their name. */
  function people(room: { slots: number }, served: string[]): (name: string) => Waiting {
    return (name) => ({
      tryAgain: () => {
        if (room.slots === 0) return false
        room.slots--
        served.push(name)
        return true
      },
    })
  }

  it('serves in the order of joining, as many as there is room for', () => {
    const room = { slots: 0 }
    const served: string[] = []
    const person = people(room, served)
    const line = new WaitingLine()
    for (const name of ['a', 'b', 'c']) line.join(person(name))
    line.advance()
    expect([served, line.length]).toEqual([[], 3])
    room.slots = 2
    line.advance()
    expect([served, line.length]).toEqual([['a', 'b'], 1])
    room.slots = 5
    line.advance()
    expect([served, line.length, line.isEmpty]).toEqual([['a', 'b', 'c'], 0, true])
  })

  it('does not serve anybody past one who found no room', () => {
    const line = new WaitingLine()
    const served: string[] = []
    line.join({ tryAgain: () => false })
    line.join({ tryAgain: () => served.push('b') > 0 })
    line.advance()
    expect([served, line.length]).toEqual([[], 2])
  })

  it('lets somebody leave from the middle', () => {
    const room = { slots: 9 }
    const served: string[] = []
    const person = people(room, served)
    const line = new WaitingLine()
    const [a, b, c] = [person('a'), person('b'), person('c')]
    for (const one of [a, b, c]) line.join(one)
    line.leave(b)
    line.leave(b)
    line.advance()
    expect(served).toEqual(['a', 'c'])
  })
})
