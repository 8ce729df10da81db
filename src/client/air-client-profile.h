/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define AIR_TYPE_CLIENT_PROFILE (air_client_profile_get_type ())

/**
 * AirClientProfile:
 *
 * How to reach one runtime, and as whom. Reference counted and immutable.
 */
typedef struct _AirClientProfile AirClientProfile;

GType             air_client_profile_get_type         (void);
AirClientProfile *air_client_profile_new              (const char        *name,
                                                       const char        *url,
                                                       const char        *ca_pem,
                                                       const char        *certificate,
                                                       const char        *private_key,
                                                       const char        *decision_key,
                                                       const char        *ledger_key,
                                                       GError           **error);
AirClientProfile *air_client_profile_load             (const char        *path,
                                                       GError           **error);
AirClientProfile *air_client_profile_ref              (AirClientProfile  *self);
void              air_client_profile_unref            (AirClientProfile  *self);

const char       *air_client_profile_get_name         (AirClientProfile  *self);
const char       *air_client_profile_get_url          (AirClientProfile  *self);
const char       *air_client_profile_get_ca           (AirClientProfile  *self);
const char       *air_client_profile_get_certificate  (AirClientProfile  *self);
const char       *air_client_profile_get_private_key  (AirClientProfile  *self);
const char       *air_client_profile_get_decision_key (AirClientProfile  *self);
const char       *air_client_profile_get_ledger_key   (AirClientProfile  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirClientProfile, air_client_profile_unref)

G_END_DECLS
