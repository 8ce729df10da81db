/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-vault.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/air-store.h"

#define KEY_SIZE   32
#define NONCE_SIZE 12
#define TAG_SIZE   16
/* Keys are made ahead, so that a run costs no sync of its own. */
#define FIRST_BATCH 64
#define MAX_BATCH   4096

struct _AirVault {
  int fd;
  char *path;
  guint64 next; /* the next one to hand out */
  guint64 end;  /* made so far, plus 1 */
  guint batch;
  AirSealKey cached; /* in @cipher; 0: none */
  gnutls_aead_cipher_hd_t cipher;
};

static gboolean
failed (AirVault *self, const char *what, int code, GError **error)
{
  g_set_error (error, AIR_STORE_ERROR, code == ENOSPC || code == EDQUOT ? AIR_STORE_ERROR_FULL : AIR_STORE_ERROR_IO,
               "%s: %s: %s; the disclosures of the ledger need this file", self->path, what, g_strerror (code));
  return FALSE;
}

static void
forget_cipher (AirVault *self)
{
  if (self->cached.run != 0)
    gnutls_aead_cipher_deinit (self->cipher);
  self->cached = (AirSealKey) { 0, 0 };
}

/**
 * air_vault_open:
 * @path: subjects.keys; made when it is not there and @read_only is unset
 * @read_only: whether it is for reading alone
 *
 * Returns: (transfer full): NULL with AIR_STORE_ERROR_OPEN
 */
AirVault *
air_vault_open (const char *path, gboolean read_only, GError **error)
{
  int fd = open (path, (read_only ? O_RDONLY : O_RDWR | O_CREAT) | O_CLOEXEC, 0600);
  AirVault *self;
  struct stat info;

  if (fd < 0 && !(read_only && errno == ENOENT))
    {
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_OPEN,
                   "%s: %s; it holds the keys of the ledger's disclosures", path, g_strerror (errno));
      return NULL;
    }
  self = g_new0 (AirVault, 1);
  self->fd = fd;
  self->path = g_strdup (path);
  self->batch = FIRST_BATCH;
  self->end = 1;
  if (fd >= 0 && fstat (fd, &info) == 0)
    self->end = (guint64) info.st_size / KEY_SIZE + 1;
  self->next = self->end;
  return self;
}

void
air_vault_free (AirVault *self)
{
  if (self == NULL)
    return;
  forget_cipher (self);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}

/* At the end of the file as it is now: another connection may have made keys meanwhile, and none is ever overwritten. */
static gboolean
find_end (AirVault *self, GError **error)
{
  struct stat info;

  if (flock (self->fd, LOCK_EX) != 0 || fstat (self->fd, &info) != 0)
    return failed (self, "cannot be locked", errno, error);
  self->end = self->next = ((guint64) info.st_size + KEY_SIZE - 1) / KEY_SIZE + 1;
  return TRUE;
}

static gboolean
write_keys (AirVault *self, GError **error)
{
  gsize length = (gsize) self->batch * KEY_SIZE, written = 0;
  g_autofree guint8 *keys = g_malloc (length);
  int code = gnutls_rnd (GNUTLS_RND_KEY, keys, length);

  if (code < 0)
    {
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_IO, "%s: no random keys: %s", self->path,
                   gnutls_strerror (code));
      return FALSE;
    }
  while (written < length)
    {
      ssize_t n = pwrite (self->fd, keys + written, length - written, (off_t) ((self->end - 1) * KEY_SIZE + written));

      if (n < 0 && errno != EINTR)
        {
          gnutls_memset (keys, 0, length);
          return failed (self, "cannot be written", errno, error);
        }
      written += n > 0 ? (gsize) n : 0;
    }
  gnutls_memset (keys, 0, length);
  if (fdatasync (self->fd) != 0)
    return failed (self, "cannot be made durable", errno, error);
  self->end += self->batch;
  self->batch = MIN (self->batch * 4, MAX_BATCH);
  return TRUE;
}

static gboolean
make_keys (AirVault *self, GError **error)
{
  gboolean made = find_end (self, error) && write_keys (self, error);

  flock (self->fd, LOCK_UN);
  return made;
}

/**
 * air_vault_take:
 * @self: a vault
 * @error: return location
 *
 * Returns: a key nobody uses yet, durable before it is handed out; 0 with %AIR_STORE_ERROR_FULL or %AIR_STORE_ERROR_IO
 */
guint64
air_vault_take (AirVault *self, GError **error)
{
  if (self->next == self->end && !make_keys (self, error))
    return 0;
  return self->next++;
}

/* *ret_destroyed: there is such a key, and it is zeros. */
static gboolean
read_key (AirVault *self, guint64 number, guint8 ret_key[KEY_SIZE], gboolean *ret_destroyed, GError **error)
{
  static const guint8 zeros[KEY_SIZE];
  ssize_t n;

  if (number == 0 || number > G_MAXINT64 / KEY_SIZE || self->fd < 0)
    n = 0;
  else
    do
      n = pread (self->fd, ret_key, KEY_SIZE, (off_t) ((number - 1) * KEY_SIZE));
    while (n < 0 && errno == EINTR);
  if (n < 0)
    return failed (self, "cannot be read", errno, error);
  if (n != KEY_SIZE)
    {
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                   "%s: there is no key %" G_GUINT64_FORMAT "; restore the file", self->path, number);
      return FALSE;
    }
  *ret_destroyed = memcmp (ret_key, zeros, KEY_SIZE) == 0;
  return TRUE;
}

/* The key of a run, or of a run and its subject: of two, one that nobody has who lacks either. */
static gboolean
read_seal_key (AirVault *self, AirSealKey key, guint8 ret_key[KEY_SIZE], gboolean *ret_destroyed, GError **error)
{
  guint8 run[KEY_SIZE], subject[KEY_SIZE];
  gboolean done = TRUE;

  if (key.subject == 0)
    return read_key (self, key.run, ret_key, ret_destroyed, error);
  if (!read_key (self, key.run, run, ret_destroyed, error))
    return FALSE;
  if (!*ret_destroyed)
    done = read_key (self, key.subject, subject, ret_destroyed, error);
  if (done && !*ret_destroyed)
    {
      int code = gnutls_hmac_fast (GNUTLS_MAC_SHA256, subject, KEY_SIZE, run, KEY_SIZE, ret_key);

      done = code >= 0;
      if (!done)
        g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_IO, "%s: %s", self->path, gnutls_strerror (code));
      gnutls_memset (subject, 0, sizeof subject);
    }
  gnutls_memset (run, 0, sizeof run);
  return done;
}

/* The keys are read every time: somebody else may have destroyed one. */
static gboolean
load_cipher (AirVault *self, AirSealKey key, gboolean *ret_destroyed, GError **error)
{
  guint8 bytes[KEY_SIZE];
  const gnutls_datum_t datum = { bytes, KEY_SIZE };
  int code;

  if (!read_seal_key (self, key, bytes, ret_destroyed, error))
    return FALSE;
  if (self->cached.run == key.run && self->cached.subject == key.subject && !*ret_destroyed)
    {
      gnutls_memset (bytes, 0, sizeof bytes);
      return TRUE;
    }
  forget_cipher (self);
  if (*ret_destroyed)
    return TRUE;
  code = gnutls_aead_cipher_init (&self->cipher, GNUTLS_CIPHER_AES_256_GCM, &datum);
  gnutls_memset (bytes, 0, sizeof bytes);
  if (code < 0)
    {
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_IO, "%s: %s", self->path, gnutls_strerror (code));
      return FALSE;
    }
  self->cached = key;
  return TRUE;
}

/**
 * air_vault_seal:
 * @self: a vault
 * @key: the keys it is sealed under: of two, HMAC-SHA256 (subject's, run's) makes one
 * @nonce_of: the entry's leaf hash, which commits to what is sealed: the same nonce never comes with other content
 * @data: what to seal
 * @length: bytes of @data
 * @error: return location
 *
 * AES-256-GCM (NIST SP 800-38D).
 *
 * Returns: (transfer full): sealed bytes with their tag, or %NULL with %AIR_STORE_ERROR_CORRUPT (no such key, or
 *   destroyed) or _IO
 */
GBytes *
air_vault_seal (AirVault *self,
                AirSealKey key,
                const AirDigest *nonce_of,
                const void *data,
                gsize length,
                GError **error)
{
  gsize sealed_length = length + TAG_SIZE;
  g_autofree guint8 *sealed = g_malloc (sealed_length);
  gboolean destroyed;
  int code;

  if (!load_cipher (self, key, &destroyed, error))
    return NULL;
  if (destroyed)
    {
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                   "%s: the keys %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " are not both there any more",
                   self->path, key.run, key.subject);
      return NULL;
    }
  code = gnutls_aead_cipher_encrypt (self->cipher, nonce_of->bytes, NONCE_SIZE, NULL, 0, TAG_SIZE, data, length, sealed,
                                     &sealed_length);
  if (code < 0)
    {
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_IO, "%s: %s", self->path, gnutls_strerror (code));
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&sealed), sealed_length);
}

/**
 * air_vault_unseal:
 * @self: a vault
 * @key: the keys it is sealed under: of two, HMAC-SHA256 (subject's, run's) makes one
 * @nonce_of: the entry's leaf hash
 * @data: what air_vault_seal() gave
 * @length: bytes of @data
 * @error: return location
 *
 * Returns: (transfer full) (nullable): what was sealed; %NULL without an error when a key was destroyed, or with
 *   %AIR_STORE_ERROR_CORRUPT or _IO
 */
GBytes *
air_vault_unseal (AirVault *self,
                  AirSealKey key,
                  const AirDigest *nonce_of,
                  const void *data,
                  gsize length,
                  GError **error)
{
  gsize open_length = length;
  g_autofree guint8 *open = g_malloc (length + 1);
  gboolean destroyed;

  if (!load_cipher (self, key, &destroyed, error) || destroyed)
    return NULL;
  if (length < TAG_SIZE
      || gnutls_aead_cipher_decrypt (self->cipher, nonce_of->bytes, NONCE_SIZE, NULL, 0, TAG_SIZE, data, length, open,
                                     &open_length)
             < 0)
    {
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                   "the disclosures are not those sealed under key %" G_GUINT64_FORMAT
                   ", or key or entry were changed; restore them",
                   key.run);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&open), open_length);
}

/**
 * air_vault_is_destroyed:
 * @self: a vault
 * @number: of the key
 * @ret_destroyed: (out): whether it was
 * @error: return location
 *
 * Returns: %FALSE with %AIR_STORE_ERROR_CORRUPT when there is no such key, or _IO
 */
gboolean
air_vault_is_destroyed (AirVault *self, guint64 number, gboolean *ret_destroyed, GError **error)
{
  guint8 key[KEY_SIZE];
  gboolean read = read_key (self, number, key, ret_destroyed, error);

  gnutls_memset (key, 0, sizeof key);
  return read;
}

/**
 * air_vault_destroy:
 * @self: a vault
 * @number: of the key
 * @error: return location
 *
 * Overwrites the key where it lies, and syncs. Destroying it again is fine.
 *
 * Returns: %FALSE with %AIR_STORE_ERROR_CORRUPT, _FULL or _IO
 */
gboolean
air_vault_destroy (AirVault *self, guint64 number, GError **error)
{
  static const guint8 zeros[KEY_SIZE];
  guint8 key[KEY_SIZE];
  gboolean destroyed;
  ssize_t n;

  if (!read_key (self, number, key, &destroyed, error))
    return FALSE;
  gnutls_memset (key, 0, sizeof key);
  if (self->cached.run == number || self->cached.subject == number)
    forget_cipher (self);
  do
    n = pwrite (self->fd, zeros, KEY_SIZE, (off_t) ((number - 1) * KEY_SIZE));
  while (n < 0 && errno == EINTR);
  if (n != KEY_SIZE)
    return failed (self, "a key cannot be destroyed", n < 0 ? errno : EIO, error);
  if (fdatasync (self->fd) != 0)
    return failed (self, "that a key is destroyed cannot be made durable", errno, error);
  return TRUE;
}

/**
 * air_vault_mac:
 * @self: a vault
 * @number: of the key
 * @data: what is recognised without being kept
 * @length: bytes of @data
 * @ret_mac: (out): HMAC-SHA256 (RFC 2104)
 * @error: return location
 *
 * Returns: %FALSE with %AIR_STORE_ERROR_CORRUPT or _IO
 */
gboolean
air_vault_mac (AirVault *self, guint64 number, const void *data, gsize length, AirDigest *ret_mac, GError **error)
{
  guint8 key[KEY_SIZE];
  gboolean destroyed;
  int code;

  if (!read_key (self, number, key, &destroyed, error))
    return FALSE;
  code = gnutls_hmac_fast (GNUTLS_MAC_SHA256, key, KEY_SIZE, data, length, ret_mac->bytes);
  gnutls_memset (key, 0, sizeof key);
  if (code >= 0)
    return TRUE;
  g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_IO, "%s: %s", self->path, gnutls_strerror (code));
  return FALSE;
}
