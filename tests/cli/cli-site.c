/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-site.h"

static const char *const names[SITE_N_PEOPLE] = { "dora", "olga", "ana", "bo", "aude", "rita", "adam" };

static void
write_profile (CliSite *self, SitePerson person)
{
  g_autofree char *url = g_strconcat ("https://", self->site->address, NULL);
  g_autofree char *certificate = g_strconcat (names[person], ".crt", NULL);
  g_autofree char *private_key = g_strconcat (names[person], ".key", NULL);
  g_autofree char *decision_key = g_strconcat (names[person], "-decides.key", NULL);
  g_autofree char *key_path = site_file (self->site, decision_key);
  g_autofree char *pem = air_private_key_to_pem (self->site->decision_keys[person]);
  g_autofree char *name = g_strconcat (names[person], ".profile.json", NULL), *text = NULL;
  g_autoptr (AirValue) profile = air_map_new ();

  air_map_set_string (profile, "url", url);
  air_map_set_string (profile, "ca", self->site->ca);
  air_map_set_string (profile, "certificate", certificate);
  air_map_set_string (profile, "private_key", private_key);
  air_map_set_string (profile, "decision_key", decision_key);
  text = air_json_write_pretty (profile, NULL);
  g_free (self->profiles[person]);
  self->profiles[person] = site_file (self->site, name);
  g_assert_true (g_file_set_contents (self->profiles[person], text, -1, NULL));
  g_assert_true (g_file_set_contents (key_path, pem, -1, NULL));
}

void
cli_site_set_up (CliSite *self, gconstpointer data)
{
  cli_set_up (&self->cli, NULL);
  self->site = site_new_edited (data);
  cli_site_start (self);
}

void
cli_site_set_up_plan (CliSite *self, gconstpointer file)
{
  g_autofree char *source = g_test_build_filename (G_TEST_DIST, "cli", file, NULL), *text = NULL, *path = NULL;

  cli_set_up (&self->cli, NULL);
  self->site = site_new (NULL);
  path = site_file (self->site, "plan.json");
  g_assert_true (g_file_get_contents (source, &text, NULL, NULL) && g_file_set_contents (path, text, -1, NULL));
  site_sign_artifact (self->site, self->site->designer);
  cli_site_start (self);
}

void
cli_site_start (CliSite *self)
{
  site_start (self->site);
  for (guint i = 0; i < SITE_N_PEOPLE; i++)
    write_profile (self, i);
}

void
cli_site_tear_down (CliSite *self, gconstpointer data)
{
  site_stop (self->site);
  site_free (self->site);
  for (guint i = 0; i < SITE_N_PEOPLE; i++)
    g_clear_pointer (&self->profiles[i], g_free);
  cli_tear_down (&self->cli, NULL);
}

char *
cli_site_order (CliSite *self, const char *id, gint64 amount, const char *state)
{
  char *run = site_order (self->site, id, amount);

  air_value_unref (site_wait (self->site, run, state));
  return run;
}

char *
cli_site_fail (CliSite *self, const char *id)
{
  char *run;

  self->site->refuse = 100;
  self->site->refusal = 422;
  run = cli_site_order (self, id, 50, "failed");
  self->site->refuse = 0;
  return run;
}

char *
cli_site_member (CliSite *self, const char *run, const char *name)
{
  g_autofree char *path = g_strconcat ("/v1/runs/", run, NULL);
  g_autoptr (AirValue) answer = site_get (self->site, SITE_AUDE, path);

  return g_strdup (air_map_get_string (answer, name));
}
