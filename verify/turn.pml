/*
 * Copies that their submitter carries out when their turn has come, in slices, and the channel that waits for it: asleep if
 * need be. A submitter may be terminated at any moment, or be so slow that the channel takes it for gone.
 *
 * Proved: every copy is over in one way, once, and in order; the submitter touches no byte of a copy that is over; the
 * channel sleeps only while the next copy waits for a living submitter.
 *
 * Words are named as in src/microcode/layout.ts. How the submitter sleeps until its turn is left to ring.pml. The channel
 * looks now and then although nobody wakes it; here only if the submitter is gone, so that it is not what wake-ups rest on.
 */
#include "futex.pml"

#ifndef COPIES
#define COPIES 2
#endif
#ifndef SLICES
#define SLICES 2
#endif
/* How many of its copies the submitter tries to withdraw. */
#ifndef ABORTS
#define ABORTS 1
#endif
/* How often the channel takes a living submitter for gone. */
#ifndef LATE
#define LATE 1
#endif

/* Of layout.ts's states, TAKEN_BACK is RECORD_WITHDRAWN. All copies are published; PENDING is where they begin. */
mtype = { PENDING, RUNNING, DONE, TAKEN_BACK, MOVING, REVOKED }
mtype STATE[COPIES] = PENDING
byte COMPLETED
bit PARKED
bool channelSleeps

/* What the model watches. */
bool gone
byte told[COPIES]

#define isOver(state) (state == DONE || state == TAKEN_BACK)

/* foreign.ts, goOn(): as wake() of ring.ts. */
inline goOn() {
  if
  :: PARKED == 0
  :: else ->
    if
    :: atomic { PARKED == 1 -> PARKED = 0 }; notify(channelSleeps)
    :: else
    fi
  fi
}

/* Bytes of a slice. */
inline write() {
  assert(told[copy] == 0)
}

/* slices.ts, and withdraw() of driver-port.ts. */
active proctype Submitter() {
  byte copy, slices;
  byte aborts = ABORTS;
  bool did;
  mtype expected;

  do
  :: copy == COPIES -> break
  :: copy < COPIES && slices == 0 && aborts > 0 ->
    aborts--;
    atomic {
      if
      :: STATE[copy] == PENDING -> STATE[copy] = TAKEN_BACK; did = true
      :: else
      fi
    };
    if
    :: did -> goOn(); atomic { did = false; copy++ }
    :: else
    fi
  :: copy < COPIES && COMPLETED >= copy ->
    if
    :: slices == 0 -> expected = PENDING
    :: else -> expected = RUNNING
    fi;
    atomic {
      if
      :: STATE[copy] == expected -> STATE[copy] = MOVING; did = true
      :: else
      fi
    };
    if
    :: !did -> atomic { slices = 0; copy++ }
    :: else ->
      did = false;
      write();
      if
      :: true
      :: true -> goto terminated
      fi;
      write();
      slices++;
      if
      :: slices < SLICES ->
        atomic { assert(STATE[copy] == MOVING); STATE[copy] = RUNNING }
      :: else ->
#ifdef MUTANT_LOOK_BEFORE_DONE
        goOn();
#endif
        atomic { assert(STATE[copy] == MOVING); STATE[copy] = DONE };
        if
        :: true
        :: true -> goto terminated
        fi;
#ifndef MUTANT_LOOK_BEFORE_DONE
        goOn();
#endif
        atomic { slices = 0; copy++ }
      fi
    fi
  /* Terminated between two slices, or before the first. */
  :: copy < COPIES -> goto terminated
  od;
  goto ended;
terminated:
  gone = true;
ended:
  skip
}

/* channel.ts, consume(), hasWork(); channel-loop.ts; lease.ts with revoke() of foreign.ts. */
active proctype Channel() {
  byte sequence;
  byte late = LATE;
  mtype state;

  do
  :: sequence == COPIES -> break
  :: sequence < COPIES ->
    state = STATE[sequence];
    if
    :: isOver(state) ->
      atomic { told[sequence]++; assert(told[sequence] == 1 && COMPLETED == sequence) };
      COMPLETED = sequence + 1;
      sequence++
    :: else ->
#ifndef MUTANT_PARKED_AFTER_LOOK
      PARKED = 1;
#endif
      state = STATE[sequence];
#ifdef MUTANT_PARKED_AFTER_LOOK
      PARKED = 1;
#endif
      if
      :: isOver(state)
      :: else ->
        /* It looks again by itself only when nobody will wake it, or the time is up. */
        atomic {
          if
          :: PARKED == 1 -> channelSleeps = true
          :: else
          fi
        };
        if
        :: !channelSleeps
        :: gone -> channelSleeps = false
        :: late > 0 -> atomic { late--; channelSleeps = false };
          state = STATE[sequence];
          if
          /* A living thread is never so long at one slice. */
          :: isOver(state) || state == MOVING
          :: else -> goto revoke
          fi
        fi;
        if
        :: gone ->
          state = STATE[sequence];
          if
          :: isOver(state)
          :: else ->
revoke:
#ifdef MUTANT_REVOKE_BY_STORE
            STATE[sequence] = DONE
#else
            if
            :: atomic { STATE[sequence] == state -> STATE[sequence] = REVOKED };
              STATE[sequence] = DONE
            :: else
            fi
#endif
          fi
        :: else
        fi
      fi;
      PARKED = 0
    fi
  od
}
