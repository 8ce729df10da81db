/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-describe.h"

#define MAX_LINE 72 /* of the manual's source */

/* Each command knows its options where it reads them. To describe one, it is run up to there: air_cli_parse() and
 * air_cli_dispatch() then write down what they were given instead of acting on it. */
static GPtrArray *descriptions;

static void
option_free (gpointer data)
{
  AirCliOption *self = data;

  g_free (self->name);
  g_free (self->argument);
  g_free (self->text);
  g_free (self);
}

static void
description_free (gpointer data)
{
  AirCliDescription *self = data;

  g_free (self->path);
  g_free (self->summary);
  g_free (self->parameters);
  g_free (self->description);
  g_clear_pointer (&self->options, g_ptr_array_unref);
  g_free (self);
}

/**
 * air_cli_is_describing:
 *
 * Returns: %TRUE while air_cli_describe() runs: commands say what they are and do nothing
 */
gboolean
air_cli_is_describing (void)
{
  return descriptions != NULL;
}

static void
add_options (GPtrArray *options, const GOptionEntry *entries)
{
  for (; entries != NULL && entries->long_name != NULL; entries++)
    {
      AirCliOption *option;

      if (entries->flags & G_OPTION_FLAG_HIDDEN)
        continue;
      option = g_new0 (AirCliOption, 1);
      option->name = g_strdup (entries->long_name);
      option->short_name = entries->short_name;
      option->takes = entries->arg != G_OPTION_ARG_NONE
                      && !(entries->arg == G_OPTION_ARG_CALLBACK && entries->flags & G_OPTION_FLAG_NO_ARG);
      /* A key may be a file, a token or in the keyring. */
      option->file = entries->arg == G_OPTION_ARG_FILENAME || entries->arg == G_OPTION_ARG_FILENAME_ARRAY
                     || g_strcmp0 (entries->arg_description, "KEY") == 0;
      option->argument = g_strdup (entries->arg_description);
      option->text = g_strdup (entries->description);
      g_ptr_array_add (options, option);
    }
}

/**
 * air_cli_describe_options:
 * @common: options every command has
 * @entries: (nullable): its own
 * @parameters: what follows the options
 * @description: in whole sentences
 *
 * Told by air_cli_parse() while air_cli_is_describing(); the first call of a command counts.
 */
void
air_cli_describe_options (const GOptionEntry *common,
                          const GOptionEntry *entries,
                          const char *parameters,
                          const char *description)
{
  AirCliDescription *self = descriptions->pdata[descriptions->len - 1];

  /* A command may read its line in two ways; the first is the one that is told. */
  if (self->options != NULL)
    return;
  self->parameters = g_strdup (parameters);
  self->description = g_strdup (description);
  self->options = g_ptr_array_new_with_free_func (option_free);
  add_options (self->options, entries);
  add_options (self->options, common);
}

/**
 * air_cli_describe_table:
 * @commands: those below the command that is being described
 *
 * Told by air_cli_dispatch() while air_cli_is_describing().
 */
void
air_cli_describe_table (const AirCliCommand *commands)
{
  AirCliDescription *above =
      descriptions->len > 0 ? (AirCliDescription *) descriptions->pdata[descriptions->len - 1] : NULL;
  g_autofree char *prefix = above != NULL ? g_strconcat (above->path, " ", NULL) : g_strdup ("");
  const char *group = above != NULL ? above->group : NULL;

  for (; commands->name != NULL; commands++)
    {
      AirCliDescription *self = g_new0 (AirCliDescription, 1);
      char *argv[] = { (char *) commands->name, NULL };

      self->path = g_strconcat (prefix, commands->name, NULL);
      self->group = commands->group != NULL ? commands->group : group;
      self->summary = g_strdup (commands->summary);
      g_ptr_array_add (descriptions, self);
      commands->run (1, argv);
    }
}

/**
 * air_cli_describe:
 * @commands: a table of commands
 *
 * Runs every command up to where it reads its options. Not for several threads.
 *
 * Returns: (transfer full) (element-type AirCliDescription): every command under @commands, those of commands before
 *   theirs
 */
GPtrArray *
air_cli_describe (const AirCliCommand *commands)
{
  GPtrArray *result = descriptions = g_ptr_array_new_with_free_func (description_free);

  air_cli_describe_table (commands);
  descriptions = NULL;
  return result;
}

/* --- the manual --------------------------------------------------------------------- */

/* mdoc(7): a backslash, and a dot or quote that begins a line, are not text; a sentence begins a line. */
static void
append_text (GString *out, const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \n", -1);
  gsize start = out->len;

  for (guint i = 0; words[i] != NULL; i++)
    {
      gboolean sentence = out->len > start && strchr (".?!", out->str[out->len - 1]) != NULL;

      if (*words[i] == '\0')
        continue;
      if (out->len > start && (sentence || out->len - start + strlen (words[i]) > MAX_LINE))
        {
          g_string_append_c (out, '\n');
          start = out->len;
        }
      if (out->len > start)
        g_string_append_c (out, ' ');
      else if (*words[i] == '.' || *words[i] == '\'')
        g_string_append (out, "\\&");
      for (const char *p = words[i]; *p != '\0'; p++)
        if (*p == '\\')
          g_string_append (out, "\\e");
        else if (*p == '-')
          g_string_append (out, "\\-");
        else
          g_string_append_c (out, *p);
    }
  g_string_append_c (out, '\n');
}

static void
append_option (GString *out, const AirCliOption *option)
{
  g_string_append (out, ".It ");
  if (option->short_name != 0)
    g_string_append_printf (out, "Fl %c , ", option->short_name);
  g_string_append_printf (out, "Fl \\-%s", option->name);
  if (option->takes)
    g_string_append_printf (out, " Ar %s", option->argument != NULL ? option->argument : "VALUE");
  g_string_append_c (out, '\n');
  append_text (out, option->text != NULL ? option->text : "");
}

/**
 * air_cli_write_man:
 * @descriptions: (element-type AirCliDescription): what air_cli_describe() gave
 *
 * Returns: (transfer full): the manual page, mdoc(7)
 */
char *
air_cli_write_man (GPtrArray *list)
{
  static const struct {
    const char *status, *text;
  } exits[] = {
    { "0", "done" },
    { "1", "it was checked, and it does not hold" },
    { "2", "the command line is wrong" },
    { "3", "a file is missing, unreadable or not what it should be" },
    { "4", "nobody answers, or not now" },
    { "5", "the runtime or the registry refused" },
    { "6", "anything else: a disk, a bug" },
  };
  GString *out =
      g_string_new (".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n"
                    ".\\\" Made from the table of commands when airailsctl is built.\n"
                    ".Dd November 22, 2026\n.Dt AIRAILSCTL 1\n.Os\n.Sh NAME\n.Nm airailsctl\n"
                    ".Nd build, sign, run and verify governed workflows\n.Sh SYNOPSIS\n.Nm\n.Ar COMMAND\n"
                    ".Op Ar ARGUMENTS\n.Sh DESCRIPTION\n.Nm\n"
                    "checks and compiles workflows, signs and publishes them, starts and\nwatches runs, decides gates "
                    "with a person's own key, and verifies\nproofs with no network.\n"
                    "Errors go to standard error and name the place and the mend; with\n.Fl \\-json\n"
                    "they are one JSON object that carries the exit status.\n.Sh COMMANDS\n");

  for (guint i = 0; i < list->len; i++)
    {
      const AirCliDescription *self = list->pdata[i];

      if (self->options == NULL)
        continue;
      g_string_append_printf (out, ".Ss %s\n.Nm\n.Cm %s\n.Op Ar OPTIONS\n", self->path, self->path);
      if (self->parameters != NULL && *self->parameters != '\0')
        g_string_append_printf (out, ".Ar %s\n", self->parameters);
      g_string_append (out, ".Pp\n");
      append_text (out, self->description != NULL ? self->description : self->summary);
      g_string_append (out, ".Bl -tag -width Ds\n");
      for (guint k = 0; k < self->options->len; k++)
        append_option (out, self->options->pdata[k]);
      g_string_append (out, ".El\n");
    }
  g_string_append (out, ".Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev REGISTRY_AUTH_FILE\n"
                        "Credentials for registries, as docker, podman, skopeo and oras keep them.\n"
                        ".It Ev https_proxy , Ev no_proxy\nHow a registry is reached.\n.El\n.Sh EXIT STATUS\n"
                        ".Bl -tag -width Ds\n");
  for (guint i = 0; i < G_N_ELEMENTS (exits); i++)
    g_string_append_printf (out, ".It %s\n%s\n", exits[i].status, exits[i].text);
  g_string_append (out, ".El\n.Sh EXAMPLES\n.Bd -literal\n"
                        "airailsctl check refunds.workflow.json\n"
                        "airailsctl compile refunds.workflow.json \\-o built\n"
                        "airailsctl sign built \\-\\-key dora.key\n"
                        "airailsctl publish built \\-r oci://registry.example \\-t trust.json\n"
                        "airailsctl verify refund.zip \\-t trust.json \\-\\-policy policy.tlog-policy\n"
                        ".Ed\n.Sh SEE ALSO\n.Xr cosign 1 ,\n.Xr oras 1 ,\n.Xr skopeo 1\n");
  return g_string_free (out, FALSE);
}
