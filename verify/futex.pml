/*
 * Atomics.wait, Atomics.waitAsync and Atomics.notify.
 *
 * A sleeper has a flag of its own. To wait is one step: compare the word, and if it still has the value, be asleep from
 * then on. To notify is to clear flags. There are no wake-ups without a reason and no timeouts: what holds here holds
 * without them.
 */
inline wait(word, value, asleep) {
  atomic {
    if
    :: word == value -> asleep = true
    :: else
    fi
  }
  !asleep
}

inline notify(asleep) {
  asleep = false
}
