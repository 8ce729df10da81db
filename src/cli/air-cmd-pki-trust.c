/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-source.h"
#include "air-cli.h"
#include "base/air-file.h"
#include "base/air-json.h"
#include "base/air-key.h"

/* trust.json: whom a runtime and every verifier believe. Written here whole, and never half. */

static AirValue *
load (const char *path, GError **error)
{
  g_autoptr (AirValue) document = air_cli_load_trust (path, error), trust = NULL;

  if (document == NULL)
    return NULL;
  if (air_map_get_int (document, "v", 0) != 1)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                   "%s: no trust roots (\"v\":1); make them with "
                   "\"airailsctl pki trust init\"",
                   path);
      return NULL;
    }
  trust = air_map_copy (document);
  for (guint i = 0; i < 2; i++)
    if (air_map_get (trust, i == 0 ? "signers" : "people") == NULL)
      air_map_set (trust, i == 0 ? "signers" : "people", air_list_new ());
  return g_steal_pointer (&trust);
}

static gboolean
save (const char *path, const AirValue *trust, GError **error)
{
  g_autofree char *text = air_json_write_pretty (trust, error);

  return text != NULL
         && g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                      0644, error);
}

static int
done (const AirCli *cli, const char *path, const AirValue *trust, const char *words)
{
  if (cli->json)
    air_cli_print_value (trust);
  else
    air_cli_print ("%s: %s\n", path, words);
  return AIR_EXIT_OK;
}

static int
cmd_init (int argc, char **argv)
{
  g_autofree char *tenant = NULL, *ca = NULL, *pem = NULL, *text = NULL;
  const GOptionEntry entries[] = {
    { "tenant", 0, 0, G_OPTION_ARG_STRING, &tenant, "the tenant of the identities: airails://TENANT/people/…",
      "TENANT" },
    { "ca", 0, 0, G_OPTION_ARG_FILENAME, &ca, "the authority's certificate (ca.pem)", "FILE" },
    { NULL },
  };
  g_autoptr (AirPublicKey) key = NULL;
  g_autoptr (AirValue) trust = air_map_new ();
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "pki trust init", entries, "TRUST", "Begins a file of trust roots, with nobody in it.", 1,
                      1, argc, argv))
    return AIR_EXIT_USAGE;
  if (tenant == NULL || ca == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "%s",
                                            tenant == NULL ? "whose? Give --tenant TENANT"
                                                           : "whose certificates count? Give --ca FILE"));
  if (!air_file_load (ca, &pem, NULL, &error))
    return air_cli_fail (&cli, error);
  key = air_public_key_from_pem (pem, &error);
  if (key == NULL)
    {
      g_prefix_error (&error, "%s: ", ca);
      return air_cli_fail (&cli, error);
    }
  air_map_set_int (trust, "v", 1);
  air_map_set_string (trust, "tenant", tenant);
  air_map_set_string (trust, "ca", pem);
  air_map_set (trust, "signers", air_list_new ());
  air_map_set (trust, "people", air_list_new ());
  text = air_json_write_pretty (trust, &error);
  if (text == NULL || !air_cli_write_new (cli.args[0], text, strlen (text), 0644, &error))
    return air_cli_fail (&cli, error);
  return done (&cli, cli.args[0], trust, "begun; add people with \"airailsctl pki trust add\"");
}

/* The entry of @uri in the list @name, or NULL. */
static AirValue *
find (const AirValue *trust, const char *name, const char *uri, gsize *ret_index)
{
  const AirValue *list = air_map_get_list (trust, name);

  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i);

      if (air_value_get_kind (item) == AIR_VALUE_MAP && g_strcmp0 (air_map_get_string (item, "uri"), uri) == 0)
        {
          if (ret_index != NULL)
            *ret_index = i;
          return item;
        }
    }
  return NULL;
}

static gboolean
drop (AirValue *trust, const char *name, const char *uri)
{
  const AirValue *old = air_map_get_list (trust, name);
  AirValue *list = air_list_new ();
  gboolean dropped = FALSE;

  for (gsize i = 0; i < air_list_get_size (old); i++)
    {
      AirValue *item = air_list_get (old, i);

      if (air_value_get_kind (item) == AIR_VALUE_MAP && g_strcmp0 (air_map_get_string (item, "uri"), uri) == 0)
        dropped = TRUE;
      else
        air_list_append (list, air_value_ref (item));
    }
  air_map_set (trust, name, list);
  return dropped;
}

static AirValue *
make_entry (const char *uri, const char *name, const char *const *roles, const char *pem)
{
  AirValue *entry = air_map_new (), *list = air_list_new ();

  air_map_set_string (entry, "uri", uri);
  if (name != NULL)
    air_map_set_string (entry, "name", name);
  for (; *roles != NULL; roles++)
    air_list_append (list, air_value_new_string (*roles));
  air_map_set (entry, "roles", list);
  if (pem != NULL)
    air_map_set_string (entry, "key", pem);
  return entry;
}

static gboolean
check_roles (char **roles, gboolean has_key, GError **error)
{
  static const char *const known[] = { "designer", "operator", "approver", "auditor", "admin", NULL };

  for (guint i = 0; roles != NULL && roles[i] != NULL; i++)
    {
      if (!g_strv_contains (known, roles[i]))
        {
          g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                       "no role \"%s\"; roles are designer, operator, approver, auditor, admin", roles[i]);
          return FALSE;
        }
      if (!has_key && (g_str_equal (roles[i], "designer") || g_str_equal (roles[i], "approver")))
        {
          g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "who is %s signs: give --key FILE, their public key",
                       roles[i]);
          return FALSE;
        }
    }
  return roles != NULL && roles[0] != NULL;
}

static int
cmd_add (int argc, char **argv)
{
  g_autofree char *uri = NULL, *name = NULL, *key_path = NULL, *pem = NULL;
  g_auto (GStrv) roles = NULL;
  const GOptionEntry entries[] = {
    { "uri", 'u', 0, G_OPTION_ARG_STRING, &uri, "the identity: airails://TENANT/people/NAME", "URI" },
    { "name", 0, 0, G_OPTION_ARG_STRING, &name, "what people call them", "NAME" },
    { "role", 0, 0, G_OPTION_ARG_STRING_ARRAY, &roles,
      "designer, operator, approver, auditor or admin; may be repeated", "ROLE" },
    { "key", 'k', 0, G_OPTION_ARG_FILENAME, &key_path, "the public key they sign with (PEM)", "FILE" },
    { NULL },
  };
  g_autoptr (AirValue) trust = NULL;
  g_autoptr (AirPublicKey) key = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;
  static const char *const designer[] = { "designer", NULL };

  if (!air_cli_parse (
          &cli, "pki trust add", entries, "TRUST",
          "Adds a person to the trust roots, or changes their roles and key. A designer may sign artifacts.", 1, 1,
          argc, argv))
    return AIR_EXIT_USAGE;
  if (uri == NULL || !g_str_has_prefix (uri, "airails://") || strstr (uri, "/people/") == NULL)
    return air_cli_fail (
        &cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "whom? Give --uri airails://TENANT/people/NAME"));
  if (!check_roles (roles, key_path != NULL, &error))
    return air_cli_fail (
        &cli,
        error != NULL ? error : g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "what may they do? Give --role ROLE"));
  if (key_path != NULL)
    {
      if (!air_file_load (key_path, &pem, NULL, &error))
        return air_cli_fail (&cli, error);
      key = air_public_key_from_pem (pem, &error);
      if (key == NULL)
        {
          g_prefix_error (&error, "%s: ", key_path);
          return air_cli_fail (&cli, error);
        }
      g_free (pem);
      pem = air_public_key_to_pem (key);
    }
  trust = load (cli.args[0], &error);
  if (trust == NULL)
    return air_cli_fail (&cli, error);
  drop (trust, "people", uri);
  drop (trust, "signers", uri);
  air_list_append (air_map_get_list (trust, "people"), make_entry (uri, name, (const char *const *) roles, pem));
  if (g_strv_contains ((const char *const *) roles, "designer"))
    air_list_append (air_map_get_list (trust, "signers"), make_entry (uri, NULL, designer, pem));
  if (!save (cli.args[0], trust, &error))
    return air_cli_fail (&cli, error);
  return done (&cli, cli.args[0], trust, "added; a runtime reads it when it starts");
}

static int
cmd_revoke (int argc, char **argv)
{
  g_autofree char *uri = NULL;
  const GOptionEntry entries[] = {
    { "uri", 'u', 0, G_OPTION_ARG_STRING, &uri, "the identity", "URI" },
    { NULL },
  };
  g_autoptr (AirValue) trust = NULL;
  g_auto (AirCli) cli = { 0 };
  gboolean person, signer;
  GError *error = NULL;

  if (!air_cli_parse (
          &cli, "pki trust revoke", entries, "TRUST",
          "Takes a person and their keys out of the trust roots. A runtime writes into its ledger that they are "
          "revoked\nwhen it starts again; what they signed before stays provable.",
          1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (uri == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "whom? Give --uri URI"));
  trust = load (cli.args[0], &error);
  if (trust == NULL)
    return air_cli_fail (&cli, error);
  person = drop (trust, "people", uri);
  signer = drop (trust, "signers", uri);
  if (!person && !signer)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                                            "%s: there is no %s; \"airailsctl pki trust "
                                            "show %s\" lists who is",
                                            cli.args[0], uri, cli.args[0]));
  if (!save (cli.args[0], trust, &error))
    return air_cli_fail (&cli, error);
  return done (&cli, cli.args[0], trust, "revoked; a runtime reads it when it starts");
}

static char *
join_roles (const AirValue *entry)
{
  const AirValue *roles = air_map_get_list (entry, "roles");
  GString *text = g_string_new (NULL);

  for (gsize i = 0; roles != NULL && i < air_list_get_size (roles); i++)
    if (air_value_get_kind (air_list_get (roles, i)) == AIR_VALUE_STRING)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "",
                              air_value_get_string (air_list_get (roles, i), NULL));
  return g_string_free (text, FALSE);
}

static int
cmd_show (int argc, char **argv)
{
  g_autoptr (AirValue) trust = NULL;
  const AirValue *people;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "pki trust show", NULL, "TRUST", "Lists whom the trust roots believe, and for what.", 1, 1,
                      argc, argv))
    return AIR_EXIT_USAGE;
  trust = load (cli.args[0], &error);
  if (trust == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    {
      air_cli_print_value (trust);
      return AIR_EXIT_OK;
    }
  air_cli_print ("tenant %s\n", air_map_get_string (trust, "tenant"));
  for (guint k = 0; k < 2; k++)
    {
      people = air_map_get_list (trust, k == 0 ? "people" : "signers");
      for (gsize i = 0; i < air_list_get_size (people); i++)
        {
          const AirValue *entry = air_list_get (people, i);
          const char *uri = air_map_get_string (entry, "uri"), *pem = air_map_get_string (entry, "key");
          g_autoptr (AirPublicKey) key = pem != NULL ? air_public_key_from_pem (pem, NULL) : NULL;
          g_autofree char *roles = join_roles (entry);

          if (k == 1 && uri != NULL && find (trust, "people", uri, NULL) != NULL)
            continue;
          air_cli_print ("%s: %s%s%s\n", uri != NULL ? uri : "?", roles, key != NULL ? ", key " : "",
                         key != NULL ? air_public_key_get_id (key) : "");
        }
    }
  return AIR_EXIT_OK;
}

/**
 * air_cmd_pki_trust:
 *
 * `airailsctl pki trust`: write down whom to believe (trust.json).
 *
 * Returns: an #AirExit
 */
int
air_cmd_pki_trust (int argc, char **argv)
{
  static const AirCliCommand commands[] = {
    { "init", cmd_init, "begin a file of trust roots" },
    { "add", cmd_add, "add a person, or change their roles and key" },
    { "revoke", cmd_revoke, "take a person and their keys out" },
    { "show", cmd_show, "list who is believed, and for what" },
    { NULL },
  };

  return air_cli_dispatch (commands, "airailsctl pki trust", argc, argv);
}
