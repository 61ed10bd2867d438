#include "loader/vocabulary.h"

#include "base/check.h"

/* Ports may be names of services, so they are not strict. */
static const struct vocabulary_word words[] = {
    {"StartTime", ROLE_START_TIME, TYPE_TIME, true},
    {"LastTime", ROLE_ATTRIBUTE, TYPE_TIME, false},
    {"Dur", ROLE_ATTRIBUTE, TYPE_FLOAT, true}, /* seconds */
    {"Proto", ROLE_ATTRIBUTE, TYPE_TEXT, false},
    {"SrcAddr", ROLE_SOURCE, TYPE_ADDRESS, true},
    {"Sport", ROLE_ATTRIBUTE, TYPE_INTEGER, false},
    {"Dir", ROLE_ATTRIBUTE, TYPE_TEXT, false},
    {"DstAddr", ROLE_TARGET, TYPE_ADDRESS, true},
    {"Dport", ROLE_ATTRIBUTE, TYPE_INTEGER, false},
    {"State", ROLE_ATTRIBUTE, TYPE_TEXT, false},
    {"Flgs", ROLE_ATTRIBUTE, TYPE_TEXT, false},
    {"sTos", ROLE_ATTRIBUTE, TYPE_INTEGER, true},
    {"dTos", ROLE_ATTRIBUTE, TYPE_INTEGER, true},
    {"TotPkts", ROLE_ATTRIBUTE, TYPE_INTEGER, true},
    {"TotBytes", ROLE_ATTRIBUTE, TYPE_INTEGER, true},
    {"SrcPkts", ROLE_ATTRIBUTE, TYPE_INTEGER, true},
    {"DstPkts", ROLE_ATTRIBUTE, TYPE_INTEGER, true},
    {"SrcBytes", ROLE_ATTRIBUTE, TYPE_INTEGER, true},
    {"DstBytes", ROLE_ATTRIBUTE, TYPE_INTEGER, true},
    {"srcUdata", ROLE_ATTRIBUTE, TYPE_TEXT, false},
    {"dstUdata", ROLE_ATTRIBUTE, TYPE_TEXT, false},
    {"Label", ROLE_ATTRIBUTE, TYPE_TEXT, false},
};

const struct derivation vocabulary_derivations[] = {
    {"Dur", DERIVE_DIFFERENCE, {"LastTime", "StartTime"}},
    {"TotPkts", DERIVE_SUM, {"SrcPkts", "DstPkts"}},
    {"TotBytes", DERIVE_SUM, {"SrcBytes", "DstBytes"}},
    {NULL, DERIVE_SUM, {NULL, NULL}},
};

const struct vocabulary_word *vocabulary_find(struct bytes name)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (bytes_equal(bytes_of(words[i].name), name)) {
            return &words[i];
        }
    }
    return NULL;
}

const struct vocabulary_word *vocabulary_of_role(enum role role)
{
    size_t i = 0;
    CHECK(role != ROLE_ATTRIBUTE);
    while (words[i].role != role) {
        i++;
    }
    return &words[i];
}
