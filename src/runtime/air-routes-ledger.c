/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-api-private.h"

#include <string.h>

#include "ledger/air-proof.h"
#include "runtime/air-tree-store.h"

#define IMMUTABLE "max-age=31536000, immutable"

typedef struct {
  AirApi *api;
  AirRequest *request;
} Heading;

static void
checkpoint_ready_cb (const char *note, const GError *error, gpointer user_data)
{
  g_autofree Heading *heading = user_data;
  g_autoptr (AirRequest) request = heading->request;
  g_autofree char *decorated = NULL;

  if (note == NULL)
    {
      air_api_not_readable (request, error);
      return;
    }
  if (heading->api->notary != NULL)
    decorated = air_notary_decorate (heading->api->notary, note);
  air_request_set_header (request, "Cache-Control", "no-store");
  air_request_respond_text (request, 200, "text/plain; charset=utf-8", decorated != NULL ? decorated : note);
}

void
air_route_get_checkpoint (AirRequest *request, gpointer api)
{
  AirApi *self = api;

  const char *cosigned = air_request_get_query (request, "cosigned");
  Heading *heading;

  if (cosigned != NULL && strcmp (cosigned, "true") != 0)
    {
      air_request_respond_problem (request, air_problem_new (400, "bad-query", "ask with cosigned=true, or without it",
                                                             "cosigned is \"%s\"", cosigned));
      return;
    }
  /* The newest one somebody cosigned, which may be some seconds old. */
  if (cosigned != NULL)
    {
      const char *note = self->notary != NULL ? air_notary_get_cosigned (self->notary) : NULL;

      air_request_set_header (request, "Cache-Control", "no-store");
      if (note != NULL)
        air_request_respond_text (request, 200, "text/plain; charset=utf-8", note);
      else
        air_request_respond_problem (request, air_problem_new (404, "not-cosigned",
                                                               "name witnesses in the runtime's configuration",
                                                               "no witness has cosigned a head of this ledger"));
      return;
    }
  heading = g_new (Heading, 1);
  *heading = (Heading) { self, air_request_ref (request) };
  air_host_checkpoint (self->host, checkpoint_ready_cb, heading);
}

static AirTreeView *
view_new (AirApi *self)
{
  AirTreeView *view = g_new (AirTreeView, 1);

  air_tree_view_init (view, air_host_get_store (self->host));
  air_writer_get_edge (air_host_get_writer (self->host), &view->edge);
  return view;
}

static GBytes *
read_tile (AirApi *self, const AirTilePath *path, AirTreeView *view, GError **error)
{
  g_autoptr (GPtrArray) leaves = NULL;
  AirHashReader reader;

  if (!path->entries)
    {
      reader = air_tree_view_get_reader (view);
      return air_tile_read (path, &reader, error);
    }
  leaves = air_store_read_leaves (air_host_get_store (self->host), path->index * AIR_TILE_WIDTH, path->width, error);
  return leaves != NULL ? air_entry_bundle_write (leaves, error) : NULL;
}

void
air_route_get_tile (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  const char *text = air_request_get_param (request, "path");
  g_autofree AirTreeView *view = view_new (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  AirTilePath path;
  guint width;

  if (!air_tile_path_parse (text, &path, &error))
    {
      air_request_respond_problem (request, air_problem_new_error (400, "bad-tile", error));
      return;
    }
  width = air_tile_width_at (path.level, path.index, view->edge.tree.size);
  if (path.width > width)
    {
      air_request_respond_problem (request,
                                   air_problem_new (404, "no-such-tile", "ask for what the checkpoint covers",
                                                    "tile %s is %u wide in a tree of %" G_GUINT64_FORMAT " entries",
                                                    text, width, view->edge.tree.size));
      return;
    }
  bytes = read_tile (self, &path, view, &error);
  if (bytes == NULL)
    {
      air_api_not_readable (request, error);
      return;
    }
  air_request_set_header (request, "Cache-Control", IMMUTABLE);
  air_request_respond_bytes (request, 200, "application/octet-stream", bytes);
}

typedef struct {
  AirApi *api;
  AirRequest *request;
  guint64 index;
} Proving;

static void
proof_ready_cb (const char *note, const GError *failure, gpointer user_data)
{
  g_autofree Proving *proving = user_data;
  g_autoptr (AirRequest) request = proving->request;
  g_autofree AirTreeView *view = view_new (proving->api);
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  g_autoptr (AirProof) proof = NULL;
  g_autoptr (GArray) hashes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  AirHashReader reader = air_tree_view_get_reader (view);

  if (note == NULL)
    {
      air_api_not_readable (request, failure);
      return;
    }
  checkpoint = air_checkpoint_open (note, strlen (note), NULL, NULL, &error);
  if (checkpoint != NULL && proving->index >= checkpoint->size)
    {
      air_request_respond_problem (request, air_problem_new (404, "no-such-entry", "give the index of an entry",
                                                             "the ledger has %" G_GUINT64_FORMAT
                                                             " entries, and %" G_GUINT64_FORMAT " is past them",
                                                             checkpoint->size, proving->index));
      return;
    }
  if (checkpoint != NULL)
    hashes = air_tree_prove_inclusion (&reader, proving->index, checkpoint->size, &error);
  if (hashes == NULL)
    {
      air_api_not_readable (request, error);
      return;
    }
  proof = air_proof_new (proving->index, (AirDigest *) hashes->data, hashes->len, note, NULL);
  text = air_proof_write (proof);
  air_request_respond_text (request, 200, "text/plain; charset=utf-8", text);
}

void
air_route_get_proof (AirRequest *request, gpointer api)
{
  const char *text = air_request_get_query (request, "index");
  Proving *proving;
  guint64 index;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &index, NULL))
    {
      air_request_respond_problem (
          request, air_problem_new (400, "bad-index", "give ?index=N, a whole number from 0 on", "the index is %s%s",
                                    text != NULL ? "not a number: " : "missing", text != NULL ? text : ""));
      return;
    }
  proving = g_new0 (Proving, 1);
  proving->api = api;
  proving->request = air_request_ref (request);
  proving->index = index;
  air_host_checkpoint (proving->api->host, proof_ready_cb, proving);
}

void
air_route_get_ledger_key (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirVkey) key = air_vkey_new (air_host_get_origin (self->host), AIR_NOTE_KEY_ED25519,
                                          air_private_key_get_public (air_host_get_key (self->host)), &error);
  g_autofree char *text = NULL, *line = NULL;

  if (key == NULL)
    {
      air_api_not_readable (request, error);
      return;
    }
  text = air_vkey_to_string (key);
  line = g_strconcat (text, "\n", NULL);
  air_request_respond_text (request, 200, "text/plain; charset=utf-8", line);
}
