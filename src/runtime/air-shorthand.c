/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the store writes entries and disclosures down: hashes, ids and times as the bytes they stand for, and what entries
 * say again and again as one byte. It is the store's own business: everybody else sees the text. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-shorthand.h"

#include <string.h>

#include "base/air-clock.h"
#include "runtime/air-store.h"

/* After the first byte: printable ASCII is itself; CODE_* are followed by bytes; from PHRASES on each byte is a phrase. */
#define CODE_TIME     0x05 /* six bytes: milliseconds since the Unix epoch, big-endian */
#define CODE_AS_IT_IS 0x08 /* one byte n, then n bytes */
#define PHRASES       0x80

#define TIME_CHARS 24
#define TIME_BYTES 6

/* Texts that stand for bytes, between quotation marks; ids also as parts of names ("process/ID", "ID/approval"). Only the
 * one text that stands for some bytes is put so. */
typedef struct {
  guint8 code;
  guint8 bits; /* a character */
  guint8 chars;
  guint8 bytes;
  guint8 lead, trail; /* bits that are zero, before and behind */
  const char *prefix;
  const char *alphabet;
} Format;

#define HEX       "0123456789abcdef"
#define BASE32    "abcdefghijklmnopqrstuvwxyz234567"
#define CROCKFORD "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static const Format formats[] = {
  { 0x01, 4, 64, 32, 0, 0, "", HEX },        /* a hash */
  { 0x02, 6, 43, 32, 0, 2, "", BASE64URL },  /* a commitment */
  { 0x03, 5, 32, 20, 0, 0, "", BASE32 },     /* an idempotency key */
  { 0x04, 5, 26, 16, 2, 0, "", CROCKFORD },  /* an id */
  { 0x06, 4, 64, 32, 0, 0, "sha256:", HEX }, /* a digest */
  { 0x07, 6, 22, 16, 0, 4, "", BASE64URL },  /* a salt */
};

#define LONGEST  (7 + 64)
#define ID_CHARS 26
/* Characters one piece stands for, at most; phrases are shorter. */
#define MOST_PIECE 256

/* These phrases in this order are the format. Others want another first byte, and another nonce for what is sealed: the
 * same disclosures must not be written down in two ways under one. */
static const char *const phrases[] = {
  "{\"_sd\":[\"",
  "\"],\"_sd_alg\":\"sha-256\",\"",
  "\"],\"_sd_alg\":\"sha-256\",\"attempt\":1,\"idem\":\"",
  "\"],\"_sd_alg\":\"sha-256\",\"attempt\":1,\"instance\":\"",
  "\"],\"_sd_alg\":\"sha-256\",\"attempt\":",
  "\"],\"_sd_alg\":\"sha-256\",\"instance\":\"",
  "\"],\"_sd_alg\":\"sha-256\",\"actor\":\"airails://",
  "\"],\"_sd_alg\":\"sha-256\",\"action_digest\":\"",
  "\"],\"_sd_alg\":\"sha-256\",\"count\":",
  "{\"instance\":\"",
  "{\"actor\":\"airails://",
  "{\"artifact\":\"",
  "{\"attempt\":",
  "{\"at\":\"",
  "\",\"instance\":\"",
  "\",\"instance\":\"epoch-",
  ",\"instance\":\"",
  ",\"idem\":\"",
  "\",\"node\":\"",
  "\",\"operation\":\"",
  "@1.0.0\",\"prev\":\"",
  "@1.0.0\",\"outcome\":\"",
  "\",\"outcome\":\"",
  "\",\"outcome\":\"ok\",\"prev\":\"",
  "\",\"outcome\":\"unknown\",\"prev\":\"",
  "\",\"outcome\":\"waiting\",\"prev\":\"",
  "\",\"outcome\":\"approved\",\"prev\":\"",
  "\",\"outcome\":\"completed\",\"prev\":\"",
  "\",\"outcome\":\"failed\",\"prev\":\"",
  "\",\"prev\":\"",
  "\",\"purpose\":\"execute\",\"seq\":",
  "\",\"purpose\":\"compensate\",\"seq\":",
  "\",\"purpose\":\"reconcile\",\"seq\":",
  "\",\"purpose\":\"",
  "\",\"seq\":",
  ",\"seq\":",
  ",\"status\":200,\"time\":\"",
  ",\"status\":201,\"time\":\"",
  ",\"status\":",
  ",\"time\":\"",
  ",\"steps\":[{\"edge\":\"",
  ",\"steps\":[{\"node\":\"",
  "\"},{\"edge\":\"",
  "\"}],\"time\":\"",
  "\"],\"time\":\"",
  "\",\"policy\":\"",
  "\",\"rules\":[\"",
  "\"],\"seq\":",
  ",\"table\":\"",
  "\",\"artifact\":\"",
  "\",\"session\":\"process/",
  ",\"iteration\":\"",
  "\",\"deadline\":\"",
  "\",\"exclude\":[\"airails://",
  "\",\"airails://",
  "\"],\"gate\":\"",
  "\",\"gate\":\"",
  "\",\"on_expiry\":\"deny\",\"policy\":\"",
  "\",\"quorum\":",
  ",\"role\":\"approver\",\"seq\":",
  ",\"role\":\"",
  "\",\"counted\":",
  ",\"decision\":\"approve\",\"envelope_digest\":\"",
  "\",\"envelope_digest\":\"",
  "\",\"key\":\"",
  "\",\"reason\":\"",
  ",\"state\":\"set\",\"time\":\"",
  ",\"state\":\"fired\",\"time\":\"",
  ",\"state\":\"",
  "\",\"timer\":\"",
  "\",\"timer\":\"retry\",\"type\":\"TIMER\",\"v\":1}",
  "\",\"type\":\"",
  "\",\"type\":\"TRIGGER_RECEIVED\",\"v\":1}",
  "\",\"type\":\"STEP_DECIDED\",\"v\":1}",
  "\",\"type\":\"POLICY_EVALUATED\",\"v\":1}",
  "\",\"type\":\"POLICY_SETTLED\",\"v\":1}",
  "\",\"type\":\"HUMAN_GATE_REQUESTED\",\"v\":1}",
  "\",\"type\":\"HUMAN_GATE_DECISIONED\",\"v\":1}",
  "\",\"type\":\"TOOL_ACTION_STARTED\",\"v\":1}",
  "\",\"type\":\"TOOL_ACTION_EXECUTED\",\"v\":1}",
  "\",\"type\":\"EVIDENCE_CAPTURED\",\"v\":1}",
  "\",\"type\":\"ROLLBACK_APPLIED\",\"v\":1}",
  "\",\"type\":\"TIMER\",\"v\":1}",
  "\",\"type\":\"SIGNAL\",\"v\":1}",
  "\",\"type\":\"RUN_CONTROLLED\",\"v\":1}",
  "\",\"type\":\"WORKFLOW_COMPLETED\",\"v\":1}",
  "\",\"type\":\"WORKFLOW_FAILED\",\"v\":1}",
  "\",\"v\":1}",
  ",\"v\":1}",
  /* of disclosures */
  "[\"",
  "\",\"input\",{\"",
  "\",\"inputs\",{\"",
  "\",\"output\",{\"",
  "\",\"evidence\",{\"bind\":{\"request.digest\":\"",
  "\",\"response.digest\":\"",
  "\",\"run.idem\":\"",
  "\",\"action\",[{\"idempotency_key\":\"",
  "\",\"envelope\",\"{\\\"payload\\\":\\\"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJwcmVkaWNhdGUiOnsi",
  "\",\"reason\",\"",
  "\",\"why\",\"",
  "\",\"dedup_key\",\"",
  "\",\"concurrency_key\",\"",
  "\",\"requester\",\"",
  "\",\"subject\",\"",
  "\"request_id\":\"",
  "\"currency\":\"",
  "\"amount",
  "\"status\":\"",
  "\"id\":\"",
  "\"name\":\"",
  "\"reason\":\"",
  "\"}]",
  "\"]",
  "}]",
  "\"},\"",
  "\",\"",
  "\":\"",
  "\":{\"",
  "\":[\"",
  "\":",
  ",\"",
};

G_STATIC_ASSERT (G_N_ELEMENTS (phrases) <= 0x100 - PHRASES);

/* Phrases by what they begin with, the longest first; those of one slot follow each other. */
#define SLOTS 512

typedef struct {
  guint8 lengths[G_N_ELEMENTS (phrases)];
  guint8 sorted[G_N_ELEMENTS (phrases)];
  guint8 first[SLOTS + 1];
  guint8 begins[256];                         /* whether a phrase begins so */
  guint8 prefixes[G_N_ELEMENTS (formats)];    /* lengths of them */
  guint8 values[G_N_ELEMENTS (formats)][256]; /* of a character; 0xff: not in the alphabet */
} Tables;

static guint
slot_of (const char *text)
{
  return ((guint8) text[0] * 7 + (guint8) text[1] * 31 + (guint8) text[2] * 131) % SLOTS;
}

static guint
slot_of_phrase (guint8 i)
{
  return strlen (phrases[i]) < 3 ? 0 : slot_of (phrases[i]);
}

static int
compare_phrases (gconstpointer a, gconstpointer b)
{
  guint8 x = *(const guint8 *) a, y = *(const guint8 *) b;
  guint p = slot_of_phrase (x), q = slot_of_phrase (y);

  if (p != q)
    return p < q ? -1 : 1;
  return (int) strlen (phrases[y]) - (int) strlen (phrases[x]);
}

static const Tables *
get_tables (void)
{
  static Tables tables;
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      guint at = 0;

      for (guint i = 0; i < G_N_ELEMENTS (phrases); i++)
        {
          tables.lengths[i] = strlen (phrases[i]);
          tables.sorted[i] = i;
          tables.begins[(guint8) phrases[i][0]] = TRUE;
        }
      qsort (tables.sorted, G_N_ELEMENTS (phrases), 1, compare_phrases);
      for (guint slot = 0; slot < SLOTS; slot++)
        {
          tables.first[slot] = at;
          while (at < G_N_ELEMENTS (phrases) && slot_of_phrase (tables.sorted[at]) == slot)
            at++;
        }
      tables.first[SLOTS] = at;
      memset (tables.values, 0xff, sizeof tables.values);
      for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
        {
          tables.prefixes[i] = strlen (formats[i].prefix);
          for (guint c = 0; formats[i].alphabet[c] != '\0'; c++)
            tables.values[i][(guint8) formats[i].alphabet[c]] = c;
        }
      g_once_init_leave (&ready, 1);
    }
  return &tables;
}

/* --- writing --- */

/* The longest phrase @text begins with, or -1. */
static int
find_phrase (const Tables *tables, const char *text, gsize length)
{
  /* Those of two characters stand in slot 0. */
  const guint slots[] = { length >= 3 ? slot_of (text) : 0, 0 };

  for (guint s = 0; s < 2; s++)
    for (guint i = tables->first[slots[s]]; i < tables->first[slots[s] + 1]; i++)
      {
        guint8 phrase = tables->sorted[i];

        if (tables->lengths[phrase] <= length && memcmp (phrases[phrase], text, tables->lengths[phrase]) == 0)
          return phrase;
      }
  return -1;
}

static gboolean
put_bits (const Format *format, const guint8 values[256], const char *text, guint8 *ret)
{
  guint wrong = values[(guint8) text[0]] >> (format->bits - format->lead);
  int n = -format->lead;
  guint64 bits = 0;

  for (guint i = 0; i < format->chars; i++)
    {
      guint8 value = values[(guint8) text[i]];

      wrong |= value & 0x80;
      bits = bits << format->bits | value;
      n += format->bits;
      if (n >= 32)
        {
          guint32 word = GUINT32_TO_BE ((guint32) (bits >> (n -= 32)));

          memcpy (ret, &word, sizeof word);
          ret += sizeof word;
        }
    }
  while (n >= 8)
    *ret++ = bits >> (n -= 8);
  return wrong == 0 && (bits & ((1u << n) - 1)) == 0;
}

/* These write at *at and move it on. */

static gboolean
put_time (guint8 **at, const char *text)
{
  char copy[TIME_CHARS + 1] = { 0 };
  guint64 ms;
  gint64 us;

  memcpy (copy, text, TIME_CHARS);
  if (copy[10] != 'T' || copy[19] != '.' || copy[TIME_CHARS - 1] != 'Z' || !air_time_parse (copy, &us) || us < 0)
    return FALSE;
  *(*at)++ = CODE_TIME;
  ms = us / 1000;
  for (guint shift = 8 * TIME_BYTES; shift > 0; shift -= 8)
    *(*at)++ = ms >> (shift - 8);
  return TRUE;
}

static gboolean
is_border (char c)
{
  return c == '"' || c == '/' || c == '-';
}

/* What stands from @text on, just behind a border; 0 when it is none of the formats, else its length. */
static gsize
put_value (const Tables *tables, guint8 **at, const char *text, gsize length)
{
  const char *end = NULL;
  gsize used;

  if (length > ID_CHARS && (text[ID_CHARS] == '"' || text[ID_CHARS] == '/'))
    end = text + ID_CHARS;
  else if (text[-1] == '"')
    end = memchr (text, '"', MIN (length, LONGEST + 1));
  if (end == NULL)
    return 0;
  used = end - text;
  if (used == TIME_CHARS)
    return put_time (at, text) ? used : 0;
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      const Format *format = &formats[i];
      gsize prefix = used - format->chars;

      if (used < format->chars || prefix != tables->prefixes[i] || memcmp (text, format->prefix, prefix) != 0
          || !put_bits (format, tables->values[i], text + prefix, *at + 1))
        continue;
      **at = format->code;
      *at += 1 + format->bytes;
      return used;
    }
  return 0;
}

static gboolean
is_itself (char c)
{
  return c >= 0x20 && c < 0x7f;
}

static gsize
put_as_it_is (guint8 **at, const char *text, gsize length)
{
  gsize n = 0;

  while (n < length && n < 0xff && !is_itself (text[n]))
    n++;
  *(*at)++ = CODE_AS_IT_IS;
  *(*at)++ = n;
  memcpy (*at, text, n);
  *at += n;
  return n;
}

/**
 * air_shorthand_write:
 * @shorthand: what to append to
 * @text: any bytes; those of JSON become shorter, others may become longer
 * @length: bytes of @text
 *
 * Always the same for the same text.
 */
void
air_shorthand_write (GByteArray *shorthand, const void *text, gsize length)
{
  const Tables *tables = get_tables ();
  const char *next = text, *end = next + length;
  guint before = shorthand->len;
  guint8 *at;

  /* At worst every byte is put as it is, by itself; a value is tried where it may turn out to be none. */
  g_byte_array_set_size (shorthand, before + 1 + 3 * length + LONGEST);
  at = shorthand->data + before;
  *at++ = AIR_SHORTHAND;
  while (next < end)
    {
      gsize used = 0;
      int phrase = -1;

      if (next > (const char *) text && is_border (next[-1]))
        used = put_value (tables, &at, next, end - next);
      if (used > 0)
        {
          next += used;
          continue;
        }
      if (tables->begins[(guint8) *next])
        phrase = find_phrase (tables, next, end - next);
      if (phrase >= 0)
        {
          *at++ = PHRASES + phrase;
          next += tables->lengths[phrase];
        }
      else if (is_itself (*next))
        *at++ = *next++;
      else
        next += put_as_it_is (&at, next, end - next);
    }
  g_byte_array_set_size (shorthand, at - shorthand->data);
}

/* --- reading --- */

static void
take_bits (const Format *format, const guint8 *bytes, char *chars)
{
  const guint8 *end = bytes + format->bytes;
  guint n = format->lead;
  guint64 bits = 0;

  for (guint i = 0; i < format->chars; i++)
    {
      if (n < format->bits && end - bytes >= 4)
        {
          guint32 word;

          memcpy (&word, bytes, sizeof word);
          bits = bits << 32 | GUINT32_FROM_BE (word);
          bytes += sizeof word;
          n += 32;
        }
      else if (n < format->bits)
        {
          bits = bits << 8 | (bytes < end ? *bytes++ : 0);
          n += 8;
        }
      n -= format->bits;
      chars[i] = format->alphabet[bits >> n & ((1u << format->bits) - 1)];
    }
}

static gboolean
take_time (const guint8 *bytes, char *chars)
{
  g_autofree char *time = NULL;
  guint64 ms = 0;

  for (guint i = 0; i < TIME_BYTES; i++)
    ms = ms << 8 | bytes[i];
  if (ms >= G_GUINT64_CONSTANT (253402300800000)) /* the year 10000 */
    return FALSE;
  time = air_time_format (ms * 1000);
  memcpy (chars, time, TIME_CHARS);
  return TRUE;
}

static const Format *
find_format (guint8 code)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (formats[i].code == code)
      return &formats[i];
  return NULL;
}

/* One piece at @data that is no character by itself; 0 when it is none, else its length. There is room for MOST_PIECE
 * characters at *at. */
static gsize
take_piece (const Tables *tables, const guint8 *data, gsize length, char **at)
{
  const Format *format;

  if (*data >= PHRASES)
    {
      guint phrase = *data - PHRASES;

      if (phrase >= G_N_ELEMENTS (phrases))
        return 0;
      memcpy (*at, phrases[phrase], tables->lengths[phrase]);
      *at += tables->lengths[phrase];
      return 1;
    }
  if (*data == CODE_TIME)
    {
      if (length <= TIME_BYTES || !take_time (data + 1, *at))
        return 0;
      *at += TIME_CHARS;
      return 1 + TIME_BYTES;
    }
  if (*data == CODE_AS_IT_IS)
    {
      if (length < 3 || data[1] == 0 || data[1] > length - 2)
        return 0;
      for (guint i = 0; i < data[1]; i++)
        if (is_itself ((char) data[2 + i]))
          return 0;
      memcpy (*at, data + 2, data[1]);
      *at += data[1];
      return 2 + data[1];
    }
  format = find_format (*data);
  if (format == NULL || length <= format->bytes)
    return 0;
  *at = g_stpcpy (*at, format->prefix);
  take_bits (format, data + 1, *at);
  *at += format->chars;
  return 1 + format->bytes;
}

/**
 * air_shorthand_read:
 * @shorthand: what air_shorthand_write() appended
 * @length: bytes of @shorthand
 * @most: bytes the text may have
 * @error: return location
 *
 * Returns: (transfer full): the text, or %NULL with %AIR_STORE_ERROR_CORRUPT
 */
GBytes *
air_shorthand_read (const void *shorthand, gsize length, gsize most, GError **error)
{
  const Tables *tables = get_tables ();
  const guint8 *data = shorthand;
  gsize room = MIN (most, length * 4) + MOST_PIECE, at = length > 0 && data[0] == AIR_SHORTHAND ? 1 : 0;
  g_autofree char *text = g_malloc (room);
  char *next = text;

  for (gsize used = at; used > 0 && at < length && (gsize) (next - text) <= most; at += used)
    {
      if ((gsize) (next - text) + MOST_PIECE > room)
        {
          gsize done = next - text;

          room *= 2;
          text = g_realloc (text, room);
          next = text + done;
        }
      used = 1;
      if (is_itself ((char) data[at]))
        *next++ = (char) data[at];
      else
        used = take_piece (tables, data + at, length - at, &next);
    }
  if (at > 0 && at == length && (gsize) (next - text) <= most)
    return g_bytes_new (text, next - text);
  g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
               "what is stored cannot be read from byte %" G_GSIZE_FORMAT " on; restore the ledger's file from a copy",
               at);
  return NULL;
}
