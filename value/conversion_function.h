/* Conversions. A text that cannot be read as what is asked for makes null; a kind that has no such
 * form is an error, and null for the ...OrNull twins and within ...List. */
#ifndef GYRE_VALUE_CONVERSION_FUNCTION_H
#define GYRE_VALUE_CONVERSION_FUNCTION_H

#include "value/function.h"

function_call call_to_integer; /* floats and decimal texts are cut towards zero */
function_call call_to_float;
function_call call_to_string;
function_call call_to_boolean; /* texts in any case; integers: not 0 */
function_call call_to_integer_or_null;
function_call call_to_float_or_null;
function_call call_to_string_or_null;
function_call call_to_boolean_or_null;
function_call call_to_integer_list;
function_call call_to_float_list;
function_call call_to_string_list;
function_call call_to_boolean_list;

#endif
