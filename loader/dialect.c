#include "loader/dialect.h"

const struct dialect *const dialects[] = {
    &dialect_argus,    &dialect_zeek, &dialect_nfdump,
    &dialect_suricata, &dialect_aws,  &dialect_cic,
    &dialect_edges,    &dialect_csv,  NULL,
};

const struct dialect *dialect_find(struct bytes name)
{
    for (size_t i = 0; dialects[i] != NULL; i++) {
        if (bytes_equal(bytes_of(dialects[i]->name), name)) {
            return dialects[i];
        }
    }
    return NULL;
}
