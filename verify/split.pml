/*
 * One large copy, shared out among the ring's consumer and its helpers, any of which may die.
 *
 * Proved: when the consumer calls a job done, every piece is written and was counted once; no thread writes for a job that
 * is done or was abandoned, or by the description of another; every job ends, whoever dies.
 *
 * Words are named as in src/microcode/layout.ts. That a parked helper is woken is not modelled: it is the same handshake as
 * in ring.pml, and a helper that sleeps delays nobody.
 */
#ifndef HELPERS
#define HELPERS 2
#endif
#ifndef JOBS
#define JOBS 2
#endif
/* How many times the consumer's thread and the first helper's die, at most. */
#ifndef CONSUMER_DEATHS
#define CONSUMER_DEATHS 1
#endif
#ifndef HELPER_DEATHS
#define HELPER_DEATHS 1
#endif
#define PIECES 3
#define CONSUMER HELPERS

/* Driver block. DESCRIPTION stands for SPLIT_DESTINATION, _SOURCE, _LENGTH and _PIECE: the number of the job. */
byte DESCRIPTION
/* The pieces of the job, and the next piece. */
#define OPEN(pieces) (pieces * 16)
#define PIECES_OF(claim) (claim / 16)
#define INDEX_OF(claim) (claim % 16)
byte CLAIM
byte DONE
/* Channel blocks: the helpers', and last the consumer's. */
#define CLAIMING 255
byte CLAIMED[HELPERS + 1]
/* STATE is CHANNEL_STATE_DEAD. */
bool DEAD[HELPERS + 1]

/* Which thread has died and has no successor yet, and how often it still can. */
bool died[HELPERS + 1]
byte lives[HELPERS + 1]

/* What the model watches: the job that is neither done nor abandoned; bytes of each piece (none, a part, all); jobs over. */
byte job
byte written[PIECES]
byte jobs

/* A thread can be ended from outside at a back edge of a loop and where a function is entered. */
inline mayDie() {
  if
  :: atomic { lives[me] > 0 -> lives[me]--; died[me] = true; mine = 0; claim = 0 }; goto dead
  :: true
  fi
}

/* writePiece() of a claim that was made in job `mine`. */
inline writePiece(index) {
  assert(DESCRIPTION == mine);
  atomic { assert(job == mine); written[index] = 1 }
  mayDie();
  atomic { assert(job == mine); written[index] = 2 }
}

/* helpOnce(), when splitIsOpen() has said yes. */
inline helpOnce() {
#ifndef MUTANT_NO_CLAIMING
  CLAIMED[me] = CLAIMING;
#endif
  atomic { claim = CLAIM; CLAIM++; mine = job }
  if
  :: INDEX_OF(claim) < PIECES_OF(claim) ->
    CLAIMED[me] = INDEX_OF(claim) + 1;
    mayDie();
    writePiece(INDEX_OF(claim));
    mayDie();
#ifdef MUTANT_CLEAR_BEFORE_DONE
    CLAIMED[me] = 0;
    DONE++
#else
    DONE++;
    CLAIMED[me] = 0
#endif
  :: else -> CLAIMED[me] = 0
  fi;
  atomic { claim = 0; mine = 0 }
}

#define IS_OPEN (INDEX_OF(CLAIM) < PIECES_OF(CLAIM))

/* A helper's thread, and after it the one that takes its place: help(). */
proctype Helper(byte me) {
  byte claim, mine;

endIdle:
  do
  :: IS_OPEN -> helpOnce()
  :: atomic { lives[me] > 0 -> lives[me]--; died[me] = true }; goto dead
  od;
dead:
  !died[me] -> goto endIdle
}

/* The consumer's thread, and after it the one that takes its place: copySplit() for one job after another. */
proctype Consumer() {
  byte me = CONSUMER;
  byte claim, mine, i;

started:
  do
  :: jobs == JOBS -> break
  :: else ->
    atomic {
      assert(job == 0);
      job = jobs + 1;
      i = 0;
      do
      :: i < PIECES -> written[i] = 0; i++
      :: else -> break
      od;
      i = 0
    }
#ifdef MUTANT_OPEN_BEFORE_DESCRIPTION
    DONE = 0;
    CLAIM = OPEN(PIECES);
    DESCRIPTION = job;
#else
    DESCRIPTION = job;
#ifdef MUTANT_RESET_DONE_LAST
    CLAIM = OPEN(PIECES);
    DONE = 0;
#else
    DONE = 0;
    CLAIM = OPEN(PIECES);
#endif
#endif
    do
    :: IS_OPEN -> helpOnce(); mayDie()
    :: else -> break
    od;
    do
    :: DONE >= PIECES -> break
    :: else ->
      mayDie();
      /* takeOverFromTheDead() */
      i = 0;
      do
      :: i == HELPERS -> break
      :: else ->
        if
#ifdef MUTANT_TAKE_OVER_FROM_THE_LIVING
        :: true ->
#else
        :: DEAD[i] ->
#endif
          claim = CLAIMED[i];
          if
#ifdef MUTANT_TAKE_OVER_FROM_THE_LIVING
          :: claim != 0 && claim != CLAIMING ->
#else
          :: claim != 0 ->
#endif
            mine = job;
            mayDie();
            writePiece(claim - 1);
            CLAIMED[i] = 0;
            DONE++
          :: else
          fi;
          atomic { claim = 0; mine = 0 }
        :: else
        fi;
        i++
      od;
      i = 0
    od;
    atomic {
      do
      :: i < PIECES -> assert(written[i] == 2); i++
      :: else -> break
      od;
      assert(DONE == PIECES);
      i = 0;
      job = 0;
      jobs++
    }
  od;
  goto over;
dead:
  i = 0;
endDead:
  !died[me] -> goto started;
over:
  skip
}

/* A turn of the event loop: what has ended is known then. */
inline hear() {
  atomic {
    DEAD[0] = died[0];
    DEAD[CONSUMER] = died[CONSUMER]
  }
}

/*
 * The thread that opened the Soc: thread-channel.ts. It hears that a thread has ended, settles what that held, asking again
 * while it cannot, and starts another. One thing at a time, in any order.
 */
active proctype Opener() {
  byte i;
  bool writing;

  atomic {
    do
    :: i < HELPERS -> run Helper(i); i++
    :: else -> break
    od;
    run Consumer();
    lives[0] = HELPER_DEATHS;
    lives[CONSUMER] = CONSUMER_DEATHS;
    i = 0
  }
endNobodyDies:
  do
  :: DEAD[0] != died[0] || DEAD[CONSUMER] != died[CONSUMER] -> hear()

  /* A helper's piece is the consumer's business: #isSettled(), #replace(). */
  :: DEAD[0] && CLAIMED[0] == 0 -> DEAD[0] = false; died[0] = false

  :: DEAD[CONSUMER] ->
    /* split.ts, abandonSplit() */
#ifndef MUTANT_ABANDON_LOOKS_FIRST
    CLAIM = 0;
#endif
    writing = false;
    do
    :: i == HELPERS -> break
    :: else ->
      if
      :: CLAIMED[i] == 0
      :: else ->
        if
        :: DEAD[i] -> CLAIMED[i] = 0
        :: else -> writing = true; break
        fi
      fi;
      i++
    od;
    i = 0;
    if
    :: writing -> hear()
    :: else ->
#ifdef MUTANT_ABANDON_LOOKS_FIRST
      CLAIM = 0;
#endif
      /* failAll(): the job is over for whoever waited for it. */
      atomic { job = 0; jobs++ }
      CLAIMED[CONSUMER] = 0;
      DEAD[CONSUMER] = false;
      died[CONSUMER] = false
    fi
  od
}

init {
  timeout ->
  assert(jobs == JOBS && job == 0)
}

/* However unlucky the schedule. */
ltl everyJobEnds { <> (jobs == JOBS) }
