/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/air-key.h"
#include "base/air-value.h"
#include "client/air-client-profile.h"

G_BEGIN_DECLS

/* A stand-in for airails-runtime in the tests of client and window: the real routes, over real mutual TLS, with a
 * real ledger (sealed entries, tree, signed head), but runs that are written by hand. It lies where it is told to. */
typedef struct _RuntimeDouble RuntimeDouble;

typedef enum {
  RUNTIME_DOUBLE_HONEST,
  RUNTIME_DOUBLE_SHOWS_OTHER_ACTION, /* a gate whose action is not the one committed to */
  RUNTIME_DOUBLE_HIDES_ACTION,
  RUNTIME_DOUBLE_CHANGES_LEAF,       /* one character of the quoted entry */
  RUNTIME_DOUBLE_CHANGES_ENTRY,      /* one character of an entry in its tile */
  RUNTIME_DOUBLE_WRONG_PROOF,        /* a proof of another entry under the asked number */
  RUNTIME_DOUBLE_UNSIGNED_HEAD,
  RUNTIME_DOUBLE_ROLLED_BACK,        /* a signed head of a ledger without its last entry */
  RUNTIME_DOUBLE_FORKED,             /* all of it, of a ledger whose first entry is another */
  RUNTIME_DOUBLE_CHANGES_TILE,       /* one bit of the hashes in a tile */
  RUNTIME_DOUBLE_OTHER_KEY,          /* a head signed by another key than the one named first */
  RUNTIME_DOUBLE_SHOWS_OTHER_GATE,   /* a good one, of another run than the one asked for */
  RUNTIME_DOUBLE_REDIRECTS,          /* to a path that would answer */
  RUNTIME_DOUBLE_COMPRESSES,         /* what is a thousand times as long */
} RuntimeDoubleLie;

RuntimeDouble    *runtime_double_new              (void);
void              runtime_double_free             (RuntimeDouble     *self);
void              runtime_double_stop             (RuntimeDouble     *self); /* refuses connections */
void              runtime_double_restart          (RuntimeDouble     *self); /* on the same address */
AirClientProfile *runtime_double_get_profile      (RuntimeDouble     *self); /* of ana, an approver; borrowed */
const char       *runtime_double_get_profile_path (RuntimeDouble     *self);
/* Of dora, whose workflow it is: she may not decide. */
const char       *runtime_double_get_designer_profile_path (RuntimeDouble *self);
void              runtime_double_set_lie          (RuntimeDouble     *self,
                                                   RuntimeDoubleLie   lie);
/* Runs of the refund workflow. Each returns the run's id, borrowed. */
const char       *runtime_double_add_refunded     (RuntimeDouble     *self,
                                                   const char        *order,
                                                   gint64             amount_minor);
const char       *runtime_double_add_waiting      (RuntimeDouble     *self,
                                                   const char        *order,
                                                   gint64             amount_minor,
                                                   int                quorum);
const char       *runtime_double_add_failed       (RuntimeDouble     *self,
                                                   const char        *order,
                                                   gint64             amount_minor);
void              runtime_double_emit             (RuntimeDouble     *self,
                                                   const char        *event,
                                                   const char        *data);
guint             runtime_double_get_n_listeners  (RuntimeDouble     *self);
guint64           runtime_double_get_size         (RuntimeDouble     *self);
/* The last decision that came, opened with ana's key; NULL: none. Borrowed. */
const char       *runtime_double_get_decision     (RuntimeDouble     *self);
const char       *runtime_double_get_reason       (RuntimeDouble     *self);
/* Ana's decision key is another one from here on; a profile of hers that names it by @reference. */
char             *runtime_double_enrol            (RuntimeDouble     *self,
                                                   AirPublicKey      *key,
                                                   const char        *reference);
/* The action as an accepted edit changed it; NULL: none. Borrowed. */
AirValue         *runtime_double_get_edited       (RuntimeDouble     *self);
void              runtime_double_set_time         (RuntimeDouble     *self,
                                                   gint64             unix_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RuntimeDouble, runtime_double_free)

G_END_DECLS
