/*
 * A semaphore: threads that give, threads that block in take, threads with an event loop whose takers come and are called
 * off, a thread that deletes it, and the next semaphore in the same slot.
 *
 * Proved: no token is lost or taken twice; as long as there are enough tokens, or the semaphore is deleted, every taker
 * returns, whoever gives up, is called off or is ended on the way; nobody sleeps while there are tokens; what threads still
 * do to a deleted semaphore changes nothing for the next one.
 *
 * Words are named as in src/microcode/semaphore-layout.ts, without SEMAPHORE_. COUNT, SLEEPERS, LISTENERS and LIFE are one
 * word in the code: a compare-exchange changes all of them, so here that is one atomic step. An attempt that fails because
 * the word has changed is made again and leaves no trace, so it is left out.
 */
#include "futex.pml"

/* What a mutant needs to fail. */
#if defined(MUTANT_DELETE_NOTIFIES_FIRST) || defined(MUTANT_LEAVE_WHATEVER_LIFE) || defined(MUTANT_WORDS_START_AGAIN)
#define DELETIONS 1
#define GIVERS 1
#define HASTY 1
#define LISTENING 0
#elif defined(MUTANT_LEAVE_WITHOUT_LOOK)
#define TOKENS 1
#define HASTY 1
#define LISTENING 0
#elif defined(MUTANT_LISTENERS_TOLD_ONE_BY_ONE)
#define LISTENING 2
#define PATIENT 0
#elif defined(MUTANT_SLEEPS_WITHOUT_SLICES)
#define DEATHS 1
#define LISTENING 0
#endif

/*
 * Takers that block for ever, that block for a time, and threads with an event loop, each with so many takers, of which one
 * may be called off.
 */
#ifndef PATIENT
#define PATIENT 1
#endif
#ifndef HASTY
#define HASTY 0
#endif
#ifndef LISTENING
#define LISTENING 1
#endif
#ifndef LINE
#define LINE 2
#endif
/* Threads that give, and the most tokens. */
#ifndef GIVERS
#define GIVERS 2
#endif
#ifndef LIMIT
#define LIMIT 4
#endif
/* Whether it may be deleted, and whether there is a sleeper that is ended from outside. */
#ifndef DELETIONS
#define DELETIONS 0
#endif
#ifndef DEATHS
#define DEATHS 0
#endif

#define SLEEPING (PATIENT + HASTY + DEATHS)
/* One more sleeper for the second life. */
#define BLOCKING (SLEEPING + DELETIONS)
#define THREADS (BLOCKING + LISTENING)
#define WANTED (PATIENT + HASTY + LISTENING * LINE)
/* Unless set otherwise, everybody can be served. */
#ifndef TOKENS
#define TOKENS WANTED
#endif

#define FIRST 1
#define SECOND 2

/* The slot. */
byte COUNT, SLEEPERS
bit LISTENERS
byte LIFE = FIRST
/*
 * WAKE and NEWS only ever grow, and all that a thread does with its word is to compare it with what it read before. So the
 * model keeps for each thread whether the word is still what that thread read: sleepers, which come first, read WAKE,
 * listeners NEWS.
 */
bool isSame[THREADS]

/* Who sleeps: takers that block on WAKE, event loops on NEWS. */
bool asleep[THREADS]

/* What the model watches. */
byte given, taken, lost
byte returned
byte leftToGive = TOKENS
bool died

mtype = { TAKEN, EMPTY, DELETED }

/* Time limits of others do not help a sleeper, nor does it wake without a reason; only after a death do slices matter. */
#ifdef MUTANT_SLEEPS_WITHOUT_SLICES
#define SLICE_IS_OVER false
#else
#define SLICE_IS_OVER died
#endif

inline notifyOneSleeper() {
  atomic {
    if
    :: asleep[0] -> notify(asleep[0])
#if BLOCKING > 1
    :: asleep[1] -> notify(asleep[1])
#endif
#if BLOCKING > 2
    :: asleep[2] -> notify(asleep[2])
#endif
#if BLOCKING > 3
    :: asleep[3] -> notify(asleep[3])
#endif
    :: else
    fi
  }
}

/* Of the threads from `from` on, below `end`: their word has another value; they are notified. */
inline change(from, end) {
  d_step {
    i = from;
    do
    :: i < end -> isSame[i] = false; i++
    :: else -> break
    od;
    i = 0
  }
}

inline notifyAll(from, end) {
  d_step {
    i = from;
    do
    :: i < end -> notify(asleep[i]); i++
    :: else -> break
    od;
    i = 0
  }
}

inline notifyListeners() {
#ifdef MUTANT_LISTENERS_TOLD_ONE_BY_ONE
  atomic {
    if
    :: asleep[BLOCKING] -> notify(asleep[BLOCKING])
    :: asleep[BLOCKING + 1] -> notify(asleep[BLOCKING + 1])
    :: else
    fi
  }
#else
  notifyAll(BLOCKING, THREADS)
#endif
}

inline tellSleepers() {
  if
  :: sleepers ->
#ifdef MUTANT_NOTIFY_BEFORE_WAKE
    notifyOneSleeper();
    change(0, BLOCKING);
#else
    change(0, BLOCKING);
    notifyOneSleeper();
#endif
    sleepers = false
  :: else
  fi
}

inline tellListeners() {
  if
  :: listeners ->
    change(BLOCKING, THREADS);
    notifyListeners();
#ifdef MUTANT_CLEAR_AFTER_NEWS
    LISTENERS = 0;
#endif
    listeners = false
  :: else
  fi
}

/* semaphoreGive(). */
inline give(life) {
#ifdef MUTANT_LOOK_BEFORE_GIVE
  atomic { sleepers = SLEEPERS > 0; listeners = LISTENERS };
#endif
  atomic {
    if
    :: LIFE != life
    :: LIFE == life && COUNT >= LIMIT -> refused = true
    :: LIFE == life && COUNT < LIMIT ->
      COUNT++;
      given++;
#ifndef MUTANT_LOOK_BEFORE_GIVE
      sleepers = SLEEPERS > 0;
      listeners = LISTENERS;
#endif
#ifndef MUTANT_CLEAR_AFTER_NEWS
      LISTENERS = 0
#endif
    fi
  };
  tellSleepers();
  tellListeners()
}

/* A token for who has seen it. Within an atomic step. */
inline takeToken() {
  assert(COUNT > 0);
  COUNT--;
  taken++;
  result = TAKEN
}

/* semaphoreTake() with TAKE_OR_SLEEP. */
inline takeOrSleep(life) {
  atomic {
    if
    :: LIFE != life -> result = DELETED
    :: LIFE == life && COUNT > 0 -> takeToken()
    :: LIFE == life && COUNT == 0 ->
      result = EMPTY;
#ifndef MUTANT_SLEEPER_AFTER_LOOK
      SLEEPERS++
#endif
    fi
  }
#ifdef MUTANT_SLEEPER_AFTER_LOOK
  ;
  if
  :: atomic { result == EMPTY -> SLEEPERS++ }
  :: else
  fi
#endif
}

/* With TAKE_AWAKE, or TAKE_OR_LEAVE, which looks as well: then `leaves` is 1. */
inline takeAwake(life, leaves) {
  atomic {
    if
#ifdef MUTANT_LEAVE_WHATEVER_LIFE
    :: LIFE != life && LIFE != 0 && leaves -> SLEEPERS--; result = DELETED
    :: LIFE != life && (LIFE == 0 || !leaves) -> result = DELETED
#else
    :: LIFE != life -> result = DELETED
#endif
    :: LIFE == life && COUNT > 0 -> takeToken(); assert(SLEEPERS > 0); SLEEPERS--
    :: LIFE == life && COUNT == 0 ->
      result = EMPTY;
      assert(SLEEPERS > 0);
      SLEEPERS = SLEEPERS - leaves
    fi
  }
}

/* A thread in take (blocking-take.ts). The hasty have a timeout. */
proctype Sleeper(byte me; byte life; bool hasty) {
  mtype result;
  bool late;

  /* It has the handle. */
  LIFE >= life || LIFE == 0;
#ifdef MUTANT_WAKE_AFTER_LOOK
  takeOrSleep(life);
  isSame[me] = true;
#else
  isSame[me] = true;
  takeOrSleep(life);
#endif
  do
  :: result != EMPTY -> break
  :: else ->
    if
    :: hasty -> takeAwake(life, 1); break
    :: !late ->
      atomic {
        if
        :: isSame[me] -> asleep[me] = true; isSame[me] = false
        :: else
        fi
      };
endAsleep:
      if
      :: !asleep[me]
      :: atomic { asleep[me] && hasty -> asleep[me] = false; late = true }
      :: atomic { asleep[me] && SLICE_IS_OVER -> asleep[me] = false }
      fi;
#ifdef MUTANT_LEAVE_WITHOUT_LOOK
      if
      :: hasty -> SLEEPERS--; break
      :: else
      fi;
#endif
#ifdef MUTANT_WAKE_AFTER_LOOK
      takeAwake(life, 0);
      isSame[me] = true
#else
      isSame[me] = true;
      takeAwake(life, 0)
#endif
    fi
  od;
  atomic { returned++; isSame[me] = false; late = false; result = 0 }
}

#if DEATHS
/* A sleeper that is ended in its sleep, or just after it was notified. */
proctype Mortal(byte me) {
  isSame[me] = true;
  atomic {
    if
    :: LIFE == FIRST && COUNT == 0 -> SLEEPERS++
    :: else -> goto gone
    fi
  };
  atomic {
    if
    :: isSame[me] -> asleep[me] = true
    :: else
    fi
  };
  if
  :: !asleep[me]
  :: atomic { asleep[me] -> asleep[me] = false }
  fi;
gone:
  atomic { died = true; returned++; isSame[me] = false }
}
#endif

/* AsyncTakers.serve(). */
inline serve() {
  do
  :: line == 0 -> break
  :: else ->
#ifndef MUTANT_NEWS_AFTER_LOOK
    isSame[me] = true;
#endif
    /* With TAKE_OR_LISTEN. */
    atomic {
      if
      :: LIFE != FIRST -> result = DELETED; line = 0
      :: LIFE == FIRST && COUNT > 0 -> takeToken(); line--
      :: LIFE == FIRST && COUNT == 0 ->
        result = EMPTY;
#ifndef MUTANT_LISTENERS_AFTER_LOOK
        LISTENERS = 1
#endif
      fi
    };
#ifdef MUTANT_LISTENERS_AFTER_LOOK
    if
    :: result == EMPTY -> LISTENERS = 1
    :: else
    fi;
#endif
#ifdef MUTANT_NEWS_AFTER_LOOK
    isSame[me] = true;
#endif
    if
    :: result == EMPTY && armed -> break
    :: result == EMPTY && !armed ->
      atomic {
        if
        :: isSame[me] -> asleep[me] = true; armed = true; isSame[me] = false
        :: else
        fi
      };
      if
      :: armed -> break
      :: else
      fi
    :: result != EMPTY
    fi
  od;
  result = 0
}

/* A thread with an event loop (async-takers.ts): its takers come one after the other, and are served or called off. */
proctype Listener(byte me) {
  byte line;
  byte coming = LINE;
  mtype result;
  bool armed, calledOff;

endIdle:
  do
  :: coming > 0 -> atomic { coming--; line++ }; serve()
  /* Aborted, or its time is up: nothing is done about the outstanding waitAsync. */
  :: atomic { line > 0 && !calledOff -> line--; calledOff = true }
  /* The event loop tells that the waitAsync is over. */
  :: atomic { armed && !asleep[me] -> armed = false }; serve()
  :: coming == 0 && line == 0 -> break
  od;
  returned++
}

/* A thread that gives what everybody needs. While the semaphore is full it does something else. */
proctype Giver() {
  byte i;
  bool sleepers, listeners;
  bool refused;

  do
  :: atomic { leftToGive > 0 -> leftToGive-- };
    do
    :: give(FIRST);
      if
      :: refused ->
endFull: atomic { COUNT < LIMIT || LIFE != FIRST -> refused = false }
      :: else -> break
      fi
    od
  :: leftToGive == 0 -> break
  od
}

#if DELETIONS
/* Semaphore.delete(), and whoever makes the next semaphore in the slot, gives it a token, and finds it taken. */
proctype Deleter() {
  byte i;
  bool sleepers, listeners;
  bool refused;

#ifdef MUTANT_DELETE_NOTIFIES_FIRST
  change(0, BLOCKING);
  notifyAll(0, BLOCKING);
  change(BLOCKING, THREADS);
  notifyAll(BLOCKING, THREADS);
#endif
  atomic { lost = COUNT; COUNT = 0; SLEEPERS = 0; LISTENERS = 0; LIFE = 0 };
#ifndef MUTANT_DELETE_NOTIFIES_FIRST
  change(0, BLOCKING);
  notifyAll(0, BLOCKING);
  change(BLOCKING, THREADS);
  notifyAll(BLOCKING, THREADS);
#endif
  /* The slot is zeroed, then filled: WAKE and NEWS begin where nobody has read them. */
#ifdef MUTANT_WORDS_START_AGAIN
  d_step {
    do
    :: i < THREADS -> isSame[i] = true; i++
    :: else -> break
    od;
    i = 0
  };
#else
  change(0, THREADS);
#endif
  LIFE = SECOND;
  give(SECOND)
}
#endif

init {
  byte thread, i;
  bool everybodyReturned, nothingIsLeft, nobodyIsCounted;

  atomic {
    do
    :: thread < PATIENT -> run Sleeper(thread, FIRST, false); thread++
    :: thread >= PATIENT && thread < PATIENT + HASTY -> run Sleeper(thread, FIRST, true); thread++
#if DEATHS
    :: thread >= PATIENT + HASTY && thread < SLEEPING -> run Mortal(thread); thread++
#endif
    :: thread >= SLEEPING && thread < BLOCKING -> run Sleeper(thread, SECOND, false); thread++
    :: thread >= BLOCKING && thread < THREADS -> run Listener(thread); thread++
    :: else -> break
    od;
    thread = 0;
    do
    :: i < GIVERS -> run Giver(); i++
    :: else -> break
    od;
    i = 0;
#if DELETIONS
    run Deleter()
#endif
  }
  /* When nothing can move any more: all takers have returned, or nothing is left to take; every token is accounted for. */
  timeout ->
  everybodyReturned = returned == THREADS;
  nothingIsLeft = TOKENS < WANTED && given == TOKENS && COUNT == 0;
  nobodyIsCounted = DEATHS || SLEEPERS == 0;
  assert(everybodyReturned || nothingIsLeft);
  assert(nobodyIsCounted || !everybodyReturned);
  assert(given == taken + lost + COUNT)
}

/* However unlucky the schedule, as long as every thread that can go on does so some time. */
ltl everyoneReturns { <> (returned == THREADS) }
