/*
 * The schedule of a chip's buses: channels' threads change it one at a time, under a lock that dies with nobody.
 *
 *   thread   LOCK = channel (compare-exchange) < read the ledger that counts < write the other < CURRENT = the other
 *            < LOCK = 0 < notify                                                                       pace.ts, #change()
 *   opener   the thread has ended < LOCK = 0 if it is that channel's (compare-exchange) < notify
 *            < a fresh thread starts                                            releasePace(), and thread-channel.ts
 *
 * Proved: one thread at a time has the lock; whoever has it finds a ledger that was written as a whole, with every change
 * that was made before; every thread gets the lock in the end, also if others die with it or on the way to it.
 *
 * A ledger is two words here, X and Y, which count the changes.
 *
 * MUTANT_IN_PLACE        a thread writes the ledger that counts
 * MUTANT_FLIP_FIRST      it says that the other one counts before that is written
 * MUTANT_NO_RELEASE      the opener leaves a dead thread's lock alone
 * MUTANT_RELEASE_ANY     the opener takes the lock from whoever has it
 * MUTANT_RELEASE_LATE    the opener starts the fresh thread first
 * MUTANT_NO_NOTIFY       who gives the lock back does not notify
 * MUTANT_NOTIFY_ONE      it notifies one of those who sleep
 */
#include "futex.pml"

#ifndef CHANNELS
#define CHANNELS 3
#endif
#ifndef CHANGES
#define CHANGES 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif

/* Channels are numbered from 1. */
byte LOCK
bit CURRENT
byte X[2], Y[2]
bool asleep[CHANNELS + 1]
bool dead[CHANNELS + 1]

byte deaths
/* What the model watches: changes that count, threads that have the lock, channels that are done. */
byte changes, inside, done

inline notifyAll() {
  atomic {
    i = 1;
    do
    :: i <= CHANNELS -> notify(asleep[i]); i++
    :: else -> break
    od;
    i = 0
  }
}

inline notifyOne() {
  atomic {
    if
    :: asleep[1] -> notify(asleep[1])
    :: asleep[2] -> notify(asleep[2])
    :: asleep[CHANNELS] -> notify(asleep[CHANNELS])
    :: else
    fi
  }
}

/* A thread can be ended from outside at a back edge of a loop and where a function is entered: here, between any two accesses. */
inline mayDie() {
  if
  :: atomic { deaths < DEATHS -> deaths++; dead[me] = true }; goto ended
  :: true
  fi
}

proctype Channel(byte me) {
  byte made, holder, value, i;
  bit was;

started:
  do
  :: made == CHANGES -> break
  :: made < CHANGES ->
    mayDie();
    atomic {
      holder = LOCK;
      if
      :: holder == 0 -> LOCK = me; inside++; assert(inside == 1)
      :: else
      fi
    }
    if
    :: holder != 0 ->
      wait(LOCK, holder, asleep[me])
    :: else ->
      mayDie();
      was = CURRENT;
      atomic { value = X[was]; assert(value == Y[was] && value == changes) }
      mayDie();
#ifdef MUTANT_IN_PLACE
      X[was] = value + 1;
      mayDie();
      Y[was] = value + 1;
      atomic { changes++; made++ }
#else
#ifdef MUTANT_FLIP_FIRST
      atomic { CURRENT = 1 - was; changes++; made++ }
      mayDie();
#endif
      X[1 - was] = value + 1;
      mayDie();
      Y[1 - was] = value + 1;
      mayDie();
#ifndef MUTANT_FLIP_FIRST
      atomic { CURRENT = 1 - was; changes++; made++ }
#endif
#endif
      mayDie();
      atomic { LOCK = 0; inside-- }
#ifdef MUTANT_NOTIFY_ONE
      notifyOne()
#else
#ifndef MUTANT_NO_NOTIFY
      notifyAll()
#endif
#endif
    fi;
    atomic { holder = 0; value = 0; was = 0 }
  od;
  atomic { done++ }
  goto over;

ended:
  /* A fresh thread takes its place. What it had in hand fails; there may be more to do, or not. */
  atomic {
    holder = 0; value = 0; was = 0;
    if
    :: made < CHANGES -> made++
    :: true
    fi
  }
endDead:
  !dead[me] -> goto started;

over:
  skip
}

inline release(channel) {
#ifndef MUTANT_NO_RELEASE
#ifdef MUTANT_RELEASE_ANY
  if
  :: atomic { LOCK != 0 -> LOCK = 0; inside-- }; notifyAll()
  :: else
  fi
#else
  if
  :: atomic { LOCK == channel -> LOCK = 0; inside-- }; notifyAll()
  :: else
  fi
#endif
#else
  skip
#endif
}

active proctype Opener() {
  byte channel = 1, i;

endNobodyDies:
  do
  :: dead[channel] ->
#ifdef MUTANT_RELEASE_LATE
    dead[channel] = false;
    release(channel)
#else
    release(channel);
    dead[channel] = false
#endif
  :: atomic { !dead[channel] && deaths > 0 && done < CHANNELS -> channel = channel % CHANNELS + 1 }
  od
}

init {
  atomic {
    byte n = 1;
    do
    :: n <= CHANNELS -> run Channel(n); n++
    :: else -> break
    od
  }
  timeout ->
  assert(done == CHANNELS);
  assert(changes + deaths >= CHANNELS * CHANGES && X[CURRENT] == changes && Y[CURRENT] == changes)
}

ltl everybodyGetsOn { <> (done == CHANNELS) }
