/*
 * Critical sections of firmware in the threads engine: one thread at a time is inside, and each gets in.
 *
 *   enter   LOCK from FREE to NUMBER in one step; or: from who is inside to that and WANTED in one step, sleep while it is that,
 *           again, until FREE became NUMBER and WANTED
 *   exit    exchange FREE < if it was WANTED, notify one                                                   critical.ts
 *
 * MUTANT_TAKEN_AFTER_SLEEP   who was woken takes it without WANTED: the others who sleep are forgotten
 * MUTANT_NO_NOTIFY           who leaves does not notify
 * MUTANT_LOOK_THEN_TAKE      FREE is looked at and taken in two steps
 * MUTANT_MARKED_BLINDLY      WANTED is added without a look at who is inside now: that of one who has left is slept on
 */
#include "futex.pml"

#ifndef THREADS
#define THREADS 3
#endif
#ifndef SECTIONS
#define SECTIONS 2
#endif

#define FREE 0
#define WANTED 128
#define NUMBER (me + 1)

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

/* Compare and exchange: was is what it was. */
inline exchangeIf(expected, next) {
  atomic { was = LOCK; if :: was == expected -> LOCK = next :: else fi }
}

proctype Thread(byte me) {
  byte n = 0;
  byte was, holder;
  do
  :: n < SECTIONS ->
    n++;
#ifdef MUTANT_LOOK_THEN_TAKE
    was = LOCK;
    if
    :: was == FREE -> LOCK = NUMBER
    :: else
    fi;
#else
    exchangeIf(FREE, NUMBER);
#endif
    do
    :: was == FREE -> break
    :: else ->
#ifdef MUTANT_TAKEN_AFTER_SLEEP
      exchangeIf(FREE, NUMBER);
#else
      exchangeIf(FREE, NUMBER | WANTED);
#endif
      if
      :: was == FREE -> break
      :: else
      fi;
      holder = LOCK;
      if
      :: holder == FREE -> was = WANTED
      :: else ->
#ifdef MUTANT_MARKED_BLINDLY
        LOCK = holder | WANTED; was = holder;
#else
        exchangeIf(holder, holder | WANTED);
#endif
        if
        :: was == holder -> wait(LOCK, (holder | WANTED), asleep[me])
        :: else
        fi;
        was = WANTED
      fi
    od;
    atomic { inside++; assert(inside == 1) };
    inside--;
    atomic { was = LOCK; LOCK = FREE };
    assert((was & (WANTED - 1)) == NUMBER);
    if
    :: (was & WANTED) != 0 ->
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
