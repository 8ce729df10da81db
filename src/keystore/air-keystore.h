/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "base/air-value.h"

G_BEGIN_DECLS

/*
 * Where keys are kept, and how all programs name them:
 *
 *   file:PATH, or PATH alone     an unencrypted PEM file
 *   pkcs11:token=…;object=…      RFC 7512: a token, reached through p11-kit; "?module-path=FILE" names a module
 *                                p11-kit does not know, "?pin-source=file:PATH" where the PIN is
 *   keyring:NAME                 the desktop's keyring (Secret Service)
 *
 * A PIN never stands in a reference: it comes from its pin-source, from the environment's AIRAILS_PIN or from
 * whoever is asked (air_keystore_set_pin_func()).
 */

#define AIR_KEYSTORE_ERROR (air_keystore_error_quark ())

/**
 * AirKeystoreError:
 * @AIR_KEYSTORE_ERROR_REFERENCE: no reference of a kind that is known here
 * @AIR_KEYSTORE_ERROR_NOT_FOUND: the store has no key of that name
 * @AIR_KEYSTORE_ERROR_EXISTS: a key is there already, and nothing is overwritten
 * @AIR_KEYSTORE_ERROR_PIN: no PIN was given, or it is wrong
 * @AIR_KEYSTORE_ERROR_UNAVAILABLE: no such token, no keyring, or it is locked
 */
typedef enum {
  AIR_KEYSTORE_ERROR_REFERENCE,
  AIR_KEYSTORE_ERROR_NOT_FOUND,
  AIR_KEYSTORE_ERROR_EXISTS,
  AIR_KEYSTORE_ERROR_PIN,
  AIR_KEYSTORE_ERROR_UNAVAILABLE,
} AirKeystoreError;

GQuark air_keystore_error_quark (void);

/**
 * AirPinFunc:
 * @token: the token's label
 * @user_data: what was handed to air_keystore_set_pin_func()
 *
 * May be called from any thread that opens or uses a key, and may block until a person has answered.
 *
 * Returns: (transfer full) (nullable): the PIN, %NULL when nobody knows it
 */
typedef char *(*AirPinFunc) (const char *token,
                             gpointer    user_data);

void           air_keystore_set_pin_func (AirPinFunc       func,
                                          gpointer         user_data);
char          *air_keystore_resolve      (const char      *reference,
                                          const char      *folder);
AirPrivateKey *air_keystore_open         (const char      *reference,
                                          GError         **error);
AirPrivateKey *air_keystore_generate     (const char      *reference,
                                          AirKeyType       type,
                                          GError         **error);
AirValue      *air_keystore_list         (const char      *store,
                                          GError         **error);

/**
 * AirKeystoreKind:
 * @scheme: how its references begin: "keyring:"
 * @open: gives the key of a name; fails with an %AIR_KEYSTORE_ERROR or an %AIR_CRYPTO_ERROR
 * @store: keeps a new key; fails with %AIR_KEYSTORE_ERROR_EXISTS where that name is taken
 * @list: {reference, type, id} of each key it has
 *
 * A further kind of store. The keyring is one: only programs with a person in front of them link it.
 */
typedef struct {
  const char     *scheme;
  AirPrivateKey *(*open)     (const char *name, GError **error);
  gboolean       (*store)    (const char *name, AirPrivateKey *key, GError **error);
  AirValue      *(*list)     (GError **error);
} AirKeystoreKind;

void           air_keystore_add_kind     (const AirKeystoreKind *kind);

G_END_DECLS
