/* How the search ends (numa/thief.c), for spin: three workers with a deque each, runs of
 * roots, and a count of idle workers.
 *
 * Whoever finds neither a task of his own nor a run of roots counts himself as idle, and waits for
 * something to steal; a thief who sees something counts himself as busy before he takes it, and as
 * idle again when another one was faster. When all are idle nothing is left, and each goes. Deques
 * are numbers here, taken from in one step: that they are right is what deque.pml shows. A worker
 * splits off a task only when somebody is idle and his deque is empty, as the code does.
 *
 * Checked: nobody goes while a task is in a deque or being worked on, no count runs below zero, and
 * all come to an end, given that each worker goes on. With one of the MUTANT_ macros defined the
 * model must fail; tests/model/check_models.py runs it both ways. */
#define WORKERS 3
#define ROOTS 2
#define SPLITS 2

byte deques[WORKERS];
byte roots = ROOTS;
byte unfinished = ROOTS; /* tasks and runs of roots that are not done */
byte splits = SPLITS;
byte idle;
byte gone;

ltl all_go { <> (gone == WORKERS) }

inline work()
{
    do
    :: splits > 0 && idle > 0 && deques[me] == 0 ->
        atomic {
            if
            :: splits > 0 -> splits--; unfinished++; deques[me]++
            :: else
            fi
        }
    :: break
    od;
    unfinished--
}

inline take_own()
{
    atomic {
        if
        :: deques[me] > 0 -> deques[me]--; has_task = true
        :: deques[me] == 0 && roots > 0 -> roots--; has_task = true
        :: else -> has_task = false
        fi
    }
}

inline take_from(victim)
{
    atomic {
        if
        :: deques[victim] > 0 -> deques[victim]--; has_task = true
        :: else -> has_task = false
        fi
    }
}

inline steal(victim)
{
    if
    :: deques[victim] > 0 ->
#ifdef MUTANT_LATE_BUSY
        take_from(victim);
        if
        :: has_task -> idle--
        :: else
        fi
#else
        assert(idle > 0);
        idle--;
        take_from(victim);
        if
#ifndef MUTANT_FORGOTTEN_IDLE
        :: !has_task -> idle++
#endif
        :: else
        fi
#endif
    :: else
    fi
}

active [WORKERS] proctype worker()
{
    byte me = _pid;
    bool has_task;
find:
#ifdef MUTANT_EARLY_IDLE
    idle++;
    take_own();
    if
    :: has_task -> work(); idle--; goto find
    :: else
    fi;
#else
    take_own();
    if
    :: has_task -> work(); goto find
    :: else
    fi;
    idle++;
#endif
    do
    :: idle == WORKERS -> break
    :: else ->
        steal((me + 1) % WORKERS);
        if
        :: !has_task -> steal((me + 2) % WORKERS)
        :: else
        fi;
        if
        :: has_task -> work(); goto find
        :: else
        fi
    od;
    assert(unfinished == 0);
#ifdef MUTANT_LEAVER_BUSY
    idle--;
#endif
    gone++
}
