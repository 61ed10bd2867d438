/* Keys as numbers; see engine/order_digit.h. */
#include "engine/order_digit.h"

#include "engine/operations.h"

enum { TEXT_DIGITS = 4 };

static uint64_t text_digit(struct bytes text, uint32_t digit)
{
    uint64_t value = 0;
    uint64_t begin = (uint64_t)digit * 8;
    for (uint64_t i = begin; i < begin + 8; i++) {
        value = value << 8 | (i < text.size ? (uint8_t)text.data[i] : 0);
    }
    return value;
}

uint32_t order_digit_count(enum type type)
{
    return type == TYPE_TEXT ? TEXT_DIGITS : type == TYPE_VERTEX ? ADDRESS_DIGITS : 1;
}

uint64_t order_digit(const struct graph *graph, enum type type, union lane value, uint32_t digit)
{
    switch (type) {
    case TYPE_FLOAT:
        return order_real_digit(value.real);
    case TYPE_TEXT:
        return text_digit(text_view(value.text), digit);
    case TYPE_ADDRESS:
        return address_text_digit(&graph->vertices, value.address);
    case TYPE_VERTEX:
        return address_digit(graph->vertices.addresses[value.vertex], digit);
    case TYPE_EDGE:
        return order_integer_digit(edge_row(graph, value.edge));
    case TYPE_NULL:
        return 0;
    case TYPE_BOOL:
    case TYPE_INTEGER:
    case TYPE_TIME:
    case TYPE_DURATION:
        break;
    }
    return order_integer_digit(value.integer);
}

void order_octets_fill(struct order_octets *octets)
{
    uint16_t dotted[256];
    for (uint32_t number = 0; number < 256; number++) {
        struct address address = {0, ADDRESS_LOW_IPV4 | (uint64_t)number << 24};
        uint32_t shift = number < 10 ? 8 : number < 100 ? 4 : 0;
        dotted[number] = (uint16_t)(address_text_digit(NULL, &address) >> (48 + shift) << shift);
    }
    for (uint32_t number = 0; number < 256; number++) {
        uint32_t place = 0;
        for (uint32_t other = 0; other < 256; other++) {
            place += dotted[other] < dotted[number];
        }
        octets->place[number] = (uint8_t)place;
        octets->dotted[place] = dotted[number];
        octets->shift[place] = number < 10 ? 8 : number < 100 ? 4 : 0;
    }
}

/* How many of the 256 texts do not come behind these four characters. The last octet has no dot. */
static uint32_t count_octets(const struct order_octets *octets, uint16_t begin, bool has_dot)
{
    uint32_t first = 0;
    uint32_t end = 256;
    while (first < end) {
        uint32_t middle = (first + end) / 2;
        uint16_t dot = has_dot ? 0 : (uint16_t)(0xfU << octets->shift[middle]);
        if ((octets->dotted[middle] & ~dot) <= begin) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first;
}

/* How many IPv4 addresses come before a text that is none: octet by octet, as long as it begins
 * with one and a dot. */
static uint64_t count_before(const struct order_octets *octets, uint64_t digit)
{
    uint64_t count = 0;
    for (uint32_t octet = 0; octet < 4; octet++) {
        uint16_t begin = (uint16_t)(digit >> 48);
        uint32_t places = count_octets(octets, begin, octet < 3);
        count = count * 256 + places;
        uint32_t shift = places == 0 ? 0 : octets->shift[places - 1];
        if (octet == 3 || places == 0 || begin >> shift != octets->dotted[places - 1] >> shift) {
            return count << (8 * (3 - octet));
        }
        count--;
        digit <<= 16 - shift;
    }
    return count;
}

uint64_t order_address_code(const struct vertex_frame *frame, const struct order_octets *octets,
                            const struct address *address)
{
    if (address_kind(*address) != ADDRESS_IPV4) {
        return 2 * count_before(octets, address_text_digit(frame, address)) + 1;
    }
    uint64_t place = 0;
    for (uint32_t i = 0; i < 4; i++) {
        place = place << 8 | octets->place[address->low >> (24 - 8 * i) & 0xff];
    }
    return 2 * place + 2;
}

uint64_t order_vertex_code(struct address address)
{
    const uint64_t count = UINT64_C(1) << 32;
    if (address_kind(address) == ADDRESS_IPV4) {
        return 2 * (address.low - ADDRESS_LOW_IPV4) + 2;
    }
    return address.high == 0 && address.low < ADDRESS_LOW_IPV4 ? 1 : 2 * count + 1;
}
