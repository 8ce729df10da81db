/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "runtime/air-effects.h"
#include "runtime/air-run.h"
#include "runtime/air-stats.h"
#include "runtime/air-trust.h"

G_BEGIN_DECLS

#define AIR_HOST_ERROR (air_host_error_quark ())

/**
 * AirHostError:
 * @AIR_HOST_ERROR_IN_USE: another runtime works on this state directory
 * @AIR_HOST_ERROR_LEDGER: the ledger contradicts what was signed before
 */
typedef enum { AIR_HOST_ERROR_IN_USE, AIR_HOST_ERROR_LEDGER } AirHostError;

GQuark air_host_error_quark (void);

/**
 * AirHost:
 *
 * Runs the instances of one plan on one ledger. Lives in one thread, the one
 * whose default main context it was made in; only the writer has another.
 */
typedef struct _AirHost AirHost;

typedef struct {
  AirPlan            *plan;
  const AirPerformer *performer;
  const char         *state;        /* directory */
  const char         *origin;       /* of the ledger */
  AirPrivateKey      *ledger_key;
  AirTrust           *trust;        /* nullable: nobody may decide; outlives the host */
  const char         *policy;       /* "sha256:hex" of the policies, nullable */
  const AirRandom    *random;       /* NULL: the system's */
  guint               max_effects;  /* 0: 128 */
  guint               max_open;     /* triggers not finished or parked; 0: 65,536 */
  const char         *latency_class; /* nullable: of the workflow; normal */
} AirHostOptions;

/* Something to tell those who watch: "run", "gate", "head". */
typedef void (*AirHostListener) (const char *event,
                                 AirValue   *data,
                                 gpointer    user_data);

/* A run whose closing entry is durable; @duration_us is 0 when it began before this process. */
typedef void (*AirFinished) (const char *run,
                             const char *outcome,
                             gint64      duration_us,
                             gpointer    user_data);

typedef void (*AirCheckpointReady) (const char   *note,
                                    const GError *error,
                                    gpointer      user_data);

/* A head that is durable: about one a second while the ledger grows, and on demand. */
typedef void (*AirPublished) (const char *note,
                              gpointer    user_data);

typedef void (*AirLogged) (gpointer user_data);

/* What a list or a view says of a run. */
typedef struct {
  AirIndexRow *row;
  AirInstance *instance;
  gboolean     owned; /* the instance is the view's own */
} AirRunView;

AirHost         *air_host_new           (const AirHostOptions *options,
                                         GError              **error);
/* Logs the epoch and takes up what was open. */
gboolean         air_host_start         (AirHost              *self,
                                         GError              **error);
/* Starts nothing new; what is being committed is. */
void             air_host_drain         (AirHost              *self);
gboolean         air_host_is_idle       (AirHost              *self);
void             air_host_free          (AirHost              *self);

AirPlan         *air_host_get_plan      (AirHost              *self);
AirTrust        *air_host_get_trust     (AirHost              *self);
AirStore        *air_host_get_store     (AirHost              *self); /* for reading */
AirWriter       *air_host_get_writer    (AirHost              *self);
AirStats        *air_host_get_stats     (AirHost              *self);
AirEffects      *air_host_get_effects   (AirHost              *self);
AirPrivateKey   *air_host_get_key       (AirHost              *self);
const char      *air_host_get_origin    (AirHost              *self);
const char      *air_host_get_epoch     (AirHost              *self);
GHashTable      *air_host_get_states    (AirHost              *self); /* state → guint64 * */
void             air_host_set_listener  (AirHost              *self,
                                         AirHostListener       listener,
                                         gpointer              user_data);

void             air_host_set_finished  (AirHost              *self,
                                         AirFinished           finished,
                                         gpointer              user_data);

/* One of @run and @take_problem is NULL; @duplicate says that the same event started it before. */
typedef void (*AirTriggered) (const char *run,
                              gboolean    duplicate,
                              AirProblem *take_problem,
                              gpointer    user_data);

void             air_host_trigger       (AirHost              *self,
                                         const char           *node,
                                         const AirValue       *cloud_event,
                                         const char           *actor,
                                         AirTriggered          triggered,
                                         gpointer              user_data);
/* The same with the keys read before. Takes what @keys holds. */
void             air_host_trigger_keys  (AirHost              *self,
                                         AirTriggerKeys       *keys,
                                         const char           *actor,
                                         AirTriggered          triggered,
                                         gpointer              user_data);
/* Does the work of a run that ended badly again, in a run of its own; see air-host-retry.c. */
void             air_host_retry          (AirHost              *self,
                                         const char           *run,
                                         const char           *actor,
                                         const char           *reason,    /* nullable */
                                         const char           *selection, /* nullable */
                                         AirTriggered          triggered,
                                         gpointer              user_data);
/* The run that does @run's work again, or NULL. */
char            *air_host_find_retry     (AirHost              *self,
                                         const char           *run,
                                         GError              **error);
/* The open run, or NULL (without an error when there is none). */
AirRun          *air_host_open_run      (AirHost              *self,
                                         const char           *id,
                                         GError              **error);
void             air_host_post          (AirHost              *self,
                                         AirRun               *run,
                                         AirMessage           *take_message);
/* Why nothing happens to a run any more until the runtime starts again; NULL: it goes on. */
const char      *air_host_get_fault     (AirHost              *self,
                                         const char           *id);
guint            air_host_count_faults  (AirHost              *self);
/* NULL without an error when there is none. */
AirRunView      *air_host_view          (AirHost              *self,
                                         const char           *id,
                                         gboolean              fold,
                                         GError              **error);
void             air_run_view_free      (AirRunView           *self);
/* The stored entries of a run, oldest first, exact at the last commit. */
GPtrArray       *air_host_read_entries  (AirHost              *self,
                                         const char           *id,
                                         GError              **error);

/* A checkpoint of the present tree, durable before it is handed out. */
void             air_host_checkpoint    (AirHost              *self,
                                         AirCheckpointReady    ready,
                                         gpointer              user_data);
void             air_host_set_published (AirHost              *self,
                                         AirPublished          published,
                                         gpointer              user_data);
/* Erases what was disclosed in a run that is over; see air-redaction.c. NULL: @logged will be called. */
AirProblem      *air_host_redact        (AirHost              *self,
                                         const char           *run,
                                         const char           *subject,
                                         const char           *legal_basis,
                                         const char           *actor,
                                         AirLogged             logged,
                                         gpointer              user_data);
/* One of @runs (NULL-terminated) and @take_problem is NULL. */
typedef void (*AirSubjectErased) (const char *const *runs,
                                  AirProblem        *take_problem,
                                  gpointer           user_data);

/* The same of all runs of a data subject. */
void             air_host_redact_subject (AirHost             *self,
                                         const char           *subject,
                                         const char           *legal_basis,
                                         const char           *actor,
                                         AirSubjectErased      erased,
                                         gpointer              user_data);
/* Whether it was erased, and by which entry. */
gboolean         air_host_get_redaction (AirHost              *self,
                                         const char           *run,
                                         guint64              *ret_index /* nullable */);
/* Logs a refusal in the system chain; @logged (nullable) is called when that is durable, or cannot be. */
void             air_host_log_refusal   (AirHost              *self,
                                         const char           *actor,
                                         const char           *what,
                                         const char           *rule,
                                         const char           *reason,
                                         AirLogged             logged,
                                         gpointer              user_data);
/* What limits and budgets have used, see air-host-usage.c. */
AirValue        *air_host_describe_usage (AirHost             *self,
                                         guint                 max_keys);
/* Enters what concerns no run in the system chain. */
void             air_host_log_system    (AirHost              *self,
                                         const char           *type,
                                         AirValue             *take_members,
                                         AirLogged             logged,
                                         gpointer              user_data);
typedef void (*AirSystemWatch) (const char     *type,
                                const AirValue *members,
                                gint64          time_us,
                                gpointer        user_data);

/* Tells of each entry of this epoch's chain once it is durable; and first of those of the last day, of all epochs,
 * that say of a state outside of all runs: BREAK_GLASS. One may watch. */
void             air_host_watch_system  (AirHost              *self,
                                         AirSystemWatch        watch,
                                         gpointer              user_data);
/* Tells those who watch. */
void             air_host_tell          (AirHost              *self,
                                         const char           *event,
                                         AirValue             *data);
/* When the key was first enrolled in this ledger; 0 when it is not. */
gint64           air_host_get_enrolled  (AirHost              *self,
                                         const char           *key_id);
/* Indices of the system chains' entries that bear on what happened between two times. */
GArray          *air_host_system_entries (AirHost             *self,
                                         gint64                from_us,
                                         gint64                to_us,
                                         GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirHost, air_host_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRunView, air_run_view_free)

G_END_DECLS
