/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/air-key.h"
#include "base/air-value.h"

G_BEGIN_DECLS

typedef enum { SITE_DORA, SITE_OLGA, SITE_ANA, SITE_BO, SITE_AUDE, SITE_REQUESTER, SITE_ADAM, SITE_N_PEOPLE } SitePerson;

/* A place with people, their keys and certificates made just now, one signed artifact, a vendor, and a runtime to start. */
typedef struct _Site Site;
struct _Site {
  char          *directory;
  char          *ca;
  AirPrivateKey *ca_key;
  AirPrivateKey *decision_keys[SITE_N_PEOPLE];
  AirPrivateKey *designer;
  AirPrivateKey *stranger;
  char          *config;
  char          *artifact_digest;
  GSubprocess   *daemon;
  char          *address;
  GObject       *vendor;       /* SoupServer */
  GHashTable    *acted;        /* idempotency key → how often asked */
  GPtrArray     *asked;        /* char *: the order of each request, as they came */
  const char    *manifest;     /* the artifact's deployment manifest; NULL: {} */
  guint          retry_after_s; /* of the last answer; 0: it did not say */
  guint          refuse;       /* refuses this many times */
  guint          refusal;      /* with this status; 0: 503 */
  gboolean       silent;       /* acts, and never answers */
  const char    *gate;         /* the step of the gate that is decided */
  const char    *order_key;    /* the Idempotency-Key of requests; NULL: none */
};

Site        *site_new            (const char       *deadline_ms);
/* @edits: pairs of texts to be replaced in the plan, NULL-terminated */
Site        *site_new_edited     (const char * const *edits);
void         site_free           (Site             *self);

const char  *site_uri            (SitePerson        person);
guint        site_roles          (SitePerson        person);
void         site_start          (Site             *self);
void         site_kill           (Site             *self);
void         site_stop           (Site             *self);
/* Starts it, waits for its end: its exit status and what it said. */
int          site_run_refused    (Site             *self,
                                  char            **ret_words);
char        *site_file           (Site             *self,
                                  const char       *name);
/* More members of runtime.json: "\"max_open\": 4". */
void         site_configure      (Site             *self,
                                  const char       *members);
void         site_sign_artifact  (Site             *self,
                                  AirPrivateKey    *key);

/* One request as this person; the JSON answer, NULL for another kind. @person -1: without a certificate, -2: of another CA. */
AirValue    *site_request        (Site             *self,
                                  int               person,
                                  const char       *method,
                                  const char       *path,
                                  const char       *type,
                                  const char       *body,
                                  guint            *ret_status,
                                  GBytes          **ret_bytes);
AirValue    *site_get            (Site             *self,
                                  SitePerson        person,
                                  const char       *path);
/* Sends an order in; its run. */
char        *site_order          (Site             *self,
                                  const char       *id,
                                  gint64            amount);
AirValue    *site_wait           (Site             *self,
                                  const char       *run,
                                  const char       *state);
/* Decides as TRUST.md says; a change makes it wrong in one way. */
typedef enum { SITE_RIGHT, SITE_WRONG_KEY, SITE_OTHER_DIGEST, SITE_OTHER_SUBJECT, SITE_EXPIRED, SITE_TAMPERED } SiteWrong;
char        *site_envelope       (Site             *self,
                                  SitePerson        person,
                                  const char       *run,
                                  const char       *decision,
                                  const char       *role,
                                  SiteWrong         wrong);
AirValue    *site_decide         (Site             *self,
                                  SitePerson        person,
                                  const char       *run,
                                  const char       *envelope,
                                  guint            *ret_status);
/* How many times the ledger's entries hold this text. */
guint        site_count_entries  (Site             *self,
                                  const char       *wanted);
/* How many ACCESS_REFUSED entries of this rule the ledger holds. */
guint        site_count_refused  (Site             *self,
                                  const char       *rule);
guint        site_get_acted      (Site             *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Site, site_free)

G_END_DECLS
