/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-clock.h"
#include "engine/air-instance.h"
#include "engine/air-member.h"

G_BEGIN_DECLS

/*
 * An in-memory host: keeps records as the ledger would, performs effects
 * against a vendor double with books of its own, moves the clock by itself,
 * and crashes where a test says.
 */
typedef enum {
  TEST_CRASH_BEFORE_EFFECTS, /* the records are durable, nothing was done */
  TEST_CRASH_AFTER_EFFECTS,  /* all was done, no answer was written down */
} TestCrash;

typedef struct {
  AirPlan *plan;
  AirInstance *instance;
  AirUsageBook *usage;      /* borrowed, nullable: set it before the trigger, by test_host_use */
  GPtrArray *records;       /* AirRecord */
  GArray *times;            /* gint64 */
  GPtrArray *pending;       /* AirEffect of kind CALL, not yet performed */
  GHashTable *timers;       /* id → gint64* */
  gint64 now_us;
  AirSeededRandom *random;
  guint gates_opened;
  guint gates_closed;
  gboolean finished;

  /* the vendor */
  GHashTable *script;       /* operation → GQueue of what it does next */
  GHashTable *answers;      /* operation/key → output of the first effect */
  GPtrArray *effects;       /* "operation key", one for each effect it had */
  GPtrArray *requests;      /* "operation purpose attempt" */
  GHashTable *steps;        /* run/step of an effect → its output, for reconciles */

  /* people */
  const char *const *approvers; /* who approve, in this order; NULL: nobody decides */

  /* crash once there are so many records */
  guint crash_at;
  TestCrash crash_how;
  guint crashes;
} TestHost;

/* @edits: pairs of texts to be replaced in the plan, NULL-terminated. */
AirPlan    *test_plan_new        (const char *const *edits);
AirPlan    *test_plan_try        (const char *const *edits,
                                  GError           **error);
TestHost   *test_host_new        (AirPlan           *take_plan);
void        test_host_free       (TestHost          *self);
/* What limits have used is counted in @usage. */
void        test_host_use        (TestHost          *self,
                                  AirUsageBook      *usage);
/* Comma-separated: ok, act-drop (acts, the answer is lost), drop (lost before it acts), 503, act-503,
 * 429, 404, conflict, auth, refuse-send. Afterwards ok again. */
void        test_host_script     (TestHost          *self,
                                  const char        *operation,
                                  const char        *behaviours);
void        test_host_trigger    (TestHost          *self,
                                  const char        *json);
/* One answer, timer or decision; FALSE when nothing comes. */
gboolean    test_host_step       (TestHost          *self);
/* Until it is finished or waits for people (or for good). */
void        test_host_run        (TestHost          *self);
void        test_host_send       (TestHost          *self,
                                  const AirEvent    *event);
gboolean    test_host_try        (TestHost          *self,
                                  const AirEvent    *event,
                                  GError           **error);
gboolean    test_host_decide     (TestHost          *self,
                                  const char        *node,
                                  gboolean           approve,
                                  const char        *actor,
                                  GError           **error);
/* Forgets the instance and folds the records again. */
void        test_host_restart    (TestHost          *self);
guint       test_host_count      (TestHost          *self,
                                  const char        *operation); /* effects it had */
guint       test_host_count_records (TestHost       *self,
                                     const char     *type);
AirRecord  *test_host_find       (TestHost          *self,
                                  const char        *type,
                                  guint              nth);
/* No key had more than one effect, the chain counts, replay agrees, a fold comes to the same state. */
void        test_host_check      (TestHost          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestHost, test_host_free)

G_END_DECLS
