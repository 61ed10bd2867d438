/* Functions of lists and maps, and those that take several kinds. Null makes null. */
#ifndef GYRE_VALUE_LIST_FUNCTION_H
#define GYRE_VALUE_LIST_FUNCTION_H

#include "value/function.h"

function_call call_head; /* null when the list is empty, as last */
function_call call_last;
function_call call_tail;    /* without the first; [] of [] */
function_call call_reverse; /* a list or a text */
function_call call_range;   /* range(first, last [, step]): both ends included */
function_call call_size;    /* items of a list, entries of a map, characters of a text */
function_call call_is_empty;
function_call call_keys;     /* of a map */
function_call call_coalesce; /* the first argument that is not null */

#endif
