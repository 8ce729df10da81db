/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <signal.h>

#include "base/air-x509.h"
#include "registry-fixture.h"
#include "registry-tokens.h"

/* "dora:geheim", as htpasswd -B writes it. */
#define HTPASSWD "dora:$2b$05$abcdefghijklmnopqrstuuVWu8RjbNovPZWAMRdd7iqaaG0mI53Uu\n"

static char *
write_file (Registry *self, const char *name, const char *text)
{
  char *path = g_build_filename (self->base.directory, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

static void
issue (Registry *self,
       AirPrivateKey *ca_key,
       const char *ca,
       const char *name,
       const char *uri,
       const char *const *names)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
  g_autofree char *pem =
      air_x509_issue_leaf (ca_key, ca, air_private_key_get_public (key), name, uri, names, now - 60, now + 3600, NULL);
  g_autofree char *key_pem = air_private_key_to_pem (key), *file = g_strconcat (name, ".pem", NULL);
  g_autofree char *key_file = g_strconcat (name, ".key", NULL), *path = write_file (self, file, pem);
  g_autofree char *key_path = write_file (self, key_file, key_pem);
}

static char *
tls_section (Registry *self)
{
  static const char *const names[] = { "127.0.0.1", NULL };
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (AirPrivateKey) ca_key = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
  g_autofree char *ca = air_x509_issue_ca (ca_key, "Test", now - 60, now + 3600, NULL);

  self->ca = write_file (self, "ca.pem", ca);
  issue (self, ca_key, ca, "server", NULL, names);
  issue (self, ca_key, ca, "client", "airails://example/people/dora", NULL);
  self->certificate = g_build_filename (self->base.directory, "client.pem", NULL);
  self->key = g_build_filename (self->base.directory, "client.key", NULL);
  return g_strdup_printf (
      "  tls:\n    certificate: %s/server.pem\n    key: %s/server.key\n    clientcas: [%s/ca.pem]\n",
      self->base.directory, self->base.directory, self->base.directory);
}

static char *
auth_section (Registry *self, RegistryKind kind)
{
  if (kind == REGISTRY_BASIC)
    {
      g_autofree char *path = write_file (self, "htpasswd", HTPASSWD);

      return g_strdup_printf ("auth:\n  htpasswd:\n    realm: test\n    path: %s\n", path);
    }
  if (kind == REGISTRY_TOKEN)
    {
      g_autofree char *roots = g_build_filename (self->base.directory, "tokens.pem", NULL);

      self->tokens = tokens_new (roots, "dora", "geheim");
      return g_strdup_printf (
          "auth:\n  token:\n    realm: %s\n    service: registry\n    issuer: tokens\n    rootcertbundle: %s\n",
          tokens_get_realm (self->tokens), roots);
    }
  return g_strdup ("");
}

/* It writes to its log where it listens. */
static char *
wait_for_address (const char *log)
{
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *text = NULL;
      const char *found, *end;

      g_usleep (5000);
      if (!g_file_get_contents (log, &text, NULL, NULL))
        continue;
      found = strstr (text, "listening on 127.0.0.1:");
      if (found == NULL)
        continue;
      found += strlen ("listening on ");
      for (end = found; *end == '.' || *end == ':' || g_ascii_isdigit (*end); end++)
        ;
      if (*end != '\0')
        return g_strndup (found, end - found);
    }
  g_error ("docker-registry does not say where it listens; see %s", log);
}

void
registry_set_up (Registry *self, gconstpointer data)
{
  RegistryKind kind = GPOINTER_TO_UINT (data);
  g_autofree char *auth = NULL, *tls = NULL, *text = NULL, *path = NULL, *log = NULL;
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GError) error = NULL;

  fixture_set_up (&self->base, NULL);
  self->storage = g_build_filename (self->base.directory, "storage", NULL);
  self->auth_file = write_file (self, "auth.json", "{}");
  auth = auth_section (self, kind);
  tls = kind == REGISTRY_MUTUAL_TLS ? tls_section (self) : g_strdup ("");
  text = g_strdup_printf ("version: 0.1\nlog:\n  level: info\nstorage:\n  filesystem:\n    rootdirectory: %s\n"
                          "http:\n  addr: 127.0.0.1:0\n  secret: test\n%s%s",
                          self->storage, tls, auth);
  path = write_file (self, "registry.yml", text);
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  log = g_build_filename (self->base.directory, "registry.log", NULL);
  g_subprocess_launcher_set_stderr_file_path (launcher, log);
  g_subprocess_launcher_setenv (launcher, "OTEL_TRACES_EXPORTER", "none", TRUE);
  self->process = g_subprocess_launcher_spawn (launcher, &error, "docker-registry", "serve", path, NULL);
  g_assert_no_error (error);
  self->authority = wait_for_address (log);
  self->location = g_strconcat ("oci://", self->authority, NULL);
  self->options.plain_http = kind != REGISTRY_MUTUAL_TLS;
  self->options.ca_file = self->ca;
  self->options.certificate_file = self->certificate;
  self->options.key_file = self->key;
  self->options.auth_file = self->auth_file;
}

void
registry_tear_down (Registry *self, gconstpointer data)
{
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  g_clear_pointer ((Tokens **) &self->tokens, tokens_free);
  g_free (self->authority);
  g_free (self->location);
  g_free (self->storage);
  g_free (self->ca);
  g_free (self->certificate);
  g_free (self->key);
  g_free (self->auth_file);
  fixture_tear_down (&self->base, NULL);
}

AirRegistry *
registry_open (Registry *self)
{
  g_autoptr (GError) error = NULL;
  AirRegistry *registry = air_registry_open (self->location, &self->options, &error);

  g_assert_no_error (error);
  return registry;
}

void
registry_log_in (Registry *self, const char *user, const char *password)
{
  g_autofree char *pair = g_strconcat (user, ":", password, NULL);
  g_autofree char *encoded = g_base64_encode ((const guchar *) pair, strlen (pair));
  g_autofree char *text = g_strdup_printf ("{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}", self->authority, encoded);

  g_assert_true (g_file_set_contents (self->auth_file, text, -1, NULL));
}

char *
registry_blob_file (Registry *self, const char *digest)
{
  g_autofree char *start = g_strndup (digest + strlen ("sha256:"), 2);

  return g_build_filename (self->storage, "docker", "registry", "v2", "blobs", "sha256", start,
                           digest + strlen ("sha256:"), "data", NULL);
}
