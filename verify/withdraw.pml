/*
 * A copy's record: its submitter may withdraw it, the channel claims it, and the thread that opened the Soc settles it if
 * the channel's thread has died.
 *
 * Proved: every accepted copy has one outcome and is settled once; withdrawn means that not one byte of the destination was
 * touched; ESP_OK means that all were written; ESP_FAIL only if a thread died; the three counters add up to the copies that
 * were accepted; nothing stays in flight when the channel is given up.
 *
 * Words are named as in src/microcode/layout.ts. One submitting thread with as many records as the ring has slots, which it
 * reuses in turn. How threads sleep is left to ring.pml: here they wait until something is there.
 */
#ifndef COPIES
#define COPIES 4
#endif
/* How many times the channel's thread dies, at most. */
#ifndef DEATHS
#define DEATHS 1
#endif
#define SLOTS 2
#define BACKLOG 2
#define PUBLISH_COPIES 2
#define SLOT(sequence) ((sequence) % SLOTS)

/* Driver block. HEAD's bit for "closed" is CLOSED. */
#define CLOSED 128
byte HEAD, TAIL, COMPLETED
byte BYTES, FAILED, WITHDRAWN
/* Descriptors: the turn, and the record. */
byte TURN[SLOTS]
byte RECORD[SLOTS]
/*
 * Records. The state is one of the first four, of which TAKEN_BACK is layout.ts's RECORD_WITHDRAWN; the status is one of the
 * last two.
 */
mtype = { PENDING, RUNNING, DONE, TAKEN_BACK, ESP_OK, ESP_FAIL }
mtype STATE[SLOTS]
mtype STATUS[SLOTS]

/* The channel's thread. */
bool dead
byte deaths

/* What the model watches, for each copy: bytes at the destination (none, a part, all), outcomes its submitter was told. */
byte written[COPIES]
bool takenBack[COPIES]
byte settled[COPIES]
byte accepted
bool over

/* inbox.ts, #outcomeOf(): of a copy that is completed. Sets `outcome`. */
inline outcomeOf(copy) {
  if
  :: STATE[SLOT(copy)] == TAKEN_BACK -> outcome = TAKEN_BACK
  :: else ->
    assert(STATE[SLOT(copy)] == DONE);
    outcome = STATUS[SLOT(copy)]
  fi
}

/* The submitting thread: driver-port.ts, inbox.ts, promised-copy.ts. Whatever it can do next, it may do next. */
active proctype Submitter() {
  /* Entries from `first` are not delivered yet; from `unharvested`, their outcome is still in the record. */
  byte first, unharvested, head, copy;
  byte aborts = 2;
  bool closed;
  mtype outcome;
  mtype outcomes[COPIES];
  bool aborted[COPIES];

  do
  /* port.request() */
  :: accepted < COPIES && !closed && (accepted - unharvested < SLOTS || unharvested < COMPLETED) ->
    if
    :: accepted - unharvested == SLOTS ->
      outcomeOf(unharvested);
      atomic { outcomes[unharvested] = outcome; outcome = 0; unharvested++ }
    :: else
    fi;
    /* ring.ts, submit() */
    head = HEAD;
    if
    :: head >= CLOSED -> closed = true
    :: else ->
      if
      :: head - COMPLETED >= BACKLOG
      :: else ->
#ifndef MUTANT_PENDING_AFTER_TURN
        STATE[SLOT(accepted)] = PENDING;
#endif
        if
        :: atomic { HEAD == head -> HEAD++ };
          RECORD[SLOT(head)] = SLOT(accepted);
          TURN[SLOT(head)] = head + 1;
#ifdef MUTANT_PENDING_AFTER_TURN
          STATE[SLOT(accepted)] = PENDING;
#endif
          accepted++
        :: else
        fi
      fi
    fi;
    head = 0

  /* The signal of any copy that is not over for its submitter. */
  :: aborts > 0 && first < accepted ->
    atomic {
      aborts--;
      copy = first;
      do
      :: copy + 1 < accepted -> copy++
      :: break
      od
    }
    if
    :: aborted[copy]
#ifndef MUTANT_WITHDRAW_HARVESTED
    /* Its outcome is known, and its record may be another copy's by now. */
    :: !aborted[copy] && outcomes[copy] != 0
    :: !aborted[copy] && outcomes[copy] == 0 ->
#else
    :: !aborted[copy] ->
#endif
#ifdef MUTANT_WITHDRAW_IN_TWO_STEPS
      if
      :: STATE[SLOT(copy)] == PENDING ->
        STATE[SLOT(copy)] = TAKEN_BACK; atomic { takenBack[copy] = true; settled[copy]++; aborted[copy] = true }
#else
      /* ring.ts, withdraw() */
      if
      :: atomic {
          STATE[SLOT(copy)] == PENDING ->
          STATE[SLOT(copy)] = TAKEN_BACK; takenBack[copy] = true; settled[copy]++; aborted[copy] = true
        }
#endif
      :: else
      fi
    fi;
    copy = 0

  /* inbox.deliver() */
  :: first < accepted && first < COMPLETED ->
    if
    :: outcomes[first] != 0 -> outcome = outcomes[first]
    :: else -> outcomeOf(first)
    fi;
    atomic {
      if
      /* A listener that is told of a withdrawal settles nothing: the submitter knows. */
      :: outcome == TAKEN_BACK -> assert(takenBack[first])
      :: outcome == ESP_OK -> assert(written[first] == 2); settled[first]++
      :: outcome == ESP_FAIL -> assert(deaths > 0); settled[first]++
      fi;
      assert(settled[first] == 1);
      outcome = 0;
      outcomes[first] = 0;
      aborted[first] = false;
      first++;
      if
      :: unharvested < first -> unharvested = first
      :: else
      fi
    }

  :: first == accepted && (accepted == COPIES || closed) -> break
  od;
  over = true
}

/* A thread can be ended from outside at a back edge of a loop and where a function is entered. */
inline mayDie() {
  if
  :: atomic { deaths < DEATHS -> deaths++; dead = true }; goto ended
  :: true
  fi
}

/* channel.ts, consume(). After a death, its next life is the thread that takes its place. */
active proctype Channel() {
  byte sequence, copies, record;

started:
  sequence = TAIL;
look:
  if
  :: atomic { deaths < DEATHS -> deaths++; dead = true }; goto ended
  :: TURN[SLOT(sequence)] == sequence + 1 ->
    record = RECORD[SLOT(sequence)];
#ifdef MUTANT_CLAIM_IN_TWO_STEPS
    if
    :: STATE[record] == PENDING ->
      STATE[record] = RUNNING;
#else
    /* claim() */
    if
    :: atomic { STATE[record] == PENDING -> STATE[record] = RUNNING };
#endif
      /* transfer() */
      mayDie();
      written[sequence] = 1;
      mayDie();
      written[sequence] = 2;
      mayDie();
#ifdef MUTANT_PUBLISH_BEFORE_SETTLING
      COMPLETED = sequence + 1;
#endif
      /* settle() */
      STATUS[record] = ESP_OK;
      STATE[record] = DONE;
      BYTES++
    :: else -> WITHDRAWN++
    fi;
    atomic { record = 0; sequence++; copies++ }
#ifndef MUTANT_TAIL_WITH_PUBLICATION
    TAIL = sequence;
#endif
    if
    :: copies == PUBLISH_COPIES ->
publish:
      copies = 0;
#ifdef MUTANT_TAIL_WITH_PUBLICATION
      TAIL = sequence;
#endif
      COMPLETED = sequence
    :: else
    fi;
    goto look
  :: TURN[SLOT(sequence)] != sequence + 1 && copies != 0 -> goto publish
  :: TURN[SLOT(sequence)] != sequence + 1 && copies == 0 && accepted == COPIES && COMPLETED == COPIES -> goto done
  fi;
ended:
  atomic { sequence = 0; copies = 0; record = 0 }
endDead:
  !dead -> goto started;
done:
  skip
}

/* channel.ts, failAll(). */
inline failAll() {
  sequence = TAIL;
  do
  :: TURN[SLOT(sequence)] == sequence + 1 ->
    record = RECORD[SLOT(sequence)];
#ifdef MUTANT_FAIL_WITHOUT_CLAIM
    outcome = RUNNING;
#else
    if
    :: atomic { STATE[record] == PENDING -> STATE[record] = RUNNING; outcome = RUNNING }
    /* The dead channel may have taken it up already. */
    :: else -> outcome = STATE[record]
    fi;
#endif
    if
    :: outcome == TAKEN_BACK -> WITHDRAWN++
    :: else ->
      STATUS[record] = ESP_FAIL;
      STATE[record] = DONE;
      FAILED++
    fi;
    atomic { record = 0; outcome = 0; sequence++ }
    TAIL = sequence
  :: else -> break
  od;
  COMPLETED = sequence;
  sequence = 0
}

/* The thread that opened the Soc: thread-channel.ts. A fresh thread takes the dead one's place, or none can be started. */
active proctype Opener() {
  byte sequence, record;
  mtype outcome;

endNobodyDies:
  do
  :: dead ->
    if
    :: failAll();
      dead = false
    :: true ->
      /* close(), then all that was accepted before it. */
      atomic { HEAD = HEAD + CLOSED }
#ifdef MUTANT_FAIL_ONCE
      failAll();
#else
      /* A copy may be reserved and not yet published. */
      do
      :: failAll();
        if
        :: COMPLETED == HEAD - CLOSED -> break
        :: else
        fi
      od;
#endif
      break
    fi
  od
}

init {
  byte copy;

  timeout ->
  assert(over);
  assert(BYTES + FAILED + WITHDRAWN == accepted);
  atomic {
    do
    :: copy < accepted ->
      assert(settled[copy] == 1);
      assert(!takenBack[copy] || written[copy] == 0);
      WITHDRAWN = WITHDRAWN - takenBack[copy];
      copy++
    :: else -> break
    od
  }
  assert(WITHDRAWN == 0)
}

/* However unlucky the schedule. */
ltl everyCopyIsSettled { <> over }
