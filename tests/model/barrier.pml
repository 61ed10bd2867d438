/* The barrier of numa/barrier.c, for spin: three workers, three rounds, who wait for each other.
 *
 * Steps are sequentially consistent, as the code's are where it matters: between `sleepers` and
 * `round`. Going to sleep is one step that looks at the round, as the system's call does; a wake-up
 * that comes before the sleep does nothing.
 *
 * Checked: nobody passes before all have come to his round, and nobody sleeps for ever. With one of
 * the MUTANT_ macros defined the model must fail; tests/model/check_models.py runs it both ways. */
#define WORKERS 3
#define ROUNDS 3

byte arrived;
byte round;
byte sleepers;
bool is_asleep[WORKERS];
byte come[ROUNDS];

inline wake_all()
{
    atomic {
        is_asleep[0] = false;
        is_asleep[1] = false;
        is_asleep[2] = false
    }
}

inline last()
{
#ifndef MUTANT_LATE_RESET
    arrived = 0;
#endif
#ifdef MUTANT_EARLY_LOOK
    has_sleepers = sleepers > 0;
    round = mine + 1;
#else
    round = mine + 1;
    has_sleepers = sleepers > 0;
#endif
#ifdef MUTANT_LATE_RESET
    arrived = 0;
#endif
    if
    :: has_sleepers -> wake_all()
    :: else
    fi
}

inline wait_asleep()
{
#ifndef MUTANT_UNCOUNTED_SLEEPER
    sleepers++;
#endif
    do
    :: round != mine -> break
    :: else ->
        atomic {
            if
            :: round == mine -> is_asleep[me] = true
            :: else
            fi
        }
        !is_asleep[me]
    od;
#ifndef MUTANT_UNCOUNTED_SLEEPER
    sleepers--
#endif
}

active [WORKERS] proctype worker()
{
    byte me = _pid;
    byte turn, mine;
    bool is_last, has_sleepers;
    for (turn : 0 .. ROUNDS - 1) {
        come[turn]++;
        mine = round;
        atomic {
            arrived++;
            is_last = arrived == WORKERS
        }
        if
        :: is_last -> last()
        :: else -> wait_asleep()
        fi;
        assert(come[turn] == WORKERS)
    }
}
