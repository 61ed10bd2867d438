/* The deque of numa/deque.c, for spin: one owner, two thieves, a ring of two slots.
 *
 * Each access to memory that others see is one step, in the order of the C code; an item is two
 * words, written and read one after the other, so that a torn copy shows. Spin explores all
 * interleavings of sequentially consistent steps: that the four accesses on which owner and thief
 * depend (bottom and top in pop, top and bottom in steal) are sequentially consistent is therefore
 * a premise, and MUTANT_LATE_BOTTOM shows what happens without it.
 *
 * Checked: no item is taken twice, none is lost, none is torn, and owner and thieves come to an
 * end. With one of the MUTANT_ macros defined the model must fail; tests/model/check_models.py runs
 * it both ways. */
#define ITEMS 4
#define SLOTS 2
#define THIEVES 2

/* Positions begin at 1, since `bottom` goes one below `top`. */
byte top = 1;
byte bottom = 1;
byte first_words[SLOTS];
byte second_words[SLOTS];

byte taken[ITEMS + 1]; /* by item, from 1 */
bool is_over;
byte thieves_gone;

inline take(first, second)
{
    assert(first == second && first != 0);
    taken[first]++;
    assert(taken[first] == 1)
}

inline swap_top(seen, has_won)
{
    atomic {
        if
        :: top == seen -> top = seen + 1; has_won = true
        :: else -> has_won = false
        fi
    }
}

/* A worker that finds its ring full keeps the work. */
inline push(item)
{
    mine = bottom;
    theirs = top;
    if
#ifndef MUTANT_FULL_RING
    :: mine - theirs >= SLOTS -> take(item, item)
#endif
    :: else ->
        first_words[mine % SLOTS] = item;
        second_words[mine % SLOTS] = item;
        bottom = mine + 1
    fi
}

inline pop()
{
    mine = bottom - 1;
#ifdef MUTANT_LATE_BOTTOM
    theirs = top;
    bottom = mine;
#else
    bottom = mine;
    theirs = top;
#endif
    has_item = theirs <= mine;
    if
    :: has_item ->
        first = first_words[mine % SLOTS];
        second = second_words[mine % SLOTS]
    :: else
    fi;
    if
    :: theirs < mine -> skip
    :: else ->
        if
#ifndef MUTANT_LAST_ITEM
        :: has_item -> swap_top(theirs, has_item)
#endif
        :: else
        fi;
        bottom = mine + 1
    fi;
    if
    :: has_item -> take(first, second)
    :: else
    fi
}

inline steal()
{
#ifdef MUTANT_BOTTOM_FIRST
    theirs = bottom;
    mine = top;
#else
    mine = top;
    theirs = bottom;
#endif
    if
    :: mine < theirs ->
        first = first_words[mine % SLOTS];
        second = second_words[mine % SLOTS];
        swap_top(mine, has_item);
        if
        :: has_item -> take(first, second)
        :: else
        fi
    :: else
    fi;
    mine = 0;
    theirs = 0;
    first = 0;
    second = 0;
    has_item = false
}

active proctype owner()
{
    byte item = 1;
    byte mine, theirs, first, second;
    bool has_item;
    do
    :: item <= ITEMS -> push(item); item++
    :: pop()
    :: item > ITEMS ->
        pop();
        if
        :: !has_item -> break
        :: else
        fi
    od;
    is_over = true;
    thieves_gone == THIEVES;
    for (item : 1 .. ITEMS) {
        assert(taken[item] == 1)
    }
}

active [THIEVES] proctype thief()
{
    byte mine, theirs, first, second;
    bool has_item;
    do
    :: !is_over -> steal()
    :: is_over -> break
    od;
    thieves_gone++
}
