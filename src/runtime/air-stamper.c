/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-stamper.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "ledger/air-checkpoint.h"

#define TIMEOUT_MS 5000
/* After a failure the authority is asked again no sooner. */
#define RETRY_US (60 * G_USEC_PER_SEC)

struct _AirStamper {
  char *url;
  AirTimestampTrust *trust;
  gint64 interval_us;
  AirTransport *transport;
  GCancellable *cancellable;
  char *folder;
  char *stamped; /* the head stamped last for the record */
  gint64 next_us;
  gboolean busy;
};

typedef struct {
  AirStamper *owner;
  GCancellable *cancellable;
  AirHttpRequest *request;
  AirDigest imprint;
  guint8 nonce[8];
  AirStamped stamped;
  gpointer user_data;
} Asking;

typedef struct {
  AirStamper *owner;
  GCancellable *cancellable;
  char *note;
} Keeping;

/**
 * air_stamper_new:
 * @url: of the authority
 * @trust: (transfer full) (nullable): whose stamps are kept
 * @interval_s: seconds between the stamps that are kept
 * @transport: the way out
 * @state: the folder; stamps lie in STATE/timestamps
 *
 * Returns: (transfer full): a stamper that has asked nobody
 */
AirStamper *
air_stamper_new (const char *url,
                 AirTimestampTrust *trust,
                 guint interval_s,
                 AirTransport *transport,
                 const char *state)
{
  AirStamper *self = g_new0 (AirStamper, 1);

  self->url = g_strdup (url);
  self->trust = trust;
  self->interval_us = (gint64) interval_s * G_USEC_PER_SEC;
  self->transport = g_object_ref (transport);
  self->cancellable = g_cancellable_new ();
  self->folder = g_build_filename (state, "timestamps", NULL);
  return self;
}

static gboolean
is_ours (const Asking *asking, GBytes *response, GError **error)
{
  g_autoptr (AirTimestamp) stamp = asking->owner->trust != NULL
                                       ? air_timestamp_open (response, asking->owner->trust, error)
                                       : air_timestamp_parse (response, error);
  g_autofree char *nonce = air_timestamp_nonce_to_text (asking->nonce);

  if (stamp == NULL)
    return FALSE;
  if (g_strcmp0 (stamp->nonce, nonce) == 0 && air_digest_equal (&stamp->imprint, &asking->imprint))
    return TRUE;
  g_set_error_literal (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_PROOF, "the answer is to another request");
  return FALSE;
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asking *asking = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpResponse) response = air_transport_send_finish (AIR_TRANSPORT (source), result, &error);
  gboolean gone = g_cancellable_is_cancelled (asking->cancellable);
  gboolean good = !gone && response != NULL && response->status == 200 && response->body != NULL
                  && is_ours (asking, response->body, &error);

  if (!gone && !good)
    g_message ("no timestamp from %s: %s", asking->owner->url,
               error != NULL ? error->message : "it did not answer 200");
  asking->stamped (good ? response->body : NULL, asking->user_data);
  air_http_request_free (asking->request);
  g_object_unref (asking->cancellable);
  g_free (asking);
}

/**
 * air_stamper_want:
 * @self: a stamper
 * @note: what to stamp
 * @stamped: called once there is an answer or none will come
 * @user_data: for @stamped
 */
void
air_stamper_want (AirStamper *self, const char *note, AirStamped stamped, gpointer user_data)
{
  Asking *asking = g_new0 (Asking, 1);

  asking->owner = self;
  asking->cancellable = g_object_ref (self->cancellable);
  asking->imprint = air_sha256 (note, strlen (note));
  asking->stamped = stamped;
  asking->user_data = user_data;
  if (gnutls_rnd (GNUTLS_RND_NONCE, asking->nonce, sizeof asking->nonce) < 0)
    g_error ("the system gives no random bytes");
  asking->request = air_http_request_new ("POST", self->url);
  air_http_request_add_header (asking->request, "Content-Type", "application/timestamp-query", FALSE);
  asking->request->body = air_timestamp_request (&asking->imprint, asking->nonce);
  air_transport_send_async (self->transport, asking->request, TIMEOUT_MS, self->cancellable, answered_cb, asking);
}

static void
keep_cb (GBytes *response, gpointer user_data)
{
  Keeping *keeping = user_data;
  AirStamper *self = keeping->owner;
  gboolean gone = g_cancellable_is_cancelled (keeping->cancellable);
  g_autoptr (AirCheckpoint) head = air_checkpoint_open (keeping->note, strlen (keeping->note), NULL, NULL, NULL);

  if (gone)
    {
      /* The stamper is no more. */
    }
  else if (response != NULL && head != NULL)
    {
      g_autofree char *note = g_strdup_printf ("%s/%" G_GUINT64_FORMAT ".checkpoint", self->folder, head->size);
      g_autofree char *stamp = g_strdup_printf ("%s/%" G_GUINT64_FORMAT ".tsr", self->folder, head->size);
      gsize length;
      const char *data = g_bytes_get_data (response, &length);
      g_autoptr (GError) error = NULL;

      self->busy = FALSE;
      if (g_mkdir_with_parents (self->folder, 0700) != 0 || !g_file_set_contents (note, keeping->note, -1, &error)
          || !g_file_set_contents (stamp, data, (gssize) length, &error))
        g_message ("a timestamp is not kept: %s", error != NULL ? error->message : self->folder);
      else
        g_set_str (&self->stamped, keeping->note);
    }
  else
    {
      self->busy = FALSE;
      self->next_us = g_get_monotonic_time () + MIN (RETRY_US, self->interval_us);
    }
  g_object_unref (keeping->cancellable);
  g_free (keeping->note);
  g_free (keeping);
}

/**
 * air_stamper_tick:
 * @self: a stamper
 * @note: the newest head
 *
 * Called now and then: keeps a stamp of one head each interval.
 */
void
air_stamper_tick (AirStamper *self, const char *note)
{
  gint64 now = g_get_monotonic_time ();
  Keeping *keeping;

  if (self->busy || now < self->next_us || g_strcmp0 (note, self->stamped) == 0)
    return;
  self->busy = TRUE;
  self->next_us = now + self->interval_us;
  keeping = g_new0 (Keeping, 1);
  keeping->owner = self;
  keeping->cancellable = g_object_ref (self->cancellable);
  keeping->note = g_strdup (note);
  air_stamper_want (self, note, keep_cb, keeping);
}

void
air_stamper_free (AirStamper *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->transport);
  g_clear_pointer (&self->trust, air_timestamp_trust_free);
  g_free (self->url);
  g_free (self->folder);
  g_free (self->stamped);
  g_free (self);
}
