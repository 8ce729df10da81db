/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-trust.h"

#include "model/air-document.h"

#include <gio/gio.h>
#include <string.h>

G_DEFINE_QUARK (air-config-error-quark, air_config_error)

static void
grant_free (gpointer data)
{
  AirGrant *self = data;

  g_free (self->role);
  g_strfreev (self->workflows);
  g_free (self->tenant);
  g_free (self);
}

static void
person_free (AirPerson *self)
{
  g_free (self->uri);
  g_free (self->name);
  g_strfreev (self->roles);
  g_clear_pointer (&self->grants, g_ptr_array_unref);
  g_clear_pointer (&self->key, air_public_key_unref);
  g_free (self);
}

static gboolean
invalid (GError **error, const char *path, const char *place, const char *words)
{
  g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID, "%s: %s: %s", path, place, words);
  return FALSE;
}

/* Whether a member is left out, or of its kind: what is misspelt or of another kind must not read as "nothing said". */
static gboolean
is_kind (const AirValue *map, const char *member, AirValueKind kind)
{
  const AirValue *value = air_map_get (map, member);

  return value == NULL
         || (kind == AIR_VALUE_STRING ? air_map_get_string (map, member) != NULL : air_value_get_kind (value) == kind);
}

static gboolean
check_members (const AirValue *map, const char *const *known, const char *path, const char *place, GError **error)
{
  const char *unknown =
      air_value_get_kind (map) == AIR_VALUE_MAP ? air_map_find_unknown (map, known) : "something that is no object";

  if (unknown == NULL)
    return TRUE;
  g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID,
               "%s: %s: nobody reads \"%s\"; remove it or mend its spelling", path, place, unknown);
  return FALSE;
}

static gboolean
add_grant (AirPerson *person, const char *role, const AirValue *workflows, const char *tenant)
{
  AirGrant *grant;

  if (role == NULL || *role == '\0' || strchr (role, '+') != NULL)
    return FALSE;
  grant = g_new0 (AirGrant, 1);
  grant->role = g_strdup (role);
  grant->tenant = g_strdup (tenant);
  g_ptr_array_add (person->grants, grant);
  if (workflows != NULL)
    {
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

      for (gsize i = 0; i < air_list_get_size (workflows); i++)
        {
          const char *item = air_list_get_string (workflows, i);

          if (item == NULL)
            return FALSE;
          g_strv_builder_add (builder, item);
        }
      grant->workflows = g_strv_builder_end (builder);
    }
  return TRUE;
}

/* "roles" hold for every workflow of the tenant; "grants" say for which. Roles a gate asks for may be any word; the
 * five of the permissions' table open routes. */
static gboolean
read_roles (AirPerson *person, const AirValue *item, const char *path, const char *place, GError **error)
{
  static const char *const known[] = { "role", "workflows", "tenant", NULL };
  AirValue *roles = air_map_get_list (item, "roles"), *grants = air_map_get_list (item, "grants");

  person->grants = g_ptr_array_new_with_free_func (grant_free);
  for (gsize i = 0; roles != NULL && i < air_list_get_size (roles); i++)
    {
      if (!add_grant (person, air_list_get_string (roles, i), NULL, NULL))
        return invalid (error, path, place, "has a role that is no text, or with a '+'; give role names");
    }
  for (gsize i = 0; grants != NULL && i < air_list_get_size (grants); i++)
    {
      AirValue *grant = air_list_get (grants, i);

      if (!check_members (grant, known, path, place, error))
        return FALSE;
      if (!is_kind (grant, "workflows", AIR_VALUE_LIST) || !is_kind (grant, "tenant", AIR_VALUE_STRING)
          || !add_grant (person, air_map_get_string (grant, "role"), air_map_get_list (grant, "workflows"),
                         air_map_get_string (grant, "tenant")))
        return invalid (error, path, place, "a grant is {\"role\", \"workflows\": [ids], \"tenant\"}");
    }
  return TRUE;
}

static gboolean
grant_holds (const AirTrust *self, const AirGrant *grant, const char *workflow)
{
  if (grant->tenant != NULL && strcmp (grant->tenant, self->tenant) != 0)
    return FALSE;
  if (grant->workflows == NULL || workflow == NULL)
    return grant->workflows == NULL;
  for (guint i = 0; grant->workflows[i] != NULL; i++)
    if (g_pattern_match_simple (grant->workflows[i], workflow))
      return TRUE;
  return FALSE;
}

static void
bind_person (const AirTrust *self, AirPerson *person, const char *workflow)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  person->mask = 0;
  for (guint i = 0; i < person->grants->len; i++)
    {
      const AirGrant *grant = person->grants->pdata[i];

      if (!grant_holds (self, grant, workflow))
        continue;
      person->mask |= air_role_from_string (grant->role);
      g_strv_builder_add (builder, grant->role);
    }
  g_strfreev (person->roles);
  person->roles = g_strv_builder_end (builder);
}

/**
 * air_trust_bind:
 * @self: trust roots
 * @workflow: the workflow's id
 *
 * From here on people hold the roles they were granted for this workflow, and no others.
 */
void
air_trust_bind (AirTrust *self, const char *workflow)
{
  for (guint i = 0; i < self->people->len; i++)
    bind_person (self, self->people->pdata[i], workflow);
  for (guint i = 0; i < self->signers->len; i++)
    bind_person (self, self->signers->pdata[i], workflow);
}

/* --- static separation of duties --------------------------------------------------------------- */

static gboolean
read_apart (AirTrust *self, const char *path, GError **error)
{
  AirValue *list = air_map_get_list (self->document, "separation");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *pair = air_list_get (list, i);

      if (air_list_get_string (pair, 0) == NULL || air_list_get_string (pair, 1) == NULL
          || air_list_get_size (pair) != 2)
        return invalid (error, path, "separation", "is a list of pairs of roles nobody may hold together");
      g_strv_builder_add (builder, air_list_get_string (pair, 0));
      g_strv_builder_add (builder, air_list_get_string (pair, 1));
    }
  self->apart = g_strv_builder_end (builder);
  return TRUE;
}

static gboolean
same_key (const AirPerson *a, const AirPerson *b)
{
  return a->key != NULL && b->key != NULL
         && strcmp (air_public_key_get_id (a->key), air_public_key_get_id (b->key)) == 0;
}

/* One person may stand in both lists, or under two names with one key: all of it counts together, for any workflow. */
static gboolean
check_apart (AirTrust *self, const AirPerson *person, const char *path, GError **error)
{
  const GPtrArray *lists[] = { self->people, self->signers };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;
  g_autofree char *reason = NULL;

  for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
    for (guint i = 0; i < lists[l]->len; i++)
      {
        const AirPerson *other = lists[l]->pdata[i];

        if (other != person && strcmp (other->uri, person->uri) != 0 && !same_key (other, person))
          continue;
        for (guint g = 0; g < other->grants->len; g++)
          g_strv_builder_add (builder, ((AirGrant *) other->grants->pdata[g])->role);
      }
  all = g_strv_builder_end (builder);
  if (air_separation_allows ((const char *const *) all, (const char *const *) self->apart, &reason))
    return TRUE;
  return invalid (error, path, person->uri, reason);
}

static gboolean
read_people (GPtrArray *people,
             AirValue *list,
             gboolean needs_key,
             const char *path,
             const char *member,
             GError **error)
{
  static const char *const known[] = { "uri", "name", "roles", "grants", "key", NULL };

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i);
      const char *uri = air_map_get_string (item, "uri"), *pem = air_map_get_string (item, "key");
      g_autofree char *place = g_strdup_printf ("%s[%" G_GSIZE_FORMAT "]", member, i);
      AirPerson *person = g_new0 (AirPerson, 1);
      g_autoptr (GError) local = NULL;

      g_ptr_array_add (people, person);
      if (!check_members (item, known, path, place, error))
        return FALSE;
      if (!is_kind (item, "name", AIR_VALUE_STRING) || !is_kind (item, "key", AIR_VALUE_STRING)
          || !is_kind (item, "roles", AIR_VALUE_LIST) || !is_kind (item, "grants", AIR_VALUE_LIST))
        return invalid (error, path, place,
                        "a person is {\"uri\", \"name\", \"key\": PEM, \"roles\": [names], \"grants\": [objects]}");
      if (uri == NULL || *uri == '\0' || (needs_key && pem == NULL))
        {
          g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID, "%s: %s lacks \"%s\"; add it", path, place,
                       uri == NULL || *uri == '\0' ? "uri" : "key");
          return FALSE;
        }
      person->uri = g_strdup (uri);
      person->name = g_strdup (air_map_get_string (item, "name"));
      if (!read_roles (person, item, path, place, error))
        return FALSE;
      if (pem != NULL && (person->key = air_public_key_from_pem (pem, &local)) == NULL)
        {
          g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID, "%s: the key of %s: %s", path, place,
                       local->message);
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * air_trust_load:
 * @path: trust.json
 *
 * Returns: (transfer full): the trust roots, or NULL with G_FILE_ERROR, AIR_MODEL_ERROR or AIR_CONFIG_ERROR
 */
AirTrust *
air_trust_load (const char *path, GError **error)
{
  static const char *const known[] = { "v", "tenant", "ca", "signers", "people", "separation", NULL };
  g_autoptr (AirTrust) self = g_new0 (AirTrust, 1);
  g_autoptr (AirDocument) document = NULL;
  g_autofree char *text = NULL;
  gsize length;

  self->signers = g_ptr_array_new_with_free_func ((GDestroyNotify) person_free);
  self->people = g_ptr_array_new_with_free_func ((GDestroyNotify) person_free);
  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  document = air_document_load (AIR_DOCUMENT_TRUST, text, length, path, error);
  if (document == NULL)
    return NULL;
  self->document = air_value_ref (air_document_get_value (document));
  self->digest = air_sha256 (text, length);
  self->tenant = g_strdup (air_map_get_string (self->document, "tenant"));
  self->ca = g_strdup (air_map_get_string (self->document, "ca"));
  if (air_map_get_int (self->document, "v", 0) != 1 || self->tenant == NULL || self->ca == NULL)
    {
      g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID,
                   "%s: trust roots need \"v\": 1, \"tenant\" and \"ca\"; add what lacks", path);
      return NULL;
    }
  if (!check_members (self->document, known, path, "trust roots", error))
    return NULL;
  if (!is_kind (self->document, "signers", AIR_VALUE_LIST) || !is_kind (self->document, "people", AIR_VALUE_LIST)
      || !is_kind (self->document, "separation", AIR_VALUE_LIST))
    {
      invalid (error, path, "trust roots", "\"signers\", \"people\" and \"separation\" are lists");
      return NULL;
    }
  if (!read_people (self->signers, air_map_get_list (self->document, "signers"), TRUE, path, "signers", error)
      || !read_people (self->people, air_map_get_list (self->document, "people"), FALSE, path, "people", error)
      || !read_apart (self, path, error))
    return NULL;
  for (guint i = 0; i < self->people->len; i++)
    if (!check_apart (self, self->people->pdata[i], path, error))
      return NULL;
  for (guint i = 0; i < self->signers->len; i++)
    if (!check_apart (self, self->signers->pdata[i], path, error))
      return NULL;
  air_trust_bind (self, NULL);
  return g_steal_pointer (&self);
}

/**
 * air_trust_find_uri:
 * @self: trust roots
 * @uri: of a certificate
 *
 * Returns: (transfer none) (nullable): the person or signer
 */
const AirPerson *
air_trust_find_uri (const AirTrust *self, const char *uri)
{
  for (guint i = 0; i < self->people->len; i++)
    if (strcmp (((AirPerson *) self->people->pdata[i])->uri, uri) == 0)
      return self->people->pdata[i];
  for (guint i = 0; i < self->signers->len; i++)
    if (strcmp (((AirPerson *) self->signers->pdata[i])->uri, uri) == 0)
      return self->signers->pdata[i];
  return NULL;
}

/**
 * air_trust_find_key:
 * @self: trust roots
 * @key_id: hexadecimal SHA-256 of the SPKI
 *
 * Returns: (transfer none) (nullable): the person whose key decides
 */
const AirPerson *
air_trust_find_key (const AirTrust *self, const char *key_id)
{
  for (guint i = 0; i < self->people->len; i++)
    {
      const AirPerson *person = self->people->pdata[i];

      if (person->key != NULL && strcmp (air_public_key_get_id (person->key), key_id) == 0)
        return person;
    }
  return NULL;
}

void
air_trust_free (AirTrust *self)
{
  g_free (self->tenant);
  g_free (self->ca);
  g_strfreev (self->apart);
  g_clear_pointer (&self->signers, g_ptr_array_unref);
  g_clear_pointer (&self->people, g_ptr_array_unref);
  g_clear_pointer (&self->document, air_value_unref);
  g_free (self);
}
