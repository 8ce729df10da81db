/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-describe.h"
#include "air-cli.h"
#include "artifact/air-artifact.h"
#include "base/air-json.h"
#include "base/air-key.h"
#include "client/air-client.h"
#include "components/air-transport.h"
#include "keystore/air-keystore.h"
#include "ledger/air-ledger-error.h"
#include "model/air-document.h"
#include "policy/air-policy.h"
#include "runtime/air-store.h"
#include "schema/air-schema.h"

G_DEFINE_QUARK (air-cli-error-quark, air_cli_error)

/**
 * air_cli_wants_json:
 * @argc: how many words
 * @argv: the words
 *
 * Whether --json is among them: asked where they cannot be read, so that what is wrong is said in JSON, too.
 *
 * Returns: whether it is
 */
gboolean
air_cli_wants_json (int argc, char **argv)
{
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    if (strcmp (argv[i], "--json") == 0)
      return TRUE;
  return FALSE;
}

/**
 * air_cli_parse:
 * @self: (out caller-allocates): the command line
 * @command: "gate decide"
 * @entries: (nullable): its own options; --json is added
 * @parameters: "RUN [NODE]"
 * @summary: in whole sentences
 * @min_args: how many at least
 * @max_args: how many at most
 * @argc: how many words
 * @argv: the words
 *
 * Returns: %FALSE when the command line is wrong, and that was said, or when the command is only described
 */
gboolean
air_cli_parse (AirCli *self,
               const char *command,
               const GOptionEntry *entries,
               const char *parameters,
               const char *summary,
               guint min_args,
               guint max_args,
               int argc,
               char **argv)
{
  const GOptionEntry common[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, "answer in JSON", NULL },
    { NULL },
  };
  g_autofree char *program = g_strconcat ("airailsctl ", command, NULL);
  g_autoptr (GOptionContext) context = g_option_context_new (parameters);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  guint n_words;

  memset (self, 0, sizeof *self);
  self->command = command;
  if (air_cli_is_describing ())
    {
      air_cli_describe_options (common, entries, parameters, summary);
      return FALSE;
    }
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, common, NULL);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);

  /* argv[0] is what the usage line begins with. */
  g_strv_builder_add (builder, program);
  for (int i = 1; i < argc; i++)
    g_strv_builder_add (builder, argv[i]);
  words = g_strv_builder_end (builder);
  g_set_prgname (program);
  if (!g_option_context_parse_strv (context, &words, &error))
    {
      self->json = air_cli_wants_json (argc, argv);
      air_cli_fail (self,
                    g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "%s; see \"%s --help\"", error->message, program));
      return FALSE;
    }
  n_words = g_strv_length (words);
  if (n_words > 1 && strcmp (words[1], "--") == 0)
    {
      g_free (words[1]);
      memmove (words + 1, words + 2, (n_words - 1) * sizeof *words);
      n_words--;
    }
  if (n_words - 1 < min_args || n_words - 1 > max_args)
    {
      air_cli_fail (self, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "%s arguments; usage: %s [OPTION…] %s",
                                       n_words - 1 < min_args ? "too few" : "too many", program, parameters));
      return FALSE;
    }
  self->args = g_strdupv (words + 1);
  self->n_args = n_words - 1;
  return TRUE;
}

void
air_cli_clear (AirCli *self)
{
  g_clear_pointer (&self->args, g_strfreev);
}

/**
 * air_cli_exit_of:
 * @error: any error
 *
 * Returns: the #AirExit that fits, by its domain and code
 */
int
air_cli_exit_of (const GError *error)
{
  if (error->domain == AIR_CLI_ERROR)
    return error->code == AIR_CLI_ERROR_USAGE   ? AIR_EXIT_USAGE
           : error->code == AIR_CLI_ERROR_INPUT ? AIR_EXIT_INPUT
                                                : AIR_EXIT_REFUSED;
  if (error->domain == AIR_CLIENT_ERROR)
    switch (error->code)
      {
      case AIR_CLIENT_ERROR_PROFILE:
        return AIR_EXIT_INPUT;
      case AIR_CLIENT_ERROR_UNREACHABLE:
      case AIR_CLIENT_ERROR_BUSY:
        return AIR_EXIT_UNREACHABLE;
      case AIR_CLIENT_ERROR_PROTOCOL:
      case AIR_CLIENT_ERROR_UNVERIFIED:
        return AIR_EXIT_REFUSED;
      default:
        return AIR_EXIT_DENIED;
      }
  if (error->domain == AIR_ARTIFACT_ERROR)
    switch (error->code)
      {
      case AIR_ARTIFACT_ERROR_LAYOUT:
      case AIR_ARTIFACT_ERROR_UNSUPPORTED:
      case AIR_ARTIFACT_ERROR_NOT_FOUND:
        return AIR_EXIT_INPUT;
      case AIR_ARTIFACT_ERROR_REGISTRY:
        return AIR_EXIT_UNREACHABLE;
      case AIR_ARTIFACT_ERROR_ACCESS:
        return AIR_EXIT_DENIED;
      default:
        return AIR_EXIT_REFUSED;
      }
  if (error->domain == AIR_CRYPTO_ERROR)
    return error->code == AIR_CRYPTO_ERROR_BAD_SIGNATURE ? AIR_EXIT_REFUSED
           : error->code == AIR_CRYPTO_ERROR_FAILED      ? AIR_EXIT_FAILED
                                                         : AIR_EXIT_INPUT;
  if (error->domain == AIR_KEYSTORE_ERROR)
    return error->code == AIR_KEYSTORE_ERROR_PIN           ? AIR_EXIT_DENIED
           : error->code == AIR_KEYSTORE_ERROR_UNAVAILABLE ? AIR_EXIT_UNREACHABLE
                                                           : AIR_EXIT_INPUT;
  if (error->domain == AIR_SCHEMA_ERROR)
    return error->code == AIR_SCHEMA_ERROR_UNSATISFIABLE || error->code == AIR_SCHEMA_ERROR_COST ? AIR_EXIT_REFUSED
                                                                                                 : AIR_EXIT_INPUT;
  if (error->domain == AIR_STORE_ERROR)
    return error->code == AIR_STORE_ERROR_OPEN      ? AIR_EXIT_INPUT
           : error->code == AIR_STORE_ERROR_CORRUPT ? AIR_EXIT_REFUSED
           : error->code == AIR_STORE_ERROR_BUSY    ? AIR_EXIT_UNREACHABLE
                                                    : AIR_EXIT_FAILED;
  if (error->domain == AIR_LEDGER_ERROR || error->domain == AIR_POLICY_ERROR)
    return AIR_EXIT_REFUSED;
  if (error->domain == AIR_JSON_ERROR || error->domain == AIR_MODEL_ERROR || error->domain == AIR_OPERATION_ERROR)
    return AIR_EXIT_INPUT;
  if (error->domain == AIR_TRANSPORT_ERROR)
    return AIR_EXIT_UNREACHABLE;
  if (error->domain == G_FILE_ERROR)
    return error->code == G_FILE_ERROR_NOSPC || error->code == G_FILE_ERROR_IO ? AIR_EXIT_FAILED : AIR_EXIT_INPUT;
  return AIR_EXIT_FAILED;
}

/**
 * air_cli_bad_input:
 * @take_cause: (transfer full): what is wrong with it
 * @place: a file, or an option
 * @error: return location
 *
 * What somebody typed or named is not what it should be: %AIR_CLI_ERROR_INPUT with "PLACE: why".
 *
 * Returns: %NULL
 */
gpointer
air_cli_bad_input (GError *take_cause, const char *place, GError **error)
{
  g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "%s: %s", place, take_cause->message);
  g_error_free (take_cause);
  return NULL;
}

/**
 * air_cli_bad_key:
 * @take_cause: (transfer full): what is wrong with it
 * @option: what it was given to
 * @error: return location
 *
 * air_cli_bad_input() of a verifier key, with where to find one: %AIR_CLI_ERROR_INPUT.
 *
 * Returns: %NULL, and %AIR_CLI_ERROR_INPUT in @error
 */
gpointer
air_cli_bad_key (GError *take_cause, const char *option, GError **error)
{
  air_cli_bad_input (take_cause, option, error);
  if (error != NULL)
    {
      g_autofree char *message = g_steal_pointer (&(*error)->message);

      (*error)->message =
          g_strconcat (message, "; give what \"airailsctl ledger head\" names as the key, or a file with it", NULL);
    }
  return NULL;
}

/**
 * air_cli_fail:
 * @self: the command
 * @take_error: (transfer full): what is wrong
 *
 * Says so, as text or JSON on standard error.
 *
 * Returns: the exit status that fits
 */
int
air_cli_fail (const AirCli *self, GError *take_error)
{
  g_autoptr (GError) error = take_error;
  int status = air_cli_exit_of (error);

  if (self->json)
    {
      g_autoptr (AirValue) document = air_map_new ();
      g_autofree char *valid = g_utf8_make_valid (error->message, -1), *text = NULL;
      AirValue *member = air_map_new ();

      air_map_set_string (member, "command", self->command);
      air_map_set_int (member, "exit", status);
      air_map_set_string (member, "message", valid);
      air_map_set (document, "error", member);
      text = air_jcs_write (document, NULL, NULL);
      air_cli_put (stderr, text, TRUE);
      fputs ("\n", stderr);
    }
  else
    {
      g_autofree char *text =
          g_strdup_printf ("airailsctl%s%s: %s\n", *self->command != '\0' ? " " : "", self->command, error->message);

      air_cli_put (stderr, text, FALSE);
    }
  return status;
}
