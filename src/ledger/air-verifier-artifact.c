/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include <string.h>

#include "air-ledger-private.h"
#include "air-verifier-private.h"
#include "base/air-json.h"

/* The workflow version that ran, as far as the bundle holds it: manifest, config,
 * plan, and who signed it (cosign's simple signing). */

#define EVIDENCE AIR_CHECK_EVIDENCE
#define FAULT    AIR_FINDING_FAULT

/* Of the layer of an artifact that is its plan. */
#define PLAN_TYPE "application/vnd.airails.plan.v1+json"

static char *
digest_uri (GBytes *data)
{
  AirDigest digest = air_sha256 (g_bytes_get_data (data, NULL), g_bytes_get_size (data));
  g_autofree char *hex = air_digest_to_hex (&digest);

  return g_strconcat ("sha256:", hex, NULL);
}

static GBytes *
decode (const AirValue *map, const char *key)
{
  const char *text = air_map_get_string (map, key);
  gsize length;
  guint8 *bytes = text != NULL ? air_base64_decode (text, strlen (text), &length) : NULL;

  return bytes != NULL ? g_bytes_new_take (bytes, length) : NULL;
}

static void
check_payload (AirVerification *self, GBytes *payload, const char *digest)
{
  g_autoptr (AirValue) root = air_json_parse_bytes (payload, NULL);
  const AirValue *critical = root != NULL ? air_map_get_map (root, "critical") : NULL;
  const char *type = air_map_get_string (critical, "type");
  const char *named = air_map_get_string (air_map_get_map (critical, "image"), "docker-manifest-digest");

  /* cosign does not look at the type; a signature for something else must not pass for this. */
  if (g_strcmp0 (type, "cosign container image signature") != 0)
    air_report_add (self->report, EVIDENCE, FAULT, "artifact/signature.json", "payload.critical.type",
                    "it is not a signature of an image");
  if (g_strcmp0 (named, digest) != 0)
    air_report_add (self->report, EVIDENCE, FAULT, "artifact/signature.json",
                    "payload.critical.image.docker-manifest-digest", "it is not the digest of artifact/manifest.json");
}

static void
check_signature (AirVerification *self, const char *digest)
{
  g_autoptr (AirValue) root = air_json_parse_bytes (self->bundle->artifact_signature, NULL);
  g_autoptr (GBytes) payload = decode (root, "payload");
  g_autoptr (GBytes) signature = decode (root, "signature");
  const char *pem = air_map_get_string (root, "key");
  g_autoptr (AirPublicKey) key = pem != NULL ? air_public_key_from_pem (pem, NULL) : NULL;
  const AirTrustedKey *signer = NULL;

  if (payload == NULL || signature == NULL || key == NULL)
    {
      air_report_add (self->report, EVIDENCE, FAULT, "artifact/signature.json", NULL,
                      "not an object of key, payload and signature");
      return;
    }
  if (!air_public_key_verify (key, g_bytes_get_data (payload, NULL), g_bytes_get_size (payload),
                              g_bytes_get_data (signature, NULL), g_bytes_get_size (signature), NULL))
    {
      air_report_add (self->report, EVIDENCE, FAULT, "artifact/signature.json", "signature",
                      "it is not by the key beside it");
      return;
    }
  check_payload (self, payload, digest);

  if (self->trust != NULL && self->trust->has_people)
    {
      signer = air_verifier_find_key (self->trust->signers, air_public_key_get_id (key));
      if (signer == NULL || !g_strv_contains ((const char *const *) signer->roles, "designer"))
        air_report_add (self->report, EVIDENCE, FAULT, "artifact/signature.json", "key",
                        "the signers you pinned have no such key of a designer");
    }
  air_report_add (self->report, EVIDENCE, AIR_FINDING_NOTE, "artifact/signature.json", NULL,
                  "the workflow version is signed by %s%s", signer != NULL ? signer->uri : "key ",
                  signer != NULL ? "" : air_public_key_get_id (key));
}

static const AirValue *
find_layer (const AirValue *layers, const char *digest)
{
  for (gsize i = 0; layers != NULL && i < air_list_get_size (layers); i++)
    if (g_strcmp0 (air_map_get_string (air_list_get (layers, i), "digest"), digest) == 0)
      return air_list_get (layers, i);
  return NULL;
}

static void
check_blobs (AirVerification *self)
{
  g_autoptr (AirValue) root = air_json_parse_bytes (self->bundle->artifact_manifest, NULL);
  const char *config = air_map_get_string (air_map_get_map (root, "config"), "digest");
  const AirValue *layers = air_map_get_list (root, "layers");

  if (self->bundle->artifact_config != NULL)
    {
      g_autofree char *digest = digest_uri (self->bundle->artifact_config);

      if (g_strcmp0 (config, digest) != 0)
        air_report_add (self->report, EVIDENCE, FAULT, "artifact/config.json", NULL,
                        "it is not the config that artifact/manifest.json names");
    }
  if (self->bundle->plan != NULL)
    {
      g_autofree char *digest = digest_uri (self->bundle->plan);
      const AirValue *layer = find_layer (layers, digest);
      const char *type = air_map_get_string (layer, "mediaType");

      if (layer == NULL)
        air_report_add (self->report, EVIDENCE, FAULT, "artifact/plan.json", NULL,
                        "it is no layer that artifact/manifest.json names");
      else if (type != NULL && !g_str_equal (type, PLAN_TYPE))
        air_report_add (self->report, EVIDENCE, FAULT, "artifact/plan.json", NULL,
                        "it is a layer of artifact/manifest.json, and no plan but %s", type);
    }
}

/* Whoever pins signers wants to know whose the version is: leaving its signature out must not do. */
static void
say_unsigned (AirVerification *self, const char *file, const char *words)
{
  if (self->trust != NULL && self->trust->has_people)
    air_report_add (self->report, EVIDENCE, FAULT, file, NULL,
                    "%s: that one of the signers you pinned signed the version cannot be checked", words);
  else
    air_report_add (self->report, EVIDENCE, AIR_FINDING_NOTE, file, NULL, "%s", words);
}

void
air_verify_artifact (AirVerification *self)
{
  g_autofree char *digest = NULL;

  if (self->bundle->artifact_manifest == NULL)
    {
      if (self->bundle->artifact_config != NULL || self->bundle->artifact_signature != NULL
          || self->bundle->plan != NULL)
        air_report_add (self->report, EVIDENCE, FAULT, "artifact/manifest.json", NULL, "it is missing");
      else
        say_unsigned (self, "artifact", "the bundle does not hold the workflow version; entries name its digest");
      return;
    }

  digest = digest_uri (self->bundle->artifact_manifest);
  for (guint i = 0; i < self->bundle->items->len; i++)
    {
      const AirBundleItem *item = g_ptr_array_index (self->bundle->items, i);
      const char *named = air_map_get_string (air_entry_get_members (item->entry), "artifact");
      g_autofree char *file = air_verifier_entry_file (item);

      if (air_verifier_is_of_run (self, item) && named != NULL && !g_str_equal (named, digest))
        air_report_add (self->report, EVIDENCE, FAULT, file, "artifact",
                        "it is not the digest of artifact/manifest.json");
    }
  check_blobs (self);
  if (self->bundle->artifact_signature != NULL)
    check_signature (self, digest);
  else
    say_unsigned (self, "artifact/signature.json", "the bundle does not hold the signature of the workflow version");
}
