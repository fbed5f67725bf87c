// One HTTP GET through libcurl, pulled by the caller.
//
// libcurl and the thirty libraries below it are loaded when the first transfer is opened, not when the program starts:
// loading them costs more than most commands take. So nothing here needs curl's headers or links curl.
#ifndef CCURL_H
#define CCURL_H

#include <stddef.h>
#include <stdint.h>

/// A transfer under way. Used by one thread at a time.
typedef struct socle_transfer socle_transfer;

/// What bounds a transfer.
typedef struct {
    /// What the server is told about us.
    const char *agent;
    /// How many redirects are followed.
    long redirects;
    /// Seconds until a connection must stand.
    long connect_seconds;
    /// Seconds without a byte after which the transfer fails.
    long idle_seconds;
    /// Asked about once a second while the transfer waits, with `user`: whether it is to fail. NULL: never.
    int (*is_cancelled)(void *user);
    void *user;
} socle_transfer_limits;

/// Starts a GET of `url` (http or https, also after redirects) and runs it until the answer's body begins or it ends.
/// `headers` are lines (`Name: value`) that are sent besides curl's own, ended by NULL. NULL when it can't be started:
/// `message` then says why. An answer with an error status is an answer.
socle_transfer *socle_transfer_open(
    const char *url, const char *const *headers, const socle_transfer_limits *limits, char *message,
    size_t message_size);

/// Moves at least one and at most `size` bytes of the body into `buffer`; 0 at its end, -1 on failure.
ptrdiff_t socle_transfer_read(socle_transfer *transfer, void *buffer, size_t size);

/// The last answer's HTTP status, 0 when there was none.
long socle_transfer_status(const socle_transfer *transfer);

/// The length of the body as the server announced it, -1 when it did not.
int64_t socle_transfer_length(const socle_transfer *transfer);

/// The head of the last answer: its lines as they came, without those beyond 64 KiB. Lives as long as the transfer.
const char *socle_transfer_head(const socle_transfer *transfer);

/// Where the redirects ended. Lives as long as the transfer.
const char *socle_transfer_url(const socle_transfer *transfer);

/// Why the transfer failed, NULL when it didn't. Lives as long as the transfer.
const char *socle_transfer_failure(const socle_transfer *transfer);

/// Ends the transfer, whether it is complete or not.
void socle_transfer_close(socle_transfer *transfer);

#endif
