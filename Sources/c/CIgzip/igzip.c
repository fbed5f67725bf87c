#include "CIgzip.h"

#include <dlfcn.h>
#include <isa-l/igzip_lib.h>
#include <pthread.h>
#include <stdlib.h>

static struct {
    void (*init)(struct inflate_state *);
    void (*reset)(struct inflate_state *);
    int (*inflate)(struct inflate_state *);
} library;
static pthread_once_t loading = PTHREAD_ONCE_INIT;
static int is_loaded;

static void load(void) {
    void *handle = dlopen("libisal.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!handle) return;
    *(void **)&library.init = dlsym(handle, "isal_inflate_init");
    *(void **)&library.reset = dlsym(handle, "isal_inflate_reset");
    *(void **)&library.inflate = dlsym(handle, "isal_inflate");
    is_loaded = library.init && library.reset && library.inflate;
}

struct igzip_inflater {
    struct inflate_state state;
};

igzip_inflater *igzip_inflater_new(void) {
    pthread_once(&loading, load);
    if (!is_loaded) return NULL;
    // Cleared: what a damaged stream refers to before its beginning is nobody's memory.
    igzip_inflater *inflater = calloc(1, sizeof *inflater);
    if (!inflater) return NULL;
    library.init(&inflater->state);
    inflater->state.crc_flag = ISAL_GZIP;
    return inflater;
}

void igzip_inflater_free(igzip_inflater *inflater) { free(inflater); }

void igzip_inflater_restart(igzip_inflater *inflater) {
    library.reset(&inflater->state);
    inflater->state.crc_flag = ISAL_GZIP;
}

int igzip_inflater_run(
    igzip_inflater *inflater, const void *input, size_t *input_count, void *output, size_t *output_count) {
    struct inflate_state *state = &inflater->state;
    const uint32_t given = *input_count < 1u << 30 ? *input_count : 1u << 30;
    const uint32_t room = *output_count < 1u << 30 ? *output_count : 1u << 30;
    state->next_in = (uint8_t *)input;
    state->avail_in = given;
    state->next_out = output;
    state->avail_out = room;
    const int code = library.inflate(state);
    *input_count = given - state->avail_in;
    *output_count = room - state->avail_out;
    if (code < 0 || code == ISAL_NEED_DICT) return -1;
    return state->block_state == ISAL_BLOCK_FINISH;
}
