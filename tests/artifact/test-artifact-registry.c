/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our registry client, and other people's tools, against Debian's docker-registry. No network but the loopback. */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "artifact/air-artifact-private.h"
#include "artifact/air-oci-client.h"
#include "keystore/air-keystore.h"
#include "registry-fixture.h"
#include "registry-tokens.h"

#define REPOSITORY "team/airails/refunds"

static AirRegistry *
open_team (Registry *self)
{
  g_autofree char *location = g_strconcat (self->location, "/team", NULL);
  g_autoptr (GError) error = NULL;
  AirRegistry *registry = air_registry_open (location, &self->options, &error);

  g_assert_no_error (error);
  return registry;
}

static void
publish (Registry *self)
{
  g_autoptr (AirRegistry) registry = open_team (self);
  g_autoptr (GError) error = NULL;
  g_autofree char *where = NULL, *expected = g_strconcat (self->location, "/" REPOSITORY ":1.0.0", NULL);

  g_assert_true (air_artifact_sign (self->base.artifact, self->base.designer, &error));
  where = air_registry_publish (registry, self->base.artifact, self->base.signers, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (where, ==, expected);
}

static AirArtifact *
fetch (Registry *self, const char *version, GError **error)
{
  g_autoptr (AirRegistry) registry = open_team (self);

  return air_registry_fetch (registry, "refunds", version, error);
}

/* --- a program of others ------------------------------------------------------------------ */

G_GNUC_NULL_TERMINATED
static gboolean
run (Registry *self, char **ret_out, const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_auto (GStrv) environment = g_get_environ ();
  g_autofree char *out = NULL, *err = NULL;
  g_autoptr (GError) error = NULL;
  va_list args;
  int status;

  environment = g_environ_setenv (environment, "HTTPS_PROXY", "http://127.0.0.1:1", TRUE);
  environment = g_environ_setenv (environment, "HOME", self->base.directory, TRUE);
  environment = g_environ_setenv (environment, "REGISTRY_AUTH_FILE", self->auth_file, TRUE);
  va_start (args, first);
  for (const char *arg = first; arg != NULL; arg = va_arg (args, const char *))
    g_ptr_array_add (argv, (gpointer) arg);
  va_end (args);
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (self->base.directory, (char **) argv->pdata, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err,
                &status, &error);
  g_assert_no_error (error);
  g_test_message ("%s: %s %s", first, out, err);
  if (ret_out != NULL)
    *ret_out = g_steal_pointer (&out);
  return g_spawn_check_wait_status (status, NULL);
}

static gboolean
cosign (Registry *self, AirPrivateKey *key, gboolean attestation)
{
  g_autofree char *pem = air_public_key_to_pem (air_private_key_get_public (key));
  g_autofree char *path = g_build_filename (self->base.directory, "key.pub", NULL);
  g_autofree char *reference = g_strdup_printf ("%s/" REPOSITORY ":1.0.0", self->authority);

  g_assert_true (g_file_set_contents (path, pem, -1, NULL));
  if (attestation)
    return run (self, NULL, "cosign", "verify-attestation", "--type", AIR_COMPILE_PREDICATE_TYPE, "--key", path,
                "--insecure-ignore-tlog=true", "--allow-http-registry", reference, NULL);
  return run (self, NULL, "cosign", "verify", "--key", path, "--insecure-ignore-tlog=true", "--allow-http-registry",
              reference, NULL);
}

/* --- ours -------------------------------------------------------------------------------- */

static void
test_round_trip (Registry *self, gconstpointer data)
{
  g_autoptr (AirRegistry) registry = open_team (self);
  g_autoptr (AirArtifact) fetched = NULL, by_digest = NULL, by_channel = NULL, none = NULL;
  g_autoptr (AirArtifact) changed =
      make_artifact_of ("{\"n\":2,\"v\":1,\"version\":\"1.0.0\",\"workflow\":\"refunds\"}", "1.0.0");
  g_autoptr (AirArtifact) next = make_artifact_of ("{\"v\":1,\"version\":\"1.1.0\",\"workflow\":\"refunds\"}", "1.1.0");
  g_autofree char *twice = NULL, *later = NULL, *joined = NULL;
  g_auto (GStrv) versions = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (air_registry_publish (registry, self->base.artifact, self->base.signers, &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSIGNED);
  g_clear_error (&error);
  none = air_registry_fetch (registry, "refunds", "1.0.0", &error);
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_NOT_FOUND);
  g_clear_error (&error);

  publish (self);
  twice = air_registry_publish (registry, self->base.artifact, self->base.signers, &error);
  g_assert_no_error (error);
  fetched = air_registry_fetch (registry, "refunds", "1.0.0", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fetched->digest, ==, self->base.artifact->digest);
  g_assert_cmpuint (fetched->signatures->len, ==, 1);
  g_assert_cmpuint (fetched->attestations->len, ==, 1);
  g_assert_true (air_artifact_verify (fetched, self->base.signers, &error));

  /* A version never changes; another one comes beside it. */
  g_assert_true (air_artifact_sign (changed, self->base.designer, NULL));
  g_assert_null (air_registry_publish (registry, changed, self->base.signers, &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DENIED);
  g_clear_error (&error);
  g_assert_true (air_artifact_sign (next, self->base.designer, NULL));
  later = air_registry_publish (registry, next, self->base.signers, &error);
  g_assert_no_error (error);

  /* A channel moves. */
  g_assert_false (air_registry_set_channel (registry, next, "2prod", &error));
  g_clear_error (&error);
  g_assert_true (air_registry_set_channel (registry, self->base.artifact, "prod", &error));
  g_assert_true (air_registry_set_channel (registry, next, "prod", &error));
  g_assert_no_error (error);
  by_channel = air_registry_fetch (registry, "refunds", "prod", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (by_channel->version, ==, "1.1.0");
  by_digest = air_registry_fetch (registry, "refunds", self->base.artifact->digest, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (by_digest->version, ==, "1.0.0");
  g_assert_false (air_registry_set_channel (registry, changed, "prod", &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_NOT_FOUND);
  g_clear_error (&error);

  versions = air_registry_list (registry, "refunds", &error);
  g_assert_no_error (error);
  joined = g_strjoinv (" ", versions);
  g_assert_cmpstr (joined, ==, "1.0.0 1.1.0 prod");
}

/* A second designer's signature joins the first. */
static void
test_signed_twice (Registry *self, gconstpointer data)
{
  g_autoptr (AirRegistry) registry = open_team (self);
  g_autoptr (AirArtifact) fetched = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *where = NULL;

  publish (self);
  g_assert_true (air_artifact_sign (self->base.artifact, self->base.stranger, NULL));
  where = air_registry_publish (registry, self->base.artifact, self->base.signers, &error);
  /* The attestation of somebody unknown is no designer's. */
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_ptr_array_set_size (self->base.artifact->attestations, 1);
  where = air_registry_publish (registry, self->base.artifact, self->base.signers, &error);
  g_assert_no_error (error);
  fetched = fetch (self, "1.0.0", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fetched->signatures->len, ==, 2);
}

/* Above what goes in one piece. */
static void
test_large (Registry *self, gconstpointer data)
{
  g_autoptr (AirOciClient) client = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_malloc (9 << 20);
  g_autoptr (GBytes) large = NULL, again = NULL;
  g_autoptr (AirValue) descriptor = NULL;

  for (gsize i = 0; i < 9 << 20; i++)
    text[i] = 'a' + i % 7 + i / 1000003 % 13;
  large = g_bytes_new_static (text, 9 << 20);
  client = air_oci_client_new (self->authority, &self->options, &error);
  g_assert_no_error (error);
  g_assert_true (air_oci_client_put_blob (client, REPOSITORY, large, &error));
  descriptor = air_oci_descriptor ("x", large);
  again = air_oci_client_get_blob (client, REPOSITORY, descriptor, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (large, again));
  /* No more is read than the descriptor says. */
  air_map_set_int (descriptor, "size", 1000);
  g_assert_null (air_oci_client_get_blob (client, REPOSITORY, descriptor, &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST);
}

static void
test_lies (Registry *self, gconstpointer data)
{
  g_autofree char *from = g_strdup_printf ("%s/" REPOSITORY ":1.0.0", self->authority);
  g_autofree char *to = g_strdup_printf ("%s/team/airails/payouts:1.0.0", self->authority);
  g_autoptr (AirOciClient) client = NULL;
  g_autoptr (AirArtifact) artifact = NULL;
  g_autoptr (GError) error = NULL;

  publish (self);
  client = air_oci_client_new (self->authority, &self->options, &error);
  /* An old version under a new name, and under another workflow's. */
  g_assert_true (air_oci_client_put_manifest (client, REPOSITORY, "2.0.0", self->base.artifact->manifest, &error));
  artifact = fetch (self, "2.0.0", &error);
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST);
  g_clear_error (&error);
  g_assert_true (run (self, NULL, "oras", "copy", "--from-plain-http", "--to-plain-http", from, to, NULL));
  {
    g_autoptr (AirRegistry) registry = open_team (self);

    artifact = air_registry_fetch (registry, "payouts", "1.0.0", &error);
    g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST);
  }
}

/* --- with others' tools -------------------------------------------------------------------- */

/* Only who is pinned counts, whatever else a signature is good for. */
static void
assert_wrong_key_is_refused (Registry *self)
{
  g_autoptr (AirArtifact) fetched = NULL;
  g_autoptr (AirValue) trust = air_map_new ();
  g_autoptr (GPtrArray) others = NULL;
  g_autoptr (GError) error = NULL;
  AirValue *signers = air_list_new ();

  add_signer (signers, "airails://example/people/dora", self->base.stranger, "designer");
  air_map_set (trust, "signers", signers);
  others = air_signers_from_trust (trust, &error);
  g_assert_no_error (error);
  fetched = fetch (self, "1.0.0", &error);
  g_assert_no_error (error);
  g_assert_true (air_artifact_verify (fetched, self->base.signers, &error));
  g_assert_no_error (error);
  g_assert_false (air_artifact_verify (fetched, others, &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_SIGNER);
  g_assert_false (cosign (self, self->base.stranger, FALSE));
  g_assert_false (cosign (self, self->base.stranger, TRUE));
}

static gsize
find_end (const char *path, const char *needle)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, needle));
  return strstr (text, needle) - text + strlen (needle) - 1;
}

/* The registry's own disk is changed, one byte at a time: both must see it. */
static void
assert_tampering_is_seen (Registry *self)
{
  g_autoptr (AirOciLayout) layout = air_artifact_to_layout (self->base.artifact, NULL);
  AirValue *manifests = air_map_get_list (layout->index, "manifests");
  g_autofree char *payload =
      air_oci_digest (((AirArtifactSignature *) self->base.artifact->signatures->pdata[0])->payload);
  g_autofree char *statement =
      air_oci_digest (((AirArtifactAttestation *) self->base.artifact->attestations->pdata[0])->envelope);
  const struct {
    const char *digest, *needle; /* the last byte of which is changed */
    gboolean attestation;
  } places[] = {
    { self->base.artifact->digest, "schemaVersion", FALSE },
    { payload, "cosign container", FALSE },
    { air_map_get_string (air_list_get (manifests, 1), "digest"), "cosign/signature\":\"ME", FALSE },
    { self->base.artifact->digest, "schemaVersion", TRUE },
    { statement, "payload\":\"eyJ", TRUE },
    { statement, "\"sig\":\"ME", TRUE },
    { air_map_get_string (air_list_get (manifests, 2), "digest"), "schemaVersion", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = registry_blob_file (self, places[i].digest);
      gsize at = find_end (path, places[i].needle);
      g_autoptr (AirArtifact) artifact = NULL;
      g_autoptr (GError) error = NULL;

      flip_byte (path, at);
      artifact = fetch (self, "1.0.0", &error);
      g_assert_null (artifact);
      g_test_message ("%s", error->message);
      g_assert_false (cosign (self, self->base.designer, places[i].attestation));
      flip_byte (path, at);
    }
  g_assert_true (cosign (self, self->base.designer, FALSE));
  g_assert_true (cosign (self, self->base.designer, TRUE));
}

static void
test_cosign (Registry *self, gconstpointer data)
{
  publish (self);
  g_assert_true (cosign (self, self->base.designer, FALSE));
  g_assert_true (cosign (self, self->base.designer, TRUE));
  assert_wrong_key_is_refused (self);
}

static void
test_tampered (Registry *self, gconstpointer data)
{
  publish (self);
  assert_tampering_is_seen (self);
}

/* Signed by a key that never leaves its token: to all others a signature like any. */
static void
test_token_key (Registry *self, gconstpointer data)
{
  g_autofree char *tool = g_find_program_in_path ("softhsm2-util");
  g_autofree char *tokens = g_build_filename (self->base.directory, "tokens", NULL);
  g_autofree char *conf = g_build_filename (self->base.directory, "softhsm2.conf", NULL);
  g_autofree char *pin = g_build_filename (self->base.directory, "pin", NULL);
  g_autofree char *text = g_strdup_printf ("directories.tokendir = %s\n", tokens);
  g_autofree char *reference =
      g_strdup_printf ("pkcs11:token=designers;object=dora;type=private?pin-source=file:%s", pin);
  g_autofree char *pem = NULL;
  g_autoptr (AirValue) trust = air_map_new ();
  g_autoptr (GError) error = NULL;
  AirValue *signers = air_list_new ();

  if (tool == NULL)
    {
      g_test_skip ("softhsm2-util is not there");
      return;
    }
  g_assert_cmpint (g_mkdir (tokens, 0700), ==, 0);
  g_assert_true (g_file_set_contents (conf, text, -1, NULL) && g_file_set_contents (pin, "1234", -1, NULL));
  g_setenv ("SOFTHSM2_CONF", conf, TRUE);
  g_assert_true (run (self, NULL, "softhsm2-util", "--init-token", "--free", "--label", "designers", "--pin", "1234",
                      "--so-pin", "5678", NULL));
  g_clear_pointer (&self->base.designer, air_private_key_unref);
  self->base.designer = air_keystore_generate (reference, AIR_KEY_ECDSA_P256, &error);
  g_assert_no_error (error);
  pem = air_private_key_to_pem (self->base.designer);
  g_assert_null (pem);
  add_signer (signers, "airails://example/people/oskar", self->base.operator_key, "operator");
  add_signer (signers, "airails://example/people/dora", self->base.designer, "designer");
  air_map_set (trust, "signers", signers);
  g_ptr_array_unref (self->base.signers);
  self->base.signers = air_signers_from_trust (trust, &error);
  g_assert_no_error (error);

  publish (self);
  assert_wrong_key_is_refused (self);
  assert_tampering_is_seen (self);
  g_unsetenv ("SOFTHSM2_CONF");
}

/* What cosign does not look at: a signature of another type, under another name, by somebody without the role. */
static void
test_ours_is_stricter (Registry *self, gconstpointer data)
{
  g_autoptr (AirRegistry) registry = open_team (self);
  g_autoptr (AirArtifact) by_operator = NULL, other_type = NULL;
  g_autoptr (GError) error = NULL;
  AirArtifactSignature *signature;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) payload = NULL, signed_bytes = NULL;

  publish (self);
  /* By a key that is known, but no designer's. */
  g_ptr_array_set_size (self->base.artifact->signatures, 0);
  g_ptr_array_set_size (self->base.artifact->attestations, 0);
  g_assert_true (air_artifact_sign (self->base.artifact, self->base.operator_key, &error));
  {
    g_autoptr (AirOciLayout) layout = air_artifact_to_layout (self->base.artifact, &error);
    g_autoptr (AirOciClient) client = air_oci_client_new (self->authority, &self->options, &error);
    g_autofree char *tag = air_artifact_sibling_tag (self->base.artifact->digest, ".sig");
    const AirValue *descriptor = air_list_get (air_map_get_list (layout->index, "manifests"), 1);
    g_autoptr (GBytes) manifest = air_oci_layout_read (layout, descriptor, AIR_OCI_MANIFEST_TYPE, &error);

    signature = self->base.artifact->signatures->pdata[0];
    g_assert_true (air_oci_client_put_blob (client, REPOSITORY, signature->payload, &error));
    g_assert_true (air_oci_client_put_manifest (client, REPOSITORY, tag, manifest, &error));
  }
  g_assert_true (cosign (self, self->base.operator_key, FALSE));
  by_operator = fetch (self, "1.0.0", &error);
  g_assert_no_error (error);
  g_assert_false (air_artifact_verify (by_operator, self->base.signers, &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_SIGNER);
  g_clear_error (&error);

  /* By the designer, but a signature of something else. */
  text = g_strdup_printf ("{\"critical\":{\"identity\":{\"docker-reference\":\"airails/refunds\"},\"image\":"
                          "{\"docker-manifest-digest\":\"%s\"},\"type\":\"a letter\"},\"optional\":{}}",
                          self->base.artifact->digest);
  payload = g_bytes_new (text, strlen (text));
  signed_bytes = air_private_key_sign (self->base.designer, text, strlen (text), &error);
  g_ptr_array_set_size (self->base.artifact->signatures, 0);
  g_ptr_array_add (self->base.artifact->signatures, air_artifact_signature_new (payload, signed_bytes));
  {
    g_autoptr (AirOciLayout) layout = air_artifact_to_layout (self->base.artifact, &error);
    g_autoptr (AirOciClient) client = air_oci_client_new (self->authority, &self->options, &error);
    g_autofree char *tag = air_artifact_sibling_tag (self->base.artifact->digest, ".sig");
    const AirValue *descriptor = air_list_get (air_map_get_list (layout->index, "manifests"), 1);
    g_autoptr (GBytes) manifest = air_oci_layout_read (layout, descriptor, AIR_OCI_MANIFEST_TYPE, &error);

    g_assert_true (air_oci_client_put_blob (client, REPOSITORY, payload, &error));
    g_assert_true (air_oci_client_put_manifest (client, REPOSITORY, tag, manifest, &error));
  }
  g_assert_true (cosign (self, self->base.designer, FALSE));
  other_type = fetch (self, "1.0.0", &error);
  g_assert_no_error (error);
  g_assert_false (air_artifact_verify (other_type, self->base.signers, &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_SIGNATURE);
}

/* The config and every layer, as they lie in a folder that skopeo wrote and in one that oras filled. */
static void
assert_same_blobs (Registry *self, const char *layout, const char *pulled)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) manifest = air_json_parse_bytes (self->base.artifact->manifest, &error);
  AirValue *layers = air_map_get_list (manifest, "layers");

  g_assert_no_error (error);
  g_assert_cmpuint (air_list_get_size (layers), ==, AIR_N_LAYERS);
  for (gsize i = 0; i <= air_list_get_size (layers); i++)
    {
      gboolean is_config = i == air_list_get_size (layers);
      AirValue *descriptor = is_config ? air_map_get_map (manifest, "config") : air_list_get (layers, i);
      const char *digest = air_map_get_string (descriptor, "digest");
      const char *title =
          air_map_get_string (air_map_get_map (descriptor, "annotations"), "org.opencontainers.image.title");
      g_autofree char *blob = g_build_filename (layout, "blobs", "sha256", digest + strlen ("sha256:"), NULL);
      g_autofree char *file = title != NULL ? g_build_filename (pulled, title, NULL) : NULL;
      const char *paths[] = { blob, file };

      g_assert_true (is_config || title != NULL);
      for (guint k = 0; k < G_N_ELEMENTS (paths) && paths[k] != NULL; k++)
        {
          g_autofree char *text = NULL, *hex = NULL;
          gsize length;

          g_file_get_contents (paths[k], &text, &length, &error);
          g_assert_no_error (error);
          hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, length);
          g_assert_cmpstr (hex, ==, digest + strlen ("sha256:"));
        }
    }
}

static char *
read_digest (Registry *self, const char *reference)
{
  g_autofree char *out = NULL, *hex = NULL;

  g_assert_true (run (self, &out, "skopeo", "inspect", "--tls-verify=false", "--raw", reference, NULL));
  hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, out, -1);
  return g_strconcat ("sha256:", hex, NULL);
}

/* To the registry by ours, out by theirs, in again by theirs, out by ours: the same bytes. */
static void
test_carried (Registry *self, gconstpointer data)
{
  g_autofree char *from = g_strdup_printf ("docker://%s/" REPOSITORY ":1.0.0", self->authority);
  g_autofree char *to = g_strdup_printf ("docker://%s/copy/airails/refunds:1.0.0", self->authority);
  g_autofree char *folder = g_strconcat ("oci:", self->base.directory, "/carried:1.0.0", NULL);
  g_autofree char *plain = g_strdup_printf ("%s/" REPOSITORY ":1.0.0", self->authority);
  g_autofree char *copied = g_strdup_printf ("%s/other/airails/refunds:1.0.0", self->authority);
  g_autofree char *there = NULL, *again = NULL, *discovered = NULL, *location = NULL;
  g_autofree char *pulled = g_build_filename (self->base.directory, "pulled", NULL);
  g_autofree char *carried = g_build_filename (self->base.directory, "carried", NULL);
  g_autoptr (AirRegistry) registry = NULL;
  g_autoptr (AirArtifact) fetched = NULL;
  g_autoptr (GError) error = NULL;

  publish (self);
  there = read_digest (self, from);
  g_assert_cmpstr (there, ==, self->base.artifact->digest);
  g_assert_true (run (self, NULL, "skopeo", "copy", "--src-tls-verify=false", "--insecure-policy", from, folder, NULL));
  g_assert_true (run (self, NULL, "skopeo", "copy", "--dest-tls-verify=false", "--insecure-policy", folder, to, NULL));
  again = read_digest (self, to);
  g_assert_cmpstr (again, ==, self->base.artifact->digest);

  g_assert_true (run (self, NULL, "oras", "pull", "--plain-http", "-o", "pulled", plain, NULL));
  assert_same_blobs (self, carried, pulled);

  /* What we say refers to it, others find, and carry along. */
  g_assert_true (run (self, &discovered, "oras", "discover", "--plain-http", "--format", "json", plain, NULL));
  g_assert_nonnull (strstr (discovered, AIR_COSIGN_SIGNATURE_TYPE));
  g_assert_nonnull (strstr (discovered, AIR_DSSE_ENVELOPE_TYPE));
  g_assert_true (run (self, NULL, "oras", "copy", "-r", "--from-plain-http", "--to-plain-http", plain, copied, NULL));
  location = g_strconcat (self->location, "/other", NULL);
  registry = air_registry_open (location, &self->options, &error);
  fetched = air_registry_fetch (registry, "refunds", "1.0.0", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fetched->digest, ==, self->base.artifact->digest);
  /* Without cosign's tags: found as referrers. */
  g_assert_true (air_artifact_verify (fetched, self->base.signers, &error));
  g_assert_no_error (error);
}

/* --- who one is ------------------------------------------------------------------------------ */

static void
test_access (Registry *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirArtifact) nobody = NULL, stranger = NULL, dora = NULL;

  nobody = fetch (self, "1.0.0", &error);
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_ACCESS);
  g_test_message ("%s", error->message);
  g_clear_error (&error);
  registry_log_in (self, "dora", "falsch");
  stranger = fetch (self, "1.0.0", &error);
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_ACCESS);
  g_test_message ("%s", error->message);
  g_clear_error (&error);
  registry_log_in (self, "dora", "geheim");
  publish (self);
  dora = fetch (self, "1.0.0", &error);
  g_assert_no_error (error);
  g_assert_true (air_artifact_verify (dora, self->base.signers, &error));
  if (self->tokens != NULL)
    /* One for reading, one for writing, one for the second client: not one a request. */
    g_assert_cmpuint (tokens_get_count (self->tokens), <=, 4);
}

static void
test_mutual_tls (Registry *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirArtifact) known = NULL, unknown = NULL, untrusted = NULL;

  publish (self);
  known = fetch (self, "1.0.0", &error);
  g_assert_no_error (error);
  self->options.certificate_file = NULL;
  unknown = fetch (self, "1.0.0", &error);
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_REGISTRY);
  g_test_message ("%s", error->message);
  g_clear_error (&error);
  self->options.certificate_file = self->certificate;
  self->options.ca_file = NULL;
  untrusted = fetch (self, "1.0.0", &error);
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_REGISTRY);
  g_test_message ("%s", error->message);
}

static void
test_locations (void)
{
  static const struct {
    const char *text, *location, *workflow, *reference;
  } good[] = {
    { "oci://r.example/airails/refunds:1.0.0", "oci://r.example", "refunds", "1.0.0" },
    { "oci://r.example:5000/a/b/airails/refunds", "oci://r.example:5000/a/b", "refunds", NULL },
    { "oci://r/airails/x:prod", "oci://r", "x", "prod" },
    { "oci://r/airails/x:1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "oci://r", "x",
      "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
  };
  static const char *const bad[] = {
    "http://r/airails/x", "oci://r/x",           "oci:///airails/x",      "oci://r/airails/",
    "oci://r/airails/x:", "oci://r/airails/x@y", "oci://r/airails/x/y:1", "oci://r/airails/x:1/2",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *location = NULL, *workflow = NULL, *reference = NULL;

      g_assert_true (air_registry_parse (good[i].text, &location, &workflow, &reference, NULL));
      g_assert_cmpstr (location, ==, good[i].location);
      g_assert_cmpstr (workflow, ==, good[i].workflow);
      g_assert_cmpstr (reference, ==, good[i].reference);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      char *location, *workflow, *reference;
      g_autoptr (GError) error = NULL;

      g_assert_false (air_registry_parse (bad[i], &location, &workflow, &reference, &error));
      g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED);
    }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    RegistryKind kind;
    void (*func) (Registry *, gconstpointer);
  } tests[] = {
    { "round-trip", REGISTRY_PLAIN, test_round_trip }, { "signed-twice", REGISTRY_PLAIN, test_signed_twice },
    { "large", REGISTRY_PLAIN, test_large },           { "lies", REGISTRY_PLAIN, test_lies },
    { "cosign", REGISTRY_PLAIN, test_cosign },         { "tampered", REGISTRY_PLAIN, test_tampered },
    { "token-key", REGISTRY_PLAIN, test_token_key },   { "ours-is-stricter", REGISTRY_PLAIN, test_ours_is_stricter },
    { "carried", REGISTRY_PLAIN, test_carried },       { "basic", REGISTRY_BASIC, test_access },
    { "token", REGISTRY_TOKEN, test_access },          { "mutual-tls", REGISTRY_MUTUAL_TLS, test_mutual_tls },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/artifact/registry/locations", test_locations);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/artifact/registry/", tests[i].name, NULL);

      g_test_add (path, Registry, GUINT_TO_POINTER (tests[i].kind), registry_set_up, tests[i].func, registry_tear_down);
    }
  return g_test_run ();
}
