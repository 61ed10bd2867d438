/* Functions of texts. Characters are code points. Null makes null. */
#ifndef GYRE_VALUE_TEXT_FUNCTION_H
#define GYRE_VALUE_TEXT_FUNCTION_H

#include "value/function.h"

function_call call_left;
function_call call_right;
function_call call_substring; /* from 0; to the end without a length */

/* replace(text, search, by): each occurrence, from the left; an empty `search` occurs nowhere. */
function_call call_replace;

/* split(text, separator or list of separators): an empty separator parts all characters. */
function_call call_split;
function_call call_trim;
function_call call_ltrim;
function_call call_rtrim;
function_call call_to_upper;
function_call call_to_lower;

/* Used by reverse(). */
enum status text_reverse(struct call *call, struct value text, struct value *result);

#endif
