/* Functions of numbers. Null makes null; what has no real result (sqrt(-1)) is NaN, as in
 * arithmetic. */
#ifndef GYRE_VALUE_NUMBER_FUNCTION_H
#define GYRE_VALUE_NUMBER_FUNCTION_H

#include "value/function.h"

function_call call_abs; /* of the argument's kind; abs(-2^63) is an error */
function_call call_ceil;
function_call call_floor;

/* round(x): ties towards positive infinity. round(x, places [, mode]): ties away from zero, or by
 * mode, one of UP, DOWN, CEILING, FLOOR, HALF_UP, HALF_DOWN, HALF_EVEN. */
function_call call_round;
function_call call_sign; /* -1, 0, 1; of NaN 0 */
function_call call_is_nan;

function_call call_sqrt;
function_call call_exp;
function_call call_log;
function_call call_log10;
function_call call_e;
function_call call_pi;

/* From 0 to below 1: the next number of the query's generator. */
function_call call_rand;

function_call call_sin;
function_call call_cos;
function_call call_tan;
function_call call_cot;
function_call call_asin;
function_call call_acos;
function_call call_atan;
function_call call_atan2;
function_call call_degrees;
function_call call_radians;
function_call call_haversin; /* half of the versed sine, (1 - cos x) / 2 */

#endif
