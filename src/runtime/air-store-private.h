/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sqlite3.h>

#include "runtime/air-store.h"

G_BEGIN_DECLS

typedef enum {
  AIR_SQL_BEGIN,
  AIR_SQL_COMMIT,
  AIR_SQL_ROLLBACK,
  AIR_SQL_PUT_ENTRY,
  AIR_SQL_PUT_ROW,
  AIR_SQL_PUT_HEAD,
  AIR_SQL_PUT_TILE,
  AIR_SQL_PUT_CHECKPOINT,
  AIR_SQL_SET_NUMBER,
  AIR_SQL_CLEAR_INDEX,
  AIR_SQL_GET_SIZE,
  AIR_SQL_GET_NUMBER,
  AIR_SQL_READ_ENTRY,
  AIR_SQL_READ_LEAVES,
  AIR_SQL_SCAN,
  AIR_SQL_SCAN_CHECKPOINTS,
  AIR_SQL_ERASE_ENTRY,
  AIR_SQL_ERASE_ROW,
  AIR_SQL_READ_TILE,
  AIR_SQL_READ_CHECKPOINT,
  AIR_SQL_FIND_ROW,
  AIR_SQL_FIND_DEDUP,
  AIR_SQL_LIST_ROWS,
  AIR_SQL_LIST_STATE,
  AIR_SQL_LIST_OPEN,
  AIR_SQL_PUT_SUBJECT,
  AIR_SQL_LIST_SUBJECT,
  AIR_SQL_FIND_SUBJECT_KEY,
  AIR_SQL_FIND_SUBJECT,
  AIR_SQL_ERASE_SUBJECT,
  AIR_SQL_CLEAR_SUBJECTS,
  AIR_SQL_LIST_STATE_UP,
  AIR_SQL_LIST_WAKES,
  AIR_SQL_FIND_HOLDER,
  AIR_SQL_COUNT_STATES,
  AIR_SQL_N,
} AirSql;

struct _AirStore {
  sqlite3      *db;
  int           wal; /* a descriptor of the database's own log, or -1 */
  sqlite3_stmt *statements[AIR_SQL_N];
  AirVault     *vault;
  guint64       pepper;  /* the vault's key under which events of erased runs are known again; 0: none */
  GByteArray   *scratch;
  gboolean      lenient; /* disclosures that cannot be opened are no error of the entry */
};

/* The prepared statement, ready to bind. */
sqlite3_stmt *air_store_statement (AirStore  *self,
                                   AirSql     sql,
                                   GError   **error);
/* Steps a statement that gives no rows. */
gboolean      air_store_run       (AirStore  *self,
                                   sqlite3_stmt *statement,
                                   GError   **error);
/* TRUE on a row; FALSE without an error at the end. */
gboolean      air_store_next      (AirStore  *self,
                                   sqlite3_stmt *statement,
                                   GError   **error);
gboolean      air_store_has_schema (AirStore *self);
char         *air_store_blind     (AirStore  *self,
                                   const char *text,
                                   GError   **error);
void          air_store_set_error (AirStore  *self,
                                   int        code,
                                   GError   **error);

G_END_DECLS
