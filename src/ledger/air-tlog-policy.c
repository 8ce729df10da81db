/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-tlog-policy.h"

#include <string.h>

#include "air-cosignature.h"
#include "air-ledger-private.h"

#define MAX_SIZE    (256 * 1024)
#define MAX_ENTRIES 1000

typedef struct {
  AirVkey *key;
  char *url; /* nullable */
} Log;

/* A witness (key set) or a group of names that were defined before it. */
typedef struct {
  char *name;
  AirVkey *key;
  char *url; /* nullable */
  guint threshold;
  GArray *members; /* guint, indices into parties */
} Party;

struct _AirTlogPolicy {
  GPtrArray *logs;
  GPtrArray *parties; /* in order of definition: a group's members come before it, so there are no circles */
  GHashTable *names;  /* name → index + 1 */
  char *quorum;       /* "none", a name, or NULL where nothing was said */
};

static void
log_free (gpointer data)
{
  Log *self = data;

  air_vkey_free (self->key);
  g_free (self->url);
  g_free (self);
}

static void
party_free (gpointer data)
{
  Party *self = data;

  g_free (self->name);
  air_vkey_free (self->key);
  g_free (self->url);
  g_clear_pointer (&self->members, g_array_unref);
  g_free (self);
}

/**
 * air_tlog_policy_new:
 *
 * Returns: (transfer full): a policy that knows no log yet, so that it opens nothing
 */
AirTlogPolicy *
air_tlog_policy_new (void)
{
  AirTlogPolicy *self = g_new0 (AirTlogPolicy, 1);

  self->logs = g_ptr_array_new_with_free_func (log_free);
  self->parties = g_ptr_array_new_with_free_func (party_free);
  self->names = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
air_tlog_policy_free (AirTlogPolicy *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->names);
  g_ptr_array_unref (self->parties);
  g_ptr_array_unref (self->logs);
  g_free (self->quorum);
  g_free (self);
}

#define malformed(error, ...) air_ledger_malformed (error, "tlog-policy", __VA_ARGS__)

static gboolean
is_word (const char *text)
{
  if (text == NULL || *text == '\0')
    return FALSE;
  for (const guchar *c = (const guchar *) text; *c != '\0'; c++)
    if (*c <= 0x20 || *c == 0x7f)
      return FALSE;
  return g_utf8_validate (text, -1, NULL) && text[0] != '#';
}

static gboolean
check_room (const AirTlogPolicy *self, const char *url, GError **error)
{
  if (self->logs->len + self->parties->len >= MAX_ENTRIES)
    return malformed (error, "more than %d lines", MAX_ENTRIES);
  if (url != NULL && !is_word (url))
    return malformed (error, "\"%s\" is no URL", url);
  return TRUE;
}

static gboolean
check_new_name (const AirTlogPolicy *self, const char *name, GError **error)
{
  if (!is_word (name) || g_str_equal (name, "none"))
    return malformed (error, "\"%s\" cannot be a name", name);
  if (g_hash_table_contains (self->names, name))
    return malformed (error, "the name \"%s\" comes twice", name);
  return TRUE;
}

static void
add_party (AirTlogPolicy *self, Party *take_party)
{
  g_ptr_array_add (self->parties, take_party);
  g_hash_table_insert (self->names, take_party->name, GUINT_TO_POINTER (self->parties->len));
}

/**
 * air_tlog_policy_add_log:
 * @self: a policy
 * @key: a log's key, type 1
 * @url: (nullable): where the log is served
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED when the log is there already.
 *
 * Returns: whether it could
 */
gboolean
air_tlog_policy_add_log (AirTlogPolicy *self, const AirVkey *key, const char *url, GError **error)
{
  Log *item;

  if (!check_room (self, url, error))
    return FALSE;
  if (air_vkey_get_key_type (key) != AIR_NOTE_KEY_ED25519)
    return malformed (error, "the key of log %s is a witness's (type 4)", air_vkey_get_name (key));
  for (guint i = 0; i < self->logs->len; i++)
    if (air_vkey_equal (((Log *) g_ptr_array_index (self->logs, i))->key, key))
      return malformed (error, "log %s comes twice", air_vkey_get_name (key));

  item = g_new0 (Log, 1);
  item->key = air_vkey_copy (key);
  item->url = g_strdup (url);
  g_ptr_array_add (self->logs, item);
  return TRUE;
}

/**
 * air_tlog_policy_add_witness:
 * @self: a policy
 * @name: how groups and the quorum call it
 * @key: its key, type 4
 * @url: (nullable): where it answers
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED when the name or the key is there
 * already: one key under two names would count twice.
 *
 * Returns: whether it could
 */
gboolean
air_tlog_policy_add_witness (AirTlogPolicy *self, const char *name, const AirVkey *key, const char *url, GError **error)
{
  Party *item;

  if (!check_room (self, url, error) || !check_new_name (self, name, error))
    return FALSE;
  if (air_vkey_get_key_type (key) != AIR_NOTE_KEY_COSIGNATURE)
    return malformed (error, "the key of witness \"%s\" is not for cosignatures (type 4)", name);
  for (guint i = 0; i < self->parties->len; i++)
    {
      Party *other = g_ptr_array_index (self->parties, i);

      if (other->key != NULL
          && g_str_equal (air_public_key_get_id (air_vkey_get_public_key (other->key)),
                          air_public_key_get_id (air_vkey_get_public_key (key))))
        return malformed (error, "witness \"%s\" has the key of witness \"%s\"", name, other->name);
    }

  item = g_new0 (Party, 1);
  item->name = g_strdup (name);
  item->key = air_vkey_copy (key);
  item->url = g_strdup (url);
  add_party (self, item);
  return TRUE;
}

/**
 * air_tlog_policy_add_group:
 * @self: a policy
 * @name: how groups and the quorum call it
 * @threshold: how many members it takes
 * @members: (array zero-terminated=1): names of witnesses and groups defined before
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED.
 *
 * Returns: whether it could
 */
gboolean
air_tlog_policy_add_group (AirTlogPolicy *self,
                           const char *name,
                           guint threshold,
                           const char *const *members,
                           GError **error)
{
  guint n = g_strv_length ((GStrv) members);
  g_autoptr (GArray) indices = g_array_new (FALSE, FALSE, sizeof (guint));
  Party *item;

  if (!check_room (self, NULL, error) || !check_new_name (self, name, error))
    return FALSE;
  if (threshold < 1 || threshold > n)
    return malformed (error, "group \"%s\": %u of %u members can never be", name, threshold, n);
  for (guint i = 0; i < n; i++)
    {
      guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->names, members[i]));

      if (index == 0)
        return malformed (error, "group \"%s\": member \"%s\" is not defined before it", name, members[i]);
      index--;
      for (guint j = 0; j < indices->len; j++)
        if (g_array_index (indices, guint, j) == index)
          return malformed (error, "group \"%s\": member \"%s\" comes twice", name, members[i]);
      g_array_append_val (indices, index);
    }

  item = g_new0 (Party, 1);
  item->name = g_strdup (name);
  item->threshold = threshold;
  item->members = g_steal_pointer (&indices);
  add_party (self, item);
  return TRUE;
}

/**
 * air_tlog_policy_set_quorum:
 * @self: a policy
 * @name: "none", or a witness or group
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED when it is set already or the name is unknown.
 *
 * Returns: whether it could
 */
gboolean
air_tlog_policy_set_quorum (AirTlogPolicy *self, const char *name, GError **error)
{
  if (self->quorum != NULL)
    return malformed (error, "\"quorum\" comes twice");
  if (!g_str_equal (name, "none") && !g_hash_table_contains (self->names, name))
    return malformed (error, "quorum \"%s\" is not defined before it", name);
  self->quorum = g_strdup (name);
  return TRUE;
}

static gboolean
parse_threshold (const char *text, guint n_members, guint *ret_threshold)
{
  guint64 number;

  if (g_str_equal (text, "any"))
    number = 1;
  else if (g_str_equal (text, "all"))
    number = n_members;
  else if (!air_ledger_parse_decimal (text, strlen (text), &number) || number > MAX_ENTRIES)
    return FALSE;
  *ret_threshold = (guint) number;
  return TRUE;
}

static gboolean
parse_line (AirTlogPolicy *self, char **words, GError **error)
{
  guint n = g_strv_length (words);
  g_autoptr (AirVkey) key = NULL;

  if (g_str_equal (words[0], "log"))
    {
      if (n != 2 && n != 3)
        return malformed (error, "\"log\" takes a key and perhaps a URL");
      key = air_vkey_parse (words[1], error);
      return key != NULL && air_tlog_policy_add_log (self, key, words[2], error);
    }
  if (g_str_equal (words[0], "witness"))
    {
      if (n != 3 && n != 4)
        return malformed (error, "\"witness\" takes a name, a key and perhaps a URL");
      key = air_vkey_parse (words[2], error);
      return key != NULL && air_tlog_policy_add_witness (self, words[1], key, words[3], error);
    }
  if (g_str_equal (words[0], "group"))
    {
      guint threshold;

      if (n < 4)
        return malformed (error, "\"group\" takes a name, a threshold and members");
      if (!parse_threshold (words[2], n - 3, &threshold))
        return malformed (error, "\"%s\" is no threshold (a number, \"any\" or \"all\")", words[2]);
      return air_tlog_policy_add_group (self, words[1], threshold, (const char *const *) words + 3, error);
    }
  if (g_str_equal (words[0], "quorum"))
    {
      if (n != 2)
        return malformed (error, "\"quorum\" takes one name or \"none\"");
      return air_tlog_policy_set_quorum (self, words[1], error);
    }
  return malformed (error, "\"%s\" is none of log, witness, group, quorum", words[0]);
}

/**
 * air_tlog_policy_parse:
 * @text: a tlog-policy
 * @length: its bytes
 * @error: return location
 *
 * C2SP tlog-policy. It must name a log and a quorum (perhaps "none"). Fails with
 * %AIR_LEDGER_ERROR_MALFORMED or as air_vkey_parse() does, naming the line.
 *
 * Returns: (transfer full): the policy, or %NULL
 */
AirTlogPolicy *
air_tlog_policy_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (AirTlogPolicy) self = air_tlog_policy_new ();
  const char *rest = text, *end = text + length, *line;
  gsize line_length;

  if (length > MAX_SIZE || !g_utf8_validate (text, (gssize) length, NULL) || (length > 0 && end[-1] != '\n'))
    {
      malformed (error, "not UTF-8 lines of at most 256 KiB, each with a newline; save it so");
      return NULL;
    }

  for (guint number = 1; air_ledger_next_line (&rest, end, &line, &line_length); number++)
    {
      g_autofree char *copy = g_strndup (line, line_length);
      g_auto (GStrv) split = g_strsplit_set (copy, " \t", -1);
      g_autoptr (GPtrArray) words = g_ptr_array_new ();

      for (guint i = 0; split[i] != NULL; i++)
        if (split[i][0] != '\0')
          g_ptr_array_add (words, split[i]);
      if (words->len == 0 || ((char *) words->pdata[0])[0] == '#')
        continue;
      g_ptr_array_add (words, NULL);
      if (!parse_line (self, (char **) words->pdata, error))
        {
          g_prefix_error (error, "line %u: ", number);
          return NULL;
        }
    }

  if (self->logs->len == 0 || self->quorum == NULL)
    {
      malformed (error, "it names no %s; add a line \"%s\"", self->logs->len == 0 ? "log" : "quorum",
                 self->logs->len == 0 ? "log <vkey>" : "quorum none");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * air_tlog_policy_write:
 * @self: a policy
 *
 * Returns: (transfer full): its text, without the comments it may have been read with
 */
char *
air_tlog_policy_write (const AirTlogPolicy *self)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < self->logs->len; i++)
    {
      Log *item = g_ptr_array_index (self->logs, i);
      g_autofree char *key = air_vkey_to_string (item->key);

      g_string_append_printf (out, "log %s%s%s\n", key, item->url ? " " : "", item->url ? item->url : "");
    }
  for (guint i = 0; i < self->parties->len; i++)
    {
      Party *item = g_ptr_array_index (self->parties, i);

      if (item->key != NULL)
        {
          g_autofree char *key = air_vkey_to_string (item->key);

          g_string_append_printf (out, "witness %s %s%s%s\n", item->name, key, item->url ? " " : "",
                                  item->url ? item->url : "");
          continue;
        }
      g_string_append_printf (out, "group %s %u", item->name, item->threshold);
      for (guint j = 0; j < item->members->len; j++)
        {
          Party *member = g_ptr_array_index (self->parties, g_array_index (item->members, guint, j));

          g_string_append_printf (out, " %s", member->name);
        }
      g_string_append_c (out, '\n');
    }
  g_string_append_printf (out, "quorum %s\n", self->quorum != NULL ? self->quorum : "none");
  return g_string_free (out, FALSE);
}

/**
 * air_tlog_policy_get_n_logs:
 * @self: a policy
 *
 * Returns: how many logs it knows
 */
guint
air_tlog_policy_get_n_logs (const AirTlogPolicy *self)
{
  return self->logs->len;
}

/**
 * air_tlog_policy_get_log:
 * @self: a policy
 * @i: below air_tlog_policy_get_n_logs(), in the order they were added
 *
 * Returns: (transfer none): a log's key
 */
const AirVkey *
air_tlog_policy_get_log (const AirTlogPolicy *self, guint i)
{
  return ((Log *) g_ptr_array_index (self->logs, i))->key;
}

static const Party *
nth_witness (const AirTlogPolicy *self, guint n)
{
  for (guint i = 0; i < self->parties->len; i++)
    {
      Party *item = g_ptr_array_index (self->parties, i);

      if (item->key != NULL && n-- == 0)
        return item;
    }
  return NULL;
}

/**
 * air_tlog_policy_get_n_witnesses:
 * @self: a policy
 *
 * Returns: how many witnesses it knows, groups not counted
 */
guint
air_tlog_policy_get_n_witnesses (const AirTlogPolicy *self)
{
  guint n = 0;

  while (nth_witness (self, n) != NULL)
    n++;
  return n;
}

/**
 * air_tlog_policy_get_witness:
 * @self: a policy
 * @i: below air_tlog_policy_get_n_witnesses(), in the order they were added
 * @ret_name: (out) (optional) (transfer none): how the policy calls it
 *
 * Returns: (transfer none): a witness's key
 */
const AirVkey *
air_tlog_policy_get_witness (const AirTlogPolicy *self, guint i, const char **ret_name)
{
  const Party *item = nth_witness (self, i);

  g_return_val_if_fail (item != NULL, NULL);
  if (ret_name != NULL)
    *ret_name = item->name;
  return item->key;
}

/* A signature that claims to be by a key we know and is not refuses the note, whoever else signed it (signed-note). */
static gboolean
check_cosignatures (const AirTlogPolicy *self, const AirNote *note, GError **error)
{
  for (guint i = 0; i < self->parties->len; i++)
    {
      const Party *item = g_ptr_array_index (self->parties, i);

      if (item->key != NULL && air_note_find_signature (note, item->key) != NULL
          && !air_cosignature_verify (note, item->key, NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
reaches_quorum (const AirTlogPolicy *self, const AirNote *note)
{
  g_autofree gboolean *satisfied = NULL;

  if (self->quorum == NULL || g_str_equal (self->quorum, "none"))
    return TRUE;

  satisfied = g_new0 (gboolean, self->parties->len);
  for (guint i = 0; i < self->parties->len; i++)
    {
      Party *item = g_ptr_array_index (self->parties, i);
      guint n = 0;

      if (item->key != NULL)
        {
          satisfied[i] = air_cosignature_verify (note, item->key, NULL, NULL);
          continue;
        }
      for (guint j = 0; j < item->members->len; j++)
        n += satisfied[g_array_index (item->members, guint, j)] ? 1 : 0;
      satisfied[i] = n >= item->threshold;
    }
  return satisfied[GPOINTER_TO_UINT (g_hash_table_lookup (self->names, self->quorum)) - 1];
}

/**
 * air_tlog_policy_open:
 * @self: a policy
 * @note: a signed checkpoint
 * @length: its bytes
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED; with %AIR_LEDGER_ERROR_SIGNATURE when no
 * log of the policy signed it, or a signature by one of its witnesses is wrong;
 * with %AIR_LEDGER_ERROR_POLICY when the quorum of
 * witnesses has not cosigned it.
 *
 * Returns: (transfer full): the checkpoint, to be believed
 */
AirCheckpoint *
air_tlog_policy_open (const AirTlogPolicy *self, const char *note, gsize length, GError **error)
{
  g_autoptr (AirNote) parsed = NULL;
  g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_open (note, length, NULL, &parsed, error);
  gboolean is_signed = FALSE, known = FALSE;

  if (checkpoint == NULL)
    return NULL;

  for (guint i = 0; i < self->logs->len && !is_signed; i++)
    {
      const AirVkey *key = air_tlog_policy_get_log (self, i);

      if (!g_str_equal (air_vkey_get_name (key), checkpoint->origin))
        continue;
      known = TRUE;
      is_signed = air_note_verify (parsed, key, NULL);
    }
  if (!is_signed)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE,
                   known ? "checkpoint: it bears no right signature of log %s by the key the policy names"
                         : "checkpoint: the policy names no log %s",
                   checkpoint->origin);
      return NULL;
    }
  if (!check_cosignatures (self, parsed, error))
    return NULL;
  if (!reaches_quorum (self, parsed))
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_POLICY,
                   "checkpoint of %s: the witnesses of quorum \"%s\" have not all cosigned it", checkpoint->origin,
                   self->quorum);
      return NULL;
    }
  return g_steal_pointer (&checkpoint);
}
