/**
 * The channel: the one consumer of a ring. It copies, counts and publishes; it never blocks. When it finds no work for
 * as long as it was told to look, it returns, and the thread's TypeScript decides (park, stop, look again).
 *
 * Completion is published every PUBLISH_COPIES copies or PUBLISH_BYTES bytes, and always before the channel idles or
 * begins a copy of that length: fewer lines travel between the cores, and nobody waits noticeably longer.
 *
 *   consumer  publish (store COMPLETED) < look at WAITING; if set: clear it < add 1 to NEWS < notify
 *   waiter    read NEWS < set WAITING < look at COMPLETED < wait while NEWS is what was read
 * Either the waiter sees the new COMPLETED, or the consumer sees WAITING and changes NEWS, on which the waiter then does
 * not sleep. To read NEWS after COMPLETED would lose the wake-up in between (verify/ring.pml shows it).
 *
 * What a copy sets off comes before its completion is published: first its event (ETM), then its interrupt (the resident
 * callback). By then its slot's words are read and TAIL is beyond it, so that both may submit to the same driver (ring.ts).
 */
import {
  CHANNEL_DRIVER, CHANNEL_MAIL, CHANNEL_ROLE, CHANNEL_ROLE_HELPER, CHANNEL_SERVING, CHANNEL_STOP, DESCRIPTOR_ARGUMENT, DESCRIPTOR_CALLBACK,
  DESCRIPTOR_DESTINATION, DESCRIPTOR_LENGTH, DESCRIPTOR_RECORD, DESCRIPTOR_SHIFT, DESCRIPTOR_SOURCE, DESCRIPTOR_TURN,
  DRIVER_BYTES, DRIVER_CHANNEL, DRIVER_COMPLETED, DRIVER_EVENT, DRIVER_FAILED, DRIVER_HELPER_COUNT, DRIVER_INTERRUPTS, DRIVER_MASK, DRIVER_NEWS, DRIVER_NOTIFIED, DRIVER_RING, DRIVER_STARTED, DRIVER_TAIL, DRIVER_WAITING, DRIVER_WITHDRAWN, FOREIGN_LENGTH,
  PUBLISH_BYTES, PUBLISH_COPIES, RECORD_DONE, RECORD_END, RECORD_PENDING, RECORD_RUNNING, RECORD_START, RECORD_STATE,
  RECORD_STATUS, RECORD_WITHDRAWN, SPLIT_THRESHOLD, STEP_DETACHED, STEP_IDLE, STEP_MET, STEP_WORKED, WORK_HELD, WORK_NONE, WORK_WAITS,
} from '../layout'
import {
  TRACE_COPY_ENDED, TRACE_COPY_STARTED, TRACE_COPY_WITHDRAWN, TRACE_INTERRUPT_BEGIN, TRACE_INTERRUPT_END, TRACE_NOTIFIED,
  TRACE_PUBLISHED,
} from '../trace-layout'
import { now } from './clock'
import { copy, overlaps } from './copy'
import { fire, followAs } from './etm'
import { foreign, isForeign, isHeld, isSubmitters } from './foreign'
import { interrupt } from './interrupt'
import { descriptorAt, enterInterrupt, leaveInterrupt } from './ring'
import { copySplit, helpOnce, splitIsOpen } from './split'
import { isTraced, trace } from './trace'

/**
 * A channel that is faster than its submitter would look at the next descriptor all the time, and take the line away in
 * which the submitter is just writing it. So, in a stream (several copies each soon after the one before), it rests
 * between two looks. A single copy is not delayed.
 */
const STREAM_LENGTH: u32 = 8
const REST_LOOKS: u32 = 400
const SOON_LOOKS: u32 = 600

/** Reading the clock takes as long as copying this much: shorter copies start when they end. */
const TIMED_LENGTH: u32 = 4096

/** Now and then the loop returns even under load, so that the runtime can put better code in its place. */
const COPIES_PER_STEP: i64 = 100000

const ESP_OK: i32 = 0
const ESP_FAIL: i32 = -1

// @ts-ignore: decorator
@inline
function count(driver: usize, word: usize, amount: i64): void {
  store<i64>(driver + word, load<i64>(driver + word) + amount)
}

// @ts-ignore: decorator
@inline
function isPublished(descriptor: usize, sequence: i64): bool {
  return atomic.load<i64>(descriptor, DESCRIPTOR_TURN) == sequence + 1
}

/**
 * Makes everything below `sequence` known, and wakes whoever waits for news. Recorded before that: whoever is told of a copy
 * finds all its records.
 */
// @ts-ignore: decorator
@inline
function publish(driver: usize, sequence: i64): void {
  if (isTraced()) trace(TRACE_PUBLISHED, driver as u32, 0, 0, 0, 0, sequence as f64, now())
  atomic.store<i64>(driver, sequence, DRIVER_COMPLETED)
  if (atomic.load<u32>(driver, DRIVER_WAITING) != 0) {
    atomic.store<u32>(driver, 0, DRIVER_WAITING)
    atomic.add<u32>(driver, 1, DRIVER_NEWS)
    store<u32>(driver, load<u32>(driver, DRIVER_NOTIFIED) + 1, DRIVER_NOTIFIED)
    atomic.notify(driver + DRIVER_NEWS, -1)
    if (isTraced()) trace(TRACE_NOTIFIED, driver as u32, 0, 0, 0, 0, sequence as f64, now())
  }
}

/** Takes up the copy in a record's name. False: its submitter has withdrawn it. */
// @ts-ignore: decorator
@inline
function claim(record: usize): bool {
  return atomic.cmpxchg<u32>(record, RECORD_PENDING, RECORD_RUNNING, RECORD_STATE) == RECORD_PENDING
}

// @ts-ignore: decorator
@inline
function settle(record: usize, status: i32, startMs: f64, endMs: f64): void {
  store<i32>(record, status, RECORD_STATUS)
  store<f64>(record, startMs, RECORD_START)
  store<f64>(record, endMs, RECORD_END)
  store<u32>(record, RECORD_DONE, RECORD_STATE)
}

/** A record about a copy, in the channel's hands. */
function traceCopy(kind: u32, driver: usize, status: i32, length: u32, sequence: i64, timeMs: f64): void {
  trace(kind, driver as u32, load<u32>(driver, DRIVER_CHANNEL), status as u32, 0, length, sequence as f64, timeMs)
}

/**
 * The record about its end, once TAIL is beyond it: should the thread be ended before, the copy fails later, and only that
 * is recorded.
 */
function traceEnd(driver: usize, done: bool, status: i32, length: u32, sequence: i64, timeMs: f64): void {
  traceCopy(done ? TRACE_COPY_ENDED : TRACE_COPY_WITHDRAWN, driver, status, length, sequence, timeMs)
}

/** The bytes of one descriptor. */
// @ts-ignore: decorator
@inline
function transfer(driver: usize, channel: usize, helpers: u32, descriptor: usize, length: u32): void {
  const destination = load<u32>(descriptor, DESCRIPTOR_DESTINATION)
  const source = load<u32>(descriptor, DESCRIPTOR_SOURCE)
  if (length >= SPLIT_THRESHOLD && helpers != 0 && !overlaps(destination, source, length)) {
    copySplit(driver, channel, destination, source, length)
  } else {
    copy(destination, source, length)
  }
}

/** A foreign copy of this channel, or the end of one that its submitter has carried out. False: withdrawn. Counts it. */
function carryOutForeign(driver: usize, descriptor: usize, length: u32, sequence: i64): bool {
  const record = load<u32>(descriptor, DESCRIPTOR_RECORD) as usize
  const block = load<u32>(descriptor, DESCRIPTOR_DESTINATION)
  const bytes = load<f64>(block, FOREIGN_LENGTH)
  const submitters = isSubmitters(descriptor)
  if (submitters ? atomic.load<u32>(record, RECORD_STATE) == RECORD_WITHDRAWN : !claim(record)) {
    count(driver, DRIVER_WITHDRAWN, 1)
    return false
  }
  const start = submitters ? load<f64>(record, RECORD_START) : now()
  if (isTraced()) traceCopy(TRACE_COPY_STARTED, driver, ESP_OK, length, sequence, start)
  if (!submitters) {
    const status = foreign(block, 0, bytes)
    settle(record, status, start, now())
  }
  countForeign(driver, record, bytes)
  return true
}

// @ts-ignore: decorator
@inline
function countForeign(driver: usize, record: usize, bytes: f64): void {
  if (load<i32>(record, RECORD_STATUS) == ESP_OK) count(driver, DRIVER_BYTES, bytes as i64)
  else count(driver, DRIVER_FAILED, 1)
}

/** The event of a copy that is done, then its interrupt. True: it woke somebody, publish at once. */
function signal(
  driver: usize, callback: u32, argument: u32, sequence: i64, length: u32, status: i32, startMs: f64, endMs: f64,
): bool {
  enterInterrupt(driver)
  if (status == ESP_OK && atomic.load<i64>(driver, DRIVER_EVENT) != 0) fire(driver + DRIVER_EVENT)
  let woke = false
  if (callback != 0) {
    count(driver, DRIVER_INTERRUPTS, 1)
    if (isTraced()) trace(TRACE_INTERRUPT_BEGIN, driver as u32, callback, argument, 0, 0, sequence as f64, now())
    woke = interrupt(driver as u32, callback, argument, sequence as f64, length, status, startMs, endMs) != 0
    if (isTraced()) trace(TRACE_INTERRUPT_END, driver as u32, callback, argument, woke, 0, sequence as f64, now())
  }
  leaveInterrupt()
  return woke
}

/** Whether a message for the thread waits, which it takes between two calls of `step`. */
// @ts-ignore: decorator
@inline
function hasMail(channel: usize): bool {
  return atomic.load<u32>(channel, CHANNEL_MAIL) != 0
}

/** Whether anything follows a copy but its completion. The benchmark measures what it costs to ask. */
// @ts-ignore: decorator
@inline
function hasConsequences(driver: usize, callback: u32): bool {
  // @ts-ignore: a constant of the build
  if (isDefined(WITHOUT_EVENTS)) return callback != 0
  return (callback | ((atomic.load<i64>(driver, DRIVER_EVENT) != 0) as u32)) != 0
}

/** Rests for so many looks. Looks at a word of its own, which nobody takes away. */
// @ts-ignore: decorator
@inline
function rest(channel: usize, looks: u32): void {
  while (looks != 0) {
    atomic.load<u32>(channel, CHANNEL_DRIVER)
    looks--
  }
}

function consume(channel: usize, driver: usize, spins: u32): u32 {
  // Read once: these words share a line with HEAD, which the producers fight for.
  const ring = load<u32>(driver, DRIVER_RING)
  const mask = load<u32>(driver, DRIVER_MASK)
  const helpers = load<u32>(driver, DRIVER_HELPER_COUNT)
  const first = load<i64>(driver, DRIVER_TAIL)
  let sequence = first
  // Not yet published.
  let copies: u32 = 0
  let bytes: u64 = 0
  // End of the last copy, which is the start of the next if that was waiting already; 0 if not known.
  let clock: f64 = 0
  let looksLeft = spins
  let looksSinceWork: u32 = 0
  let stream: u32 = 0
  let met = false

  while (true) {
    const descriptor = ring + (((sequence as u32) & mask) << DESCRIPTOR_SHIFT)
    if (isPublished(descriptor, sequence) && !isHeld(descriptor)) {
      const length = load<u32>(descriptor, DESCRIPTOR_LENGTH)
      const record = load<u32>(descriptor, DESCRIPTOR_RECORD) as usize
      const callback = load<u32>(descriptor, DESCRIPTOR_CALLBACK)
      const argument = load<u32>(descriptor, DESCRIPTOR_ARGUMENT)
      let done = true
      let urgent = false
      let start: f64 = 0
      let status = ESP_OK
      const traced = isTraced()
      if (length >= PUBLISH_BYTES && copies != 0) {
        // Those before a long copy do not wait for it.
        copies = 0
        bytes = 0
        publish(driver, sequence)
      }
      if ((record | callback) == 0) {
        if (traced) traceCopy(TRACE_COPY_STARTED, driver, ESP_OK, length, sequence, now())
        transfer(driver, channel, helpers, descriptor, length)
        count(driver, DRIVER_BYTES, length)
        clock = traced ? now() : 0
      } else if (isForeign(descriptor)) {
        // The mail may be about its memory.
        if (hasMail(channel)) {
          if (copies != 0) publish(driver, sequence)
          return STEP_WORKED
        }
        done = carryOutForeign(driver, descriptor, length, sequence)
        start = load<f64>(record, RECORD_START)
        clock = load<f64>(record, RECORD_END)
        status = done ? load<i32>(record, RECORD_STATUS) : ESP_OK
      } else if (record == 0 || claim(record)) {
        if (traced || (clock == 0 && length >= TIMED_LENGTH)) clock = now()
        if (traced) traceCopy(TRACE_COPY_STARTED, driver, ESP_OK, length, sequence, clock)
        transfer(driver, channel, helpers, descriptor, length)
        start = clock
        clock = now()
        if (start == 0) start = clock
        if (record != 0) settle(record, ESP_OK, start, clock)
        count(driver, DRIVER_BYTES, length)
      } else {
        count(driver, DRIVER_WITHDRAWN, 1)
        done = false
      }
      sequence++
      store<i64>(driver, sequence, DRIVER_TAIL)
      if (traced) traceEnd(driver, done, status, length, sequence - 1, done ? clock : now())
      if (done && hasConsequences(driver, callback)) {
        urgent = signal(driver, callback, argument, sequence - 1, length, status, start, clock)
        // The next copy did not start when this one ended.
        clock = 0
      }
      stream = looksSinceWork < SOON_LOOKS ? stream + 1 : 0
      if (looksSinceWork != 0) met = true
      looksSinceWork = 0
      copies++
      bytes += length
      if (!urgent && copies < PUBLISH_COPIES && bytes < PUBLISH_BYTES) continue
    }
    if (copies != 0) {
      copies = 0
      bytes = 0
      clock = 0
      looksLeft = spins
      publish(driver, sequence)
      if (sequence - first >= COPIES_PER_STEP || hasMail(channel)) return met ? STEP_MET : STEP_WORKED
      continue
    }
    if (atomic.load<u32>(channel, CHANNEL_DRIVER) != (driver as u32)) return STEP_DETACHED
    if (looksLeft == 0) return sequence == first ? STEP_IDLE : met ? STEP_MET : STEP_WORKED
    const pause: u32 = stream >= STREAM_LENGTH ? REST_LOOKS : 0
    rest(channel, pause)
    looksSinceWork += pause + 1
    looksLeft = looksLeft > pause ? looksLeft - pause - 1 : 0
  }
}

function help(channel: usize, driver: usize, spins: u32): u32 {
  let left = spins
  let worked = false
  let met = false
  while (true) {
    if (helpOnce(driver, channel)) {
      if (left != spins) met = true
      worked = true
      left = spins
      continue
    }
    if (atomic.load<u32>(channel, CHANNEL_DRIVER) != (driver as u32)) return STEP_DETACHED
    if (left == 0) return worked ? (met ? STEP_MET : STEP_WORKED) : STEP_IDLE
    left--
  }
}

/**
 * The driver whose ring the channel may touch until it asks again; 0 for none, or when it is to stop.
 *
 *   channel     SERVING = driver < look at DRIVER again < touch the ring
 *   uninstall   DRIVER = none    < wait until SERVING is none < give the memory back
 */
export function serve(channel: usize): usize {
  followAs(channel)
  const driver = atomic.load<u32>(channel, CHANNEL_DRIVER) as usize
  if (atomic.load<u32>(channel, CHANNEL_SERVING) != (driver as u32)) {
    atomic.store<u32>(channel, driver as u32, CHANNEL_SERVING)
    atomic.notify(channel + CHANNEL_SERVING, -1)
  }
  if (driver == 0 || atomic.load<u32>(channel, CHANNEL_STOP) != 0) return 0
  return atomic.load<u32>(channel, CHANNEL_DRIVER) == (driver as u32) ? driver : 0
}

/** Serves the channel's driver until there has been no work for `spins` looks at the ring. */
export function step(channel: usize, spins: u32): u32 {
  const driver = serve(channel)
  if (driver == 0) return STEP_DETACHED
  return load<u32>(channel, CHANNEL_ROLE) == CHANNEL_ROLE_HELPER
    ? help(channel, driver, spins)
    : consume(channel, driver, spins)
}

/** Whether a channel that is about to park has a reason not to: WORK_…. Called after PARKED was set. */
export function hasWork(channel: usize): u32 {
  if (atomic.load<u32>(channel, CHANNEL_STOP) != 0 || hasMail(channel)) return WORK_WAITS
  const driver = atomic.load<u32>(channel, CHANNEL_DRIVER) as usize
  if (atomic.load<u32>(channel, CHANNEL_SERVING) != (driver as u32)) return WORK_WAITS
  if (driver == 0) return WORK_NONE
  if (load<u32>(channel, CHANNEL_ROLE) == CHANNEL_ROLE_HELPER) return splitIsOpen(driver)
  const sequence = load<i64>(driver, DRIVER_TAIL)
  const descriptor = descriptorAt(driver, sequence)
  if (!isPublished(descriptor, sequence)) return WORK_NONE
  return isHeld(descriptor) ? WORK_HELD : WORK_WAITS
}

/**
 * Where copies take a chip's time, in the simulated engine or in a thread: length of the next copy, which becomes RUNNING;
 * 0 if none waits. One that is over already counts as 1.
 */
export function begin(driver: usize): u32 {
  const sequence = load<i64>(driver, DRIVER_TAIL)
  const descriptor = descriptorAt(driver, sequence)
  if (!isPublished(descriptor, sequence) || isHeld(descriptor)) return 0
  const record = load<u32>(descriptor, DESCRIPTOR_RECORD) as usize
  if (isSubmitters(descriptor) || (record != 0 && !claim(record))) return 1
  if (record != 0) store<i32>(record, ESP_OK, RECORD_STATUS)
  const start = now()
  const length = load<u32>(descriptor, DESCRIPTOR_LENGTH)
  store<f64>(driver, start, DRIVER_STARTED)
  if (isTraced()) traceCopy(TRACE_COPY_STARTED, driver, ESP_OK, length, sequence, start)
  return length
}

/**
 * Moves the next bytes of the copy that begin() took up, before it is done.
 *
 * @param moved - Bytes that are moved already.
 * @param most - Bytes to move now.
 * @returns Bytes that are moved then.
 */
export function move(driver: usize, moved: u32, most: u32): u32 {
  const descriptor = descriptorAt(driver, load<i64>(driver, DRIVER_TAIL))
  const left = load<u32>(descriptor, DESCRIPTOR_LENGTH) - moved
  const now = left < most ? left : most
  movePart(descriptor, moved, now)
  return moved + now
}

/** In the order that memmove takes: from the end where the destination begins inside the source. */
function movePart(descriptor: usize, moved: u32, part: u32): void {
  const destination = load<u32>(descriptor, DESCRIPTOR_DESTINATION)
  const source = load<u32>(descriptor, DESCRIPTOR_SOURCE)
  const length = load<u32>(descriptor, DESCRIPTOR_LENGTH)
  if (isForeign(descriptor)) {
    const status = foreign(destination, moved as f64, part as f64)
    if (status != ESP_OK) store<i32>(load<u32>(descriptor, DESCRIPTOR_RECORD), status, RECORD_STATUS)
    return
  }
  const backwards = destination > source && overlaps(destination, source, length)
  const offset = backwards ? length - moved - part : moved
  copy(destination + offset, source + offset, part)
}

/** The copy that begin() took up is done, now, but for the bytes that are not yet moved. */
export function finish(driver: usize, moved: u32): void {
  const sequence = load<i64>(driver, DRIVER_TAIL)
  const descriptor = descriptorAt(driver, sequence)
  const length = load<u32>(descriptor, DESCRIPTOR_LENGTH)
  const record = load<u32>(descriptor, DESCRIPTOR_RECORD) as usize
  const callback = load<u32>(descriptor, DESCRIPTOR_CALLBACK)
  const argument = load<u32>(descriptor, DESCRIPTOR_ARGUMENT)
  let done = record == 0 || load<u32>(record, RECORD_STATE) == RECORD_RUNNING
  let start = load<f64>(driver, DRIVER_STARTED)
  let end = now()
  let status = ESP_OK
  if (isSubmitters(descriptor)) {
    done = carryOutForeign(driver, descriptor, length, sequence)
    start = load<f64>(record, RECORD_START)
    end = load<f64>(record, RECORD_END)
  } else if (done) {
    movePart(descriptor, moved, length - moved)
    if (isForeign(descriptor)) countForeign(driver, record, length as f64)
    else count(driver, DRIVER_BYTES, length)
    if (record != 0) settle(record, load<i32>(record, RECORD_STATUS), start, end)
  } else {
    count(driver, DRIVER_WITHDRAWN, 1)
  }
  if (done && record != 0) status = load<i32>(record, RECORD_STATUS)
  store<i64>(driver, sequence + 1, DRIVER_TAIL)
  if (isTraced()) traceEnd(driver, done, status, length, sequence, end)
  if (done && hasConsequences(driver, callback)) {
    signal(driver, callback, argument, sequence, length, status, start, end)
  }
  publish(driver, sequence + 1)
}

/**
 * The consumer is dead: settles what it held, the copies below sequence `limit`, with ESP_FAIL. Called by who found it
 * dead, with the channel's SERVING still set, so that nobody else consumes; or by the thread that takes its place, which is
 * where resident callbacks can be told. @returns the number of copies that failed.
 */
export function failAll(driver: usize, limit: f64, interrupts: u32): u32 {
  let sequence = load<i64>(driver, DRIVER_TAIL)
  let failed: u32 = 0
  while (true) {
    const descriptor = descriptorAt(driver, sequence)
    // What waits for its submitter was in nobody's hands; the next channel waits for it, too.
    if ((sequence as f64) >= limit || !isPublished(descriptor, sequence) || isHeld(descriptor)) break
    const record = load<u32>(descriptor, DESCRIPTOR_RECORD) as usize
    const callback = load<u32>(descriptor, DESCRIPTOR_CALLBACK)
    const argument = load<u32>(descriptor, DESCRIPTOR_ARGUMENT)
    const length = load<u32>(descriptor, DESCRIPTOR_LENGTH)
    // The dead channel may have taken it up already; only a withdrawn copy is none of this, and one that its submitter made.
    let withdrawn = record != 0 && !claim(record) && load<u32>(record, RECORD_STATE) == RECORD_WITHDRAWN
    const end = now()
    let status = ESP_FAIL
    if (isSubmitters(descriptor)) {
      withdrawn = !carryOutForeign(driver, descriptor, length, sequence)
      status = load<i32>(record, RECORD_STATUS)
    } else if (withdrawn) {
      count(driver, DRIVER_WITHDRAWN, 1)
    } else {
      if (record != 0) settle(record, ESP_FAIL, end, end)
      count(driver, DRIVER_FAILED, 1)
      failed++
    }
    sequence++
    store<i64>(driver, sequence, DRIVER_TAIL)
    if (isTraced()) traceEnd(driver, !withdrawn, status, length, sequence - 1, now())
    if (interrupts != 0 && !withdrawn && callback != 0) {
      signal(driver, callback, argument, sequence - 1, length, status, end, end)
    }
  }
  publish(driver, sequence)
  return failed
}

/** A fresh thread takes a dead consumer's place: the copies that one held, below `limit`, fail. As `step`, it says whom it serves. */
export function takeOver(channel: usize, limit: f64): void {
  const driver = atomic.load<u32>(channel, CHANNEL_DRIVER) as usize
  if (driver == 0) return
  atomic.store<u32>(channel, driver as u32, CHANNEL_SERVING)
  if (atomic.load<u32>(channel, CHANNEL_DRIVER) == (driver as u32)) failAll(driver, limit, 1)
}
