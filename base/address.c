/* Addresses between text and 16 bytes: RFC 4291 (R. Hinden, S. Deering, "IP version 6 addressing
 * architecture", 2006) for reading, RFC 5952 (S. Kawamura, M. Kawashima, "A recommendation for IPv6
 * address text representation", 2010) for writing. */
#include "base/address.h"

#include "base/check.h"

enum {
    IPV4_TEXT_BYTES_MIN = 7,
    IPV4_TEXT_BYTES_MAX = 15,
    MAC_TEXT_BYTES = 17,
    IPV6_GROUPS = 8,
};

/* The groups of an IPv6 text as far as they have been read. */
struct ipv6_groups {
    uint16_t group[IPV6_GROUPS];
    uint32_t count;
    uint32_t gap; /* where `::` stood; IPV6_GROUPS + 1: nowhere */
};

static bool ipv4_parse(struct bytes text, uint32_t *value);
static bool mac_parse(struct bytes text, uint64_t *value);
static bool ipv6_parse(struct bytes text, struct address *address);
static bool ipv6_groups_parse(const char *at, const char *end, struct ipv6_groups *groups);
static uint32_t ipv6_group_length(const char *at, const char *end, uint32_t *value);
static uint32_t hex_digit(char byte);
static uint32_t ipv4_format(uint32_t value, char *text);
static uint32_t mac_format(uint64_t value, char *text);
static uint32_t ipv6_format(struct address address, char *text);
static uint32_t longest_zero_run(const uint16_t *group, uint32_t *run_length);
static uint32_t group_format(uint16_t group, char *text);

bool address_parse(struct bytes text, struct address *address)
{
    uint32_t ipv4;
    if (LIKELY(ipv4_parse(text, &ipv4))) {
        *address = (struct address){0, ADDRESS_LOW_IPV4 | ipv4};
        return true;
    }
    uint64_t mac;
    if (mac_parse(text, &mac)) {
        *address = (struct address){ADDRESS_HIGH_MAC, mac};
        return true;
    }
    return ipv6_parse(text, address);
}

enum address_kind address_kind(struct address address)
{
    if (address.high == 0 && address.low >> 32 == ADDRESS_LOW_IPV4 >> 32) {
        return ADDRESS_IPV4;
    }
    if (address.high == ADDRESS_HIGH_MAC) {
        return ADDRESS_MAC;
    }
    return address.high == ADDRESS_HIGH_TEXT ? ADDRESS_OTHER : ADDRESS_IPV6;
}

uint64_t address_hash(struct address address)
{
    return hash_mix(address.low ^ (address.high * UINT64_C(0x9e3779b97f4a7c15)));
}

uint32_t address_format(struct address address, char *text)
{
    switch (address_kind(address)) {
    case ADDRESS_IPV4:
        return ipv4_format((uint32_t)address.low, text);
    case ADDRESS_IPV6:
        return ipv6_format(address, text);
    case ADDRESS_MAC:
        return mac_format(address.low, text);
    case ADDRESS_OTHER:
        break;
    }
    CHECK(!"an address that is kept as text is formatted by its holder");
}

static bool ipv4_parse(struct bytes text, uint32_t *value)
{
    if (text.size < IPV4_TEXT_BYTES_MIN || text.size > IPV4_TEXT_BYTES_MAX) {
        return false;
    }
    const char *at = text.data;
    const char *end = at + text.size;
    uint32_t result = 0;
    for (uint32_t octet_index = 0; octet_index < 4; octet_index++) {
        uint32_t octet = at < end ? (uint32_t)(unsigned char)*at++ - '0' : 10;
        if (octet > 9) {
            return false;
        }
        uint32_t digit;
        while (at < end && (digit = (uint32_t)(unsigned char)*at - '0') <= 9) {
            if (octet == 0 || octet > 25) {
                return false;
            }
            octet = octet * 10 + digit;
            at++;
        }
        if (octet > 255) {
            return false;
        }
        result = result << 8 | octet;
        if (octet_index < 3 && (at == end || *at++ != '.')) {
            return false;
        }
    }
    *value = result;
    return at == end;
}

static bool mac_parse(struct bytes text, uint64_t *value)
{
    if (text.size != MAC_TEXT_BYTES) {
        return false;
    }
    uint64_t result = 0;
    for (uint32_t index = 0; index < MAC_TEXT_BYTES; index += 3) {
        uint32_t high = hex_digit(text.data[index]);
        uint32_t low = hex_digit(text.data[index + 1]);
        if (high > 15 || low > 15 || (index + 2 < MAC_TEXT_BYTES && text.data[index + 2] != ':')) {
            return false;
        }
        result = result << 8 | high << 4 | low;
    }
    *value = result;
    return true;
}

static bool ipv6_parse(struct bytes text, struct address *address)
{
    struct ipv6_groups groups = {.gap = IPV6_GROUPS + 1};
    if (text.size < 2 || text.size >= ADDRESS_TEXT_BYTES ||
        !ipv6_groups_parse(text.data, text.data + text.size, &groups)) {
        return false;
    }
    bool has_gap = groups.gap <= IPV6_GROUPS;
    if (has_gap ? groups.count >= IPV6_GROUPS : groups.count != IPV6_GROUPS) {
        return false;
    }
    uint64_t words[2] = {0, 0};
    uint32_t gap_length = IPV6_GROUPS - groups.count;
    for (uint32_t index = 0; index < groups.count; index++) {
        uint32_t place = index < groups.gap ? index : index + gap_length;
        words[place / 4] |= (uint64_t)groups.group[index] << (48 - place % 4 * 16);
    }
    if (words[0] == ADDRESS_HIGH_MAC || words[0] == ADDRESS_HIGH_TEXT) {
        return false;
    }
    *address = (struct address){words[0], words[1]};
    return true;
}

/* Reads groups with single colons between them, at most one `::` anywhere, and a dotted IPv4 in
 * place of the last two. A single colon is read with the group after it, so it cannot be last. */
static bool ipv6_groups_parse(const char *at, const char *end, struct ipv6_groups *groups)
{
    while (at < end) {
        if (end - at >= 2 && at[0] == ':' && at[1] == ':' && groups->gap > IPV6_GROUPS) {
            groups->gap = groups->count;
            at += 2;
            continue;
        }
        bool follows_gap = groups->gap == groups->count;
        if (groups->count > 0 && !follows_gap && *at++ != ':') {
            return false;
        }
        uint32_t value;
        uint32_t length = ipv6_group_length(at, end, &value);
        if (length > 0 && at + length < end && at[length] == '.') {
            if (groups->count > IPV6_GROUPS - 2 ||
                !ipv4_parse(bytes_view(at, (size_t)(end - at)), &value)) {
                return false;
            }
            groups->group[groups->count++] = (uint16_t)(value >> 16);
            groups->group[groups->count++] = (uint16_t)value;
            return true;
        }
        if (length == 0 || groups->count == IPV6_GROUPS) {
            return false;
        }
        groups->group[groups->count++] = (uint16_t)value;
        at += length;
    }
    return true;
}

/* The number of hexadecimal digits, up to four, and what they stand for. */
static uint32_t ipv6_group_length(const char *at, const char *end, uint32_t *value)
{
    uint32_t length = 0;
    *value = 0;
    while (length < 4 && at + length < end && hex_digit(at[length]) < 16) {
        *value = *value << 4 | hex_digit(at[length]);
        length++;
    }
    return length;
}

/* 16 for a byte that is none. */
static uint32_t hex_digit(char byte)
{
    uint32_t digit = (uint32_t)(unsigned char)byte - '0';
    uint32_t letter = ((uint32_t)(unsigned char)byte | 0x20) - 'a';
    return digit <= 9 ? digit : letter <= 5 ? letter + 10 : 16;
}

static uint32_t ipv4_format(uint32_t value, char *text)
{
    uint32_t length = 0;
    for (int32_t shift = 24; shift >= 0; shift -= 8) {
        uint32_t octet = value >> shift & 0xff;
        if (octet >= 100) {
            text[length++] = (char)('0' + octet / 100);
        }
        if (octet >= 10) {
            text[length++] = (char)('0' + octet / 10 % 10);
        }
        text[length++] = (char)('0' + octet % 10);
        text[length++] = shift > 0 ? '.' : '\0';
    }
    return length - 1;
}

static uint32_t mac_format(uint64_t value, char *text)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t length = 0;
    for (int32_t shift = 40; shift >= 0; shift -= 8) {
        text[length++] = digits[value >> (shift + 4) & 15];
        text[length++] = digits[value >> shift & 15];
        text[length++] = shift > 0 ? ':' : '\0';
    }
    return length - 1;
}

static uint32_t ipv6_format(struct address address, char *text)
{
    uint16_t group[IPV6_GROUPS];
    for (uint32_t index = 0; index < IPV6_GROUPS; index++) {
        uint64_t word = index < 4 ? address.high : address.low;
        group[index] = (uint16_t)(word >> (48 - index % 4 * 16));
    }
    uint32_t run_length;
    uint32_t run = longest_zero_run(group, &run_length);
    uint32_t length = 0;
    for (uint32_t index = 0; index < IPV6_GROUPS;) {
        if (index == run) {
            text[length++] = ':';
            text[length++] = ':';
            index += run_length;
            continue;
        }
        if (index > 0 && text[length - 1] != ':') {
            text[length++] = ':';
        }
        length += group_format(group[index], text + length);
        index++;
    }
    text[length] = '\0';
    return length;
}

/* The first of the longest runs of two or more zero groups; IPV6_GROUPS when there is none. */
static uint32_t longest_zero_run(const uint16_t *group, uint32_t *run_length)
{
    uint32_t best = IPV6_GROUPS;
    *run_length = 1;
    for (uint32_t begin = 0; begin < IPV6_GROUPS;) {
        uint32_t end = begin;
        while (end < IPV6_GROUPS && group[end] == 0) {
            end++;
        }
        if (end - begin > *run_length) {
            best = begin;
            *run_length = end - begin;
        }
        begin = end > begin ? end : begin + 1;
    }
    return best;
}

static uint32_t group_format(uint16_t group, char *text)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t length = 0;
    for (int32_t shift = 12; shift >= 0; shift -= 4) {
        if (length > 0 || shift == 0 || group >> shift != 0) {
            text[length++] = digits[group >> shift & 15];
        }
    }
    return length;
}
