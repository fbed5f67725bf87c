#include "CNftables.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

struct nft_ctx;

// The library's functions; see libnftables(3). The ABI has been stable since soname 1 (2019).
static struct {
    struct nft_ctx *(*ctx_new)(uint32_t);
    void (*ctx_free)(struct nft_ctx *);
    int (*buffer_output)(struct nft_ctx *);
    int (*buffer_error)(struct nft_ctx *);
    const char *(*output)(struct nft_ctx *);
    const char *(*failure)(struct nft_ctx *);
    void (*set_output_flags)(struct nft_ctx *, unsigned int);
    int (*run)(struct nft_ctx *, const char *);
} library;

// So that a listing names its rules by the numbers by which they can be deleted.
enum { OUTPUT_HANDLE = 1 << 3 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char load_failure[256];

static void load(void) {
    void *handle = dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        snprintf(load_failure, sizeof load_failure, "libnftables.so.1 can't be loaded: %s", dlerror());
        return;
    }
    const struct { const char *name; void *place; } symbols[] = {
        {"nft_ctx_new", &library.ctx_new}, {"nft_ctx_free", &library.ctx_free},
        {"nft_ctx_buffer_output", &library.buffer_output}, {"nft_ctx_buffer_error", &library.buffer_error},
        {"nft_ctx_get_output_buffer", &library.output}, {"nft_ctx_get_error_buffer", &library.failure},
        {"nft_ctx_output_set_flags", &library.set_output_flags}, {"nft_run_cmd_from_buffer", &library.run},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *found = dlsym(handle, symbols[i].name);
        if (found == NULL) snprintf(load_failure, sizeof load_failure, "libnftables lacks %s", symbols[i].name);
        *(void **)symbols[i].place = found;
    }
}

// The context itself is what the callers hold.
static struct nft_ctx *context(const packet_rules *rules) { return (struct nft_ctx *)rules; }

packet_rules *packet_rules_open(char *message, size_t message_size) {
    pthread_once(&once, load);
    if (load_failure[0] != 0) {
        snprintf(message, message_size, "%s", load_failure);
        return NULL;
    }
    struct nft_ctx *made = library.ctx_new(0);
    if (made == NULL || library.buffer_output(made) != 0 || library.buffer_error(made) != 0) {
        snprintf(message, message_size, "libnftables can't be used here");
        if (made != NULL) library.ctx_free(made);
        return NULL;
    }
    library.set_output_flags(made, OUTPUT_HANDLE);
    return (packet_rules *)made;
}

int packet_rules_run(packet_rules *rules, const char *commands) {
    return library.run(context(rules), commands) == 0 ? 0 : -1;
}

const char *packet_rules_output(const packet_rules *rules) { return library.output(context(rules)); }

const char *packet_rules_failure(const packet_rules *rules) { return library.failure(context(rules)); }

void packet_rules_close(packet_rules *rules) { library.ctx_free(context(rules)); }
