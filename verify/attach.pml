/*
 * Who holds a driver: threads that attach to it by a number that may be its handle or no longer, submit, and let go, while
 * the thread that installed it uninstalls it, and others want its memory.
 *
 * Proved: whoever has attached finds a driver block until it lets go, whatever the installer does meanwhile; the wake-up
 * and the high-water mark, which come after the copy is published and perhaps over, touch nothing that was given back;
 * nobody attaches to what is no driver, or a word of it read or written; the block is given back by the last who lets go,
 * once; the uninstall and every attachment end. A thread that is terminated keeps its part, and stops nobody.
 *
 * Words are named as in src/microcode/layout.ts. That threads sleep and are woken is left to ring.pml, how the channel lets
 * go of the ring to close.pml: here they wait until it is so.
 */
#ifndef THREADS
#define THREADS 2
#endif
/* How many of them are terminated, at most. */
#ifndef DEATHS
#define DEATHS 1
#endif
#define COPIES (THREADS + 1)

/* What the heap has at the driver's address: nothing, the driver, or a block of somebody else. Read and set under LOCK. */
#define NOTHING 0
#define DRIVER 1
#define ANOTHER 2
byte block = DRIVER
bit LOCK

/* Driver block. */
byte CLIENTS = 1, HEAD, COMPLETED
bool CLOSED, MAGIC = true
byte HIGH_WATER
/* Before every access to it. */
#define BLOCK assert(block == DRIVER)

/* Ring. */
bool hasRing = true
bool TURN[COPIES]
#define RING assert(hasRing)

/* Channel block, and whether it is one still. */
bit PARKED = 1
bool SERVES = true
/* It does not touch the ring any more. */
bool letsGo
bool isChannel = true

/* Not words: deaths, who is over, how often the driver was given back. */
byte deaths, over, givenBack

inline lock() {
  atomic { LOCK == 0 -> LOCK = 1 }
}
inline unlock() {
  LOCK = 0
}

/* holders.ts, attach(). Sets `attached`. */
inline attach() {
#ifndef MUTANT_ATTACH_WITHOUT_LOCK
  lock();
#endif
  if
  :: block == DRIVER ->
#ifdef MUTANT_NO_MAGIC
    atomic { BLOCK; attached = true }
#else
    atomic { BLOCK; attached = MAGIC }
#endif
    if
    :: attached -> atomic { BLOCK; count = CLIENTS } atomic { BLOCK; CLIENTS = count + 1; count = 0 }
    :: else
    fi
  :: else
  fi;
#ifndef MUTANT_ATTACH_WITHOUT_LOCK
  unlock()
#endif
}

/* holders.ts, letGo(). Leaves the holders that are left in `count`. */
inline letGo() {
#ifndef MUTANT_LET_GO_WITHOUT_LOCK
  lock();
#endif
  atomic { BLOCK; count = CLIENTS - 1 }
  atomic { BLOCK; CLIENTS = count }
  if
  :: count == 0 -> atomic { BLOCK; MAGIC = false }
  :: else
  fi;
#ifndef MUTANT_LET_GO_WITHOUT_LOCK
  unlock()
#endif
}

/* ring-memory.ts, letGoOfDriver(): the last gives the block back. heap.ts, free(). */
inline giveBack() {
  lock();
  atomic { BLOCK; block = NOTHING; givenBack++ }
  unlock()
}

/* ring.ts, submit(), up to the wake-up. There is room: as many slots as copies. */
inline submit() {
  do
  :: atomic { BLOCK; closed = CLOSED; mine = HEAD }
    if
    :: closed -> break
    :: else ->
      atomic {
        BLOCK;
        if
        :: !CLOSED && HEAD == mine -> HEAD++; accepted = true
        :: else
        fi
      }
      if
      :: accepted ->
        atomic { RING; TURN[mine] = true }
        atomic { assert(isChannel); PARKED = 0 }
        break
      :: else
      fi
    fi
  od
}

/* And what follows. */
inline raiseHighWater() {
  if
  :: accepted -> atomic { BLOCK; HIGH_WATER = 1 }
  :: else
  fi
}

/* A thread can be ended where its loops turn back and where a function is entered. */
inline mayEnd() {
  if
  :: atomic { deaths < DEATHS -> deaths++ }; goto dead
  :: true
  fi
}

/* A thread that was told a handle, some time ago. */
proctype Thread() {
  byte mine, count;
  bool attached, closed, accepted;

  attach();
  if
  :: !attached -> goto dead
  :: else
  fi;
  mayEnd();
  submit();
  mayEnd();
  raiseHighWater();
  /* It hears of its copy, or does not listen. */
  if
  :: accepted -> atomic { COMPLETED > mine -> BLOCK }
  :: true
  fi;
  mayEnd();
  letGo();
  if
  :: count == 0 -> mayEnd(); giveBack()
  :: else
  fi;
dead:
  over++
}

/* channel.ts, as far as it matters here. */
active proctype Channel() {
  byte sequence;

end:
  do
  :: atomic { sequence < COPIES && hasRing && TURN[sequence] -> RING; sequence++ }
    atomic { BLOCK; COMPLETED = sequence }
  :: !SERVES -> break
  od;
  letsGo = true
}

/* Somebody who allocates: whatever was given back is his at once. He finds what he has written. */
active proctype Stranger() {
end:
  do
  :: atomic { LOCK == 0 && block == NOTHING -> LOCK = 1 }
    block = ANOTHER;
    unlock()
  od
}

/* The thread that installed the driver. */
active proctype Installer() {
  byte mine, count, threads;
  bool closed, accepted;

  atomic {
    do
    :: threads < THREADS -> run Thread(); threads++
    :: else -> break
    od
  }
  submit();
  raiseHighWater();
  /* installation.ts, uninstall({ drain: true }): closes the ring, waits until it is empty, takes the channel away. */
  atomic { BLOCK; CLOSED = true }
#ifndef MUTANT_RING_FREED_WHEN_CLOSED
  atomic { COMPLETED == HEAD -> BLOCK }
#endif
  SERVES = false;
  letsGo;
  hasRing = false;
#ifdef MUTANT_CHANNEL_BLOCK_FREED
  isChannel = false;
#endif
#ifdef MUTANT_BLOCK_FREED_AT_UNINSTALL
  count = 0;
#else
  letGo();
#endif
  if
  :: count == 0 -> giveBack()
  :: else
  fi;
  over++
}

init {
  timeout ->
  assert(over == THREADS + 1);
  assert(givenBack == 1 || (givenBack == 0 && deaths > 0))
}

/* However unlucky the schedule. */
ltl everybodyEnds { <> (over == THREADS + 1) }
