/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-deployment.h"

#include <glib/gstdio.h>

#include "base/air-json.h"
#include "keystore/air-keystore.h"
#include "ledger/air-bundle.h"

static char *
digest_of_policies (AirPlan *plan, GError **error)
{
  AirValue *policies = air_map_get_map (air_plan_get_document (plan), "policies");
  g_autoptr (AirValue) none = air_map_new ();
  g_autofree char *text = NULL, *hex = NULL;
  AirDigest digest;
  gsize length;

  text = air_jcs_write (policies != NULL ? policies : none, &length, error);
  if (text == NULL)
    return NULL;
  digest = air_sha256 (text, length);
  hex = air_digest_to_hex (&digest);
  return g_strconcat ("sha256:", hex, NULL);
}

static gboolean
load_plan (AirDeployment *self, GError **error)
{
  const char *authors[2] = { self->artifact->signer, NULL };
  g_autoptr (AirValue) document = air_json_parse_named (self->artifact->layers[AIR_LAYER_PLAN], "plan", error);

  if (document == NULL)
    return FALSE;
  self->plan = air_plan_load (document, self->artifact->digest, error);
  if (self->plan == NULL)
    return FALSE;
  air_plan_set_authors (self->plan, authors);
  self->policy = digest_of_policies (self->plan, error);
  return self->policy != NULL;
}

/* What the deployment manifest asks of whoever runs it, and that is ours to see to. */
static gboolean
read_manifest (AirDeployment *self, GError **error)
{
  g_autoptr (AirValue) manifest = air_json_parse_named (self->artifact->config, "deployment manifest", error);
  AirLatencyClass latency;

  if (manifest == NULL)
    return FALSE;
  self->latency_class = g_strdup (air_map_get_string (manifest, "latency_class"));
  if (air_map_get (manifest, "latency_class") == NULL || air_latency_class_from_string (self->latency_class, &latency))
    return TRUE;
  g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID,
               "its deployment manifest asks for a latency class that is none; make it interactive, normal or batch, "
               "and publish it anew");
  return FALSE;
}

/* What is told of the artifact: by the API, and in bundles. */
static gboolean
make_view (AirDeployment *self, GError **error)
{
  AirArtifact *artifact = self->artifact;
  AirValue *manifest;

  self->view.source = artifact->layers[AIR_LAYER_SOURCE] != NULL
                          ? air_json_parse_named (artifact->layers[AIR_LAYER_SOURCE], "source", error)
                          : NULL;
  if (artifact->layers[AIR_LAYER_SOURCE] != NULL && self->view.source == NULL)
    return FALSE;
  manifest = air_json_parse_named (artifact->manifest, "manifest", error);
  if (manifest == NULL)
    return FALSE;
  self->view.artifact = air_map_new ();
  air_map_set_string (self->view.artifact, "digest", artifact->digest);
  air_map_set_string (self->view.artifact, "reference", artifact->reference);
  air_map_set_string (self->view.artifact, "signer", artifact->signer);
  air_map_set (self->view.artifact, "oci", manifest);
  self->view.manifest = g_bytes_ref (artifact->manifest);
  self->view.config = g_bytes_ref (artifact->config);
  self->view.plan = g_bytes_ref (artifact->layers[AIR_LAYER_PLAN]);
  self->view.signature = air_bundle_artifact_signature (artifact->verified->payload, artifact->verified->signature,
                                                        artifact->signer_key, error);
  return self->view.signature != NULL;
}

/* Not refused: where secrets are mounted, say, their mode is not the file's own. But said. */
static void
warn_if_open (const char *path)
{
  GStatBuf status;

  if (path != NULL && g_stat (path, &status) == 0 && (status.st_mode & 0077) != 0)
    g_warning ("%s may be read by others (mode %03o); chmod 600 it", path, status.st_mode & 0777);
}

static void
check_secrets (const AirConfig *config)
{
  warn_if_open (config->private_key);
  if (!g_str_has_prefix (config->ledger_key, "pkcs11:"))
    warn_if_open (config->ledger_key);
  for (guint i = 0; i < config->connectors->len; i++)
    warn_if_open (((AirConnectorConfig *) config->connectors->pdata[i])->secret_file);
}

/**
 * air_deployment_load:
 * @config_path: runtime.json
 *
 * Reads configuration and trust roots, and the artifact only if somebody whom
 * the trust roots name as a designer has signed exactly these bytes.
 *
 * Returns: (transfer full): the deployment, or NULL with AIR_CONFIG_ERROR,
 *   AIR_ARTIFACT_ERROR, AIR_ENGINE_ERROR, AIR_CRYPTO_ERROR or AIR_JSON_ERROR
 */
AirDeployment *
air_deployment_load (const char *config_path, GError **error)
{
  g_autoptr (AirDeployment) self = g_new0 (AirDeployment, 1);
  g_autoptr (GPtrArray) signers = NULL;

  self->config = air_config_load (config_path, error);
  if (self->config == NULL)
    return NULL;
  check_secrets (self->config);
  self->trust = air_trust_load (self->config->trust, error);
  if (self->trust == NULL || (signers = air_signers_from_trust (self->trust->document, error)) == NULL)
    return NULL;
  self->artifact = air_artifact_load_verified (self->config->artifact, signers, error);
  if (self->artifact == NULL || !load_plan (self, error) || !read_manifest (self, error) || !make_view (self, error))
    {
      g_prefix_error (error, "artifact %s: ", self->config->artifact);
      return NULL;
    }
  air_trust_bind (self->trust, air_plan_get_workflow (self->plan));
  self->ledger_key = air_keystore_open (self->config->ledger_key, error);
  if (self->ledger_key == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

/* That the version that runs is still one somebody may run. */
static gboolean
is_signed_by (const AirDeployment *self, GPtrArray *signers)
{
  for (guint i = 0; i < signers->len; i++)
    {
      const AirSigner *signer = signers->pdata[i];

      if (strcmp (air_public_key_get_id (signer->key), air_public_key_get_id (self->artifact->signer_key)) == 0
          && strcmp (signer->uri, self->artifact->signer) == 0
          && g_strv_contains ((const char *const *) signer->roles, "designer"))
        return TRUE;
    }
  return FALSE;
}

/**
 * air_deployment_reload_trust:
 * @self: a deployment that runs
 *
 * Reads the trust roots again, whole or not at all: they must be of the same tenant and authority, and still name who
 * signed the version that runs. Changes nothing of @self.
 *
 * Returns: (transfer full): the trust roots as they are now, or %NULL with a %G_FILE_ERROR, %AIR_MODEL_ERROR,
 *   %AIR_CONFIG_ERROR or %AIR_ARTIFACT_ERROR
 */
AirTrust *
air_deployment_reload_trust (AirDeployment *self, GError **error)
{
  const char *path = self->config->trust;
  g_autoptr (AirTrust) trust = air_trust_load (path, error);
  g_autoptr (GPtrArray) signers = trust != NULL ? air_signers_from_trust (trust->document, error) : NULL;

  if (signers == NULL)
    return NULL;
  if (strcmp (trust->tenant, self->trust->tenant) != 0 || strcmp (trust->ca, self->trust->ca) != 0)
    {
      g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID,
                   "%s: another \"tenant\" or \"ca\" counts from the next start on; restart", path);
      return NULL;
    }
  if (!is_signed_by (self, signers))
    {
      g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID,
                   "%s: it no longer names %s, who signed the version that runs, as a designer with that key; stop the "
                   "runtime, or deploy what somebody it names has signed",
                   path, self->artifact->signer);
      return NULL;
    }
  air_trust_bind (trust, air_plan_get_workflow (self->plan));
  return g_steal_pointer (&trust);
}

void
air_deployment_free (AirDeployment *self)
{
  g_clear_pointer (&self->view.source, air_value_unref);
  g_clear_pointer (&self->view.artifact, air_value_unref);
  g_clear_pointer (&self->view.manifest, g_bytes_unref);
  g_clear_pointer (&self->view.config, g_bytes_unref);
  g_clear_pointer (&self->view.plan, g_bytes_unref);
  g_clear_pointer (&self->view.signature, g_bytes_unref);
  g_clear_pointer (&self->plan, air_plan_unref);
  g_clear_pointer (&self->artifact, air_artifact_unref);
  g_clear_pointer (&self->ledger_key, air_private_key_unref);
  g_clear_pointer (&self->trust, air_trust_free);
  g_clear_pointer (&self->config, air_config_free);
  g_free (self->policy);
  g_free (self->latency_class);
  g_free (self);
}
