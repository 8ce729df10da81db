/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-http.h"
#include "engine/air-event.h"
#include "engine/air-outcome.h"

G_BEGIN_DECLS

#define AIR_OPERATION_ERROR (air_operation_error_quark ())

/**
 * AirOperationError:
 * @AIR_OPERATION_ERROR_DOCUMENT: the operation or connector document is not one we run
 * @AIR_OPERATION_ERROR_INPUT: the input does not validate, or an expression over it fails
 * @AIR_OPERATION_ERROR_EGRESS: the URL is not on the allow-list
 * @AIR_OPERATION_ERROR_SECRET: the connector's secret is missing
 */
typedef enum {
  AIR_OPERATION_ERROR_DOCUMENT,
  AIR_OPERATION_ERROR_INPUT,
  AIR_OPERATION_ERROR_EGRESS,
  AIR_OPERATION_ERROR_SECRET,
} AirOperationError;

GQuark air_operation_error_quark (void);

/**
 * AirEgress:
 *
 * The destinations a deployment allows, each "host:port". Immutable.
 */
typedef struct _AirEgress AirEgress;

AirEgress *air_egress_new     (const char * const *destinations,
                               GError            **error);
gboolean   air_egress_allows  (const AirEgress    *self,
                               const char         *host,
                               guint               port);
gboolean   air_egress_check   (const AirEgress    *self,
                               const char         *url,
                               GError            **error);
void       air_egress_free    (AirEgress          *self);

/**
 * AirConnector:
 * @base_url: overrides the document's
 * @secrets: (nullable): map name to text, reachable as `secret.*` in the connector's `auth` alone
 *
 * A connector document bound to one deployment. Immutable.
 */
typedef struct _AirConnector AirConnector;

AirConnector *air_connector_new  (const AirValue *document,
                                  const char     *base_url,
                                  AirValue       *secrets,
                                  GError        **error);
void          air_connector_free (AirConnector   *self);

/**
 * AirConnectorRotatedFunc:
 * @secret: the name of the connector's secret
 * @value: what it is from now on
 *
 * The token server gave another refresh token; the old one may be worth nothing any more (RFC 6749, 6; RFC 9700, 4.14),
 * so it must be kept before anything else is done.
 */
typedef void (*AirConnectorRotatedFunc) (const char *secret,
                                         const char *value,
                                         gpointer    user_data);
void          air_connector_set_rotated_func (AirConnector            *self,
                                              AirConnectorRotatedFunc  func,
                                              gpointer                 user_data,
                                              GDestroyNotify           destroy);

/**
 * air_connector_invent_secrets:
 * @document: the connector's document
 *
 * A text of no worth for every `secret.NAME` that the connector's `auth` asks for: for replays and simulations, which
 * talk to nobody.
 *
 * Returns: (transfer full): a map
 */
AirValue     *air_connector_invent_secrets (const AirValue *document);

/**
 * AirOperation:
 *
 * One operation document, its expressions and schemas compiled once. Immutable; may be used from
 * several threads.
 */
typedef struct _AirOperation AirOperation;

AirOperation   *air_operation_new           (const AirValue        *document,
                                             const AirConnector    *connector,
                                             GError               **error);
void            air_operation_free          (AirOperation          *self);
const char     *air_operation_get_id        (const AirOperation    *self);
const AirConnector *air_operation_get_connector (const AirOperation *self);

/**
 * air_operation_build_request:
 * @self: an operation
 * @purpose: RECONCILE takes `reconcile.request`, the others `request`
 * @input: validated against the operation's input schema
 * @run: {id, step, idem, started, approval_id}
 * @egress: where it may go
 *
 * Does no I/O. Path segments and query values are percent-encoded, so no input changes the
 * address; the credentials go in last.
 *
 * Returns: (transfer full): the request, or NULL with AIR_OPERATION_ERROR
 */
AirHttpRequest *air_operation_build_request (const AirOperation    *self,
                                             AirPurpose             purpose,
                                             AirValue              *input,
                                             AirValue              *run,
                                             const AirEgress       *egress,
                                             GError               **error);

AirHttpRequest *air_operation_build_page    (const AirOperation    *self,
                                             AirValue              *input,
                                             AirValue              *run,
                                             const AirEgress       *egress,
                                             const char            *page,
                                             GError               **error);
char           *air_operation_get_next_page (const AirOperation    *self,
                                             AirValue              *input,
                                             AirValue              *run,
                                             const AirHttpResponse *response);
guint           air_operation_get_max_pages (const AirOperation    *self);
AirOutcome     *air_operation_join_pages    (AirOutcome            *take_before,
                                             AirOutcome            *take_page);

/**
 * air_operation_interpret:
 * @self: an operation
 * @purpose: of the request
 * @input: as for air_operation_build_request()
 * @run: as for air_operation_build_request()
 * @request: what was sent
 * @response: what came back
 *
 * What an answer means. Never fails: what cannot be understood is an outcome too. A reconcile that
 * finds nothing gives NOT_FOUND, one that finds the effect gives OK with the output the action
 * itself would have given.
 *
 * Returns: (transfer full): the outcome, with evidence
 */
AirOutcome     *air_operation_interpret     (const AirOperation    *self,
                                             AirPurpose             purpose,
                                             AirValue              *input,
                                             AirValue              *run,
                                             const AirHttpRequest  *request,
                                             const AirHttpResponse *response);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirEgress, air_egress_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirConnector, air_connector_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOperation, air_operation_free)

G_END_DECLS
