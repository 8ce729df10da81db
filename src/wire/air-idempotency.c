/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-wire"

#include "config.h"

#include "wire/air-idempotency.h"

#include "base/air-hash.h"

typedef struct {
  char *key;
  AirDigest request;
  AirAnswer answer; /* status 0: still at work */
  GList link;
} Slot;

struct _AirIdempotency {
  GHashTable *slots; /* key → Slot */
  GQueue order;      /* oldest first */
  guint capacity;
};

static void
slot_free (gpointer data)
{
  Slot *slot = data;

  g_free (slot->key);
  g_free (slot->answer.content_type);
  g_clear_pointer (&slot->answer.body, g_bytes_unref);
  g_free (slot);
}

/**
 * air_idempotency_new:
 * @capacity: how many keys are remembered; the oldest go first
 *
 * Returns: (transfer full): an empty memory
 */
AirIdempotency *
air_idempotency_new (guint capacity)
{
  AirIdempotency *self = g_new0 (AirIdempotency, 1);

  self->slots = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, slot_free);
  self->capacity = capacity;
  g_queue_init (&self->order);
  return self;
}

/**
 * air_idempotency_begin:
 * @self: a memory
 * @key: the Idempotency-Key, with whoever sent it
 * @body: of the request
 * @ret_answer: (out) (transfer none): the first answer, with %AIR_IDEMPOTENCY_REPEATED; valid until the next call
 *
 * Returns: what to do with the request; after %AIR_IDEMPOTENCY_NEW the key counts as at work
 */
AirIdempotencyVerdict
air_idempotency_begin (AirIdempotency *self, const char *key, GBytes *body, const AirAnswer **ret_answer)
{
  gsize length;
  const void *data = g_bytes_get_data (body, &length);
  AirDigest digest = air_sha256 (data, length);
  Slot *slot = g_hash_table_lookup (self->slots, key);

  if (slot != NULL)
    {
      if (!air_digest_equal (&slot->request, &digest))
        return AIR_IDEMPOTENCY_CHANGED;
      if (slot->answer.status == 0)
        return AIR_IDEMPOTENCY_BUSY;
      *ret_answer = &slot->answer;
      return AIR_IDEMPOTENCY_REPEATED;
    }

  while (self->order.length >= self->capacity)
    air_idempotency_forget (self, ((Slot *) self->order.head->data)->key);
  slot = g_new0 (Slot, 1);
  slot->key = g_strdup (key);
  slot->request = digest;
  slot->link.data = slot;
  g_queue_push_tail_link (&self->order, &slot->link);
  g_hash_table_insert (self->slots, slot->key, slot);
  return AIR_IDEMPOTENCY_NEW;
}

/**
 * air_idempotency_store:
 * @self: a memory
 * @key: what was begun
 * @status: of HTTP
 * @content_type: of @answer
 * @answer: referenced, not copied
 *
 * Does nothing when the key has been forgotten since.
 */
void
air_idempotency_store (AirIdempotency *self, const char *key, guint status, const char *content_type, GBytes *answer)
{
  Slot *slot = g_hash_table_lookup (self->slots, key);

  if (slot == NULL)
    return;
  slot->answer.status = status;
  slot->answer.content_type = g_strdup (content_type);
  slot->answer.body = g_bytes_ref (answer);
}

/**
 * air_idempotency_forget:
 * @self: a memory
 * @key: a key that may be tried again
 */
void
air_idempotency_forget (AirIdempotency *self, const char *key)
{
  Slot *slot = g_hash_table_lookup (self->slots, key);

  if (slot == NULL)
    return;
  g_queue_unlink (&self->order, &slot->link);
  g_hash_table_remove (self->slots, slot->key);
}

void
air_idempotency_free (AirIdempotency *self)
{
  g_hash_table_unref (self->slots);
  g_free (self);
}
