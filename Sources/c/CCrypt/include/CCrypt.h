// Passwords digested by crypt(3).
//
// The library is loaded when the first password is compared, not when the program starts, so nothing here needs its headers
// or links it.
#ifndef CCRYPT_H
#define CCRYPT_H

#include <stddef.h>

/// Digests a phrase in the way, and with the salt, that a setting says: another digest will do. False where the setting isn't
/// one that the library knows, or the library isn't there. What the library needed meanwhile is wiped.
_Bool socle_crypt(const char *phrase, const char *setting, char *digest, size_t digest_size);

/// Whether the library is there.
_Bool socle_crypt_available(void);

#endif
