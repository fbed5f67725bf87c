// Packet rules through libnftables.
//
// The library and those below it are loaded when the first rules are made, not when the program starts, so nothing here
// needs nftables' headers or links it.
#ifndef CNFTABLES_H
#define CNFTABLES_H

#include <stddef.h>

/// A connection to the kernel's packet rules. Tables that it makes with `flags owner` go when it ends. Used by one thread
/// at a time.
typedef struct packet_rules packet_rules;

/// NULL when it can't be had: `message` then says why.
packet_rules *packet_rules_open(char *message, size_t message_size);

/// Carries commands out as one transaction, in the language of nft(8). What they print and what is wrong with them can
/// be asked for until the next call. Negative on failure.
int packet_rules_run(packet_rules *rules, const char *commands);

/// What the last commands printed.
const char *packet_rules_output(const packet_rules *rules);

/// What was wrong with the last commands.
const char *packet_rules_failure(const packet_rules *rules);

void packet_rules_close(packet_rules *rules);

#endif
