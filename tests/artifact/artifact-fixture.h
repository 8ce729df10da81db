/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib/gstdio.h>
#include <string.h>

#include "artifact/air-artifact.h"
#include "artifact/air-registry.h"
#include "base/air-json.h"

/* A small artifact, the keys of a designer, of an operator who also has a key, and of a stranger. */
typedef struct {
  char *directory; /* of its own */
  char *layout;
  AirArtifact *artifact;
  AirPrivateKey *designer, *operator_key, *stranger;
  GPtrArray *signers;
} Fixture;

G_GNUC_UNUSED static GBytes *
text_bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

G_GNUC_UNUSED static AirArtifact *
make_artifact_of (const char *plan, const char *version)
{
  g_autoptr (GBytes) config = text_bytes ("{\"cpu\":1,\"workflow\":\"refunds\"}");
  g_autoptr (GBytes) plan_bytes = text_bytes (plan), source = text_bytes ("{\"id\":\"refunds\"}\n");
  g_autoptr (GBytes) lock = text_bytes ("{}"), policies = text_bytes ("{}"), tests = text_bytes ("{\"errors\":0,\"v\":1}");
  GBytes *const layers[AIR_N_LAYERS] = { plan_bytes, source, lock, policies, tests };
  g_autoptr (GError) error = NULL;
  AirArtifact *artifact = air_artifact_pack ("refunds", version, config, layers, &error);

  g_assert_no_error (error);
  return artifact;
}

G_GNUC_UNUSED static AirArtifact *
make_artifact (void)
{
  return make_artifact_of ("{\"v\":1,\"version\":\"1.0.0\",\"workflow\":\"refunds\"}", "1.0.0");
}

G_GNUC_UNUSED static void
add_signer (AirValue *signers, const char *uri, AirPrivateKey *key, const char *role)
{
  AirValue *signer = air_map_new (), *roles = air_list_new ();
  g_autofree char *pem = air_public_key_to_pem (air_private_key_get_public (key));

  air_map_set_string (signer, "uri", uri);
  air_map_set_string (signer, "key", pem);
  air_list_append (roles, air_value_new_string (role));
  air_map_set (signer, "roles", roles);
  air_list_append (signers, signer);
}

G_GNUC_UNUSED static void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (AirValue) trust = air_map_new ();
  AirValue *signers = air_list_new ();
  g_autoptr (GError) error = NULL;

  self->directory = g_dir_make_tmp ("test-artifact-XXXXXX", &error);
  g_assert_no_error (error);
  self->layout = g_build_filename (self->directory, "layout", NULL);
  self->designer = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  self->operator_key = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  self->stranger = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  add_signer (signers, "airails://example/people/oskar", self->operator_key, "operator");
  add_signer (signers, "airails://example/people/dora", self->designer, "designer");
  air_map_set (trust, "signers", signers);
  self->signers = air_signers_from_trust (trust, &error);
  g_assert_no_error (error);
  self->artifact = make_artifact ();
}

G_GNUC_UNUSED static void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  air_artifact_unref (self->artifact);
  air_private_key_unref (self->designer);
  air_private_key_unref (self->operator_key);
  air_private_key_unref (self->stranger);
  g_ptr_array_unref (self->signers);
  g_free (self->layout);
  g_free (self->directory);
}

G_GNUC_UNUSED static char *
blob_file (const char *layout, const char *digest)
{
  return g_build_filename (layout, "blobs", "sha256", digest + strlen ("sha256:"), NULL);
}

/* The manifest descriptor of a kind in the layout's index. */
G_GNUC_UNUSED static char *
find_manifest (const char *layout, const char *kind)
{
  g_autofree char *path = g_build_filename (layout, "index.json", NULL);
  g_autoptr (AirValue) index = air_json_load_file (path, NULL);
  const AirValue *manifests = air_map_get_list (index, "manifests");

  for (gsize i = 0; i < air_list_get_size (manifests); i++)
    {
      const AirValue *item = air_list_get (manifests, i);

      if (g_str_has_suffix (air_map_get_string (air_map_get_map (item, "annotations"), "kind"), kind))
        return g_strdup (air_map_get_string (item, "digest"));
    }
  return NULL;
}

G_GNUC_UNUSED static void
flip_byte (const char *path, gsize offset)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (offset, <, length);
  data[offset] ^= 1;
  g_file_set_contents_full (path, data, length, G_FILE_SET_CONTENTS_NONE, 0644, &error);
  g_assert_no_error (error);
}
