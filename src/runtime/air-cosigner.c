/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-cosigner.h"

#include <string.h>

#include "ledger/air-checkpoint.h"
#include "ledger/air-cosignature.h"
#include "ledger/air-witness.h"
#include "runtime/air-tree-store.h"
#include "runtime/air-writer.h"

#define TIMEOUT_MS  5000
#define MAX_WAIT_MS 6000

/* One witness. It is asked for one head at a time. */
typedef struct {
  AirCosigner *owner;
  const AirWitnessConfig *config;
  char *url;
  guint64 known; /* the tree it cosigned last, as far as we know */
  char *wanted;  /* the head to ask for next; nullable */
  guint64 wanted_size;
  char *asked; /* under way; nullable */
  guint64 asked_size;
  gboolean again;    /* asked once more, with the size it told us */
  guint64 answered;  /* the largest head it has answered for, well or not */
  char *signed_text; /* the head's text it cosigned last; nullable */
  AirNoteSignature *signature;
  gboolean failing; /* so that a witness that is away is told of once */
} Witness;

typedef struct {
  AirCosigner *owner;
  char *note;
  guint64 size;
  AirCosigned cosigned;
  gpointer user_data;
  guint timeout;
} Waiter;

struct _AirCosigner {
  AirHost *host;
  AirTransport *transport;
  GCancellable *cancellable;
  GPtrArray *witnesses; /* Witness */
  GPtrArray *waiters;   /* Waiter */
  char *last;           /* the newest head somebody cosigned */
  char *path;           /* where it is kept */
  guint64 last_size;
  gboolean rolled_back; /* told once */
};

typedef struct {
  AirCosigner *owner;
  Witness *witness;
  AirHttpRequest *request;
  GCancellable *cancellable;
} Asking;

static void ask (Witness *witness);

static void
witness_free (gpointer data)
{
  Witness *self = data;

  g_free (self->url);
  g_free (self->wanted);
  g_free (self->asked);
  g_free (self->signed_text);
  g_clear_pointer (&self->signature, air_note_signature_free);
  g_free (self);
}

static void
waiter_free (gpointer data)
{
  Waiter *self = data;

  g_clear_handle_id (&self->timeout, g_source_remove);
  g_free (self->note);
  g_free (self);
}

static guint64
size_of (const char *note)
{
  g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_open (note, strlen (note), NULL, NULL, NULL);

  return checkpoint != NULL ? checkpoint->size : 0;
}

/**
 * air_cosigner_new:
 * @host: whose ledger it is, for proofs; outlives it
 * @witnesses: (element-type AirWitnessConfig): outlives it
 * @transport: the way out
 * @state: the folder in which the last cosigned head is kept
 *
 * Returns: (transfer full): a cosigner that has asked nobody
 */
AirCosigner *
air_cosigner_new (AirHost *host, GPtrArray *witnesses, AirTransport *transport, const char *state)
{
  AirCosigner *self = g_new0 (AirCosigner, 1);

  self->host = host;
  self->transport = g_object_ref (transport);
  self->cancellable = g_cancellable_new ();
  self->witnesses = g_ptr_array_new_with_free_func (witness_free);
  self->waiters = g_ptr_array_new_with_free_func (waiter_free);
  self->path = g_build_filename (state, "cosigned", NULL);
  if (g_file_get_contents (self->path, &self->last, NULL, NULL))
    self->last_size = size_of (self->last);
  for (guint i = 0; i < witnesses->len; i++)
    {
      Witness *witness = g_new0 (Witness, 1);

      witness->owner = self;
      witness->config = witnesses->pdata[i];
      witness->url = g_strconcat (witness->config->url, "/add-checkpoint", NULL);
      g_ptr_array_add (self->witnesses, witness);
    }
  return self;
}

/* --- who waits ------------------------------------------------------------------- */

static gboolean
is_answered (AirCosigner *self, guint64 size)
{
  for (guint i = 0; i < self->witnesses->len; i++)
    if (((Witness *) self->witnesses->pdata[i])->answered < size)
      return FALSE;
  return TRUE;
}

static void
serve (AirCosigner *self, Waiter *waiter)
{
  g_autofree char *note = air_cosigner_decorate (self, waiter->note);
  AirCosigned cosigned = waiter->cosigned;
  gpointer user_data = waiter->user_data;

  g_ptr_array_remove (self->waiters, waiter);
  cosigned (note, user_data);
}

static gboolean
waited_cb (gpointer user_data)
{
  Waiter *waiter = user_data;

  waiter->timeout = 0;
  serve (waiter->owner, waiter);
  return G_SOURCE_REMOVE;
}

static void
serve_answered (AirCosigner *self)
{
  for (guint i = self->waiters->len; i > 0; i--)
    if (i <= self->waiters->len && is_answered (self, ((Waiter *) self->waiters->pdata[i - 1])->size))
      serve (self, self->waiters->pdata[i - 1]);
}

/* --- asking ------------------------------------------------------------------------ */

static void
finished (Witness *witness, const char *failure)
{
  if (failure != NULL && !witness->failing)
    g_message ("witness %s does not cosign: %s", air_vkey_get_name (witness->config->key), failure);
  else if (failure == NULL && witness->failing)
    g_message ("witness %s cosigns again", air_vkey_get_name (witness->config->key));
  witness->failing = failure != NULL;
  witness->answered = MAX (witness->answered, witness->asked_size);
  witness->again = FALSE;
  g_clear_pointer (&witness->asked, g_free);
  serve_answered (witness->owner);
  ask (witness);
}

static void
keep (AirCosigner *self, const char *note)
{
  guint64 size = size_of (note);
  g_autoptr (GError) error = NULL;
  char *decorated;

  if (size < self->last_size)
    return;
  decorated = air_cosigner_decorate (self, note);
  g_free (self->last);
  self->last = decorated;
  self->last_size = size;
  if (!g_file_set_contents_full (self->path, decorated, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    g_message ("the cosigned head is not kept: %s", error->message);
}

/* One line of the answer is the witness's own. */
static gboolean
take_signature (Witness *witness, GBytes *body)
{
  gsize length;
  const char *at = g_bytes_get_data (body, &length);
  g_autofree char *text = g_strndup (at != NULL ? at : "", length);
  g_auto (GStrv) lines = g_strsplit (text, "\n", AIR_NOTE_MAX_SIGNATURES + 1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (AirNoteSignature) signature = air_note_signature_from_line (lines[i], strlen (lines[i]), NULL);
      g_autoptr (AirNote) note = air_note_parse (witness->asked, strlen (witness->asked), NULL);

      if (signature == NULL || note == NULL || signature->key_id != air_vkey_get_key_id (witness->config->key)
          || !g_str_equal (signature->name, air_vkey_get_name (witness->config->key)))
        continue;
      g_ptr_array_set_size (note->signatures, 0);
      air_note_add_signature (note, air_note_signature_new (signature->name, signature->key_id, signature->signature));
      if (!air_cosignature_verify (note, witness->config->key, NULL, NULL))
        continue;
      g_set_str (&witness->signed_text, note->text);
      g_clear_pointer (&witness->signature, air_note_signature_free);
      witness->signature = g_steal_pointer (&signature);
      return TRUE;
    }
  return FALSE;
}

static void
answered (Witness *witness, const AirHttpResponse *response)
{
  g_autofree char *words = NULL;
  gsize length = response->body != NULL ? g_bytes_get_size (response->body) : 0;
  g_autofree char *text = g_strndup (length > 0 ? g_bytes_get_data (response->body, NULL) : "", MIN (length, 200));
  guint64 known;

  if (response->status == 200 && response->body != NULL && take_signature (witness, response->body))
    {
      witness->known = witness->asked_size;
      keep (witness->owner, witness->asked);
      finished (witness, NULL);
      return;
    }
  if (response->status == 409 && !witness->again
      && g_ascii_string_to_unsigned (g_strstrip (text), 10, 0, witness->asked_size, &known, NULL)
      && known != witness->known)
    {
      /* It knows another tree than we thought: a restart of ours, say. */
      witness->known = known;
      witness->again = TRUE;
      if (witness->wanted == NULL || witness->wanted_size < witness->asked_size)
        {
          g_set_str (&witness->wanted, witness->asked);
          witness->wanted_size = witness->asked_size;
        }
      g_clear_pointer (&witness->asked, g_free);
      ask (witness);
      return;
    }
  /* What it cosigned before is more than we have: this is an old copy, or somebody else writes on elsewhere. */
  if (response->status == 409 && g_ascii_string_to_unsigned (g_strstrip (text), 10, 0, G_MAXINT64, &known, NULL)
      && known > witness->asked_size)
    {
      AirCosigner *self = witness->owner;

      if (!self->rolled_back)
        g_warning ("alarm rolled-back: witness %s has seen %" G_GUINT64_FORMAT " entries of this ledger, and here are "
                   "%" G_GUINT64_FORMAT ": the state directory is an old copy, or another runtime writes this ledger "
                   "on; stop this one, and keep both",
                   air_vkey_get_name (witness->config->key), known, witness->asked_size);
      self->rolled_back = TRUE;
      air_host_get_stats (self->host)->alarms++;
    }
  words = g_strdup_printf ("it answered %d%s%s", response->status, *text != '\0' ? ": " : "", text);
  finished (witness, response->status == 200 ? "its cosignature is wrong or missing" : words);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asking *asking = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpResponse) response = air_transport_send_finish (AIR_TRANSPORT (source), result, &error);

  if (!g_cancellable_is_cancelled (asking->cancellable))
    {
      if (response != NULL)
        answered (asking->witness, response);
      else
        finished (asking->witness, error->message);
    }
  air_http_request_free (asking->request);
  g_object_unref (asking->cancellable);
  g_free (asking);
}

static GArray *
prove (AirHost *host, guint64 old_size, guint64 size, GError **error)
{
  g_autofree AirTreeView *view = g_new (AirTreeView, 1);
  AirHashReader reader;

  air_tree_view_init (view, air_host_get_store (host));
  air_writer_get_edge (air_host_get_writer (host), &view->edge);
  reader = air_tree_view_get_reader (view);
  return air_tree_prove_consistency (&reader, old_size, size, error);
}

static void
ask (Witness *witness)
{
  AirCosigner *self = witness->owner;
  g_autoptr (GArray) proof = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = NULL;
  char *text;
  Asking *asking;

  if (witness->asked != NULL || witness->wanted == NULL)
    return;
  witness->asked = g_steal_pointer (&witness->wanted);
  witness->asked_size = witness->wanted_size;
  proof = prove (self->host, MIN (witness->known, witness->asked_size), witness->asked_size, &error);
  if (proof == NULL)
    {
      g_autofree char *words = g_strdup (error->message);

      finished (witness, words);
      return;
    }
  text = air_witness_request_write (MIN (witness->known, witness->asked_size), proof, witness->asked);
  body = g_bytes_new_take (text, strlen (text));
  asking = g_new0 (Asking, 1);
  asking->owner = self;
  asking->witness = witness;
  asking->cancellable = g_object_ref (self->cancellable);
  asking->request = air_http_request_new ("POST", witness->url);
  air_http_request_add_header (asking->request, "Content-Type", "text/plain; charset=utf-8", FALSE);
  asking->request->body = g_steal_pointer (&body);
  air_transport_send_async (self->transport, asking->request, TIMEOUT_MS, self->cancellable, answered_cb, asking);
}

static void
want (AirCosigner *self, const char *note, guint64 size)
{
  for (guint i = 0; i < self->witnesses->len; i++)
    {
      Witness *witness = self->witnesses->pdata[i];

      if (size <= witness->answered || (witness->asked != NULL && witness->asked_size >= size)
          || (witness->wanted != NULL && witness->wanted_size >= size))
        continue;
      g_set_str (&witness->wanted, note);
      witness->wanted_size = size;
      ask (witness);
    }
}

/**
 * air_cosigner_publish:
 * @self: a cosigner
 * @note: a head that is durable
 *
 * Asks for it in its turn; while somebody waits for an older head, that comes first.
 */
void
air_cosigner_publish (AirCosigner *self, const char *note)
{
  /* Somebody waits for an older head: it comes first, or it would never be cosigned. */
  if (self->waiters->len == 0)
    want (self, note, size_of (note));
}

/**
 * air_cosigner_want:
 * @self: a cosigner
 * @note: a head that is durable
 * @cosigned: called once every witness has answered for @note, or after some seconds
 * @user_data: for @cosigned
 */
void
air_cosigner_want (AirCosigner *self, const char *note, AirCosigned cosigned, gpointer user_data)
{
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->owner = self;
  waiter->note = g_strdup (note);
  waiter->size = size_of (note);
  waiter->cosigned = cosigned;
  waiter->user_data = user_data;
  waiter->timeout = g_timeout_add (MAX_WAIT_MS, waited_cb, waiter);
  g_ptr_array_add (self->waiters, waiter);
  want (self, note, waiter->size);
  serve_answered (self);
}

/**
 * air_cosigner_decorate:
 * @self: a cosigner
 * @note: a head
 *
 * Returns: (transfer full): @note with the cosignatures it has by now
 */
char *
air_cosigner_decorate (AirCosigner *self, const char *note)
{
  g_autoptr (AirNote) parsed = air_note_parse (note, strlen (note), NULL);

  for (guint i = 0; parsed != NULL && i < self->witnesses->len; i++)
    {
      const Witness *witness = self->witnesses->pdata[i];

      if (witness->signature != NULL && g_str_equal (witness->signed_text, parsed->text)
          && air_note_find_signature (parsed, witness->config->key) == NULL)
        air_note_add_signature (parsed, air_note_signature_new (witness->signature->name, witness->signature->key_id,
                                                                witness->signature->signature));
    }
  return parsed != NULL ? air_note_write (parsed) : g_strdup (note);
}

/**
 * air_cosigner_get_last:
 * @self: a cosigner
 *
 * Returns: (transfer none) (nullable): the newest head that some witness has cosigned, from before a restart too
 */
const char *
air_cosigner_get_last (AirCosigner *self)
{
  return self->last;
}

/**
 * air_cosigner_keys_of:
 * @self: a cosigner
 * @note: a head
 *
 * Returns: (transfer container) (element-type AirVkey): the keys whose cosignatures stand under @note, verified
 */
GPtrArray *
air_cosigner_keys_of (AirCosigner *self, const char *note)
{
  g_autoptr (AirNote) parsed = air_note_parse (note, strlen (note), NULL);
  GPtrArray *keys = g_ptr_array_new ();

  for (guint i = 0; parsed != NULL && i < self->witnesses->len; i++)
    {
      const Witness *witness = self->witnesses->pdata[i];

      if (air_cosignature_verify (parsed, witness->config->key, NULL, NULL))
        g_ptr_array_add (keys, witness->config->key);
    }
  return keys;
}

void
air_cosigner_free (AirCosigner *self)
{
  g_cancellable_cancel (self->cancellable);
  while (self->waiters->len > 0)
    serve (self, self->waiters->pdata[0]);
  g_ptr_array_unref (self->waiters);
  g_ptr_array_unref (self->witnesses);
  g_object_unref (self->cancellable);
  g_object_unref (self->transport);
  g_free (self->last);
  g_free (self->path);
  g_free (self);
}
