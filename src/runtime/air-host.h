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

/**
 * AirHostOptions:
 * @plan: what is run
 * @performer: who acts; outlives the host
 * @state: directory
 * @origin: of the ledger
 * @ledger_key: what heads are signed with
 * @trust: (nullable): nobody may decide; outlives the host, or air_host_change_trust()
 * @policy: (nullable): "sha256:hex" of the policies
 * @random: (nullable): %NULL: the system's
 * @max_effects: calls in flight; 0: 128
 * @max_open: triggers not finished or parked; 0: 65,536
 * @latency_class: (nullable): of the workflow; normal
 */
typedef struct {
  AirPlan            *plan;
  const AirPerformer *performer;
  const char         *state;
  const char         *origin;
  AirPrivateKey      *ledger_key;
  AirTrust           *trust;
  const char         *policy;
  const AirRandom    *random;
  guint               max_effects;
  guint               max_open;
  const char         *latency_class;
} AirHostOptions;

/**
 * AirHostListener:
 * @event: "run", "gate" or "head"
 * @data: what a watcher is told
 * @user_data: what was handed in
 *
 * Something to tell those who watch.
 */
typedef void (*AirHostListener) (const char *event,
                                 AirValue   *data,
                                 gpointer    user_data);

/**
 * AirFinished:
 * @run: whose closing entry is durable
 * @outcome: how it ended
 * @duration_us: from its trigger; 0 when it began before this process
 * @user_data: what was handed in
 */
typedef void (*AirFinished) (const char *run,
                             const char *outcome,
                             gint64      duration_us,
                             gpointer    user_data);

/**
 * AirCheckpointReady:
 * @note: (nullable): a signed head
 * @error: (nullable): why there is none
 * @user_data: what was handed in
 */
typedef void (*AirCheckpointReady) (const char   *note,
                                    const GError *error,
                                    gpointer      user_data);

/**
 * AirPublished:
 * @note: a head that is durable
 * @user_data: what was handed in
 *
 * Called about once a second while the ledger grows, and on demand.
 */
typedef void (*AirPublished) (const char *note,
                              gpointer    user_data);

/**
 * AirLogged:
 * @failure: (nullable): why it is not in the ledger
 * @user_data: what was handed in
 */
typedef void (*AirLogged) (const GError *failure,
                           gpointer      user_data);

/**
 * AirRunView:
 * @row: what the index says
 * @instance: (nullable): the run itself, when it was wanted
 * @owned: the instance is the view's own
 *
 * What a list or a view says of a run. Freed with air_run_view_free().
 */
typedef struct {
  AirIndexRow *row;
  AirInstance *instance;
  gboolean     owned;
} AirRunView;

AirHost         *air_host_new           (const AirHostOptions *options,
                                         GError              **error);

/**
 * air_host_start:
 * @self: a host that was not started
 * @error: return location
 *
 * Logs the epoch and takes up what was open: actions whose outcome is lost become unknown or are sent again under
 * their key.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR, %AIR_LEDGER_ERROR or %AIR_ENGINE_ERROR
 */
gboolean         air_host_start         (AirHost              *self,
                                         GError              **error);

/**
 * air_host_drain:
 * @self: a host
 *
 * Starts nothing new; what is being committed is.
 */
void             air_host_drain         (AirHost              *self);

/**
 * air_host_is_idle:
 * @self: a host
 *
 * Returns: whether nothing is being committed and no vendor is asked: a stop now leaves nothing unknown
 */
gboolean         air_host_is_idle       (AirHost              *self);
void             air_host_free          (AirHost              *self);

AirPlan         *air_host_get_plan      (AirHost              *self);
AirTrust        *air_host_get_trust     (AirHost              *self);
void             air_host_change_trust  (AirHost              *self,
                                         AirTrust             *trust);
AirStore        *air_host_get_store     (AirHost              *self);
AirWriter       *air_host_get_writer    (AirHost              *self);
AirStats        *air_host_get_stats     (AirHost              *self);
AirEffects      *air_host_get_effects   (AirHost              *self);
AirPrivateKey   *air_host_get_key       (AirHost              *self);
const char      *air_host_get_origin    (AirHost              *self);
const char      *air_host_get_epoch     (AirHost              *self);
GHashTable      *air_host_get_states    (AirHost              *self);
void             air_host_set_listener  (AirHost              *self,
                                         AirHostListener       listener,
                                         gpointer              user_data);

void             air_host_set_finished  (AirHost              *self,
                                         AirFinished           finished,
                                         gpointer              user_data);

/**
 * AirTriggered:
 * @run: (nullable): the run's id; its first entry is durable
 * @duplicate: the same event started it before
 * @take_problem: (nullable) (transfer full): why not
 * @user_data: what was handed in
 *
 * One of @run and @take_problem is %NULL.
 */
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
void             air_host_trigger_keys  (AirHost              *self,
                                         AirTriggerKeys       *keys,
                                         const char           *actor,
                                         AirTriggered          triggered,
                                         gpointer              user_data);
void             air_host_retry          (AirHost              *self,
                                         const char           *run,
                                         const char           *actor,
                                         const char           *reason,
                                         const char           *selection,
                                         AirTriggered          triggered,
                                         gpointer              user_data);
char            *air_host_find_retry     (AirHost              *self,
                                         const char           *run,
                                         GError              **error);
AirRun          *air_host_open_run      (AirHost              *self,
                                         const char           *id,
                                         GError              **error);

/**
 * air_host_post:
 * @self: a host
 * @run: an open run
 * @take_message: (transfer full): what happened to it
 *
 * Puts it into the run's inbox; its answer comes once its records are durable.
 */
void             air_host_post          (AirHost              *self,
                                         AirRun               *run,
                                         AirMessage           *take_message);
const char      *air_host_get_fault     (AirHost              *self,
                                         const char           *id);
guint            air_host_count_faults  (AirHost              *self);
AirRunView      *air_host_view          (AirHost              *self,
                                         const char           *id,
                                         gboolean              fold,
                                         GError              **error);
void             air_run_view_free      (AirRunView           *self);
GPtrArray       *air_host_read_entries  (AirHost              *self,
                                         const char           *id,
                                         GError              **error);
gboolean         air_host_get_span      (AirHost              *self,
                                         const char           *id,
                                         gint64               *ret_head,
                                         gint64               *ret_from_us,
                                         gint64               *ret_to_us,
                                         GError              **error);
AirStore        *air_host_open_store    (AirHost              *self,
                                         GError              **error);

void             air_host_checkpoint    (AirHost              *self,
                                         AirCheckpointReady    ready,
                                         gpointer              user_data);
void             air_host_set_published (AirHost              *self,
                                         AirPublished          published,
                                         gpointer              user_data);
gboolean         air_host_is_erased     (AirHost              *self,
                                         const char           *run);
GStrv            air_host_list_copies   (AirHost              *self,
                                         const char           *run,
                                         GError              **error);
AirProblem      *air_host_redact        (AirHost              *self,
                                         const char           *run,
                                         const char           *subject,
                                         const char           *legal_basis,
                                         const char           *actor,
                                         AirLogged             logged,
                                         gpointer              user_data);
/**
 * AirSubjectErased:
 * @runs: (nullable): %NULL-terminated: those that are erased; or %NULL with a problem
 * @take_problem: (nullable) (transfer full): why not
 * @user_data: what was handed in
 */
typedef void (*AirSubjectErased) (const char *const *runs,
                                  AirProblem        *take_problem,
                                  gpointer           user_data);

void             air_host_redact_subject (AirHost             *self,
                                         const char           *subject,
                                         const char           *legal_basis,
                                         const char           *actor,
                                         AirSubjectErased      erased,
                                         gpointer              user_data);
gboolean         air_host_get_redaction (AirHost              *self,
                                         const char           *run,
                                         guint64              *ret_index);
void             air_host_log_refusal   (AirHost              *self,
                                         const char           *actor,
                                         const char           *what,
                                         const char           *rule,
                                         const char           *reason,
                                         AirLogged             logged,
                                         gpointer              user_data);
AirValue        *air_host_describe_usage (AirHost             *self,
                                         guint                 max_keys);
void             air_host_log_system    (AirHost              *self,
                                         const char           *type,
                                         AirValue             *take_members,
                                         AirLogged             logged,
                                         gpointer              user_data);
/**
 * AirSystemWatch:
 * @type: of the entry
 * @members: its members
 * @time_us: its time
 * @user_data: what was handed in
 *
 * Told of an entry of the system's chain that is durable.
 */
typedef void (*AirSystemWatch) (const char     *type,
                                const AirValue *members,
                                gint64          time_us,
                                gpointer        user_data);

void             air_host_watch_system  (AirHost              *self,
                                         AirSystemWatch        watch,
                                         gpointer              user_data);
void             air_host_tell          (AirHost              *self,
                                         const char           *event,
                                         AirValue             *data);
gint64           air_host_get_enrolled  (AirHost              *self,
                                         const char           *key_id);
GArray          *air_host_system_entries (AirHost             *self,
                                         gint64                from_us,
                                         gint64                to_us,
                                         GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirHost, air_host_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRunView, air_run_view_free)

G_END_DECLS
