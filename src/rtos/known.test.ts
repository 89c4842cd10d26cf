import { expect, it } from 'vitest'

import { KnownObjects } from './known.ts'

interface Thing {
  alive: boolean
}

const known = (): KnownObjects<Thing> => new KnownObjects((thing) => thing.alive)
const someSoc = (): object => ({})

it('finds the living object of a handle and Soc, and no other', () => {
  const objects = known()
  const [soc, other] = [someSoc(), someSoc()]
  const thing = { alive: true }
  objects.add(soc, 64, thing)
  expect(objects.find(soc, 64)).toBe(thing)
  expect(objects.find(soc, 128)).toBeUndefined()
  expect(objects.find(other, 64)).toBeUndefined()
  thing.alive = false
  expect(objects.find(soc, 64)).toBeUndefined()
  const heir = { alive: true }
  objects.add(soc, 64, heir)
  expect(objects.find(soc, 64)).toBe(heir)
  objects.forget(soc, 64)
  expect(objects.find(soc, 64)).toBeUndefined()
})

it('forgets the dead, so that there are never more than twice as many as alive, or a few', () => {
  const asked: number[] = []
  let count = 0
  const objects = new KnownObjects<Thing>((thing) => {
    count++
    return thing.alive
  })
  const soc = someSoc()
  const living = Array.from({ length: 100 }, () => ({ alive: true }))
  living.forEach((thing, i) => {
    objects.add(soc, i, thing)
  })
  for (let i = 100; i < 10_000; i++) {
    count = 0
    objects.add(soc, i, { alive: false })
    if (count > 0) asked.push(count)
  }
  // Each sweep asks all that are kept; it pays only after as many more have come.
  expect(Math.max(...asked)).toBeLessThanOrEqual(256)
  expect(asked.length).toBeLessThan(200)
  expect(living.every((thing, i) => objects.find(soc, i) === thing)).toBe(true)
})
