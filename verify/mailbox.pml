/*
 * Calls of the firmware's kernel in the threads engine: every call is answered, once, and the kernel sleeps only without any.
 *
 *   call     CALL = ASKED < BELL + 1 < notify the kernel < wait while CALL is ASKED < CALL = NONE       threads-port.ts
 *   kernel   read BELL < look at every CALL; if ASKED: result < CALL = ANSWERED < notify < wait while BELL is what was read
 *                                                                                                 threads-kernel.ts
 *
 * MUTANT_BELL_AFTER_LOOK   the kernel reads BELL when it has looked
 * MUTANT_RING_FIRST        who calls rings first
 * MUTANT_NO_NOTIFY         who calls does not notify
 * MUTANT_ANSWER_FIRST      the kernel says that it has answered before the result is there
 */
#include "futex.pml"

#ifndef CALLERS
#define CALLERS 2
#endif
#ifndef CALLS
#define CALLS 2
#endif

#define NONE 0
#define ASKED 1
#define ANSWERED 2

byte CALL[CALLERS]
byte RESULT[CALLERS]
byte BELL
bool asleep[CALLERS]
bool kernelAsleep
byte over

inline ring() {
  BELL++;
#ifndef MUTANT_NO_NOTIFY
  notify(kernelAsleep)
#endif
}

proctype Caller(byte me) {
  byte n = 0;
  do
  :: n < CALLS ->
    n++;
#ifdef MUTANT_RING_FIRST
    ring();
    CALL[me] = ASKED;
#else
    CALL[me] = ASKED;
    ring();
#endif
    do
    :: CALL[me] == ASKED -> wait(CALL[me], ASKED, asleep[me])
    :: CALL[me] == ANSWERED -> break
    od;
    assert(RESULT[me] == n);
    CALL[me] = NONE
  :: else -> break
  od;
  /* The end of a thread is told in the same way. */
  over++;
  ring()
}

proctype Kernel() {
  byte bell, i;
  do
  :: over < CALLERS ->
#ifndef MUTANT_BELL_AFTER_LOOK
    bell = BELL;
#endif
    i = 0;
    do
    :: i < CALLERS ->
      if
      :: CALL[i] == ASKED ->
#ifdef MUTANT_ANSWER_FIRST
        CALL[i] = ANSWERED;
        RESULT[i]++;
#else
        RESULT[i]++;
        CALL[i] = ANSWERED;
#endif
        notify(asleep[i])
      :: else
      fi;
      i++
    :: else -> break
    od;
#ifdef MUTANT_BELL_AFTER_LOOK
    bell = BELL;
#endif
    if
    :: over < CALLERS -> wait(BELL, bell, kernelAsleep)
    :: else
    fi
  :: else -> break
  od
}

init {
  byte i;
  atomic {
    for (i : 0 .. CALLERS - 1) { run Caller(i) }
    run Kernel()
  }
}
