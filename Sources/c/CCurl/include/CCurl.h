// One HTTP request through libcurl; the answer's body is pulled by the caller.
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

/// What is asked.
typedef struct {
    const char *url;
    const char *method;
    /// Lines (`Name: value`) that are sent besides curl's own, ended by NULL.
    const char *const *headers;
    /// The path of a local socket to speak to instead of the address's host; NULL for none.
    const char *socket;
    /// The length of the body that is sent, -1 for none, -2 for one whose length isn't known.
    int64_t body_length;
    /// Gives the next bytes of the body: how many were put into `buffer`, 0 at the end, -1 to give up. Called by the thread
    /// that uses the transfer, before `socle_transfer_open` returns.
    ptrdiff_t (*read_body)(void *body, void *buffer, size_t size);
    void *body;
    /// Certificates to trust besides the system's, in PEM; NULL for none.
    const char *authorities;
    /// Files with the certificate and key that say who we are; NULL for none.
    const char *certificate;
    const char *key;
    /// Whether anybody may claim to be the server.
    int is_unverified;
} socle_transfer_request;

/// Sends a request (http or https, also after redirects) and runs it until the answer's body begins or it ends.
/// NULL when it can't be started or fails before: `message` then says why, and `code` is curl's number for it, else 0. An answer with an error status is an answer.
///
/// Connections are kept and used again by later transfers, whichever thread makes them.
socle_transfer *socle_transfer_open(
    const socle_transfer_request *request, const socle_transfer_limits *limits, char *message, size_t message_size,
    int *code);

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
