/* Addresses: IPv4, IPv6, MAC and any other text, each in 16 bytes.
 *
 * Encoding, as two host-order 64-bit words:
 *   IPv6   the address itself, first 8 bytes in `high`;
 *   IPv4   as IPv6 has it, ::ffff:a.b.c.d (so the mapped form is the same address, and prints as
 *          a.b.c.d);
 *   MAC    high = ADDRESS_HIGH_MAC, low = the 48 bits;
 *   text   high = ADDRESS_HIGH_TEXT, low = an index into the table of texts that the holder keeps
 *          (in a graph: vertex_frame.address_texts).
 * The two marks lie in multicast scope f with all flags set, which no IPv6 address uses; such text
 * is kept as text. Two addresses are equal exactly when both words are. */
#ifndef GYRE_BASE_ADDRESS_H
#define GYRE_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define ADDRESS_HIGH_MAC UINT64_C(0xffffffffffffffff)
#define ADDRESS_HIGH_TEXT UINT64_C(0xfffffffffffffffe)
#define ADDRESS_LOW_IPV4 UINT64_C(0x0000ffff00000000)

enum { ADDRESS_TEXT_BYTES = 46 }; /* the longest IPv6 text and a NUL */

struct address {
    uint64_t high;
    uint64_t low;
};

enum address_kind { ADDRESS_IPV4, ADDRESS_IPV6, ADDRESS_MAC, ADDRESS_OTHER };

/* Reads dotted IPv4 (no leading zeros), IPv6 (RFC 4291, any case), or MAC (six pairs with colons,
 * any case). False when the text is none of them: the caller keeps it as text. Never allocates;
 * about 10 ns for IPv4. */
bool address_parse(struct bytes text, struct address *address);

enum address_kind address_kind(struct address address);

static inline bool address_equal(struct address left, struct address right)
{
    return left.high == right.high && left.low == right.low;
}

uint64_t address_hash(struct address address);

/* Writes the canonical text (IPv6 as RFC 5952), NUL-terminated, and returns its length.
 * Not for ADDRESS_OTHER. `text` holds ADDRESS_TEXT_BYTES. */
uint32_t address_format(struct address address, char *text);

#endif
