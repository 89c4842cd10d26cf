/*
 * Threads follow events while another one disconnects, deletes and makes again: a follower performs only what its event was
 * connected to, and never finds the slot of a task to be another one's, nor the driver block of a deleted copy given back.
 *
 *   follower   ENTERED + 1 < read the source's bits < read the route (one word) < perform the task < LEFT + 1     etm.ts
 *   delete     route = none < kind = none, slot retired                                                      matrix.ts
 *   reuse      read LEFT < ENTERED equals it? < the retired slot is another object                           objects.ts
 *   give back  (as reuse) read LEFT < ENTERED equals it? < give the block back                              followers.ts
 *
 * There is one channel with one slot for its task. Each object in the slot has a number; a route carries the number that the
 * slot had when it was connected, which only this model sees. Two sources: the channel goes from one to the other, so a
 * route that is read as one word tells whether it is still the follower's event.
 *
 * MUTANT_ENTER_LATE        the follower counts itself in after it has read the route
 * MUTANT_LEAVE_EARLY       it counts itself out before it performs the task
 * MUTANT_ENTERED_FIRST     reuse reads ENTERED before LEFT
 * MUTANT_NO_SOURCE         the follower does not compare the route's source with its own
 * MUTANT_REUSE_FIRST       the slot is used again at once
 */
#ifndef FOLLOWERS
#define FOLLOWERS 2
#endif
#ifndef EVENTS
#define EVENTS 2
#endif
#ifndef OBJECTS
#define OBJECTS 3
#endif

#define NONE 0

byte ENTERED, LEFT
/* Bit of the channel in each of two sources, 1 and 2. */
bit LISTENS[3]
/* One word: source, and the object that the task's slot held when it was connected. */
byte routeSource, routeObject

byte object = 1       /* which object the slot holds; it stays readable after its deletion until the slot is used again */
bool driverThere[5]   /* the driver block of each object's copy; not yet given back */

/* As reroute in matrix.ts: off the old source, the route, on the new one. Under ETM_LOCK, but followers take no lock. */
inline leaveSource() {
  LISTENS[routeSource] = 0
}

inline setRoute(source, which) {
  atomic { routeSource = source; routeObject = which }
}

inline joinSource() {
  LISTENS[routeSource] = 1
}

proctype Follower(byte mine) {
  byte n = 0, source, which;
  bit listens;
  do
  :: n < EVENTS ->
#ifndef MUTANT_ENTER_LATE
    atomic { ENTERED++ };
#endif
    listens = LISTENS[mine];
    if
    :: listens ->
      atomic { source = routeSource; which = routeObject };
#ifdef MUTANT_ENTER_LATE
      atomic { ENTERED++ };
#endif
#ifdef MUTANT_LEAVE_EARLY
      atomic { LEFT++ };
#endif
      if
#ifdef MUTANT_NO_SOURCE
      :: source != NONE ->
        assert(source == mine);
#else
      :: source == mine ->
#endif
        /* It performs the task: the slot is what it was, and submits to the driver, whose block is there. */
        assert(object == which);
        assert(driverThere[which])
      :: else
      fi
#ifndef MUTANT_LEAVE_EARLY
      ; atomic { LEFT++ }
#endif
    :: else ->
#ifdef MUTANT_ENTER_LATE
      skip
#else
      atomic { LEFT++ }
#endif
    fi;
    n++
  :: else -> break
  od
}

/* Whether nobody follows: by two reads. */
inline isQuiet(result) {
  byte a, b;
#ifdef MUTANT_ENTERED_FIRST
  a = ENTERED;
  b = LEFT;
#else
  b = LEFT;
  a = ENTERED;
#endif
  result = (a == b)
}

/* The thread that owns the channel: connects, moves to the other source, disconnects, deletes, makes the next object. */
proctype Owner() {
  bool quiet;
  byte source = 1;
  do
  :: object < OBJECTS ->
    setRoute(source, object);
    joinSource();
    if
    :: source = 3 - source;
      leaveSource();
      setRoute(source, object);
      joinSource()
    :: skip
    fi;
    leaveSource();
    setRoute(NONE, NONE);
    /* whenNobodyFollows: the block is given back at once, or at the next call. objectNew: the same for the slot. */
#ifdef MUTANT_REUSE_FIRST
    quiet = true;
#else
    isQuiet(quiet);
#endif
    if
    :: quiet ->
      driverThere[object] = false;
      object++
    :: else ->
      /* Another slot is taken instead: to the followers that is nothing new. Tried again later. */
      do
      :: isQuiet(quiet);
        if
        :: quiet -> break
        :: else
        fi
      od;
      driverThere[object] = false;
      object++
    fi
  :: else -> break
  od
}

init {
  byte i = 0;
  atomic {
    do
    :: i < 5 -> driverThere[i] = true; i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < FOLLOWERS -> run Follower(1 + (i & 1)); i++
    :: else -> break
    od;
    run Owner()
  }
}
