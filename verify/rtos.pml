/*
 * How tasks of firmware wait for each other: rtos_block, rtos_release_first and rtos_wake in sdk/src/freertos/kernel.c, as
 * xQueueSemaphoreTake and xQueueGenericSend use them, with the port's lock and futex.
 *
 * TAKERS tasks take one token each; patient ones wait for ever, HASTY ones may find at any time that their time is over. GIVERS
 * tasks, or interrupts, give one each. A task of the list is the only one that a giver releases, and one that is released looks
 * for a token again: another may have taken it meanwhile.
 *
 * MUTANT_SEEN_LATE         wake is read after the lock: a wake-up before that is waited for a second time
 * MUTANT_STAYS_IN_LIST     who gives up stays in the list, and takes the wake-up of another
 * MUTANT_GIVES_UP_UNSEEN   who gives up does not look whether it was released meanwhile
 * MUTANT_TOKEN_AFTER_LOCK  the token comes after the list was looked at
 * MUTANT_NO_COUNT          a release does not count wake
 * MUTANT_NO_WAKE           a release is not followed by port_wake
 */
#include "futex.pml"

#ifndef TAKERS
#define TAKERS 2
#endif
#ifndef HASTY
#define HASTY 1
#endif
#ifndef GIVERS
#define GIVERS 2
#endif

#define ALL (TAKERS + HASTY)
#define NONE 255

bool locked;
byte tokens;
byte taken, gave_up;
/* The list, first come, first served. */
byte list[ALL];
byte listed;
/* Of each task: rtos.h's wake, modulo 256, and whether it sleeps on it. */
byte wake[ALL];
bool asleep[ALL];

inline lock() {
  atomic { !locked -> locked = true }
}

inline unlock() {
  locked = false
}

/* With the lock, as one step: no other looks at the list meanwhile. */
inline append(task) {
  d_step { list[listed] = task; listed++ }
}

inline take_out(task) {
  d_step {
    i = 0; found = false;
    do
    :: i < listed ->
      if
      :: list[i] == task -> found = true
      :: else
      fi;
      if
      :: found && i + 1 < listed -> list[i] = list[i + 1]
      :: else
      fi;
      i++
    :: else -> break
    od;
    if
    :: found -> listed--
    :: else
    fi;
    i = 0; found = false
  }
}

proctype Taker(byte me; bool hasty) {
  byte i, seen;
  bool found, over;
  lock();
  do
  :: tokens > 0 ->
    tokens--;
    unlock();
    atomic { taken++; break }
  :: tokens == 0 && over ->
    unlock();
    atomic { gave_up++; break }
  :: tokens == 0 && !over ->
    /* rtos_block */
    append(me);
#ifndef MUTANT_SEEN_LATE
    seen = wake[me];
#endif
    unlock();
#ifdef MUTANT_SEEN_LATE
    /* A wake-up between the lock and here is taken for one that is still to come. */
    seen = wake[me];
#endif
    do
    :: true ->
      /* port_wait: the comparison and falling asleep are one step. */
      atomic {
        if
        :: wake[me] == seen -> asleep[me] = true
        :: else
        fi
      }
end_asleep:
      if
      :: !asleep[me]
      :: asleep[me] && hasty -> atomic { asleep[me] = false; over = true }
      fi;
      lock();
      if
#ifdef MUTANT_GIVES_UP_UNSEEN
      /* Whether it was released meanwhile is not looked at: its token is left to tasks that nobody wakes. */
      :: over -> take_out(me); unlock(); atomic { gave_up++; goto out }
      :: else
#else
      :: true
#endif
      fi;
      if
      :: wake[me] != seen -> over = false; break
      :: wake[me] == seen && over ->
#ifndef MUTANT_STAYS_IN_LIST
        take_out(me);
#endif
        break
      :: wake[me] == seen && !over -> unlock()
      fi
    od
  od;
out:
  skip
}

proctype Giver() {
  byte i, first = NONE;
  bool found;
  lock();
#ifndef MUTANT_TOKEN_AFTER_LOCK
  tokens++;
#endif
  if
  :: listed > 0 ->
    first = list[0];
    take_out(first);
#ifndef MUTANT_NO_COUNT
    wake[first] = wake[first] + 1
#endif
  :: else
  fi;
  unlock();
#ifdef MUTANT_TOKEN_AFTER_LOCK
  tokens++;
#endif
  if
  :: first != NONE ->
#ifndef MUTANT_NO_WAKE
    notify(asleep[first])
#else
    skip
#endif
  :: else
  fi
}

init {
  byte n;
  atomic {
    n = 0;
    do
    :: n < ALL -> run Taker(n, n >= TAKERS); n++
    :: else -> break
    od;
    n = 0;
    do
    :: n < GIVERS -> run Giver(); n++
    :: else -> break
    od
  }
  /* Everybody has come to an end, or sleeps without a token. */
  timeout ->
  assert(taken + tokens == GIVERS);
  assert(tokens == 0 || taken + gave_up == ALL);
  /* Who is still in the list is asleep, and nobody else is. */
  assert(listed == ALL - taken - gave_up);
  assert(!locked)
}
