/** Objects that this thread has made for handles: attaching again and again gives the same one, at the price of a look. */
/** So many are kept before it is asked which are still of use. */
const FEW = 64

interface OfSoc<Known> {
  readonly byHandle: Map<number, Known>
  sweepAt: number
}

/** What is known, for each Soc by handle. Those that are dead are forgotten before there are as many as the living ones. */
export class KnownObjects<Known> {
  readonly #isAlive: (known: Known) => boolean
  readonly #ofSoc = new WeakMap<object, OfSoc<Known>>()

  /** @param isAlive - Whether a handle still is that object's. */
  constructor(isAlive: (known: Known) => boolean) {
    this.#isAlive = isAlive
  }

  /** The living object of a handle, if this thread has one. */
  find(soc: object, handle: number): Known | undefined {
    const known = this.#ofSoc.get(soc)?.byHandle.get(handle)
    return known !== undefined && this.#isAlive(known) ? known : undefined
  }

  /** The object of a handle from now on. */
  add(soc: object, handle: number, known: Known): void {
    let ofSoc = this.#ofSoc.get(soc)
    if (ofSoc === undefined) {
      ofSoc = { byHandle: new Map(), sweepAt: FEW }
      this.#ofSoc.set(soc, ofSoc)
    }
    const { byHandle } = ofSoc
    if (byHandle.size >= ofSoc.sweepAt) {
      for (const [other, candidate] of byHandle) if (!this.#isAlive(candidate)) byHandle.delete(other)
      ofSoc.sweepAt = Math.max(FEW, 2 * byHandle.size)
    }
    byHandle.set(handle, known)
  }

  /** The handle is nobody's any more. */
  forget(soc: object, handle: number): void {
    this.#ofSoc.get(soc)?.byHandle.delete(handle)
  }
}
