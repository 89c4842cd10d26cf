/*
 * How tasks of firmware end each other in the threads engine, and start new ones: vTaskDelete and start_task in tasks.c, `stop` and
 * `call` in threads-port.ts, `#stop`, `join` and `#bury` in threads-kernel.ts.
 *
 *   delete   in the lock: if the other is in the list, out of it < STOP = END. Afterwards: call of the kernel, until it is gone
 *   start    in the lock, which is lent to others meanwhile: call of the kernel
 *   kernel   STOP is END: answer a join of that task < wait until it has ended < bury it < answer who joins it
 *   bury     with the lock; then its place is free for the next task
 *
 * A task ends where it looks: after the lock, after a call, while it sleeps. That a call and a STOP come to the kernel's notice is
 * shown in mailbox.pml; that one thread at a time has the lock in critical.pml. Each of the PLACES has a thread, on which one task
 * after another lives; those that do not live yet are started by others.
 *
 * MUTANT_STOP_AFTER_LOCK    STOP is written after the lock: who writes it may be ended before, or the place be another task's
 * MUTANT_HELD_BY_JOIN       who is to end is not answered when it joins another one
 * MUTANT_JOINS_LATER        who is to end is answered only if it has joined before the kernel hears of its end
 * MUTANT_JOIN_BY_PLACE      a join waits for the end of whoever has that place
 * MUTANT_LOCK_IN_CALL       the lock is not lent during a call
 */
#ifndef PLACES
#define PLACES 3
#endif
/* Tasks from the beginning on. */
#ifndef FIRST
#define FIRST 2
#endif
/* What a task does in its life, beside its end. */
#ifndef DEEDS
#define DEEDS 1
#endif
/* Tasks that can be started. */
#ifndef STARTS
#define STARTS 2
#endif

#define NOT 0
#define END 1

#define FREE 0
#define RUNNING 1
#define ENDED 2

#define NONE 0
#define JOIN 1
#define START 2
#define ANSWERED 3

#define NOBODY 255

bool locked
bool listed[PLACES]
byte STOP[PLACES]
byte STATE[PLACES]
/* The number of the task that a place has or had. */
byte NUMBER[PLACES]
byte CALL[PLACES]
byte JOINED[PLACES]
byte starts, numbers

/* What a task is doing: for the assertions. */
bool sleepsForEver[PLACES]

inline lock() {
  atomic { !locked -> locked = true }
}

inline unlock() {
  locked = false
}

inline look() {
  if
  :: STOP[me] == END -> goto over
  :: else
  fi
}

inline call(what) {
  CALL[me] = what;
  CALL[me] == ANSWERED;
  CALL[me] = NONE
}

proctype Thread(byte me) {
  byte deeds, other, number;
begin:
  atomic { deeds = 0; other = 0; number = 0 };
end_unborn:
  STATE[me] == RUNNING;
  look();
  do
  :: deeds < DEEDS ->
    deeds++;
    if
    :: /* deletes another one */
      select(other : 0 .. PLACES - 1);
      if
      :: other != me ->
        number = 0;
        lock();
#ifdef MUTANT_STOP_AFTER_LOCK
        if
        :: listed[other] -> listed[other] = false; number = NUMBER[other]
        :: else
        fi;
        unlock();
        look();
        if
        :: number != 0 -> STOP[other] = END
        :: else
        fi;
#else
        if
        :: listed[other] -> listed[other] = false; number = NUMBER[other]; STOP[other] = END
        :: else
        fi;
        unlock();
        /* In a critical section around it nothing is looked at, and the call lends the lock. */
        if
        :: look()
        :: skip
        fi;
#endif
        if
        :: number != 0 ->
#ifdef MUTANT_JOIN_BY_PLACE
          JOINED[me] = other;
#else
          JOINED[me] = number;
#endif
          call(JOIN)
        :: else
        fi;
        look()
      :: else
      fi
    :: /* starts one */
      starts < STARTS ->
      lock();
#ifndef MUTANT_LOCK_IN_CALL
      unlock();
#endif
      call(START);
#ifndef MUTANT_LOCK_IN_CALL
      lock();
#endif
      unlock();
      look()
    :: /* ends by itself */
      lock();
      if
      :: listed[me] -> listed[me] = false; unlock(); goto over
      :: else -> unlock(); break
      fi
    :: /* sleeps until somebody ends it */
      break
    fi
  :: else -> break
  od;
  sleepsForEver[me] = true;
end_asleep:
  STOP[me] == END;
over:
  sleepsForEver[me] = false;
  /* Nobody ends that was not taken out of the list, and nobody in the midst of a call. */
  assert(!listed[me]);
  assert(CALL[me] == NONE);
  STATE[me] = ENDED;
  goto begin
}

proctype Kernel() {
  byte i, k;
  bool stopping[PLACES], serving[PLACES];
  do
  :: true ->
end_idle:
    if
    /* A task is to end. */
    :: atomic { STOP[0] == END && STATE[0] == RUNNING && !stopping[0] -> i = 0 }
    :: atomic { STOP[1] == END && STATE[1] == RUNNING && !stopping[1] -> i = 1 }
#if PLACES > 2
    :: atomic { STOP[2] == END && STATE[2] == RUNNING && !stopping[2] -> i = 2 }
#endif
    /* One has ended. */
    :: atomic { STATE[0] == ENDED -> i = PLACES }
    :: atomic { STATE[1] == ENDED -> i = PLACES + 1 }
#if PLACES > 2
    :: atomic { STATE[2] == ENDED -> i = PLACES + 2 }
#endif
    /* One calls. */
    :: atomic { (CALL[0] == JOIN || CALL[0] == START) && !serving[0] -> i = 2 * PLACES }
    :: atomic { (CALL[1] == JOIN || CALL[1] == START) && !serving[1] -> i = 2 * PLACES + 1 }
#if PLACES > 2
    :: atomic { (CALL[2] == JOIN || CALL[2] == START) && !serving[2] -> i = 2 * PLACES + 2 }
#endif
    fi;
    if
    :: i < PLACES ->
      stopping[i] = true;
#ifndef MUTANT_HELD_BY_JOIN
      if
      :: serving[i] && CALL[i] == JOIN -> serving[i] = false; CALL[i] = ANSWERED
      :: else
      fi
#endif
    :: i >= PLACES && i < 2 * PLACES ->
      i = i - PLACES;
      /* What it waited in; needs the lock. */
      lock();
      unlock();
      STOP[i] = NOT;
      stopping[i] = false;
      STATE[i] = FREE;
      k = 0;
      do
      :: k < PLACES ->
        if
#ifdef MUTANT_JOIN_BY_PLACE
        :: serving[k] && CALL[k] == JOIN && JOINED[k] == i -> serving[k] = false; CALL[k] = ANSWERED
#else
        :: serving[k] && CALL[k] == JOIN && JOINED[k] == NUMBER[i] -> serving[k] = false; CALL[k] = ANSWERED
#endif
        :: else
        fi;
        k++
      :: else -> break
      od
    :: i >= 2 * PLACES && CALL[i - 2 * PLACES] == JOIN ->
      i = i - 2 * PLACES;
      serving[i] = true;
      k = 0;
      do
#ifdef MUTANT_JOIN_BY_PLACE
      :: k < PLACES && k == JOINED[i] && STATE[k] != FREE -> break
#else
      :: k < PLACES && NUMBER[k] == JOINED[i] && STATE[k] != FREE -> break
#endif
      :: k >= PLACES -> break
      :: else -> k++
      od;
      if
      :: k == PLACES -> serving[i] = false; CALL[i] = ANSWERED
#ifndef MUTANT_HELD_BY_JOIN
#ifndef MUTANT_JOINS_LATER
      :: k < PLACES && stopping[i] -> serving[i] = false; CALL[i] = ANSWERED
#endif
#endif
      :: else
      fi
    :: i >= 2 * PLACES && CALL[i - 2 * PLACES] == START ->
      i = i - 2 * PLACES;
      serving[i] = true;
      k = 0;
      do
      :: k < PLACES && STATE[k] == FREE -> break
      :: k >= PLACES -> break
      :: else -> k++
      od;
      if
      :: k < PLACES && starts < STARTS ->
        starts++;
        numbers++;
        NUMBER[k] = numbers;
        STOP[k] = NOT;
        /* It is one of the tasks before it runs. */
        lock();
        listed[k] = true;
        unlock();
        STATE[k] = RUNNING
      :: else
      fi;
      serving[i] = false;
      CALL[i] = ANSWERED
    fi
  od
}

init {
  byte n;
  atomic {
    n = 0;
    do
    :: n < PLACES ->
      if
      :: n < FIRST -> numbers++; NUMBER[n] = numbers; listed[n] = true; STATE[n] = RUNNING
      :: else
      fi;
      run Thread(n);
      n++
    :: else -> break
    od;
    run Kernel()
  }
  /* Nothing happens any more: who is no task has ended, and who is one sleeps of its own accord. */
  timeout ->
  n = 0;
  do
  :: n < PLACES ->
    assert(listed[n] || STATE[n] == FREE);
    assert(!listed[n] || (STATE[n] == RUNNING && sleepsForEver[n]));
    n++
  :: else -> break
  od;
  assert(!locked)
}
