/* floor: base */
#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"

static void ipv4_is_read(void)
{
    static const struct {
        const char *text;
        uint32_t value;
    } rows[] = {
        {"0.0.0.0", 0},
        {"1.2.3.4", 0x01020304},
        {"147.32.84.165", 0x932054a5},
        {"255.255.255.255", 0xffffffff},
        {"10.0.100.9", 0x0a006409},
        {"::ffff:1.2.3.4", 0x01020304},
        {"::FFFF:102:304", 0x01020304},
        {"0:0:0:0:0:ffff:1.2.3.4", 0x01020304},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct address address = {1, 1};
        CU_ASSERT_TRUE(address_parse(bytes_of(rows[row].text), &address));
        CU_ASSERT_EQUAL(address.high, 0);
        CU_ASSERT_EQUAL(address.low, ADDRESS_LOW_IPV4 | rows[row].value);
        CU_ASSERT_EQUAL(address_kind(address), ADDRESS_IPV4);
    }
}

static void ipv6_is_read(void)
{
    static const struct {
        const char *text;
        uint64_t high;
        uint64_t low;
    } rows[] = {
        {"::", 0, 0},
        {"::1", 0, 1},
        {"1::", UINT64_C(0x0001000000000000), 0},
        {"fe80::1%", 0, 0},
        {"2001:DB8::8:800:200C:417A", UINT64_C(0x20010db800000000), UINT64_C(0x00080800200c417a)},
        {"2001:0db8:0000:0000:0008:0800:200c:417a", UINT64_C(0x20010db800000000),
         UINT64_C(0x00080800200c417a)},
        {"1:2:3:4:5:6:7::", UINT64_C(0x0001000200030004), UINT64_C(0x0005000600070000)},
        {"::2:3:4:5:6:7:8", UINT64_C(0x0000000200030004), UINT64_C(0x0005000600070008)},
        {"1:2:3:4:5:6:7:8", UINT64_C(0x0001000200030004), UINT64_C(0x0005000600070008)},
        {"::13.1.68.3", 0, UINT64_C(0x0d014403)},
        {"64:ff9b::192.0.2.33", UINT64_C(0x0064ff9b00000000), UINT64_C(0xc0000221)},
        {"1:2:3:4:5:6:1.2.3.4", UINT64_C(0x0001000200030004), UINT64_C(0x0005000601020304)},
        {"ffff:ffff:ffff:fffd::", UINT64_C(0xfffffffffffffffd), 0},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct address address = {9, 9};
        bool is_read = address_parse(bytes_of(rows[row].text), &address);
        if (strchr(rows[row].text, '%') != NULL) {
            CU_ASSERT_FALSE(is_read);
            continue;
        }
        CU_ASSERT_TRUE(is_read);
        CU_ASSERT_EQUAL(address.high, rows[row].high);
        CU_ASSERT_EQUAL(address.low, rows[row].low);
        CU_ASSERT_EQUAL(address_kind(address), ADDRESS_IPV6);
    }
}

static void mac_is_read(void)
{
    static const char *const rows[] = {"00:15:17:ab:cd:ef", "00:15:17:AB:CD:EF"};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct address address;
        char text[ADDRESS_TEXT_BYTES];
        CU_ASSERT_TRUE(address_parse(bytes_of(rows[row]), &address));
        CU_ASSERT_EQUAL(address.high, ADDRESS_HIGH_MAC);
        CU_ASSERT_EQUAL(address.low, UINT64_C(0x001517abcdef));
        CU_ASSERT_EQUAL(address_kind(address), ADDRESS_MAC);
        CU_ASSERT_EQUAL(address_format(address, text), 17);
        CU_ASSERT_STRING_EQUAL(text, rows[0]);
    }
}

static void what_is_no_address_is_refused(void)
{
    static const char *const rows[] = {
        "",
        "1",
        "a",
        ":",
        ".",
        ":::",
        "1.2.3",
        "1.2.3.4.",
        ".1.2.3.4",
        "1.2.3.4.5",
        "1..2.3",
        "01.2.3.4",
        "1.2.3.04",
        "00.0.0.0",
        "256.1.1.1",
        "1.2.3.256",
        "1.2.3.999",
        "1.2.3.1000",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1.2.3.-4",
        "1.2.3.+4",
        "1,2,3,4",
        "1.2.3.a",
        "4294967296",
        "12345::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1::2::3",
        "1:::2",
        ":1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "::1.2.3",
        "::01.2.3.4",
        "::g",
        "fe80::1%eth0",
        "[::1]",
        "::1/64",
        "1:",
        ":1",
        "00:15:17:ab:cd",
        "00:15:17:ab:cd:eg",
        "00-15-17-ab-cd-ef",
        "0:15:17:ab:cd:ef",
        "00:15:17:ab:cd:ef:",
        "00:15:17:ab:cd:ef:00",
        "host.example",
        "00000:15:17:ab:cd:ef",
        "1:2:3:4:5:6:255.255.255.2555",
        "0000:0000:0000:0000:0000:0000:255.255.255.2555555555",
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct address address;
        CU_ASSERT_FALSE(address_parse(bytes_of(rows[row]), &address));
    }
    struct address address;
    CU_ASSERT_FALSE(address_parse(bytes_view("1.2.3.4\0", 8), &address));
    CU_ASSERT_FALSE(address_parse(bytes_view(NULL, 0), &address));
}

static void text_in_the_marks_is_refused(void)
{
    static const char *const rows[] = {"ffff:ffff:ffff:ffff::", "ffff:ffff:ffff:ffff:1:2:3:4",
                                       "ffff:ffff:ffff:fffe::", "FFFF:FFFF:FFFF:FFFE::1.2.3.4"};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct address address;
        CU_ASSERT_FALSE(address_parse(bytes_of(rows[row]), &address));
    }
    CU_ASSERT_EQUAL(address_kind((struct address){ADDRESS_HIGH_TEXT, 5}), ADDRESS_OTHER);
}

static void ipv6_prints_as_rfc_5952_says(void)
{
    static const char *const rows[][2] = {
        {"2001:0db8::0001", "2001:db8::1"},
        {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:DB8::AbCd", "2001:db8::abcd"},
        {"0:0:0:0:0:0:0:0", "::"},
        {"0:0:1:2:3:4:5:6", "::1:2:3:4:5:6"},
        {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::1.2.3.4", "::102:304"},
        {"::ffff:1.2.3.4", "1.2.3.4"},
        {"1111:2222:3333:4444:5555:6666:7777:8888", "1111:2222:3333:4444:5555:6666:7777:8888"},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct address address;
        char text[ADDRESS_TEXT_BYTES];
        CU_ASSERT_TRUE(address_parse(bytes_of(rows[row][0]), &address));
        CU_ASSERT_EQUAL(address_format(address, text), strlen(rows[row][1]));
        CU_ASSERT_STRING_EQUAL(text, rows[row][1]);
    }
}

/* Random words whose 16-bit groups are often zero and often short. */
static uint64_t sparse_word(uint64_t seed)
{
    uint64_t word = hash_mix(seed);
    uint64_t shape = hash_mix(seed + 1);
    uint64_t kept = 0;
    for (uint32_t group = 0; group < 4; group++, shape >>= 8) {
        uint64_t mask = shape % 4 == 0 ? 0xffff : shape % 4 == 1 ? 0xff : 0;
        kept |= word & mask << (group * 16);
    }
    return kept;
}

static void every_address_reads_back(void)
{
    for (uint64_t round = 0; round < 20000; round++) {
        struct address address = {sparse_word(4 * round + 2), sparse_word(4 * round)};
        if (round % 4 == 1) {
            address = (struct address){0, ADDRESS_LOW_IPV4 | (uint32_t)hash_mix(round)};
        } else if (round % 4 == 2) {
            address = (struct address){ADDRESS_HIGH_MAC, hash_mix(round) >> 16};
        } else if (round % 4 == 3) {
            address = (struct address){hash_mix(round), hash_mix(~round)};
        }
        char text[ADDRESS_TEXT_BYTES];
        uint32_t length = address_format(address, text);
        struct address back = {0, 0};
        CU_ASSERT_TRUE(length < ADDRESS_TEXT_BYTES && strlen(text) == length);
        CU_ASSERT_TRUE(address_parse(bytes_view(text, length), &back));
        CU_ASSERT_TRUE(address_equal(address, back));
    }
}

/* The C library is the oracle for what is an address. It knows no MAC and none of our marks, so
 * the letters leave out what could make them. */
static void random_text_is_an_address_where_the_library_says_so(void)
{
    static const char letters[] = "::::::0012a.";
    uint32_t address_count = 0;
    for (uint64_t round = 0; round < 60000; round++) {
        uint64_t bits = hash_mix(round);
        char text[ADDRESS_TEXT_BYTES];
        size_t length = bits % 18;
        for (size_t index = 0; index < length; index++) {
            text[index] = letters[hash_mix(bits + index) % (sizeof letters - 1)];
        }
        text[length] = '\0';
        struct in6_addr expected;
        struct address address;
        bool is_address = inet_pton(AF_INET6, text, &expected) == 1;
        CU_ASSERT_EQUAL(address_parse(bytes_of(text), &address), is_address);
        address_count += is_address;
        for (uint32_t index = 0; is_address && index < 16; index++) {
            uint64_t word = index < 8 ? address.high : address.low;
            CU_ASSERT_EQUAL(expected.s6_addr[index], word >> (56 - index % 8 * 8) & 0xff);
        }
    }
    CU_ASSERT(address_count > 1000);
}

static void every_octet_is_read_and_one_too_large_is_not(void)
{
    for (uint32_t octet = 0; octet < 1200; octet++) {
        for (uint32_t place = 0; place < 4; place++) {
            char text[32];
            snprintf(text, sizeof text, "%u.%u.%u.%u", place == 0 ? octet : 9,
                     place == 1 ? octet : 99, place == 2 ? octet : 0, place == 3 ? octet : 255);
            struct address address;
            struct in_addr expected;
            bool is_address = inet_pton(AF_INET, text, &expected) == 1;
            CU_ASSERT_EQUAL(address_parse(bytes_of(text), &address), is_address);
            CU_ASSERT(!is_address || (uint32_t)address.low == ntohl(expected.s_addr));
        }
    }
}

static void hashes_differ_in_their_low_bits(void)
{
    static uint32_t counts[256];
    memset(counts, 0, sizeof counts);
    for (uint32_t host = 0; host < 65536; host++) {
        struct address address = {0, ADDRESS_LOW_IPV4 | 0x93200000 | host};
        counts[address_hash(address) % 256]++;
    }
    for (uint32_t index = 0; index < 256; index++) {
        CU_ASSERT(counts[index] > 150 && counts[index] < 380);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(ipv4_is_read),
        CASE(ipv6_is_read),
        CASE(mac_is_read),
        CASE(what_is_no_address_is_refused),
        CASE(text_in_the_marks_is_refused),
        CASE(ipv6_prints_as_rfc_5952_says),
        CASE(every_address_reads_back),
        CASE(random_text_is_an_address_where_the_library_says_so),
        CASE(every_octet_is_read_and_one_too_large_is_not),
        CASE(hashes_differ_in_their_low_bits),
        CU_TEST_INFO_NULL,
    };
    return suite_run("address", NULL, NULL, cases);
}
