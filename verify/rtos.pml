/*
 * How tasks of firmware wait for each other: rtos_block and rtos_release_first in sdk/src/freertos/kernel.c, as
 * xQueueSemaphoreTake and xQueueGenericSend use them, with the port's lock and futex; and how one of them is deleted meanwhile:
 * vTaskDelete and rtos_task_gone in tasks.c. How it comes to its end is in deletion.pml.
 *
 * TAKERS tasks take one token each; patient ones wait for ever, HASTY ones may find at any time that their time is over. GIVERS
 * tasks, or interrupts, give one each. A task of the list is the only one that a giver releases, and one that is released looks
 * for a token again: another may have taken it meanwhile. With DELETED the first taker is deleted at some time. It ends where it has
 * no lock; a token that it was released for is left to those who look for one.
 *
 * MUTANT_SEEN_LATE         wake is read after the lock: a wake-up before that is waited for a second time
 * MUTANT_STAYS_IN_LIST     who gives up stays in the list, and takes the wake-up of another
 * MUTANT_GIVES_UP_UNSEEN   who gives up does not look whether it was released meanwhile
 * MUTANT_TOKEN_AFTER_LOCK  the token comes after the list was looked at
 * MUTANT_NO_COUNT          a release does not count wake
 * MUTANT_NO_WAKE           a release wakes nobody
 * MUTANT_DELETED_IN_LIST   a deleted task is taken out of its list when it is told to end, and not when it has
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

#ifndef DELETED
#define DELETED 1
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
/* The first taker is to end; has ended; has done so before it had or gave up; is forgotten, and its memory another's. */
bool stop, ended, deleted, forgotten;

/* A call of the host: here a task hears that it is to end. */
inline look(task) {
  if
  :: task == 0 && stop -> goto gone
  :: else
  fi
}

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
    look(me);
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
      look(me);
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
  goto out;
gone:
  deleted = true;
  ended = true;
  goto over_for_good;
out:
  /* It deletes itself, but another one has been faster: it waits for its end. */
  if
  :: me == 0 && DELETED > 0 -> stop -> ended = true
  :: else
  fi;
over_for_good:
  skip
}

/* vTaskDelete of the first taker by another task. */
proctype Deleter() {
  byte i;
  bool found;
  lock();
  take_out(0);
  unlock();
  stop = true;
  do
  :: ended -> break
  :: !ended && asleep[0] -> asleep[0] = false
  od;
#ifndef MUTANT_DELETED_IN_LIST
  lock();
  take_out(0);
  unlock();
#endif
  forgotten = true
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
    assert(first != 0 || !forgotten);
#ifndef MUTANT_NO_COUNT
    wake[first] = wake[first] + 1;
#endif
#ifndef MUTANT_NO_WAKE
    notify(asleep[first])
#else
    skip
#endif
  :: else
  fi;
  unlock();
#ifdef MUTANT_TOKEN_AFTER_LOCK
  tokens++
#endif
}

init {
  byte n;
  atomic {
    n = 0;
    do
    :: n < ALL -> run Taker(n, n >= TAKERS); n++
    :: else -> break
    od;
    if
    :: DELETED > 0 -> run Deleter()
    :: else
    fi;
    n = 0;
    do
    :: n < GIVERS -> run Giver(); n++
    :: else -> break
    od
  }
  /* Everybody has come to an end, or sleeps without a token. */
  timeout ->
  assert(taken + tokens == GIVERS);
  assert(tokens == 0 || deleted || taken + gave_up == ALL);
  /* Who is still in the list is asleep, and nobody else is. */
  assert(listed == ALL - taken - gave_up - deleted);
  assert(!locked)
}
