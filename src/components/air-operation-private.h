/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-auth.h"
#include "air-operation.h"
#include "cel/air-cel.h"
#include "cel/air-template.h"
#include "engine/air-member.h"
#include "schema/air-schema.h"

G_BEGIN_DECLS

struct _AirConnector {
  char *id;
  char *base_url;    /* without a trailing slash */
  AirAuth *auth;
  AirValue *facts;   /* `connector` in expressions: the document without auth */
  /* oauth2: what the last answer gave, and who waits for the next. Belongs to the thread that sends. */
  char *token;
  gint64 token_expiry_us; /* monotonic */
  char *refresh_token;    /* nullable: the one the server gave last, instead of the secret's */
  gboolean asking;
  GQueue waiting;    /* GTask */
  AirConnectorRotatedFunc rotated; /* nullable */
  gpointer rotated_data;
  GDestroyNotify rotated_destroy;
};

typedef enum {
  AIR_ENCODING_NONE,
  AIR_ENCODING_JSON,
  AIR_ENCODING_FORM,
  AIR_ENCODING_FORM_BRACKETS,
  AIR_ENCODING_RAW,
  AIR_ENCODING_MULTIPART,
  AIR_ENCODING_MIME_B64URL,
} AirEncoding;

/* A path in pieces: text as it is, and values that become one segment's text. */
typedef struct {
  char *text;           /* or NULL */
  AirTemplate *value;
} AirPathPiece;

typedef struct {
  const char *method;
  GArray *path;         /* AirPathPiece */
  AirTemplate *query;   /* nullable */
  AirTemplate *headers; /* nullable */
  AirTemplate *body;    /* nullable */
  AirEncoding encoding;
} AirRequestPlan;

typedef struct {
  AirCelProgram *when;
  AirOutcomeClass outcome_class;
  char *alarm;
} AirErrorRule;

typedef struct {
  char *group;          /* nullable: "ids" */
  char *name;
  AirTemplate *value;
} AirEvidenceItem;

struct _AirOperation {
  char *id;
  const AirConnector *connector;
  AirSchema *input;
  AirSchema *output;
  AirRequestPlan *request;
  AirRequestPlan *reconcile; /* nullable */
  AirCelProgram *ok;
  AirTemplate *mapping;
  GPtrArray *asserts;   /* AirCelProgram */
  GArray *errors;       /* AirErrorRule */
  GArray *evidence;     /* AirEvidenceItem */
  gboolean bind_request;
  gboolean bind_response;
  gboolean bind_key;
  AirCelProgram *found; /* nullable */
  gboolean found_is_output;
  AirCelProgram *next;  /* nullable: the mark of the page after this one */
  char *page_parameter;
  guint max_pages;
  GPtrArray *header_names; /* lower case: what expressions ask of `header` */
};

/* {input, run, connector} */
AirValue *air_operation_bindings         (const AirOperation *self,
                                          AirValue           *input,
                                          AirValue           *run);
void      air_request_plan_free          (AirRequestPlan     *self);
gboolean  air_http_header_name_is_valid  (const char         *name);
gboolean  air_http_header_value_is_valid (const char         *value);
AirEgress *air_egress_copy               (const AirEgress    *self);
/* Takes @next. */
gboolean  air_operation_load_pages       (AirOperation       *self,
                                          const AirValue     *document,
                                          AirCelProgram      *next,
                                          GError            **error);
char     *air_schema_describe_issues     (GPtrArray          *issues);

G_END_DECLS
