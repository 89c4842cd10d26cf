/*
 * Interrupts and mail: a channel whose resident callbacks submit to the channel's own ring, others that submit to it as
 * well, and an opener that sends the channel's thread modules to load while it looks for work, works or sleeps.
 *
 * Proved: every accepted copy is carried out once, in order, with the words it was submitted with, and its callback is
 * called before it is known to be over. A callback always has room for one copy, also with a backlog of 1 and whatever others
 * submit. Others never see more in flight than the backlog. Every message is taken, and none before it was posted; the
 * channel sleeps only while there is neither a copy nor mail.
 *
 * How threads wait for completions is in ring.pml, and left out here: who finds the ring full tries again.
 */
#include "futex.pml"

#ifndef BACKLOG
#define BACKLOG 1
#endif
#ifndef SLOTS
#define SLOTS 1
#endif
/* Copies of each other thread, copies that callbacks submit altogether, and messages. */
#ifndef THREADS
#define THREADS 1
#endif
#ifndef COPIES
#define COPIES 2
#endif
#ifndef RESUBMISSIONS
#define RESUBMISSIONS 3
#endif
#ifndef MAILS
#define MAILS 2
#endif
#define PUBLISH_COPIES 2

/* Driver block. */
byte HEAD, SEEN, TAIL, COMPLETED
/* Descriptors: BODY stands for all words but the turn, and holds the sequence it was written for. */
byte TURN[SLOTS]
byte BODY[SLOTS]
/* Channel block. */
bit PARKED
byte MAIL
/* Messages on their way to the thread. */
byte posted
bool channelSleeps

/* What the model watches. */
byte carriedOut, called, accepted, taken, returned
#define SLOT(sequence) ((sequence) % SLOTS)

/* ring.ts, wake(). */
inline wake() {
  if
  :: PARKED == 0
  :: else ->
    if
    :: atomic { PARKED == 1 -> PARKED = 0 }; notify(channelSleeps)
    :: else
    fi
  fi
}

/* The slot's words, then its turn. */
inline fill(sequence) {
  atomic {
    assert(sequence < SLOTS || carriedOut > sequence - SLOTS);
    BODY[SLOT(sequence)] = sequence
  }
  TURN[SLOT(sequence)] = sequence + 1;
  wake()
}

/* A thread that submits (ring.ts, submit). */
proctype Submitter() {
  byte sequence, seen, n;

  do
  :: n == COPIES -> break
  :: else ->
    sequence = HEAD;
    seen = SEEN;
    if
    :: sequence - seen < BACKLOG
    :: true ->
#ifdef MUTANT_OTHERS_COUNT_FROM_TAIL
      seen = TAIL;
#else
      seen = COMPLETED;
#endif
      SEEN = seen
    fi;
    if
    /* A chain of callbacks may have gone further than that: the difference is below 0. */
    :: sequence >= seen + BACKLOG
    :: else ->
      if
      :: atomic {
          HEAD == sequence ->
          HEAD++;
          accepted++;
          seen = 0;
          assert(HEAD - COMPLETED <= BACKLOG)
        };
        fill(sequence);
        atomic { n++; sequence = 0 }
      :: else
      fi
    fi
  od;
  returned++
}

/* Whoever loads modules: thread-channel.ts and channel-mail.ts. */
proctype Opener() {
  byte n;

  do
  :: n == MAILS -> break
  :: else ->
#ifdef MUTANT_WAKE_BEFORE_COUNTING
    posted++;
    wake();
    MAIL++;
#else
#ifdef MUTANT_COUNT_BEFORE_POSTING
    MAIL++;
    wake();
    posted++;
#else
    posted++;
    MAIL++;
    wake();
#endif
#endif
    n++
  od;
  returned++
}

/* channel.ts, publish(): here only what others count from. */
inline publish() {
  COMPLETED = sequence;
  copies = 0
}

/* A callback that submits the next copy, as often as there are left (ring.ts, submit, of the driver it interrupts). */
inline interrupt() {
  atomic { assert(called == sequence - 1 && COMPLETED < sequence); called++ }
  do
  :: left == 0 -> break
  :: else ->
    head = HEAD;
#ifdef MUTANT_CALLBACK_COUNTS_FROM_COMPLETED
    tail = COMPLETED;
#else
    tail = TAIL;
#endif
    /* Others count from COMPLETED, which is behind: they have left this one free. */
    assert(head - tail < BACKLOG);
    if
    :: atomic { HEAD == head -> HEAD++; accepted++; left-- };
      fill(head);
      break
    :: else
    fi
  od;
  atomic { head = 0; tail = 0 }
}

/* The thread's event loop turns once for each message; the ring is not touched meanwhile. */
inline takeMail() {
  do
  :: MAIL == 0 -> break
  :: else ->
    /* It waits until the message is there, which is at once. */
    assert(posted > 0);
    posted--;
    MAIL--;
    taken++
  od
}

/* A channel's thread: channel.ts, consume(), in the loop of channel-loop.ts, which returns for mail. */
active proctype Channel() {
  byte sequence, copies, left = RESUBMISSIONS, head, tail, body;

look:
  if
  :: TURN[SLOT(sequence)] == sequence + 1 ->
#ifndef MUTANT_SLOT_READ_AFTER_TAIL
    body = BODY[SLOT(sequence)];
#endif
    atomic { assert(carriedOut == sequence); carriedOut++; sequence++; copies++ };
#ifndef MUTANT_TAIL_AFTER_INTERRUPT
    TAIL = sequence;
#endif
    interrupt();
#ifdef MUTANT_SLOT_READ_AFTER_TAIL
    body = BODY[SLOT(sequence - 1)];
#endif
#ifdef MUTANT_TAIL_AFTER_INTERRUPT
    TAIL = sequence;
#endif
    atomic { assert(body == sequence - 1); body = 0 }
    if
    /* It woke somebody, or a batch is full. */
    :: publish();
      if
      :: MAIL != 0 -> goto mail
      :: else
      fi
    :: copies < PUBLISH_COPIES
    fi;
    goto look
  :: else
  fi;
  if
  :: copies != 0 -> publish(); goto look
  :: else ->
    if
    :: goto look                    /* it has spins left */
    :: true                         /* it has none */
    fi
  fi;
  if
  :: MAIL != 0 -> goto mail
  :: else
  fi;

#ifdef MUTANT_PARKED_AFTER_MAIL
  if
  :: MAIL != 0 -> goto mail
  :: else
  fi;
#endif
  PARKED = 1;
  /* hasWork() */
#ifndef MUTANT_PARKED_AFTER_MAIL
#ifndef MUTANT_NO_LOOK_AT_MAIL
  if
  :: MAIL != 0 -> PARKED = 0; goto mail
  :: else
  fi;
#endif
#endif
  if
  :: TURN[SLOT(sequence)] == sequence + 1 -> PARKED = 0; goto look
  :: else
  fi;
  atomic {
    if
    :: PARKED == 1 -> channelSleeps = true
    :: else
    fi
  }
endParked:
  !channelSleeps;
  PARKED = 0;
  goto look;

mail:
  takeMail();
  goto look
}

init {
  byte thread;
  atomic {
    run Opener();
    do
    :: thread < THREADS -> run Submitter(); thread++
    :: else -> break
    od
  }
  /* When nothing can move any more: all is done, all mail is taken, the channel is parked. */
  timeout ->
  assert(returned == THREADS + 1);
  assert(HEAD == accepted && carriedOut == accepted && called == accepted && COMPLETED == accepted);
  assert(accepted >= THREADS * COPIES && taken == MAILS);
  assert(channelSleeps)
}
