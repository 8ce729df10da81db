/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-clock.h"
#include "base/air-hash.h"
#include "base/air-value.h"

G_BEGIN_DECLS

/* RFC 9901 disclosures: base64url (JSON [salt, name, value]); the commitment is
 * base64url (SHA-256 (the disclosure's ASCII)), 43 characters. */

#define AIR_SD_SALT_SIZE   16
#define AIR_SD_DIGEST_SIZE 43
#define AIR_SD_MAX_SIZE    (4 * 1024 * 1024) /* of one disclosure's text */

/**
 * AirDisclosure:
 * @salt: as it stands in the disclosure: base64url of %AIR_SD_SALT_SIZE bytes
 * @name: the member's name
 * @value: its value
 *
 * An SD-JWT disclosure (RFC 9901) that was read. Freed with air_disclosure_free().
 */
typedef struct {
  char *salt;
  char *name;
  AirValue *value;
} AirDisclosure;

char          *air_sd_disclose          (const char       *name,
                                         const AirValue   *value,
                                         const AirRandom  *random,
                                         GError          **error);
gboolean       air_sd_append            (GString          *json,
                                         const char       *name,
                                         const AirValue   *value,
                                         const AirRandom  *random,
                                         GError          **error);
void           air_sd_digest            (const char       *disclosure,
                                         char              ret_digest[AIR_SD_DIGEST_SIZE + 1]);
AirDisclosure *air_sd_parse             (const char       *disclosure,
                                         GError          **error);
gboolean       air_sd_is_digest         (const char       *text);
void           air_disclosure_free      (AirDisclosure    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirDisclosure, air_disclosure_free)

G_END_DECLS
