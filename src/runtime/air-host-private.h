/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-host.h"
#include "runtime/air-run-lanes.h"
#include "runtime/air-timers.h"

G_BEGIN_DECLS

/* Those that want the same concurrency key, by arrival. */
typedef struct {
  char  *holder; /* NULL: nobody, and the store may not show that yet */
  GQueue held; /* char * */
  guint  rests; /* how often the store is still to show that it was left */
} AirKeyLine;

/* See air-host-files.c. */
#define AIR_HOST_N_FILES 3
typedef struct {
  guint64 device;
  guint64 inode; /* 0: not there */
} AirHostFile;

typedef struct _AirSystemChain AirSystemChain;
typedef struct _AirCheckpointer AirCheckpointer;

struct _AirHost {
  AirPlan          *plan;
  AirTrust         *trust;
  const AirRandom  *random;
  AirPrivateKey    *ledger_key;
  char             *origin;
  char             *policy;
  char             *session;
  int               lock;       /* descriptor */
  AirWriter        *writer;
  AirStore         *store;
  char             *ledger;     /* path of the store */
  AirHostFile       files[AIR_HOST_N_FILES];
  const char       *lost;       /* the one that was moved away; NULL: none */
  AirTimers        *timers;
  AirEffects       *effects;
  AirStats          stats;
  GHashTable       *runs;       /* id → AirRun, those in memory */
  GHashTable       *dedup;      /* key → AirRun, those not durable yet */
  GHashTable       *keys;       /* concurrency key → AirKeyLine */
  GQueue            resting;    /* keys whose line may go once the store shows how it stands */
  GHashTable       *states;     /* state → guint64 * */
  AirRunLanes       ready;      /* AirRun with a message and no commit under way */
  AirLatencyClass   latency;    /* of the workflow */
  GHashTable       *faults;     /* runs that cannot be followed, and why, see air-host-fault.c */
  GQueue            resident;   /* AirRun that could leave the memory, oldest first */
  GSource          *pump;
  guint             retry;      /* after a failed commit */
  guint             tick;
  guint             committing;
  guint             max_open;
  gboolean          draining;
  AirSystemChain   *system;
  AirVault         *vault;      /* NULL: the workflow does not say whose data it is */
  guint64           subject_pepper;
  GHashTable       *subjects;   /* digest → guint64 *: keys given out lately */
  guint             erasing;    /* subjects */
  GHashTable       *redacted;   /* run → index of its REDACTION_APPLIED, guint64 * */
  GHashTable       *to_erase;   /* set of those of them whose bytes are still there; NULL: none */
  gint64            erase_again_us;
  AirCheckpointer  *checkpointer;
  AirUsageBook     *usage;      /* NULL: the plan has no limits */
  gint64            usage_expired_us;
  AirHostListener   listener;
  gpointer          listener_data;
  AirPublished      published;
  gpointer          published_data;
  AirFinished       finished;
  gpointer          finished_data;
};

/* air-host-tell.c */
void         air_host_count_state     (AirHost         *self,
                                       const char      *state,
                                       int              by);
void         air_host_tell_run        (AirHost         *self,
                                       AirRun          *run);
void         air_host_tell_node       (AirHost         *self,
                                       AirRun          *run,
                                       const char      *node);
void         air_host_tell_gate       (AirHost         *self,
                                       AirRun          *run,
                                       const char      *node);

/* air-host-runs.c */
void         air_host_schedule        (AirHost         *self,
                                       AirRun          *run);
/* Nothing happens to it now: it may leave the memory. */
void         air_host_park            (AirHost         *self,
                                       AirRun          *run);
void         air_host_drop_run        (AirHost         *self,
                                       AirRun          *run);
void         air_host_finish_run      (AirHost         *self,
                                       AirRun          *run);

/* air-host-effects.c */
void         air_host_perform_all     (AirHost         *self,
                                       AirRun          *run,
                                       GPtrArray       *take_effects); /* nullable */
void         air_host_set_timers      (AirHost         *self,
                                       AirRun          *run,
                                       GPtrArray       *take_effects);
void         air_host_performed_cb    (const char      *id,
                                       const AirEffect *call,
                                       AirOutcome      *take_outcome,
                                       gpointer         user_data);
/* A run that is ending sends nothing any more that was surely not sent. */
void         air_host_withdraw        (AirHost         *self,
                                       AirRun          *run);
void         air_host_timer_cb        (const char      *id,
                                       const char      *timer,
                                       gpointer         user_data);

/* air-host-commit.c */
GSource     *air_host_pump_new        (AirHost         *self);

/* air-host-fold.c */
AirInstance *air_host_fold            (AirHost         *self,
                                       const char      *id,
                                       gint64           head,
                                       AirSealKey      *ret_key, /* nullable */
                                       GError         **error);
AirIndexRow *air_host_make_row        (AirHost         *self,
                                       AirRun          *run,
                                       GPtrArray       *effects);
/* Where the stored row has it woken in vain: one that does not; else NULL. */
AirIndexRow *air_host_mend_row        (AirHost         *self,
                                       AirRun          *run,
                                       gint64           now_us);

/* air-host-usage.c */
gboolean     air_host_fold_usage      (AirHost         *self,
                                       GError         **error);
void         air_host_watch_usage     (AirHost         *self,
                                       AirRun          *run);
void         air_host_revert_usage    (AirHost         *self,
                                       AirRun          *run);
void         air_host_expire_usage    (AirHost         *self);

/* air-host-trigger.c */
/* A run by this trigger's message, or the one there is with its deduplication key. */
void         air_host_begin           (AirHost         *self,
                                       AirMessage      *take_message,
                                       AirLatencyClass  latency,
                                       AirTriggered     triggered,
                                       gpointer         user_data);

/* air-host-subjects.c: whose data the runs hold */
gboolean     air_host_open_subjects   (AirHost         *self,
                                       const char      *state,
                                       GError         **error);
/* A new run holds this subject's data: what it discloses is sealed under its key, too. */
gboolean     air_host_assign_subject  (AirHost         *self,
                                       AirRun          *run,
                                       const char      *subject,
                                       GError         **error);
char        *air_host_digest_subject  (AirHost         *self,
                                       const char      *subject,
                                       GError         **error);
gboolean     air_host_uses_subject_key (AirHost        *self,
                                       guint64          key);
/* From now on new runs of the subject have another key. */
gboolean     air_host_renew_subject   (AirHost         *self,
                                       const char      *digest,
                                       GError         **error);
void         air_host_close_subjects  (AirHost         *self);

/* air-host-lines.c: concurrency keys */
#define AIR_TIMER_BEGIN "begin" /* a run whose turn has come, and that could not be read then */
void         air_host_let_begin       (AirHost         *self,
                                       const char      *id);
/* *ret_held: another with this key has not come to its end yet. FALSE when that cannot be read. */
gboolean     air_host_enter_line      (AirHost         *self,
                                       const char      *key,
                                       const char      *id,
                                       gboolean        *ret_held,
                                       GError         **error);
void         air_host_hold_line       (AirHost         *self,
                                       const char      *key,
                                       const char      *id);
void         air_host_leave_line      (AirHost         *self,
                                       const char      *key,
                                       const char      *id);
/* Its holder has left the memory, or is over. */
void         air_host_rest_line       (AirHost         *self,
                                       const char      *key);
void         air_host_sweep_lines     (AirHost         *self);
void         air_host_clear_lines     (AirHost         *self);
void         air_key_line_free        (AirKeyLine      *self);

/* air-host-recovery.c */
gboolean     air_host_recover_index   (AirHost         *self,
                                       GError         **error);
gboolean     air_host_recover_runs    (AirHost         *self,
                                       GError         **error);

/* air-host-files.c */
gboolean     air_host_check_state     (const char      *state,
                                       GError         **error);
void         air_host_note_files      (AirHost         *self);
void         air_host_watch_files     (AirHost         *self);

/* air-host-fault.c: a run that cannot be followed stops, and says why; the others go on */
void         air_host_give_up         (AirHost         *self,
                                       const char      *id,
                                       const GError    *error);
/* What was decided fits into no entry: a person may still cancel it. */
void         air_host_give_up_unwritable (AirHost      *self,
                                       const char      *id,
                                       const GError    *error);
/* Whether the run is not stopped, or this is what may be done to it all the same. */
gboolean     air_host_admit_faulty    (AirHost         *self,
                                       const char      *id,
                                       const AirMessage *message);
/* Whether it was stopped. */
gboolean     air_host_forget_fault    (AirHost         *self,
                                       const char      *id);
void         air_host_fault_free      (gpointer         data);
/* The store cannot be read or written for the moment, for want of space say. */
static inline gboolean
air_host_passes (const GError *error)
{
  return g_error_matches (error, AIR_STORE_ERROR, AIR_STORE_ERROR_BUSY)
         || g_error_matches (error, AIR_STORE_ERROR, AIR_STORE_ERROR_FULL);
}

/* air-host-control.c */
/* TRUE: it counts, and the message is filled in. FALSE: it is answered. */
gboolean     air_host_admit_control   (AirHost         *self,
                                       AirRun          *run,
                                       AirMessage      *message);

/* air-system-chain.c */
gboolean     air_host_start_epoch     (AirHost         *self,
                                       GError         **error);
void         air_system_chain_free    (AirSystemChain  *self);

/* @logged: (nullable): of the last of several, which has them written. */
void         air_host_log_redaction   (AirHost         *self,
                                       const char      *run,
                                       const char      *legal_basis,
                                       const char      *actor,
                                       guint            n_entries,
                                       AirLogged        logged,
                                       gpointer         user_data);

/* air-redaction.c */
void         air_host_note_redaction  (AirHost         *self,
                                       const char      *run,
                                       guint64          index);
/* These entries are durable: what they speak of is erased. */
void         air_host_apply_redactions (AirHost        *self,
                                       GPtrArray       *runs); /* char * */
void         air_host_resume_redactions (AirHost       *self);
/* What could not be erased, now or once it is time. */
void         air_host_erase_again     (AirHost         *self,
                                       gboolean         now);

/* air-checkpointer.c */
AirCheckpointer *air_checkpointer_new  (AirHost        *host);
gboolean     air_checkpointer_check   (AirCheckpointer *self,
                                       GError         **error);
void         air_checkpointer_tick    (AirCheckpointer *self);
void         air_checkpointer_free    (AirCheckpointer *self);

G_END_DECLS
