/*
 * The simulated engine of firmware: whoever has the baton runs, and nobody else; no hand-over is lost, and no request.
 *
 *   hand over   state on the board < the other's BATON = GIVEN < notify it            scheduler.ts
 *               < wait while the own BATON is NONE < BATON = NONE                     simulated-task.ts, simulated-kernel.ts
 *   request     what is asked < the other's BATON from NONE to ASKED < notify it      simulated-kernel.ts
 *               the other, which sleeps for its baton: BATON from ASKED to NONE < look what is asked
 *
 * A task hands over to any other one or to the kernel, which hands over to any task; whose turn it is is none of this. The kernel
 * may end a task that sleeps, once.
 *
 * MUTANT_CLEAR_BEFORE_WAIT   who has handed over clears the own BATON before the wait, not after
 * MUTANT_STATE_AFTER_GIVE    what the next one reads is written after the baton was given
 * MUTANT_NO_NOTIFY           who gives the baton does not notify
 * MUTANT_REQUEST_NOT_IN_BATON  who asks only notifies: who is about to sleep misses it
 */
#include "futex.pml"

#ifndef TASKS
#define TASKS 3
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif

#define KERNEL TASKS
#define NONE 0
#define GIVEN 1
#define ASKED 2

byte BATON[TASKS + 1]
bit STOP[TASKS]
bool asleep[TASKS + 1]
bool alive[TASKS]   /* state on the board */
byte running        /* who has the baton */
byte state, told    /* what the one before has written, and what it should be */
bool stopped

/* Only who has the baton is here. */
inline work() {
  atomic { running++; assert(running == 1); assert(state == told) }
}

inline give(other) {
#ifdef MUTANT_STATE_AFTER_GIVE
  atomic { told = 1 - told; running-- };
  BATON[other] = GIVEN;
  notify(asleep[other]);
  state = 1 - state
#else
  atomic { told = 1 - told; state = told; running-- };
  BATON[other] = GIVEN;
#ifndef MUTANT_NO_NOTIFY
  notify(asleep[other])
#endif
#endif
}

proctype Task(byte me) {
  byte rounds = 0;
  byte other;
sleep:
#ifdef MUTANT_CLEAR_BEFORE_WAIT
  BATON[me] = NONE;
#endif
  do
  :: BATON[me] == GIVEN -> break
  :: BATON[me] == ASKED ->
    BATON[me] = NONE;
    if
    :: STOP[me] -> goto end
    fi
  :: BATON[me] == NONE ->
    wait(BATON[me], NONE, asleep[me])
#ifdef MUTANT_REQUEST_NOT_IN_BATON
    ;
    if
    :: STOP[me] -> goto end
    :: else
    fi
#endif
  od;
#ifndef MUTANT_CLEAR_BEFORE_WAIT
  BATON[me] = NONE;
#endif
  work();
  rounds++;
  if
  :: rounds == ROUNDS ->
    alive[me] = false;
    give(KERNEL);
    goto end
  :: else
  fi;
  select(other : 0 .. KERNEL);
  if
  :: other < KERNEL && (!alive[other] || other == me) -> other = KERNEL
  :: else
  fi;
  give(other);
  goto sleep;
end:
  skip
}

proctype Kernel() {
  byte other;
  do
  :: atomic {
      if
      :: alive[0] -> other = 0
      :: alive[1] -> other = 1
#if TASKS > 2
      :: alive[2] -> other = 2
#endif
      :: else -> break
      fi
    };
    if
    :: !stopped ->
      stopped = true;
      alive[other] = false;
      STOP[other] = 1;
#ifndef MUTANT_REQUEST_NOT_IN_BATON
      atomic { assert(BATON[other] == NONE); BATON[other] = ASKED };
#endif
      notify(asleep[other])
    :: true ->
      give(other);
      do
      :: BATON[KERNEL] == GIVEN -> break
      :: BATON[KERNEL] == NONE -> wait(BATON[KERNEL], NONE, asleep[KERNEL])
      od;
      BATON[KERNEL] = NONE;
      work()
    fi
  od
}

init {
  byte i;
  atomic {
    running = 1;
    for (i : 0 .. TASKS - 1) {
      alive[i] = true;
      run Task(i)
    }
    run Kernel()
  }
}
