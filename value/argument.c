/* The kinds of arguments. */
#include "value/argument.h"

enum status argument_error(const struct call *call, const char *function, const char *expected,
                           struct value got)
{
    return error_set(call->error, STATUS_USAGE, "%s takes %s, not %s", function, expected,
                     value_kind_phrase(got.kind));
}

enum status argument_integer(const struct call *call, const char *function, const char *expected,
                             struct value argument, int64_t *integer)
{
    if (argument.kind != VALUE_INTEGER) {
        return argument_error(call, function, expected, argument);
    }
    *integer = argument.integer;
    return STATUS_OK;
}

enum status argument_number(const struct call *call, const char *function, struct value argument,
                            double *number)
{
    if (!value_is_number(argument)) {
        return argument_error(call, function, "a number", argument);
    }
    *number = argument.kind == VALUE_INTEGER ? (double)argument.integer : argument.real;
    return STATUS_OK;
}

enum status argument_text(const struct call *call, const char *function, struct value argument,
                          struct bytes *text)
{
    if (argument.kind != VALUE_TEXT) {
        return argument_error(call, function, "a text", argument);
    }
    *text = value_text_view(argument);
    return STATUS_OK;
}

bool arguments_have_null(const struct value *arguments, uint32_t count)
{
    for (uint32_t index = 0; index < count; index++) {
        if (value_is_null(arguments[index])) {
            return true;
        }
    }
    return false;
}
