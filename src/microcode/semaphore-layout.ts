/**
 * A semaphore: a shared object (object-layout.ts) of KIND_SEMAPHORE. Offsets in bytes within its slot.
 *
 * The first two words are one i64, changed by compare-exchange only: tokens, who wants one and whose semaphore it is change
 * in one step, and a thread that comes late, when the slot has another semaphore already, changes nothing.
 */

/** u32, low half of the i64: tokens that nobody has taken. */
export const SEMAPHORE_COUNT: u32 = 16
/** u32, high half: SEMAPHORE_LISTENERS, SEMAPHORE_SLEEPERS and the life. */
export const SEMAPHORE_TAKERS: u32 = 20
/** u32: most tokens there can be. Written before the life. */
export const SEMAPHORE_LIMIT: u32 = 24
/** u32: grows with each give that wakes a sleeper, and with the deletion. Takers that block sleep on it. */
export const SEMAPHORE_WAKE: u32 = 28
/** u32: the same for listeners, which have a waitAsync on it. */
export const SEMAPHORE_NEWS: u32 = 32

/** In SEMAPHORE_TAKERS: somebody has looked in vain since the last give, and has a waitAsync or is about to. */
export const SEMAPHORE_LISTENERS: u32 = 1
/**
 * In SEMAPHORE_TAKERS: threads that block. The greatest number stays for ever, since a thread that was ended in its sleep is
 * never counted out: then every give notifies, whether or not there is a sleeper.
 */
export const SEMAPHORE_SLEEPER: u32 = 2
export const SEMAPHORE_SLEEPERS: u32 = 0xfffe
/** The upper half of SEMAPHORE_TAKERS: 1 to SEMAPHORE_LIVES, another one for each semaphore that is made; 0: none. */
export const SEMAPHORE_LIFE_SHIFT: u32 = 16
export const SEMAPHORE_LIVES: u32 = 65535
/** For who keeps the semaphore from being deleted: whichever life it has. */
export const SEMAPHORE_ANY_LIFE: u32 = 0

/** semaphoreGive: a token more; that, and a taker was told; it has as many as it can have; it is deleted. */
export const GIVE_DONE: u32 = 0
export const GIVE_WOKE: u32 = 1
export const GIVE_FULL: u32 = 2
export const GIVE_DELETED: u32 = 3

/** semaphoreTake: a token less; there was none; the semaphore is deleted. */
export const TAKE_DONE: u32 = 0
export const TAKE_EMPTY: u32 = 1
export const TAKE_DELETED: u32 = 2

/** semaphoreTake, if there is no token: nothing changes. */
export const TAKE_NOW: u32 = 0
/** The thread becomes a sleeper. */
export const TAKE_OR_SLEEP: u32 = 1
/** The thread is a sleeper and stays one; with a token it is none any more. */
export const TAKE_AWAKE: u32 = 2
/** The thread is a sleeper, and is none any more either way. */
export const TAKE_OR_LEAVE: u32 = 3
/** The thread wants to hear of the next give through SEMAPHORE_NEWS. */
export const TAKE_OR_LISTEN: u32 = 4
