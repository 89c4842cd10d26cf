/*
 * The end of a driver: closing its ring, detaching its channel, giving its memory back; and a second driver on the same
 * channel, perhaps at the same address.
 *
 * Proved: no copy is accepted after the close, and none that was accepted before is lost, with and without drain; neither
 * the ring nor the driver block is touched after it was given back, also when the channel's thread dies on the way; the
 * uninstall returns, and the thread ends when it is told to.
 *
 * Words are named as in src/microcode/layout.ts. How threads sleep until copies complete is left to ring.pml: here they
 * wait until it is so. The channel's own sleep on PARKED, and the opener's on SERVING, are modelled.
 */
#include "futex.pml"

/* Threads that attach to the first driver, and copies that each submits. */
#ifndef THREADS
#define THREADS 1
#endif
#ifndef COPIES
#define COPIES 1
#endif
/* How many times a channel's thread dies, at most. */
#ifndef DEATHS
#define DEATHS 1
#endif
#define SLOTS 2
#define BACKLOG 2
#define PUBLISH_COPIES 2

/* Memory for two drivers: address 1 and address 2; 0 is none. One field a word, or for the ring, its turns. */
#define CLOSED 128
typedef Driver {
  byte HEAD, TAIL, COMPLETED;
  byte TURN[SLOTS];
  /* Threads that hold the handle. */
  byte CLIENTS;
  /* Not words: whether block and ring are allocated; copies accepted, and copies that are over. */
  bool hasBlock, hasRing;
  byte accepted, settled
}
Driver driver[3]
/* Before every access to one of them. */
#define BLOCK(d) assert(driver[d].hasBlock)
#define RING(d) assert(driver[d].hasRing)

/* Channel block. */
bit PARKED, STOP
byte DRIVER, SERVING
bool DEAD
/* The channel sleeps on PARKED, the opener on SERVING. */
bool channelSleeps, openerSleeps

/* The channel's threads, one after another: which is the present one, and which have ended. */
byte life
bool ended[DEATHS + 1]

inline wake() {
  if
  :: atomic { PARKED == 1 -> PARKED = 0 }; notify(channelSleeps)
  :: else
  fi
}

/* ring.ts, submit(). Sets `accepted` or `closed`, or neither if the ring is full. */
inline submit(d) {
  accepted = false;
  do
  :: atomic { BLOCK(d); head = driver[d].HEAD }
    if
    :: head >= CLOSED -> closed = true; break
    :: else
    fi;
    atomic {
      BLOCK(d);
      noRoom = (head - driver[d].COMPLETED >= BACKLOG)
    }
    if
    :: noRoom && driver[d].HEAD == head -> break
    :: noRoom && driver[d].HEAD != head
    :: !noRoom ->
      atomic {
        BLOCK(d);
        if
        :: driver[d].HEAD == head -> driver[d].HEAD++; driver[d].accepted++; accepted = true
        :: else
        fi
      }
      if
      :: accepted ->
        atomic { RING(d); driver[d].TURN[head % SLOTS] = head + 1 }
        wake();
        break
      :: else
      fi
    fi
  od;
  head = 0;
  noRoom = false
}

/* ring-memory.ts, letGoOfDriver(): with the last client goes the driver block (attach.pml has the details). */
inline letGo(d) {
  atomic {
    driver[d].CLIENTS--;
    if
    :: driver[d].CLIENTS == 0 -> driver[d].hasBlock = false
    :: else
    fi
  }
}

/* A thread that attached to the first driver. It submits what it can, and lets go. */
proctype Client() {
  byte head, n;
  bool accepted, noRoom, closed;

  do
  :: n < COPIES && !closed -> submit(1); n++
  :: else -> break
  od;
  letGo(1)
}

/* A thread can be ended where its loops turn back. */
inline mayDie() {
  if
  :: me < DEATHS -> goto exit
  :: true
  fi
}

/* A channel's thread: channel-loop.ts with channel.ts, step() and hasWork(). */
proctype Channel(byte me) {
  byte d, sequence, copies;
  bool found;

  do
  :: STOP -> break
  :: else ->
    mayDie();
    /* step() */
    d = DRIVER;
    if
    :: SERVING != d -> SERVING = d; notify(openerSleeps)
    :: else
    fi;
    if
    :: d == 0 || STOP -> goto park
    :: else
    fi;
#ifndef MUTANT_NO_SECOND_LOOK
    if
    :: DRIVER != d -> goto park
    :: else
    fi;
#endif
    /* consume() */
    atomic { BLOCK(d); sequence = driver[d].TAIL }
    do
    :: atomic { RING(d); found = (driver[d].TURN[sequence % SLOTS] == sequence + 1) }
      if
      :: found ->
        atomic { RING(d); driver[d].settled++; sequence++; copies++; found = false }
        atomic { BLOCK(d); driver[d].TAIL = sequence }
        if
        :: copies == PUBLISH_COPIES -> atomic { BLOCK(d); driver[d].COMPLETED = sequence; copies = 0 }
        :: else
        fi
      :: !found && copies != 0 -> atomic { BLOCK(d); driver[d].COMPLETED = sequence; copies = 0 }
      :: !found && copies == 0 ->
        if
        :: DRIVER != d -> break      /* STEP_DETACHED */
        :: else ->
          if
          :: true                    /* spins left: look again */
          :: break                   /* STEP_IDLE */
          fi
        fi
      fi;
      mayDie()
    od;

park:
    atomic { d = 0; sequence = 0 }
    PARKED = 1;
    /* hasWork() */
    if
    :: STOP -> goto unpark
    :: else
    fi;
    d = DRIVER;
#ifndef MUTANT_PARKS_WHILE_SERVING
    if
    :: SERVING != d -> goto unpark
    :: else
    fi;
#endif
    if
    :: d != 0 ->
      atomic { BLOCK(d); sequence = driver[d].TAIL }
      atomic { RING(d); found = (driver[d].TURN[sequence % SLOTS] == sequence + 1) }
      if
      :: atomic { found -> found = false }; goto unpark
      :: else
      fi
    :: else
    fi;
    atomic { d = 0; sequence = 0 }
    mayDie();
    wait(PARKED, 1, channelSleeps);
unpark:
    atomic { d = 0; sequence = 0 }
    PARKED = 0
  od;
  goto over;

exit:
  atomic { d = 0; sequence = 0; copies = 0; found = false }
  if
  /* Terminated from outside: nothing of it runs any more. */
  :: true
  /*
   * channel-worker.ts, onThreadExit(): says so to an opener that is blocked in copySync. From then on that may replace
   * this thread, and give the driver back. So nothing of the driver is written here; to notify NEWS writes nothing.
   */
  :: true ->
    DEAD = true;
#ifdef MUTANT_EXIT_WRITES_NEWS
    d = DRIVER;
    if
    :: d != 0 -> BLOCK(d)
    :: else
    fi
#endif
  fi;
over:
  ended[me] = true
}

/*
 * thread-channel.ts: settles what the dead thread held. The opener hears of a death when the thread has ended, or sees DEAD
 * before that (lookAfter).
 */
inline settle() {
  DEAD = true;
  d = DRIVER;
  if
  :: d != 0 ->
    /* failAll() */
    do
    :: driver[d].TURN[driver[d].TAIL % SLOTS] == driver[d].TAIL + 1 -> driver[d].settled++; driver[d].TAIL++
    :: else -> break
    od;
    driver[d].COMPLETED = driver[d].TAIL
  :: else
  fi
}

/* And starts another. */
inline replace() {
  SERVING = 0;
  notify(openerSleeps);
  atomic { d = 0; DEAD = false; life++; run Channel(life) }
}

/* The thread that opened the Soc. */
active proctype Opener() {
  byte head, serving, d, which = 1, threads;
  bool closed, accepted, noRoom, drain;

  run Channel(0);

install:
  atomic {
    driver[which].HEAD = 0; driver[which].TAIL = 0; driver[which].COMPLETED = 0;
    driver[which].TURN[0] = 0; driver[which].TURN[1] = 0;
    driver[which].accepted = 0; driver[which].settled = 0;
    driver[which].CLIENTS = 1;
    driver[which].hasBlock = true; driver[which].hasRing = true;
    do
    :: threads < THREADS -> run Client(); driver[which].CLIENTS++; threads++
    :: else -> break
    od
  }
  /* assign() */
  DRIVER = which;
  wake();
  if
  :: submit(which)
  :: true
  fi;

  /* async-memcpy.ts, uninstall(): with drain, or again and again until the ring is not busy. ring.ts, close(). */
  if
  :: drain = true
  :: drain = false
  fi;
close:
  head = driver[which].HEAD;
  if
  :: !drain && driver[which].COMPLETED != head
  :: else ->
#ifdef MUTANT_CLOSE_IN_TWO_STEPS
    atomic { driver[which].HEAD = head + CLOSED; closed = true }
#else
    if
    :: atomic { driver[which].HEAD == head -> driver[which].HEAD = head + CLOSED; closed = true }
    :: else
    fi
#endif
  fi;
  head = 0;
  /* The event loop turns until the ring is empty. */
  do
  :: driver[which].COMPLETED == driver[which].HEAD % CLOSED -> break
  :: DEAD || ended[life] -> settle(); replace()
  od;
  if
  :: !closed -> goto close
  :: else
  fi;

  /* thread-channel.ts, release() */
#ifdef MUTANT_SERVING_BEFORE_DRIVER
  serving = SERVING;
  DRIVER = 0;
  wake();
#else
  DRIVER = 0;
  wake();
  serving = SERVING;
#endif
  do
  :: serving == 0 -> break
  :: else ->
    atomic {
      if
      :: SERVING == serving -> openerSleeps = true
      :: else
      fi
    }
    do
    :: !openerSleeps -> break
    /* Nothing to settle: it serves nobody any more. */
    :: ended[life] -> replace()
    od;
    serving = SERVING
  od;
  /* freeRing(), and the opener's part in the driver. */
  atomic { assert(driver[which].accepted == driver[which].settled); driver[which].hasRing = false }
  atomic { letGo(which); closed = false; drain = false; accepted = false }

  /* The next driver, at the same address if that is free. */
  if
  :: atomic { threads == THREADS && !driver[1].hasBlock -> threads++; which = 1 }; goto install
  :: atomic { threads == THREADS -> threads++; which = 2 }; goto install
  :: else
  fi;

  /* stop() */
  STOP = true;
  wake();
  ended[life]
}

init {
  timeout ->
  assert(driver[1].accepted == driver[1].settled && driver[2].accepted == driver[2].settled);
  assert(!driver[1].hasBlock && !driver[2].hasBlock);
  assert(STOP && ended[life])
}

/* However unlucky the schedule. */
ltl theThreadEnds { <> (STOP && ended[life]) }
