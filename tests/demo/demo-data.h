/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/air-value.h"

G_BEGIN_DECLS

#define DEMO_ERROR (demo_error_quark ())
typedef enum {
  DEMO_ERROR_INPUT,   /* a file is missing or has another shape */
  DEMO_ERROR_PROCESS, /* a program did not start, or ended when it should not */
  DEMO_ERROR_ANSWER,  /* the runtime answered what it should not */
} DemoError;
GQuark demo_error_quark (void);

/* One request of the file. A request that is delivered twice stands twice in the order of delivery,
 * but is one DemoRequest. */
typedef struct {
  AirValue *data;
  const char *id;
  const char *order_id;
  char *run;           /* the runtime's name for it; NULL until it was received */
  char *state;         /* of the run, when last asked */
  AirValue *answer;    /* the finished run as the runtime tells it; NULL until then */
} DemoRequest;

typedef struct {
  char *requests_path;
  char *orders_path;
  char *users_path;
  GPtrArray *requests;   /* DemoRequest, each once */
  GPtrArray *deliveries; /* DemoRequest (borrowed), in the order of the file */
  GHashTable *by_run;    /* run → DemoRequest (borrowed) */
  AirValue *orders;
  AirValue *users;
  AirValue *trouble;     /* what the synthetic shop wants to go wrong; may be empty */
  GPtrArray *expected;   /* nullable; AirValue, in the order of requests */
  AirValue *final_state; /* nullable */
} DemoData;

/* NULL paths mean the files that go by their names with @requests_path, if they are there. */
DemoData *demo_data_load             (const char      *requests_path,
                                      const char      *expected_path,
                                      const char      *final_state_path,
                                      GError         **error);
void      demo_data_free             (DemoData        *self);
void      demo_data_set_run          (DemoData        *self,
                                      DemoRequest     *request,
                                      const char      *run);
gboolean  demo_data_is_watched       (const DemoData  *self,
                                      const char      *order_id);

/* Where the money of a request goes, from the shop's own files: the payment at the provider, or
 * NULL when it goes to a gift card. */
char     *demo_data_payment_intent   (const DemoData  *self,
                                      const AirValue  *request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoData, demo_data_free)

G_END_DECLS
