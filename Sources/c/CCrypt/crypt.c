#include "CCrypt.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// libxcrypt's struct crypt_data is 32768 bytes; glibc's own of before was larger.
enum { DATA_SIZE = 262144 };

static char *(*crypt_with_data)(const char *, const char *, void *);
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    void *handle = dlopen("libcrypt.so.1", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) handle = dlopen("libcrypt.so.2", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return;
    *(void **)&crypt_with_data = dlsym(handle, "crypt_r");
}

_Bool socle_crypt_available(void) {
    pthread_once(&once, load);
    return crypt_with_data != NULL;
}

_Bool socle_crypt(const char *phrase, const char *setting, char *digest, size_t digest_size) {
    if (!socle_crypt_available()) return 0;
    void *data = calloc(1, DATA_SIZE);
    if (data == NULL) return 0;
    const char *made = crypt_with_data(phrase, setting, data);
    // A failure is told by a digest that can't be one: it begins with an asterisk.
    _Bool is_made = made != NULL && made[0] != '*' && strlen(made) < digest_size;
    if (is_made) strcpy(digest, made);
    explicit_bzero(data, DATA_SIZE);
    free(data);
    return is_made;
}
