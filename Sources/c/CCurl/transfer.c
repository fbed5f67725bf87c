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
    OPT_READDATA = 10009, OPT_READFUNCTION = 20012, OPT_INFILESIZE_LARGE = 30115, OPT_UPLOAD = 46, OPT_NOBODY = 44,
    OPT_CUSTOMREQUEST = 10036, OPT_POSTFIELDS = 10015, OPT_POSTFIELDSIZE = 60, OPT_UPLOAD_BUFFERSIZE = 280,
    OPT_UNIX_SOCKET_PATH = 10231, OPT_SSLCERT = 10025, OPT_SSLKEY = 10087, OPT_SSL_VERIFYPEER = 64, OPT_SSL_VERIFYHOST = 81, OPT_CAINFO_BLOB = 40309,
    INFO_EFFECTIVE_URL = 0x100001, INFO_RESPONSE_CODE = 0x200002, INFO_CONTENT_LENGTH = 0x60000f,
    PROTOCOL_HTTP = 1, PROTOCOL_HTTPS = 2, GLOBAL_DEFAULT = 3, MESSAGE_DONE = 1, PAUSE_NOTHING = 0,
};
static const size_t WRITE_PAUSE = 0x10000001, READ_ABORT = 0x10000000;
static const long CHUNK = 256 * 1024;
static const size_t HEAD_LIMIT = 64 * 1024;

// A struct curl_blob.
typedef struct {
    void *data;
    size_t length;
    unsigned flags;
} curl_blob;

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
    void (*easy_reset)(void *);
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
        {"curl_easy_strerror", &curl.easy_strerror}, {"curl_easy_reset", &curl.easy_reset}, {"curl_multi_init", &curl.multi_init},
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

// A handle and its connections, which wait for the next transfer when one is over.
typedef struct { void *easy, *multi; } line;

enum { LINES = 16 };
static struct {
    pthread_mutex_t lock;
    line lines[LINES];
    int count;
} idle = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct socle_transfer {
    line line;
    void *request_head;
    /// The last answer's head, ended by a zero.
    char *head;
    size_t head_length;
    /// What came and wasn't read yet: bytes `start..<end` of `bytes`.
    unsigned char *bytes;
    size_t start, end, capacity;
    int paused, done, failed;
    /// curl's number for what went wrong.
    int code;
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
            int code = curl.easy_pause(transfer->line.easy, PAUSE_NOTHING);
            if (code) { fail(transfer, curl.easy_strerror(code)); return; }
            if (transfer->start < transfer->end) return;
        }
        int running = 0, left = 0;
        int code = curl.multi_perform(transfer->line.multi, &running);
        if (code) { fail(transfer, curl.multi_strerror(code)); return; }
        for (curl_message *message; (message = curl.multi_info_read(transfer->line.multi, &left));) {
            if (message->msg != MESSAGE_DONE) continue;
            transfer->done = 1;
            if (!message->data.result) continue;
            transfer->code = message->data.result;
            fail(transfer, curl.easy_strerror(message->data.result));
        }
        if (transfer->done || transfer->start < transfer->end || transfer->paused) continue;
        code = curl.multi_wait(transfer->line.multi, NULL, 0, 1000, NULL);
        if (code) { fail(transfer, curl.multi_strerror(code)); return; }
    }
}

static size_t give(char *data, size_t size, size_t count, void *user) {
    const socle_transfer_request *request = user;
    ptrdiff_t length = request->read_body(request->body, data, size * count);
    return length < 0 ? READ_ABORT : (size_t)length;
}

static void set_limits(socle_transfer *transfer, const socle_transfer_limits *limits) {
    transfer->is_cancelled = limits->is_cancelled;
    transfer->user = limits->user;
    void *easy = transfer->line.easy;
    const long protocols = PROTOCOL_HTTP | PROTOCOL_HTTPS;
    curl.easy_setopt(easy, OPT_PROTOCOLS, protocols);
    curl.easy_setopt(easy, OPT_REDIR_PROTOCOLS, protocols);
    curl.easy_setopt(easy, OPT_USERAGENT, limits->agent);
    curl.easy_setopt(easy, OPT_FOLLOWLOCATION, limits->redirects > 0 ? 1L : 0L);
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
}

static void set_method(void *easy, const socle_transfer_request *request) {
    if (!strcmp(request->method, "HEAD")) {
        curl.easy_setopt(easy, OPT_NOBODY, 1L);
    } else if (request->body_length != -1) {
        curl.easy_setopt(easy, OPT_UPLOAD, 1L);
        if (request->body_length >= 0) curl.easy_setopt(easy, OPT_INFILESIZE_LARGE, request->body_length);
        curl.easy_setopt(easy, OPT_READFUNCTION, give);
        curl.easy_setopt(easy, OPT_READDATA, request);
        curl.easy_setopt(easy, OPT_UPLOAD_BUFFERSIZE, CHUNK);
        curl.easy_setopt(easy, OPT_CUSTOMREQUEST, request->method);
    } else if (!strcmp(request->method, "POST") || !strcmp(request->method, "PUT") || !strcmp(request->method, "PATCH")) {
        // No body, said by a length of zero.
        curl.easy_setopt(easy, OPT_POSTFIELDS, "");
        curl.easy_setopt(easy, OPT_POSTFIELDSIZE, 0L);
        curl.easy_setopt(easy, OPT_CUSTOMREQUEST, request->method);
    } else if (strcmp(request->method, "GET")) {
        curl.easy_setopt(easy, OPT_CUSTOMREQUEST, request->method);
    }
}

// False when curl can't do what is asked.
static int set_security(void *easy, const socle_transfer_request *request) {
    if (request->is_unverified) {
        curl.easy_setopt(easy, OPT_SSL_VERIFYPEER, 0L);
        curl.easy_setopt(easy, OPT_SSL_VERIFYHOST, 0L);
    }
    if (request->certificate && curl.easy_setopt(easy, OPT_SSLCERT, request->certificate)) return 0;
    if (request->key && curl.easy_setopt(easy, OPT_SSLKEY, request->key)) return 0;
    if (!request->authorities) return 1;
    // Copied (flag 1). The system's directory of certificates stays in force beside it.
    curl_blob blob = {(void *)request->authorities, strlen(request->authorities), 1};
    return !curl.easy_setopt(easy, OPT_CAINFO_BLOB, &blob);
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

// A line that waits, the one that was used last, or a new one.
static line take_line(void) {
    line line = {0};
    pthread_mutex_lock(&idle.lock);
    if (idle.count) line = idle.lines[--idle.count];
    pthread_mutex_unlock(&idle.lock);
    if (!line.easy) line.easy = curl.easy_init();
    if (!line.multi) line.multi = curl.multi_init();
    return line;
}

static void give_line(line line) {
    if (line.easy && line.multi) {
        curl.easy_reset(line.easy);
        pthread_mutex_lock(&idle.lock);
        int kept = idle.count < LINES;
        if (kept) idle.lines[idle.count++] = line;
        pthread_mutex_unlock(&idle.lock);
        if (kept) return;
    }
    if (line.easy) curl.easy_cleanup(line.easy);
    if (line.multi) curl.multi_cleanup(line.multi);
}

socle_transfer *socle_transfer_open(
    const socle_transfer_request *request, const socle_transfer_limits *limits, char *message, size_t message_size,
    int *code) {
    *code = 0;
    pthread_once(&loading, load);
    if (load_failure[0]) {
        snprintf(message, message_size, "%s", load_failure);
        return NULL;
    }
    socle_transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer) transfer->line = take_line();
    if (!transfer || !transfer->line.easy || !transfer->line.multi || !add_headers(transfer, request->headers)) {
        snprintf(message, message_size, "out of memory");
        socle_transfer_close(transfer);
        return NULL;
    }
    // curl's error text is at most 256 bytes (CURL_ERROR_SIZE), the size of `message`.
    set_limits(transfer, limits);
    void *easy = transfer->line.easy;
    curl.easy_setopt(easy, OPT_URL, request->url);
    if (transfer->request_head) curl.easy_setopt(easy, OPT_HTTPHEADER, transfer->request_head);
    set_method(easy, request);
    if (request->socket) curl.easy_setopt(easy, OPT_UNIX_SOCKET_PATH, request->socket);
    if (!set_security(easy, request)) {
        snprintf(message, message_size, "this libcurl can't use certificates of one's own");
        socle_transfer_close(transfer);
        return NULL;
    }
    curl.multi_add_handle(transfer->line.multi, easy);
    pump(transfer);
    curl.easy_getinfo(easy, INFO_RESPONSE_CODE, &transfer->status);
    // A transfer that failed before any byte of a body is no answer: a redirect too many, or one to another protocol.
    // A server that refuses while it is still being sent to has answered all the same.
    if (transfer->failed && transfer->start == transfer->end && transfer->status < 400) {
        *code = transfer->code;
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
    return curl.easy_getinfo(transfer->line.easy, INFO_CONTENT_LENGTH, &length) ? -1 : length;
}

const char *socle_transfer_head(const socle_transfer *transfer) { return transfer->head ? transfer->head : ""; }

const char *socle_transfer_url(const socle_transfer *transfer) {
    const char *url = NULL;
    curl.easy_getinfo(transfer->line.easy, INFO_EFFECTIVE_URL, &url);
    return url ? url : "";
}

const char *socle_transfer_failure(const socle_transfer *transfer) {
    return transfer->failed ? transfer->message : NULL;
}

void socle_transfer_close(socle_transfer *transfer) {
    if (!transfer) return;
    // What isn't complete loses its connection here.
    if (transfer->line.multi && transfer->line.easy) curl.multi_remove_handle(transfer->line.multi, transfer->line.easy);
    give_line(transfer->line);
    if (transfer->request_head) curl.slist_free_all(transfer->request_head);
    free(transfer->head);
    free(transfer->bytes);
    free(transfer);
}
