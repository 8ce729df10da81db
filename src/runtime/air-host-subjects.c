/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data subjects. Where the workflow says whose data a run holds, that subject has a key in the vault, and what its runs
 * disclose is sealed under the run's key and the subject's together: whoever destroys the one key has erased them all.
 * The store knows a subject by a digest under a key of its own, and which runs are its; both are gone once it is erased. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

/* The number of the key that digests are made under. */
#define PEPPER "subjects"
/* Keys given out lately that are held here, so that a subject gets one though the store does not show it yet. */
#define MAX_NOTED 4096

static gboolean
take_pepper_cb (AirStore *store, gpointer user_data, GError **error)
{
  AirHost *self = user_data;

  if (!air_store_get_number (store, PEPPER, 0, &self->subject_pepper, error))
    return FALSE;
  if (self->subject_pepper != 0)
    return TRUE;
  self->subject_pepper = air_vault_take (self->vault, error);
  return self->subject_pepper != 0 && air_store_set_number (store, PEPPER, self->subject_pepper, error);
}

gboolean
air_host_open_subjects (AirHost *self, const char *state, GError **error)
{
  g_autofree char *path = g_build_filename (state, "subjects.keys", NULL);

  if (!air_plan_has_subject (self->plan))
    return TRUE;
  self->subjects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->vault = air_vault_open (path, FALSE, error);
  return self->vault != NULL && air_writer_run (self->writer, take_pepper_cb, self, error);
}

void
air_host_close_subjects (AirHost *self)
{
  g_clear_pointer (&self->subjects, g_hash_table_unref);
  g_clear_pointer (&self->vault, air_vault_free);
}

char *
air_host_digest_subject (AirHost *self, const char *subject, GError **error)
{
  return air_store_digest_subject (self->store, self->subject_pepper, subject, error);
}

static void
note_key (AirHost *self, const char *digest, guint64 key)
{
  if (g_hash_table_size (self->subjects) >= MAX_NOTED && self->erasing == 0)
    g_hash_table_remove_all (self->subjects);
  g_hash_table_insert (self->subjects, g_strdup (digest), g_memdup2 (&key, sizeof key));
}

gboolean
air_host_assign_subject (AirHost *self, AirRun *run, const char *subject, GError **error)
{
  g_autofree char *digest = air_host_digest_subject (self, subject, error);
  const guint64 *noted = digest != NULL ? g_hash_table_lookup (self->subjects, digest) : NULL;
  guint64 key = noted != NULL ? *noted : 0;

  if (digest == NULL)
    return FALSE;
  if (noted == NULL)
    {
      gboolean destroyed = FALSE;

      if (!air_store_find_subject_key (self->store, digest, &key, error)
          || (key != 0 && !air_vault_is_destroyed (self->vault, key, &destroyed, error)))
        return FALSE;
      if (destroyed)
        key = 0; /* an erasure was cut short: nothing more comes under this one */
      if (key == 0 && (key = air_vault_take (self->vault, error)) == 0)
        return FALSE;
      note_key (self, digest, key);
    }
  run->chain->key.subject = key;
  run->subject = g_steal_pointer (&digest);
  return TRUE;
}

/* Whether something in memory is, or will be, sealed under the key. */
gboolean
air_host_uses_subject_key (AirHost *self, guint64 key)
{
  GHashTableIter iter;
  gpointer run;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    if (((AirRun *) run)->chain->key.subject == key)
      return TRUE;
  return FALSE;
}

gboolean
air_host_renew_subject (AirHost *self, const char *digest, GError **error)
{
  guint64 key = air_vault_take (self->vault, error);

  if (key != 0)
    note_key (self, digest, key);
  return key != 0;
}
