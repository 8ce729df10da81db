/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-notary.h"

#include <string.h>

#include "components/air-operation.h"
#include "ledger/air-checkpoint.h"

#define CONNECTIONS 2

struct _AirNotary {
  AirHost *host;
  AirTransport *transport;
  AirCosigner *cosigner; /* nullable */
  AirStamper *stamper;   /* nullable */
};

typedef struct {
  AirNotary *owner;
  guint64 covers;
  char *note;
  AirNotarized notarized;
  gpointer user_data;
} Wanting;

/* "host:port" of a URL. */
static char *
destination (const char *url, GError **error)
{
  g_autofree char *scheme = NULL, *host = NULL;
  int port;

  if (!g_uri_split_network (url, G_URI_FLAGS_NONE, &scheme, &host, &port, error))
    return NULL;
  return g_strdup_printf ("%s:%d", host, port > 0 ? port : g_str_equal (scheme, "https") ? 443 : 80);
}

/* Only those the configuration names can be reached. */
static AirEgress *
make_egress (const AirConfig *config, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < config->witnesses->len; i++)
    {
      char *where = destination (((AirWitnessConfig *) config->witnesses->pdata[i])->url, error);

      if (where == NULL)
        return NULL;
      g_ptr_array_add (list, where);
    }
  if (config->timestamp_url != NULL)
    {
      char *where = destination (config->timestamp_url, error);

      if (where == NULL)
        return NULL;
      g_ptr_array_add (list, where);
    }
  g_ptr_array_add (list, NULL);
  return air_egress_new ((const char *const *) list->pdata, error);
}

static AirTimestampTrust *
load_authorities (const char *path, GError **error)
{
  g_autofree char *pem = NULL;
  AirTimestampTrust *trust;
  gsize length;

  if (!g_file_get_contents (path, &pem, &length, error))
    return NULL;
  trust = air_timestamp_trust_new (pem, length, error);
  if (trust == NULL)
    g_prefix_error (error, "%s: ", path);
  return trust;
}

static void
published_cb (const char *note, gpointer user_data)
{
  AirNotary *self = user_data;
  const char *cosigned;

  if (self->cosigner != NULL)
    air_cosigner_publish (self->cosigner, note);
  if (self->stamper == NULL)
    return;
  cosigned = self->cosigner != NULL ? air_cosigner_get_last (self->cosigner) : NULL;
  air_stamper_tick (self->stamper, cosigned != NULL ? cosigned : note);
}

/**
 * air_notary_new:
 * @host: whose heads it follows; outlives it
 * @config: whom to ask; outlives it
 * @error: return location
 *
 * Returns: (transfer full) (nullable): a notary; %NULL without an error when the configuration names nobody, or with
 *   an %AIR_OPERATION_ERROR, %AIR_LEDGER_ERROR or %G_FILE_ERROR
 */
AirNotary *
air_notary_new (AirHost *host, const AirConfig *config, GError **error)
{
  g_autoptr (AirNotary) self = NULL;
  g_autoptr (AirEgress) egress = NULL;
  AirTimestampTrust *trust = NULL;

  if (config->witnesses->len == 0 && config->timestamp_url == NULL)
    return NULL;
  egress = make_egress (config, error);
  if (egress == NULL
      || (config->timestamp_authorities != NULL
          && (trust = load_authorities (config->timestamp_authorities, error)) == NULL))
    return NULL;
  self = g_new0 (AirNotary, 1);
  self->host = host;
  self->transport = air_http_transport_new (egress, CONNECTIONS);
  if (config->witnesses->len > 0)
    self->cosigner = air_cosigner_new (host, config->witnesses, self->transport, config->state);
  if (config->timestamp_url != NULL)
    self->stamper =
        air_stamper_new (config->timestamp_url, trust, config->timestamp_interval_s, self->transport, config->state);
  air_host_set_published (host, published_cb, self);
  return g_steal_pointer (&self);
}

static void
stamped_cb (GBytes *stamp, gpointer user_data)
{
  Wanting *wanting = user_data;
  AirNotary *self = wanting->owner;
  g_autoptr (GPtrArray) keys =
      self->cosigner != NULL ? air_cosigner_keys_of (self->cosigner, wanting->note) : g_ptr_array_new ();

  wanting->notarized (wanting->note, stamp, keys, wanting->user_data);
  g_free (wanting->note);
  g_free (wanting);
}

/* Where nobody cosigned the newest head, one that was cosigned before and holds all that is to be shown is worth more. */
static void
choose (Wanting *wanting, const char *note)
{
  AirNotary *self = wanting->owner;
  g_autoptr (GPtrArray) keys = air_cosigner_keys_of (self->cosigner, note);
  const char *last = air_cosigner_get_last (self->cosigner);
  g_autoptr (AirCheckpoint) head = last != NULL ? air_checkpoint_open (last, strlen (last), NULL, NULL, NULL) : NULL;

  if (keys->len == 0 && head != NULL && head->size >= wanting->covers)
    note = last;
  wanting->note = g_strdup (note);
}

static void
cosigned_cb (const char *note, gpointer user_data)
{
  Wanting *wanting = user_data;
  AirNotary *self = wanting->owner;

  if (self->cosigner != NULL)
    choose (wanting, note);
  else
    wanting->note = g_strdup (note);
  if (self->stamper != NULL)
    air_stamper_want (self->stamper, wanting->note, stamped_cb, wanting);
  else
    stamped_cb (NULL, wanting);
}

/**
 * air_notary_want:
 * @self: a notary; when it is freed, whoever still waits is told at once
 * @note: the newest head
 * @covers: how many entries a head must have that was cosigned before, to do as well
 * @notarized: called within some seconds
 * @user_data: for @notarized
 */
void
air_notary_want (AirNotary *self, const char *note, guint64 covers, AirNotarized notarized, gpointer user_data)
{
  Wanting *wanting = g_new0 (Wanting, 1);

  wanting->owner = self;
  wanting->covers = covers;
  wanting->notarized = notarized;
  wanting->user_data = user_data;
  if (self->cosigner != NULL)
    air_cosigner_want (self->cosigner, note, cosigned_cb, wanting);
  else
    cosigned_cb (note, wanting);
}

/**
 * air_notary_decorate:
 * @self: a notary
 * @note: a head
 *
 * Returns: (transfer full): @note with the cosignatures it has by now
 */
char *
air_notary_decorate (AirNotary *self, const char *note)
{
  return self->cosigner != NULL ? air_cosigner_decorate (self->cosigner, note) : g_strdup (note);
}

/**
 * air_notary_get_cosigned:
 * @self: a notary
 *
 * Returns: (transfer none) (nullable): the newest head somebody cosigned
 */
const char *
air_notary_get_cosigned (AirNotary *self)
{
  return self->cosigner != NULL ? air_cosigner_get_last (self->cosigner) : NULL;
}

void
air_notary_free (AirNotary *self)
{
  if (self->host != NULL)
    air_host_set_published (self->host, NULL, NULL);
  g_clear_pointer (&self->stamper, air_stamper_free);
  if (self->cosigner != NULL)
    air_cosigner_free (self->cosigner);
  g_clear_object (&self->transport);
  g_free (self);
}
