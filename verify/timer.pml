/*
 * The timers' thread goes to sleep while others make alarms due earlier: it never sleeps on when an alarm is armed.
 *
 *   change   store DEADLINE < look at PARKED; if set: clear it (compare-exchange) < notify      timer.ts, wake in ring.ts
 *   thread   PARKED = 1 < look at the deadlines < wait while PARKED is 1                        timer-loop.ts
 *
 * Time is left out: an alarm that is armed is due, and a sleep for it that ends by itself is none. So the thread may sleep
 * only while nothing is armed. The alarm itself is taken by one thread, under the timer's lock: whoever finds it armed.
 *
 * MUTANT_PARKED_AFTER_LOOK   the thread looks at the deadlines before it says that it is parked
 * MUTANT_LOOK_AFTER_PARKED   who changes a deadline looks at PARKED first
 * MUTANT_NO_NOTIFY           who clears PARKED does not notify
 */
#include "futex.pml"

#ifndef CHANGERS
#define CHANGERS 2
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif

bit ARMED          /* DEADLINE is not never */
bit PARKED
bit STOP
bool asleep
byte armed, fired  /* how often, of which those that were armed already count once */
byte done

/* One thread takes the alarm: under the lock, so in one step. */
inline take() {
  atomic {
    if
    :: ARMED -> ARMED = 0; fired++
    :: else
    fi
  }
}

inline wakeThread() {
  bit was;
  if
  :: PARKED == 0
  :: else ->
    atomic { was = PARKED; if :: was == 1 -> PARKED = 0 :: else fi };
    if
    :: was == 1 ->
#ifndef MUTANT_NO_NOTIFY
      notify(asleep)
#else
      skip
#endif
    :: else
    fi
  fi
}

proctype Changer() {
  byte n = 0;
  bit isEarlier;
  do
  :: n < ROUNDS ->
    /* As settle: who touches the timer lets an alarm go off that is due. */
    if
    :: take()
    :: skip
    fi;
#ifdef MUTANT_LOOK_AFTER_PARKED
    wakeThread();
    atomic { isEarlier = !ARMED; if :: isEarlier -> ARMED = 1; armed++ :: else fi }
#else
    atomic { isEarlier = !ARMED; if :: isEarlier -> ARMED = 1; armed++ :: else fi };
    if
    :: isEarlier -> wakeThread()
    :: else
    fi
#endif
    n++
  :: else -> break
  od;
  atomic { done++ }
}

proctype Thread() {
  bit seen;
  do
  :: STOP == 1 -> break
  :: else ->
    take();
#ifdef MUTANT_PARKED_AFTER_LOOK
    seen = ARMED;
    PARKED = 1;
#else
    PARKED = 1;
    seen = ARMED;
#endif
    if
    :: !seen && STOP == 0 -> wait(PARKED, 1, asleep)
    :: else
    fi;
    PARKED = 0
  od
}

/* As ThreadChannel.stop: when the others are done, the thread is told to end, and wakes for it. */
proctype Opener() {
  done == CHANGERS;
  /* Nobody else will look: the thread itself lets go off what is armed. */
  !ARMED;
  STOP = 1;
  wakeThread();
  assert(armed == fired)
}

init {
  byte i = 0;
  atomic {
    run Thread();
    run Opener();
    do
    :: i < CHANGERS -> run Changer(); i++
    :: else -> break
    od
  }
}

/* Whatever is armed goes off, although nobody looks but the thread. */
ltl goesOff { [] (ARMED -> <> !ARMED) }
