/*
 * Critical sections of firmware in the threads engine: one thread at a time is inside, and each gets in.
 *
 *   enter   LOCK from FREE to TAKEN in one step; or: exchange WANTED, sleep while it is WANTED, again, until it was FREE
 *   exit    exchange FREE < if it was WANTED, notify one                                                   critical.ts
 *
 * MUTANT_TAKEN_AFTER_SLEEP   who was woken takes it as TAKEN: the others who sleep are forgotten
 * MUTANT_NO_NOTIFY           who leaves does not notify
 * MUTANT_LOOK_THEN_TAKE      FREE is looked at and taken in two steps
 */
#include "futex.pml"

#ifndef THREADS
#define THREADS 3
#endif
#ifndef SECTIONS
#define SECTIONS 2
#endif

#define FREE 0
#define TAKEN 1
#define WANTED 2

byte LOCK
bool asleep[THREADS]
byte inside

inline notifyOne() {
  atomic {
    if
    :: asleep[0] -> notify(asleep[0])
    :: asleep[1] -> notify(asleep[1])
#if THREADS > 2
    :: asleep[2] -> notify(asleep[2])
#endif
    :: else
    fi
  }
}

proctype Thread(byte me) {
  byte n = 0;
  byte was;
  do
  :: n < SECTIONS ->
    n++;
#ifdef MUTANT_LOOK_THEN_TAKE
    was = LOCK;
    if
    :: was == FREE -> LOCK = TAKEN
    :: else
    fi;
#else
    atomic { was = LOCK; if :: was == FREE -> LOCK = TAKEN :: else fi };
#endif
    do
    :: was == FREE -> break
    :: else ->
#ifdef MUTANT_TAKEN_AFTER_SLEEP
      atomic { was = LOCK; if :: was == FREE -> LOCK = TAKEN :: else -> LOCK = WANTED fi };
#else
      atomic { was = LOCK; LOCK = WANTED };
#endif
      if
      :: was != FREE -> wait(LOCK, WANTED, asleep[me])
      :: else
      fi
    od;
    atomic { inside++; assert(inside == 1) };
    inside--;
    atomic { was = LOCK; LOCK = FREE };
    if
    :: was == WANTED ->
#ifndef MUTANT_NO_NOTIFY
      notifyOne()
#else
      skip
#endif
    :: else
    fi
  :: else -> break
  od
}

init {
  byte i;
  atomic {
    for (i : 0 .. THREADS - 1) { run Thread(i) }
  }
}
