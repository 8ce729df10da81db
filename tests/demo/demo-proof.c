/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include <string.h>

#include "base/air-hash.h"
#include "base/air-json.h"
#include "demo-private.h"
#include "demo-words.h"
#include "ledger/air-entry.h"
#include "ledger/air-zip.h"

/* One refund's proof: exported, told in words, verified by the command line, and tampered with. */

#define SHOWN_LINES 12

static gint64
worth (const DemoRequest *request)
{
  AirValue *output = air_map_get_map (request->answer, "output");

  if (output == NULL || g_strcmp0 (air_map_get_string (output, "outcome"), "refunded") != 0)
    return -1;
  return air_map_get_int (output, "refund_amount_minor", 0);
}

/* The dearest refund that went through the payment provider: it has the longest story. */
static const DemoRequest *
choose_example (const DemoData *data)
{
  const DemoRequest *best = NULL;
  gint64 best_worth = -1;

  for (guint i = 0; i < data->requests->len; i++)
    {
      const DemoRequest *request = data->requests->pdata[i];
      g_autofree char *intent = demo_data_payment_intent (data, request->data);
      gint64 this_worth = intent != NULL ? worth (request) : -1;

      if (this_worth > best_worth)
        {
          best = request;
          best_worth = this_worth;
        }
    }
  return best;
}

static void
bundle_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bundle = air_client_get_bytes_finish (AIR_CLIENT (source), result, &error);

  if (bundle == NULL
      || !g_file_set_contents (self->bundle_path, g_bytes_get_data (bundle, NULL), g_bytes_get_size (bundle), &error))
    demo_fail (self, error);
  else
    demo_next (self);
}

void
demo_stage_export (Demo *self)
{
  g_autofree char *path = NULL;

  self->example = choose_example (self->data);
  if (self->example == NULL)
    {
      g_autoptr (GError) error = g_error_new (DEMO_ERROR, DEMO_ERROR_ANSWER, "no refund reached the payment provider");

      demo_fail (self, error);
      return;
    }
  self->bundle_path = demo_path (self, "refund.zip", NULL);
  path = air_client_run_path (self->example->run, "bundle");
  air_client_get_bytes_async (self->clients[DEMO_AUDE], path, self->cancellable, bundle_cb, self);
}

static GPtrArray *
read_bundle (Demo *self, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (self->bundle_path, FALSE, error);
  g_autoptr (GBytes) bytes = file != NULL ? g_mapped_file_get_bytes (file) : NULL;

  return bytes != NULL ? air_zip_read (bytes, error) : NULL;
}

static void
receipt_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirReceipt) receipt = air_client_get_receipt_finish (AIR_CLIENT (source), result, &error);
  g_autofree char *leaf = NULL, *root = NULL;

  if (receipt == NULL)
    {
      demo_fail (self, error);
      return;
    }
  leaf = air_digest_to_hex (&receipt->leaf);
  root = air_digest_to_hex (&receipt->head->root);
  demo_progress_clear (self->progress);
  g_print ("  The last of them has the hash %.16s…; joined with %u hashes beside it, it makes the root %.16s…\n"
           "  of all %" G_GUINT64_FORMAT " entries, which %s signed.\n\n",
           leaf, receipt->steps->len, root, receipt->head->size, receipt->head->origin);
  demo_next (self);
}

void
demo_stage_words (Demo *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = read_bundle (self, &error);
  g_autofree char *words = NULL;
  guint64 last = 0;

  if (files == NULL || (words = demo_words_of_bundle (files, self->example->run, &last, &error)) == NULL)
    {
      demo_fail (self, error);
      return;
    }
  demo_progress_clear (self->progress);
  g_print ("  The proof of one refund, request %s, run %s:\n%s", self->example->id, self->example->run, words);
  air_client_get_receipt_async (self->clients[DEMO_AUDE], last, self->cancellable, receipt_cb, self);
}

static void
print_indented (const char *text, guint max_lines)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL && i < max_lines; i++)
    if (*lines[i] != '\0')
      g_print ("    %s\n", lines[i]);
}

static void
verify (Demo *self, const char *path, gboolean may_fail, GAsyncReadyCallback callback)
{
  g_autofree char *trust = demo_path (self, "trust.json", NULL), *policy = demo_path (self, "policy.tlog-policy", NULL);
  const char *argv[] = { self->places.airailsctl, "verify", "--trust", trust, "--policy", policy, path, NULL };

  demo_run_command (argv, may_fail, self->cancellable, callback, self);
}

static void
verified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = demo_run_command_finish (result, NULL, &error);

  if (words == NULL)
    {
      demo_fail (self, error);
      return;
    }
  demo_progress_clear (self->progress);
  g_print ("  airailsctl verify %s\n", self->bundle_path);
  print_indented (words, G_MAXUINT);
  g_print ("\n");
  demo_next (self);
}

void
demo_stage_verify (Demo *self)
{
  verify (self, self->bundle_path, FALSE, verified_cb);
}

/* Changes one letter in what the ledger says about who decided (or, where nobody had to, about when). */
static gboolean
change_one_byte (GPtrArray *files, char **ret_where)
{
  static const char *const marks[] = { "people/bo", "people/ana", "\"time\":\"20" };

  for (guint m = 0; m < G_N_ELEMENTS (marks); m++)
    for (guint i = 0; i < files->len; i++)
      {
        AirFile *file = files->pdata[i];
        gsize length;
        const char *data = g_bytes_get_data (file->data, &length);
        const char *found = g_str_has_prefix (file->name, "entries/")
                                    && g_strstr_len (data, length, m < 2 ? "HUMAN_GATE_DECISIONED" : "\"type\"") != NULL
                                ? g_strstr_len (data, length, marks[m])
                                : NULL;
        char *changed;
        gsize at;

        if (found == NULL)
          continue;
        at = found - data + strlen (marks[m]) - 1;
        changed = g_memdup2 (data, length);
        changed[at] ^= 1;
        *ret_where = g_strdup_printf ("byte %" G_GSIZE_FORMAT " of %s, “%s”", at, file->name, marks[m]);
        g_bytes_unref (file->data);
        file->data = g_bytes_new_take (changed, length);
        return TRUE;
      }
  return FALSE;
}

static void
refused_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;
  g_autoptr (GError) error = NULL;
  int status = 0;
  g_autofree char *words = demo_run_command_finish (result, &status, &error);

  if (words != NULL && status != 1)
    g_set_error (&error, DEMO_ERROR, DEMO_ERROR_ANSWER, "a bundle with a changed byte was not refused (status %d): %s",
                 status, words);
  if (error != NULL)
    {
      demo_fail (self, error);
      return;
    }
  demo_progress_clear (self->progress);
  print_indented (words, SHOWN_LINES);
  g_print ("\n  The bundle: %s\n  Everything else the demo made: %s\n  %.1f seconds.\n", self->bundle_path,
           self->folder, (g_get_monotonic_time () - self->started_us) / 1e6);
  demo_next (self);
}

void
demo_stage_tamper (Demo *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = read_bundle (self, &error);
  g_autofree char *path = demo_path (self, "refund-tampered.zip", NULL), *where = NULL;
  g_autoptr (GBytes) zip = NULL;

  if (files != NULL && !change_one_byte (files, &where))
    g_set_error_literal (&error, DEMO_ERROR, DEMO_ERROR_ANSWER, "the bundle holds no entry to tamper with");
  zip = error == NULL ? air_zip_write (files, &error) : NULL;
  if (zip == NULL || !g_file_set_contents (path, g_bytes_get_data (zip, NULL), g_bytes_get_size (zip), &error))
    {
      demo_fail (self, error);
      return;
    }
  demo_progress_clear (self->progress);
  g_print ("  The same with one bit flipped (%s) and the archive's own checksum mended:\n", where);
  verify (self, path, TRUE, refused_cb);
}
