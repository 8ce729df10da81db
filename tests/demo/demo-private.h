/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "demo-approver.h"
#include "demo-data.h"
#include "demo-disk.h"
#include "demo-feeder.h"
#include "demo-judge.h"
#include "demo-ledger.h"
#include "demo-process.h"
#include "demo-progress.h"
#include "demo-watcher.h"
#include "demo.h"

G_BEGIN_DECLS

/* The people of the demo. Each has a certificate to connect with; who signs has a key for that, too. */
typedef enum {
  DEMO_DORA, /* designed the workflow and signs it */
  DEMO_OLGA, /* operates: sends the requests in */
  DEMO_ANA,  /* approves */
  DEMO_BO,   /* approves */
  DEMO_AUDE, /* audits: reads everything, changes nothing */
  DEMO_N_PEOPLE,
} DemoPersonId;

typedef struct {
  const char *id; /* file names, and the end of the URI */
  const char *name;
  const char *role;
} DemoPerson;

extern const DemoPerson demo_people[DEMO_N_PEOPLE];

#define DEMO_N_APPROVERS 2
#define DEMO_ORIGIN      "airails.example/demo/refunds"

struct _Demo {
  DemoOptions options;
  DemoPlaces places;
  char *folder;
  DemoData *data;
  GMainLoop *loop;
  GCancellable *cancellable;
  guint stage;
  gboolean failed;
  gboolean stopped;
  gint64 started_us;
  DemoProgress *progress;

  DemoProcess *shop, *payments, *runtime;
  char *shop_address, *payments_address, *runtime_address;
  AirClient *clients[DEMO_N_PEOPLE]; /* only of those who connect */

  DemoFeeder *feeder;
  DemoWatcher *watcher;
  DemoApprover *approvers[DEMO_N_APPROVERS];
  int kills;
  guint restart;
  void (*ready) (Demo *self); /* of the runtime's last start */
  DemoDisk *disk; /* NULL: the disk never fills up */
  guint stall; /* timeout: fires when no run has ended for a while */
  guint finished_before;

  GPtrArray *commands; /* GStrv; what the current stage still has to run */
  char *artifact;      /* the published artifact's folder */

  AirValue *books; /* what the vendors tell at the end */
  AirValue *state;
  guint answers_due;
  DemoLedger *ledger;
  DemoVerdict *verdict;

  const DemoRequest *example; /* the refund whose proof is shown */
  char *bundle_path;

  DemoProcess *window; /* NULL: there is no display, or nobody wants one */
  gboolean window_closed;
  gboolean waits_for_window;
};

/* The next stage; every stage calls one of these two once, from wherever it ends. */
void  demo_next (Demo         *self);
void  demo_fail (Demo         *self,
                 const GError *error);

char *demo_path (Demo         *self,
                 const char   *name,
                 ...) G_GNUC_NULL_TERMINATED;

/* demo-people.c */
void demo_stage_people    (Demo *self);
void demo_stage_trust     (Demo *self);
void demo_stage_artifact  (Demo *self);
void demo_stage_publish   (Demo *self);

/* demo-setup.c */
void demo_stage_vendors   (Demo *self);
void demo_stage_runtime   (Demo *self);
void demo_stage_connect   (Demo *self);
/* Starts the runtime (again) and calls @ready when it answers. */
void demo_start_runtime   (Demo  *self,
                           void (*ready) (Demo *self));
/* Where the runtime keeps its ledger. */
char *demo_state_path    (Demo         *self,
                          const char   *name);

/* demo-work.c */
void demo_stage_work      (Demo *self);

/* demo-results.c */
void demo_stage_vendor_results (Demo *self);
void demo_stage_ledger         (Demo *self);
void demo_stage_report         (Demo *self);

/* demo-proof.c */
void demo_stage_export    (Demo *self);
void demo_stage_words     (Demo *self);
void demo_stage_verify    (Demo *self);
void demo_stage_tamper    (Demo *self);

/* demo-window.c */
void demo_stage_open_window  (Demo *self);
void demo_stage_await_window (Demo *self);

G_END_DECLS
