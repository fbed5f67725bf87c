#define _GNU_SOURCE
#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What we use of libcurl's ABI, which has been stable since soname 4 (2006). The numbers are those of curl/curl.h.
enum {
    OPT_WRITEDATA = 10001, OPT_URL = 10002, OPT_ERRORBUFFER = 10010, OPT_USERAGENT = 10018, OPT_LOW_SPEED_LIMIT = 19,
    OPT_LOW_SPEED_TIME = 20, OPT_FOLLOWLOCATION = 52, OPT_MAXREDIRS = 68, OPT_CONNECTTIMEOUT = 78, OPT_BUFFERSIZE = 98,
    OPT_NOSIGNAL = 99, OPT_PROTOCOLS = 181, OPT_REDIR_PROTOCOLS = 182, OPT_WRITEFUNCTION = 20011,
    OPT_HTTPHEADER = 10023, OPT_HEADERDATA = 10029, OPT_HEADERFUNCTION = 20079,
    INFO_EFFECTIVE_URL = 0x100001, INFO_RESPONSE_CODE = 0x200002, INFO_CONTENT_LENGTH = 0x60000f,
    PROTOCOL_HTTP = 1, PROTOCOL_HTTPS = 2, GLOBAL_DEFAULT = 3, MESSAGE_DONE = 1, PAUSE_NOTHING = 0,
};
static const size_t WRITE_PAUSE = 0x10000001;
static const long CHUNK = 256 * 1024;
static const size_t HEAD_LIMIT = 64 * 1024;

typedef struct {
    int msg;
    void *easy;
    union { void *whatever; int result; } data;
} curl_message;

static struct {
    int (*global_init)(long);
    void *(*easy_init)(void);
    int (*easy_setopt)(void *, int, ...);
    int (*easy_getinfo)(void *, int, ...);
    int (*easy_pause)(void *, int);
    void (*easy_cleanup)(void *);
    const char *(*easy_strerror)(int);
    void *(*multi_init)(void);
    int (*multi_add_handle)(void *, void *);
    int (*multi_remove_handle)(void *, void *);
    int (*multi_perform)(void *, int *);
    int (*multi_wait)(void *, void *, unsigned, int, int *);
    curl_message *(*multi_info_read)(void *, int *);
    int (*multi_cleanup)(void *);
    const char *(*multi_strerror)(int);
    void *(*slist_append)(void *, const char *);
    void (*slist_free_all)(void *);
} curl;

static pthread_once_t loading = PTHREAD_ONCE_INIT;
static char load_failure[256];

static void load(void) {
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl-nss.so.4"};
    void *library = NULL;
    for (size_t i = 0; i < 3 && !library; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(load_failure, sizeof load_failure, "libcurl.so.4 can't be loaded: %s", dlerror());
        return;
    }
    const struct { const char *name; void *place; } symbols[] = {
        {"curl_global_init", &curl.global_init}, {"curl_easy_init", &curl.easy_init},
        {"curl_easy_setopt", &curl.easy_setopt}, {"curl_easy_getinfo", &curl.easy_getinfo},
        {"curl_easy_pause", &curl.easy_pause}, {"curl_easy_cleanup", &curl.easy_cleanup},
        {"curl_easy_strerror", &curl.easy_strerror}, {"curl_multi_init", &curl.multi_init},
        {"curl_multi_add_handle", &curl.multi_add_handle}, {"curl_multi_remove_handle", &curl.multi_remove_handle},
        {"curl_multi_perform", &curl.multi_perform}, {"curl_multi_poll", &curl.multi_wait},
        {"curl_multi_info_read", &curl.multi_info_read}, {"curl_multi_cleanup", &curl.multi_cleanup},
        {"curl_multi_strerror", &curl.multi_strerror}, {"curl_slist_append", &curl.slist_append},
        {"curl_slist_free_all", &curl.slist_free_all},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *symbol = dlsym(library, symbols[i].name);
        if (!symbol) {
            snprintf(load_failure, sizeof load_failure, "libcurl lacks %s; 7.66 or newer is needed", symbols[i].name);
            return;
        }
        memcpy(symbols[i].place, &symbol, sizeof symbol);
    }
    int code = curl.global_init(GLOBAL_DEFAULT);
    if (code) snprintf(load_failure, sizeof load_failure, "libcurl can't start: %s", curl.easy_strerror(code));
}

struct socle_transfer {
    void *easy, *multi, *request_head;
    /// The last answer's head, ended by a zero.
    char *head;
    size_t head_length;
    /// What came and wasn't read yet: bytes `start..<end` of `bytes`.
    unsigned char *bytes;
    size_t start, end, capacity;
    int paused, done, failed;
    int (*is_cancelled)(void *);
    void *user;
    long status;
    char message[256];
};

// Keeps at most one chunk waiting: what comes while the buffer holds something is left with curl, which then stops
// reading from the socket.
static size_t take(char *data, size_t size, size_t count, void *user) {
    socle_transfer *transfer = user;
    size_t length = size * count;
    if (transfer->start < transfer->end) {
        transfer->paused = 1;
        return WRITE_PAUSE;
    }
    if (length > transfer->capacity) {
        unsigned char *larger = realloc(transfer->bytes, length);
        if (!larger) return 0;
        transfer->bytes = larger;
        transfer->capacity = length;
    }
    memcpy(transfer->bytes, data, length);
    transfer->start = 0;
    transfer->end = length;
    return length;
}

// Takes one line of a head. A status line begins the next one: of a redirect, or after "100 Continue".
static size_t take_head(char *data, size_t size, size_t count, void *user) {
    socle_transfer *transfer = user;
    size_t length = size * count;
    if (length >= 5 && !memcmp(data, "HTTP/", 5)) transfer->head_length = 0;
    if (transfer->head_length + length > HEAD_LIMIT) return length;
    char *larger = realloc(transfer->head, transfer->head_length + length + 1);
    if (!larger) return 0;
    memcpy(larger + transfer->head_length, data, length);
    transfer->head = larger;
    transfer->head_length += length;
    larger[transfer->head_length] = 0;
    return length;
}

static void fail(socle_transfer *transfer, const char *words) {
    transfer->failed = transfer->done = 1;
    if (!transfer->message[0]) snprintf(transfer->message, sizeof transfer->message, "%s", words);
}

// Runs the transfer until bytes wait or it is over.
static void pump(socle_transfer *transfer) {
    while (!transfer->done && transfer->start == transfer->end) {
        if (transfer->is_cancelled && transfer->is_cancelled(transfer->user)) { fail(transfer, "canceled"); return; }
        if (transfer->paused) {
            transfer->paused = 0;
            int code = curl.easy_pause(transfer->easy, PAUSE_NOTHING);
            if (code) { fail(transfer, curl.easy_strerror(code)); return; }
            if (transfer->start < transfer->end) return;
        }
        int running = 0, left = 0;
        int code = curl.multi_perform(transfer->multi, &running);
        if (code) { fail(transfer, curl.multi_strerror(code)); return; }
        for (curl_message *message; (message = curl.multi_info_read(transfer->multi, &left));) {
            if (message->msg != MESSAGE_DONE) continue;
            transfer->done = 1;
            if (message->data.result) fail(transfer, curl.easy_strerror(message->data.result));
        }
        if (transfer->done || transfer->start < transfer->end || transfer->paused) continue;
        code = curl.multi_wait(transfer->multi, NULL, 0, 1000, NULL);
        if (code) { fail(transfer, curl.multi_strerror(code)); return; }
    }
}

static void set_options(socle_transfer *transfer, const char *url, const socle_transfer_limits *limits) {
    transfer->is_cancelled = limits->is_cancelled;
    transfer->user = limits->user;
    void *easy = transfer->easy;
    const long protocols = PROTOCOL_HTTP | PROTOCOL_HTTPS;
    curl.easy_setopt(easy, OPT_PROTOCOLS, protocols);
    curl.easy_setopt(easy, OPT_REDIR_PROTOCOLS, protocols);
    curl.easy_setopt(easy, OPT_URL, url);
    curl.easy_setopt(easy, OPT_USERAGENT, limits->agent);
    curl.easy_setopt(easy, OPT_FOLLOWLOCATION, 1L);
    curl.easy_setopt(easy, OPT_MAXREDIRS, limits->redirects);
    curl.easy_setopt(easy, OPT_CONNECTTIMEOUT, limits->connect_seconds);
    curl.easy_setopt(easy, OPT_LOW_SPEED_LIMIT, 1L);
    curl.easy_setopt(easy, OPT_LOW_SPEED_TIME, limits->idle_seconds);
    curl.easy_setopt(easy, OPT_NOSIGNAL, 1L);
    curl.easy_setopt(easy, OPT_BUFFERSIZE, CHUNK);
    curl.easy_setopt(easy, OPT_ERRORBUFFER, transfer->message);
    curl.easy_setopt(easy, OPT_WRITEFUNCTION, take);
    curl.easy_setopt(easy, OPT_WRITEDATA, transfer);
    curl.easy_setopt(easy, OPT_HEADERFUNCTION, take_head);
    curl.easy_setopt(easy, OPT_HEADERDATA, transfer);
    if (transfer->request_head) curl.easy_setopt(easy, OPT_HTTPHEADER, transfer->request_head);
}

// False when memory is short.
static int add_headers(socle_transfer *transfer, const char *const *headers) {
    for (; headers && *headers; headers++) {
        void *longer = curl.slist_append(transfer->request_head, *headers);
        if (!longer) return 0;
        transfer->request_head = longer;
    }
    return 1;
}

socle_transfer *socle_transfer_open(
    const char *url, const char *const *headers, const socle_transfer_limits *limits, char *message,
    size_t message_size) {
    pthread_once(&loading, load);
    if (load_failure[0]) {
        snprintf(message, message_size, "%s", load_failure);
        return NULL;
    }
    socle_transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer) transfer->easy = curl.easy_init();
    if (transfer) transfer->multi = curl.multi_init();
    if (!transfer || !transfer->easy || !transfer->multi || !add_headers(transfer, headers)) {
        snprintf(message, message_size, "out of memory");
        socle_transfer_close(transfer);
        return NULL;
    }
    // curl's error text is at most 256 bytes (CURL_ERROR_SIZE), the size of `message`.
    set_options(transfer, url, limits);
    curl.multi_add_handle(transfer->multi, transfer->easy);
    pump(transfer);
    curl.easy_getinfo(transfer->easy, INFO_RESPONSE_CODE, &transfer->status);
    // A transfer that failed before any byte of a body is no answer: a redirect too many, or one to another protocol.
    if (transfer->failed && transfer->start == transfer->end) {
        snprintf(message, message_size, "%s", transfer->message);
        socle_transfer_close(transfer);
        return NULL;
    }
    return transfer;
}

ptrdiff_t socle_transfer_read(socle_transfer *transfer, void *buffer, size_t size) {
    pump(transfer);
    size_t waiting = transfer->end - transfer->start;
    if (!waiting) return transfer->failed ? -1 : 0;
    if (waiting > size) waiting = size;
    memcpy(buffer, transfer->bytes + transfer->start, waiting);
    transfer->start += waiting;
    return (ptrdiff_t)waiting;
}

long socle_transfer_status(const socle_transfer *transfer) { return transfer->status; }

int64_t socle_transfer_length(const socle_transfer *transfer) {
    int64_t length = -1;
    return curl.easy_getinfo(transfer->easy, INFO_CONTENT_LENGTH, &length) ? -1 : length;
}

const char *socle_transfer_head(const socle_transfer *transfer) { return transfer->head ? transfer->head : ""; }

const char *socle_transfer_url(const socle_transfer *transfer) {
    const char *url = NULL;
    curl.easy_getinfo(transfer->easy, INFO_EFFECTIVE_URL, &url);
    return url ? url : "";
}

const char *socle_transfer_failure(const socle_transfer *transfer) {
    return transfer->failed ? transfer->message : NULL;
}

void socle_transfer_close(socle_transfer *transfer) {
    if (!transfer) return;
    if (transfer->multi && transfer->easy) curl.multi_remove_handle(transfer->multi, transfer->easy);
    if (transfer->easy) curl.easy_cleanup(transfer->easy);
    if (transfer->multi) curl.multi_cleanup(transfer->multi);
    if (transfer->request_head) curl.slist_free_all(transfer->request_head);
    free(transfer->head);
    free(transfer->bytes);
    free(transfer);
}
