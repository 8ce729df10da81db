/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "base/air-value.h"

G_BEGIN_DECLS

/* What the stand-in vendors have in common: a vendor is a function from a request to an answer;
 * this serves it over HTTP on the loopback interface. */

#define VENDOR_ERROR (vendor_error_quark ())
typedef enum {
  VENDOR_ERROR_DATA, /* an input file does not have the published shape */
  VENDOR_ERROR_LISTEN,
} VendorError;
GQuark vendor_error_quark (void);

typedef struct {
  const char *method;
  const char *path;             /* percent-decoded */
  GHashTable *query;            /* nullable; text → text */
  SoupMessageHeaders *headers;
  GBytes *body;
} VendorRequest;

typedef struct {
  guint status;
  SoupMessageHeaders *headers;
  char *body;                   /* nullable; JSON text */
  gboolean dropped;             /* the connection closes without an answer */
  guint delay_ms;
} VendorAnswer;

VendorAnswer *vendor_answer_new  (guint               status,
                                  AirValue           *take_body);
VendorAnswer *vendor_answer_copy (const VendorAnswer *self);
void          vendor_answer_free (VendorAnswer       *self);

typedef VendorAnswer *(*VendorHandler) (const VendorRequest *request,
                                        gpointer             user_data);

typedef struct _VendorServer VendorServer;

VendorServer *vendor_server_new         (VendorHandler   handler,
                                         gpointer        user_data);
gboolean      vendor_server_listen      (VendorServer   *self,
                                         GError        **error);
const char   *vendor_server_get_address (VendorServer   *self);
void          vendor_server_free        (VendorServer   *self);

/* Serves until SIGTERM or SIGINT; writes "127.0.0.1:PORT" to @address_file once it listens. */
gboolean      vendor_server_run         (VendorServer   *self,
                                         const char     *address_file,
                                         GError        **error);

/* TRUE when the request carries "Authorization: Bearer <token>"; a NULL token lets everyone in. */
gboolean      vendor_request_has_token  (const VendorRequest *request,
                                         const char          *token);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VendorAnswer, vendor_answer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VendorServer, vendor_server_free)

G_END_DECLS
