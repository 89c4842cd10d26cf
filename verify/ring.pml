/*
 * The ring: threads that submit, the channel that copies, and how each of them sleeps and is woken.
 *
 * Proved: every accepted copy is carried out exactly once, in order, and completes; every thread that waits returns;
 * the channel sleeps only while the ring is empty; in flight are never more than the backlog; a slot is not written
 * before its copy is over.
 *
 * Words are named as in src/microcode/layout.ts, without their block's name. One statement is one access to shared
 * memory; the order of accesses is that of the code. What a thread has no more use for is set to 0, so that states that
 * differ in nothing else are one.
 */
#include "futex.pml"

#ifndef BACKLOG
#define BACKLOG 2
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
/* What each kind of thread submits, and how many threads of the second kind there are. */
#ifndef SYNC_COPIES
#define SYNC_COPIES 2
#endif
#ifndef ASYNC_COPIES
#define ASYNC_COPIES 3
#endif
#ifndef ASYNC_THREADS
#define ASYNC_THREADS 1
#endif
#define THREADS (ASYNC_THREADS + 1)
#define COPIES (SYNC_COPIES + ASYNC_THREADS * ASYNC_COPIES)
#define PUBLISH_COPIES 2

/* Driver block. Sequences start at 0. */
byte HEAD, SEEN, COMPLETED
bit WAITING
/*
 * NEWS only ever grows, and all that a thread does with it is to compare it with what it read before. So the model keeps
 * for each thread whether NEWS is still what that thread read.
 */
bool newsIsOld[THREADS]
/* Descriptors: BODY stands for all words but the turn, and holds the sequence it was written for. */
byte TURN[SLOTS]
byte BODY[SLOTS]
/* Channel block. */
bit PARKED

/* Who sleeps: the channel on PARKED, threads on NEWS. */
bool channelSleeps
bool sleeps[THREADS]

/* What the model watches. */
byte carriedOut
byte returned
#define SLOT(sequence) ((sequence) % SLOTS)

/* ring.ts, wake(): only who changes the word notifies. */
inline wake() {
#ifdef MUTANT_WAKE_CHANGES_NOTHING
  if
  :: PARKED == 1 -> notify(channelSleeps)
  :: else
  fi
#else
  if
  :: PARKED == 0
  :: else ->
    if
    :: atomic { PARKED == 1 -> PARKED = 0 }; notify(channelSleeps)
    :: else
    fi
  fi
#endif
}

/* ring.ts, submit(). Sets `accepted` and `sequence`. */
inline submit() {
  do
  :: sequence = HEAD;
    seen = SEEN;
    if
    /* Whether HIGH_WATER asks for another look although SEEN leaves room is left open: both happen. */
    :: sequence - seen < BACKLOG
    :: true ->
#ifdef MUTANT_SEEN_IS_HEAD
      seen = HEAD;
#else
      seen = COMPLETED;
#endif
      SEEN = seen
    fi;
    if
    :: sequence - seen >= BACKLOG ->
      if
      :: atomic { HEAD == sequence -> accepted = false; seen = 0; sequence = 0 }; break
      :: else
      fi
    :: else ->
#ifdef MUTANT_RESERVE_IN_TWO_STEPS
      if
      :: atomic { HEAD == sequence -> seen = 0 };
        HEAD = sequence + 1;
#else
      if
      :: atomic { HEAD == sequence -> HEAD++; seen = 0; assert(HEAD - COMPLETED <= BACKLOG) };
#endif
#ifdef MUTANT_TURN_BEFORE_BODY
        TURN[SLOT(sequence)] = sequence + 1;
#endif
        atomic {
          assert(sequence < SLOTS || carriedOut > sequence - SLOTS);
          BODY[SLOT(sequence)] = sequence
        }
#ifndef MUTANT_TURN_BEFORE_BODY
        TURN[SLOT(sequence)] = sequence + 1;
#endif
        wake();
        accepted = true;
        break
      :: else
      fi
    fi
  od
}

/* The waiter's order, one round: `condition` looks at COMPLETED. Ends with `over` set or after some news. */
inline waitForNews(condition) {
#ifdef MUTANT_NEWS_AFTER_LOOK
  WAITING = 1;
  over = (condition);
  newsIsOld[me] = true;
#else
  newsIsOld[me] = true;
#ifdef MUTANT_WAITING_AFTER_LOOK
  over = (condition);
  WAITING = 1;
#else
  WAITING = 1;
  over = (condition);
#endif
#endif
  if
  :: atomic { over -> newsIsOld[me] = false }
  :: else -> wait(newsIsOld[me], true, sleeps[me])
  fi
}

/* A thread in copySync (blocking-copy.ts): waits for a slot, submits, waits for its own copy. */
proctype Sync(byte me) {
  byte sequence, seen, completed, n;
  bool accepted, over;

  do
  :: n == SYNC_COPIES -> break
  :: else ->
#ifndef MUTANT_LOOK_AFTER_FULL
    completed = COMPLETED;
#endif
    submit();
    if
    :: !accepted ->
#ifdef MUTANT_LOOK_AFTER_FULL
      completed = COMPLETED;
#endif
      do
      :: waitForNews(COMPLETED != completed);
        if
        :: atomic { over -> completed = 0; over = false }; break
        :: else
        fi
      od
    :: else ->
      completed = 0;
      do
      :: waitForNews(COMPLETED > sequence);
        if
        :: over -> break
        :: else
        fi
      od;
      atomic { assert(carriedOut > sequence); n++; sequence = 0; over = false; accepted = false }
    fi
  od;
  returned++
}

/* A thread with an event loop (attention.ts): submits without waiting, then looks, and arms itself while nothing is new. */
proctype Async(byte me) {
  byte sequence, seen, completed, n, last;
  bool accepted, over;

  do
  :: completed = COMPLETED;
    do
    :: n < ASYNC_COPIES ->
      submit();
      if
      :: atomic { accepted -> last = sequence; n++; sequence = 0; accepted = false }
      :: else -> break
      fi
    :: else -> break
    od;
    if
    :: n == ASYNC_COPIES && last < completed -> break
    /* Copies nobody listens for: their thread does not wait. */
    :: n == ASYNC_COPIES -> break
    :: else -> waitForNews(COMPLETED != completed); atomic { over = false; completed = 0 }
    fi
  od;
  atomic { returned++; n = 0; last = 0; completed = 0 }
}

/* NEWS + 1 and the notification. */
inline addNews() {
  d_step {
    do
    :: i < THREADS -> newsIsOld[i] = false; i++
    :: else -> break
    od;
    i = 0
  }
}

inline notifyAll() {
  d_step {
    do
    :: i < THREADS -> notify(sleeps[i]); i++
    :: else -> break
    od;
    i = 0
  }
}

/* channel.ts, publish(). */
inline publish() {
#ifdef MUTANT_WAITING_BEFORE_PUBLISHING
  news = WAITING;
  COMPLETED = sequence;
#else
  COMPLETED = sequence;
  news = WAITING;
#endif
  copies = 0;
  if
  :: news ->
#ifdef MUTANT_CLEAR_AFTER_NEWS
    addNews();
    notifyAll();
    WAITING = 0;
#else
    WAITING = 0;
    addNews();
    notifyAll();
#endif
    news = 0
  :: else
  fi
}

/* A channel's thread: channel.ts, consume(), in the loop of channel-loop.ts. */
active proctype Channel() {
  byte sequence, copies, i;
  bit news;

look:
  if
  :: TURN[SLOT(sequence)] == sequence + 1 ->
    /* The slot holds this very copy, and still does when the bytes are written. */
    assert(BODY[SLOT(sequence)] == sequence);
    atomic { assert(BODY[SLOT(sequence)] == sequence && carriedOut == sequence); carriedOut++; sequence++; copies++ }
    if
    :: copies >= PUBLISH_COPIES -> publish()
    :: else
    fi;
    goto look
  :: else
  fi;
  if
#ifndef MUTANT_PUBLISH_FULL_BATCHES_ONLY
  :: copies != 0 -> publish(); goto look
#endif
  :: else ->
    if
    :: goto look                    /* it has spins left */
    :: true                         /* it has none */
    fi
  fi;

#ifdef MUTANT_PARKED_AFTER_LOOK
  if
  :: TURN[SLOT(sequence)] == sequence + 1 -> goto look
  :: else
  fi;
  PARKED = 1;
#else
  PARKED = 1;
  /* hasWork() */
  if
  :: TURN[SLOT(sequence)] == sequence + 1 -> PARKED = 0; goto look
  :: else
  fi;
#endif
  atomic {
    if
    :: PARKED == 1 -> channelSleeps = true
    :: else
    fi
  }
endParked:
  !channelSleeps;
  PARKED = 0;
  goto look
}

init {
  byte thread = 1;
  atomic {
    run Sync(0);
    do
    :: thread < THREADS -> run Async(thread); thread++
    :: else -> break
    od
  }
  /* When nothing can move any more: all is done, all have returned, the channel is parked. */
  timeout ->
  assert(returned == THREADS);
  assert(HEAD == COPIES && carriedOut == COPIES && COMPLETED == COPIES);
  assert(channelSleeps)
}

/* However unlucky the schedule, as long as every thread that can go on does so some time. */
ltl everyoneReturns { <> (returned == THREADS && COMPLETED == COPIES) }
