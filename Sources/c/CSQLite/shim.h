#pragma once
#include <sqlite3.h>

// Swift can't call sqlite3_db_config, whose arguments vary. A connection that closes leaves the log as it is: a short
// command doesn't wait for the disk.
static inline int socle_sqlite_keep_log_on_close(sqlite3 *database) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
