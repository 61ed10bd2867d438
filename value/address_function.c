/* Addresses and networks. A network is an address of 128 bits and the length of its prefix. */
#include "value/address_function.h"

#include "base/address.h"
#include "base/number.h"
#include "value/argument.h"

enum { ADDRESS_BITS = 128, IPV4_BITS = 32, MAPPED_BITS = 96 };

struct network {
    struct address address;
    uint32_t prefix_bits;
};

#define IPV4_NETWORK(a, b, c, d, bits)                                            \
    {                                                                             \
        {0, ADDRESS_LOW_IPV4 | (uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d)}, \
            MAPPED_BITS + (bits)                                                  \
    }
#define IPV6_NETWORK(high, bits)  \
    {                             \
        {UINT64_C(high), 0}, bits \
    }

static const struct network loopback[] = {IPV4_NETWORK(127, 0, 0, 0, 8), {{0, 1}, 128}};
static const struct network private_use[] = {
    IPV4_NETWORK(10, 0, 0, 0, 8),
    IPV4_NETWORK(172, 16, 0, 0, 12),
    IPV4_NETWORK(192, 168, 0, 0, 16),
    IPV6_NETWORK(0xfc00000000000000, 7),
};
static const struct network link_local[] = {
    IPV4_NETWORK(169, 254, 0, 0, 16),
    IPV6_NETWORK(0xfe80000000000000, 10),
};
static const struct network multicast[] = {
    IPV4_NETWORK(224, 0, 0, 0, 4),
    IPV6_NETWORK(0xff00000000000000, 8),
};

/* Global unicast, and what is not globally reachable within it. */
static const struct network global[] = {
    IPV4_NETWORK(0, 0, 0, 0, 0), IPV6_NETWORK(0x2000000000000000, 3),
    IPV6_NETWORK(0x0064ff9b00000000, 96), /* translation, RFC 6052 */
};
static const struct network not_global[] = {
    IPV4_NETWORK(0, 0, 0, 0, 8),      /* this network */
    IPV4_NETWORK(10, 0, 0, 0, 8),     /* private */
    IPV4_NETWORK(100, 64, 0, 0, 10),  /* carriers, RFC 6598 */
    IPV4_NETWORK(127, 0, 0, 0, 8),    /* loopback */
    IPV4_NETWORK(169, 254, 0, 0, 16), /* link-local */
    IPV4_NETWORK(172, 16, 0, 0, 12),  /* private */
    IPV4_NETWORK(192, 0, 0, 0, 24),   /* protocols, but for those below */
    IPV4_NETWORK(192, 0, 2, 0, 24),   /* documentation */
    IPV4_NETWORK(192, 168, 0, 0, 16), /* private */
    IPV4_NETWORK(198, 18, 0, 0, 15),  /* benchmarks */
    IPV4_NETWORK(198, 51, 100, 0, 24),
    IPV4_NETWORK(203, 0, 113, 0, 24),
    IPV4_NETWORK(224, 0, 0, 0, 4),
    IPV4_NETWORK(240, 0, 0, 0, 4),        /* reserved, and the broadcast address */
    IPV6_NETWORK(0x2001000000000000, 23), /* protocols, but for those below */
    IPV6_NETWORK(0x20010db800000000, 32), /* documentation */
    IPV6_NETWORK(0x2002000000000000, 16), /* 6to4 */
    IPV6_NETWORK(0x3fff000000000000, 20), /* documentation */
};
static const struct network global_protocols[] = {
    IPV4_NETWORK(192, 0, 0, 9, 32),           IPV4_NETWORK(192, 0, 0, 10, 32),
    {{UINT64_C(0x2001000100000000), 1}, 128}, {{UINT64_C(0x2001000100000000), 2}, 128},
    {{UINT64_C(0x2001000100000000), 3}, 128}, IPV6_NETWORK(0x2001000300000000, 32),
    IPV6_NETWORK(0x2001000401120000, 48),     IPV6_NETWORK(0x2001002000000000, 28),
    IPV6_NETWORK(0x2001003000000000, 28),
};

static enum status is_in(struct call *call, const char *function, struct value argument,
                         const struct network *networks, size_t count, struct value *result);
static enum status take_address(struct call *call, const char *function, struct value argument,
                                struct address *address, bool *is_ip);
static enum status take_network(struct call *call, struct value argument, struct network *network);
static bool network_parse(struct bytes text, struct network *network);
static bool network_has(const struct network *network, struct address address);
static bool networks_have(const struct network *networks, size_t count, struct address address);
static bool is_ip_address(struct address address);

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum status call_in_cidr(struct call *call, const struct value *arguments, uint32_t count,
                         struct value *result)
{
    struct address address;
    bool is_ip = false;
    *result = value_null();
    if (arguments_have_null(arguments, count)) {
        return STATUS_OK;
    }
    TRY(take_address(call, "inCidr", arguments[0], &address, &is_ip));
    bool is_list = arguments[1].kind == VALUE_LIST;
    uint32_t network_count = is_list ? arguments[1].count : 1;
    const struct value *networks = is_list ? arguments[1].items : &arguments[1];
    bool is_inside = false;
    /* All are read, so that what is wrong does not hide behind what matched. */
    for (uint32_t index = 0; index < network_count; index++) {
        struct network network;
        TRY(take_network(call, networks[index], &network));
        is_inside |= is_ip && network_has(&network, address);
    }
    *result = value_bool(is_inside);
    return STATUS_OK;
}

enum status call_is_loopback(struct call *call, const struct value *arguments, uint32_t count,
                             struct value *result)
{
    (void)count;
    return is_in(call, "isLoopback", arguments[0], loopback, COUNT_OF(loopback), result);
}

enum status call_is_private(struct call *call, const struct value *arguments, uint32_t count,
                            struct value *result)
{
    (void)count;
    return is_in(call, "isPrivate", arguments[0], private_use, COUNT_OF(private_use), result);
}

enum status call_is_link_local(struct call *call, const struct value *arguments, uint32_t count,
                               struct value *result)
{
    (void)count;
    return is_in(call, "isLinkLocal", arguments[0], link_local, COUNT_OF(link_local), result);
}

enum status call_is_multicast(struct call *call, const struct value *arguments, uint32_t count,
                              struct value *result)
{
    (void)count;
    return is_in(call, "isMulticast", arguments[0], multicast, COUNT_OF(multicast), result);
}

enum status call_is_public(struct call *call, const struct value *arguments, uint32_t count,
                           struct value *result)
{
    (void)count;
    struct address address;
    bool is_ip = false;
    *result = value_null();
    if (value_is_null(arguments[0])) {
        return STATUS_OK;
    }
    TRY(take_address(call, "isPublic", arguments[0], &address, &is_ip));
    *result = value_bool(is_ip && networks_have(global, COUNT_OF(global), address) &&
                         (!networks_have(not_global, COUNT_OF(not_global), address) ||
                          networks_have(global_protocols, COUNT_OF(global_protocols), address)));
    return STATUS_OK;
}

static enum status is_in(struct call *call, const char *function, struct value argument,
                         const struct network *networks, size_t count, struct value *result)
{
    struct address address;
    bool is_ip = false;
    *result = value_null();
    if (value_is_null(argument)) {
        return STATUS_OK;
    }
    TRY(take_address(call, function, argument, &address, &is_ip));
    *result = value_bool(is_ip && networks_have(networks, count, address));
    return STATUS_OK;
}

static enum status take_address(struct call *call, const char *function, struct value argument,
                                struct address *address, bool *is_ip)
{
    if (argument.kind != VALUE_TEXT) {
        return argument_error(call, function, "an address as a text", argument);
    }
    *is_ip = address_parse(value_text_view(argument), address) && is_ip_address(*address);
    return STATUS_OK;
}

static enum status take_network(struct call *call, struct value argument, struct network *network)
{
    if (argument.kind != VALUE_TEXT) {
        return argument_error(call, "inCidr", "a network as a text", argument);
    }
    if (!network_parse(value_text_view(argument), network)) {
        return error_set(call->error, STATUS_USAGE,
                         "inCidr takes a network as '10.0.0.0/8' or '2001:db8::/32', not '%.*s'",
                         argument.count > 64 ? 64 : (int)argument.count, argument.text);
    }
    return STATUS_OK;
}

/* The prefix of an address that is written as IPv4 is counted in 32 bits, also where the mapped
 * form is the same address. */
static bool network_parse(struct bytes text, struct network *network)
{
    const char *slash = text.size == 0 ? NULL : memchr(text.data, '/', text.size);
    size_t size = slash == NULL ? text.size : (size_t)(slash - text.data);
    bool is_dotted = size > 0 && memchr(text.data, ':', size) == NULL;
    if (!address_parse(bytes_view(text.data, size), &network->address) ||
        !is_ip_address(network->address)) {
        return false;
    }
    int64_t bits = is_dotted ? IPV4_BITS : ADDRESS_BITS;
    struct bytes digits =
        slash == NULL ? bytes_of("") : bytes_view(slash + 1, text.size - size - 1);
    if (slash != NULL &&
        (digits.size == 0 || digits.data[0] < '0' || digits.data[0] > '9' ||
         !integer_parse(digits, &bits) || bits > (is_dotted ? IPV4_BITS : ADDRESS_BITS))) {
        return false;
    }
    network->prefix_bits = (uint32_t)bits + (is_dotted ? MAPPED_BITS : 0);
    return true;
}

static bool network_has(const struct network *network, struct address address)
{
    uint32_t bits = network->prefix_bits;
    uint64_t high = bits >= 64 ? UINT64_MAX : bits == 0 ? 0 : UINT64_MAX << (64 - bits);
    uint64_t low = bits <= 64 ? 0 : bits >= 128 ? UINT64_MAX : UINT64_MAX << (128 - bits);
    return address_kind(network->address) == address_kind(address) &&
           ((network->address.high ^ address.high) & high) == 0 &&
           ((network->address.low ^ address.low) & low) == 0;
}

static bool networks_have(const struct network *networks, size_t count, struct address address)
{
    for (size_t index = 0; index < count; index++) {
        if (network_has(&networks[index], address)) {
            return true;
        }
    }
    return false;
}

static bool is_ip_address(struct address address)
{
    enum address_kind kind = address_kind(address);
    return kind == ADDRESS_IPV4 || kind == ADDRESS_IPV6;
}
