/* What kind of network an address belongs to. Addresses are texts: IPv4, IPv6, or IPv4 mapped into
 * IPv6, which is IPv4. Of a text that is no IP address (a MAC address, a host's name) all are
 * false; null makes null, another kind is an error.
 *
 *   isLoopback   127.0.0.0/8 (RFC 1122); ::1 (RFC 4291)
 *   isPrivate    10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918); fc00::/7 (RFC 4193). Not
 *                100.64.0.0/10, which carriers share (RFC 6598), nor link-local addresses
 *   isLinkLocal  169.254.0.0/16 (RFC 3927); fe80::/10 (RFC 4291)
 *   isMulticast  224.0.0.0/4 (RFC 5771); ff00::/8 (RFC 4291)
 *   isPublic     globally reachable unicast by IANA's registries of special-purpose addresses
 *                (RFC 6890, as of 2024): none of the above, and neither reserved nor set apart for
 *                documentation, benchmarks, carriers and the like */
#ifndef GYRE_VALUE_ADDRESS_FUNCTION_H
#define GYRE_VALUE_ADDRESS_FUNCTION_H

#include "value/function.h"

/* inCidr(address, network or list of networks): '10.0.0.0/8', '2001:db8::/32', or an address alone
 * for itself. Bits beyond the prefix do not count. An IPv4 address lies in IPv4 networks only. */
function_call call_in_cidr;
function_call call_is_loopback;
function_call call_is_private;
function_call call_is_link_local;
function_call call_is_multicast;
function_call call_is_public;

#endif
