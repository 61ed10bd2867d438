/* floor: value */
/* Functions of addresses, as tables. */
#include "value/function.h"

#include "tests/support/function_rows.h"
#include "tests/support/suite.h"

static void networks(void)
{
    static const struct row rows[] = {
        {"inCidr", "'10.1.2.3', '10.0.0.0/8'", "true"},
        {"inCidr", "'11.1.2.3', '10.0.0.0/8'", "false"},
        {"inCidr", "'10.1.2.3', '10.9.9.9/8'", "true"},
        {"inCidr", "'10.1.2.3', '0.0.0.0/0'", "true"},
        {"inCidr", "'10.1.2.3', '10.1.2.3'", "true"},
        {"inCidr", "'10.1.2.3', '10.1.2.2/31'", "true"},
        {"inCidr", "'10.1.2.4', '10.1.2.2/31'", "false"},
        {"inCidr", "'::ffff:10.1.2.3', '10.0.0.0/8'", "true"},
        {"inCidr", "'10.1.2.3', '::ffff:10.0.0.0/104'", "true"},
        {"inCidr", "'2001:db8::1', '2001:db8::/32'", "true"},
        {"inCidr", "'2001:db9::1', '2001:db8::/32'", "false"},
        {"inCidr", "'2001:db8::1', '2001:db8::/128'", "false"},
        {"inCidr", "'2001:db8:0:1::1', '2001:db8:0:1::/64'", "true"},
        {"inCidr", "'2001:db8:0:1:8000::', '2001:db8:0:1::/65'", "false"},
        {"inCidr", "'10.1.2.3', '::/0'", "false"},
        {"inCidr", "'::1', '::/0'", "true"},
        {"inCidr", "'00:11:22:33:44:55', '0.0.0.0/0'", "false"},
        {"inCidr", "'host', '0.0.0.0/0'", "false"},
        {"inCidr", "'10.1.2.3', ['11.0.0.0/8', '10.0.0.0/8']", "true"},
        {"inCidr", "'10.1.2.3', []", "false"},
        {"inCidr", "null, '10.0.0.0/8'", "null"},
        {"inCidr", "'10.1.2.3', '10.0.0.0/33'", "! inCidr takes a network as '10.0.0.0/8' or"},
        {"inCidr", "'10.1.2.3', '10.0.0.0/'", "! inCidr takes a network"},
        {"inCidr", "'10.1.2.3', '10.0.0.0/-1'", "! inCidr takes a network"},
        {"inCidr", "'10.1.2.3', 'ten/8'", "! inCidr takes a network"},
        {"inCidr", "'10.1.2.3', ''", "! inCidr takes a network"},
        {"inCidr", "'10.1.2.3', ['10.0.0.0/8', 'x']", "! inCidr takes a network"},
        {"inCidr", "'10.1.2.3', 8", "! inCidr takes a network as a text, not an integer"},
        {"inCidr", "7, '10.0.0.0/8'", "! inCidr takes an address as a text, not an integer"},
        {"isPrivate", "null", "null"},
        {"isPrivate", "1", "! isPrivate takes an address as a text, not an integer"},
    };
    CHECK_ROWS(rows);
}

/* loopback, private, link-local, multicast, public */
static const struct {
    const char *address;
    const char *kinds;
} addresses[] = {
    {"127.0.0.1", "L...."},
    {"127.255.255.255", "L...."},
    {"::1", "L...."},
    {"::ffff:127.0.0.1", "L...."},
    {"10.0.0.0", ".P..."},
    {"10.255.255.255", ".P..."},
    {"172.15.255.255", "....G"},
    {"172.16.0.0", ".P..."},
    {"172.31.255.255", ".P..."},
    {"172.32.0.0", "....G"},
    {"192.168.1.1", ".P..."},
    {"192.169.0.0", "....G"},
    {"fc00::1", ".P..."},
    {"fdff::1", ".P..."},
    {"fe00::1", "....."},
    {"169.254.1.1", "..K.."},
    {"fe80::1", "..K.."},
    {"febf::1", "..K.."},
    {"fec0::1", "....."},
    {"224.0.0.1", "...M."},
    {"239.255.255.255", "...M."},
    {"ff02::1", "...M."},
    {"240.0.0.1", "....."},
    {"255.255.255.255", "....."},
    {"0.0.0.0", "....."},
    {"100.64.0.1", "....."},
    {"100.128.0.1", "....G"},
    {"192.0.0.1", "....."},
    {"192.0.0.9", "....G"},
    {"192.0.2.1", "....."},
    {"198.18.0.1", "....."},
    {"198.51.100.7", "....."},
    {"203.0.113.7", "....."},
    {"8.8.8.8", "....G"},
    {"147.32.84.165", "....G"},
    {"2001:db8::1", "....."},
    {"2001::1", "....."},
    {"2001:20::1", "....G"},
    {"2001:200::1", "....G"},
    {"2002::1", "....."},
    {"2606:4700::1111", "....G"},
    {"3fff::1", "....."},
    {"4000::1", "....."},
    {"64:ff9b::1.2.3.4", "....G"},
    {"::", "....."},
    {"00:11:22:33:44:55", "....."},
    {"host", "....."},
    {"", "....."},
};

static void kinds_of_addresses(void)
{
    static const char *const names[] = {"isLoopback", "isPrivate", "isLinkLocal", "isMulticast",
                                        "isPublic"};
    for (size_t row = 0; row < sizeof(addresses) / sizeof(addresses[0]); row++) {
        char kinds[] = "LPKMG";
        struct value argument = value_text_of(bytes_of(addresses[row].address));
        for (size_t name = 0; name < 5; name++) {
            struct value result;
            struct error error = {0};
            CU_ASSERT_EQUAL(
                call_by_name(&pool, names[name], value_list_of(&argument, 1), &result, &error),
                STATUS_OK);
            kinds[name] = value_is_true(result) ? kinds[name] : '.';
        }
        if (strcmp(kinds, addresses[row].kinds) != 0) {
            printf("\n%s: %s, not %s\n", addresses[row].address, kinds, addresses[row].kinds);
        }
        CU_ASSERT_STRING_EQUAL(kinds, addresses[row].kinds);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(networks),
        CASE(kinds_of_addresses),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("value_address", NULL, NULL, cases);
    pool_close(&pool);
    return failed;
}
