/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion for three shells, from what the commands tell of themselves. */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-describe.h"

/* The words that may follow @path: names of commands below it. */
static char *
list_below (GPtrArray *list, const char *path)
{
  g_autoptr (GString) words = g_string_new (NULL);
  gsize length = strlen (path);

  for (guint i = 0; i < list->len; i++)
    {
      const AirCliDescription *self = list->pdata[i];
      const char *rest = self->path;

      if (length > 0)
        {
          if (strncmp (rest, path, length) != 0 || rest[length] != ' ')
            continue;
          rest += length + 1;
        }
      if (strchr (rest, ' ') == NULL)
        g_string_append_printf (words, "%s%s", words->len > 0 ? " " : "", rest);
    }
  return g_strdup (words->str);
}

static char *
list_options (const AirCliDescription *self)
{
  g_autoptr (GString) words = g_string_new ("--help");

  for (guint i = 0; self->options != NULL && i < self->options->len; i++)
    g_string_append_printf (words, " --%s", ((AirCliOption *) self->options->pdata[i])->name);
  return g_strdup (words->str);
}

/* "--key|-k|--trust": what a value follows; @files: a path, or any other. */
static char *
list_taking (const AirCliDescription *self, gboolean files)
{
  g_autoptr (GString) words = g_string_new (NULL);

  for (guint i = 0; self->options != NULL && i < self->options->len; i++)
    {
      const AirCliOption *option = self->options->pdata[i];

      if (!option->takes || option->file != files)
        continue;
      g_string_append_printf (words, "%s--%s", words->len > 0 ? "|" : "", option->name);
      if (option->short_name != 0)
        g_string_append_printf (words, "|-%c", option->short_name);
    }
  return g_strdup (words->str);
}

/**
 * air_cli_write_bash:
 * @descriptions: (element-type AirCliDescription): what air_cli_describe() gave
 *
 * Returns: (transfer full): a completion for bash
 */
char *
air_cli_write_bash (GPtrArray *list)
{
  g_autofree char *top = list_below (list, "");
  GString *out = g_string_new ("# SPDX-License-Identifier: GPL-3.0-or-later\n"
                               "# bash completion for airailsctl, made from its table of commands.\n"
                               "_airailsctl ()\n{\n"
                               "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
                               "  local path='' word below options files values i\n"
                               "  COMPREPLY=()\n"
                               "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
                               "    word=${COMP_WORDS[i]}\n"
                               "    case \"$path $word\" in\n");

  for (guint i = 0; i < list->len; i++)
    {
      const AirCliDescription *self = list->pdata[i];
      const char *last = strrchr (self->path, ' ');
      g_autofree char *above = last != NULL ? g_strndup (self->path, last - self->path) : g_strdup ("");

      g_string_append_printf (out, "      \"%s %s\") path=\"%s\" ;;\n", above, last != NULL ? last + 1 : self->path,
                              self->path);
    }
  g_string_append_printf (out,
                          "    esac\n  done\n"
                          "  below='' options='--help' files='' values=''\n"
                          "  case \"$path\" in\n"
                          "    '') below='%s help' options='--help --version' ;;\n",
                          top);
  for (guint i = 0; i < list->len; i++)
    {
      const AirCliDescription *self = list->pdata[i];
      g_autofree char *below = list_below (list, self->path), *options = list_options (self);
      g_autofree char *files = list_taking (self, TRUE), *values = list_taking (self, FALSE);

      g_string_append_printf (out, "    '%s') below='%s' options='%s' files='%s' values='%s' ;;\n", self->path, below,
                              options, files, values);
    }
  g_string_append (out, "  esac\n"
                        "  if [[ -n $files && \"|$files|\" == *\"|$previous|\"* ]]; then\n"
                        "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
                        "  elif [[ -n $values && \"|$values|\" == *\"|$previous|\"* ]]; then\n"
                        "    :\n"
                        "  elif [[ $current == -* ]]; then\n"
                        "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
                        "  elif [[ -n $below ]]; then\n"
                        "    mapfile -t COMPREPLY < <(compgen -W \"$below\" -- \"$current\")\n"
                        "  else\n"
                        "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
                        "  fi\n}\n"
                        "complete -o filenames -F _airailsctl airailsctl\n");
  return g_string_free (out, FALSE);
}

/* Between single quotes of a shell, and without what _arguments takes for its own. */
static char *
quote (const char *text, gboolean zsh)
{
  GString *out = g_string_new (NULL);

  for (; text != NULL && *text != '\0' && *text != '\n'; text++)
    if (*text == '\'')
      g_string_append (out, "'\\''");
    else if (zsh && strchr ("[]:\\", *text) != NULL)
      g_string_append_printf (out, "\\%c", *text);
    else
      g_string_append_c (out, *text);
  return g_string_free (out, FALSE);
}

static char *
function_name (const char *path)
{
  char *name = g_strconcat ("_airailsctl_", path, NULL);

  return g_strdelimit (name, " -", '_');
}

static void
append_zsh_options (GString *out, const AirCliDescription *self)
{
  for (guint k = 0; self->options != NULL && k < self->options->len; k++)
    {
      const AirCliOption *option = self->options->pdata[k];
      g_autofree char *text = quote (option->text, TRUE);
      const char *value = !option->takes ? "" : option->file ? ":file:_files" : ":value: ";

      g_string_append_printf (out, "    '--%s%s[%s]%s' \\\n", option->name, option->takes ? "=" : "", text, value);
      if (option->short_name != 0)
        g_string_append_printf (out, "    '-%c%s[%s]%s' \\\n", option->short_name, option->takes ? "+" : "", text,
                                value);
    }
}

/* @self: NULL for the program itself. */
static void
append_zsh_table (GString *out, GPtrArray *list, const AirCliDescription *self)
{
  const char *path = self != NULL ? self->path : "";
  g_autofree char *below = list_below (list, path),
                  *own = *path != '\0' ? function_name (path) : g_strdup ("_airailsctl");
  g_auto (GStrv) names = g_strsplit (below, " ", -1);

  g_string_append_printf (out, "%s () {\n  local line state\n  local -a commands\n  commands=(\n", own);
  for (guint i = 0; names[i] != NULL; i++)
    for (guint k = 0; k < list->len; k++)
      {
        const AirCliDescription *command = list->pdata[k];
        g_autofree char *full = *path != '\0' ? g_strconcat (path, " ", names[i], NULL) : g_strdup (names[i]);
        g_autofree char *text = quote (command->summary, TRUE);

        if (strcmp (command->path, full) == 0)
          g_string_append_printf (out, "    '%s:%s'\n", names[i], text);
      }
  g_string_append (out, "  )\n  _arguments -C \\\n");
  if (self == NULL)
    g_string_append (out, "    '(- *)--version[which version this is]' \\\n");
  else
    append_zsh_options (out, self);
  g_string_append (out, "    '(- *)--help[what there is]' '1: :->command' '*:: :->rest'\n"
                        "  case $state in\n    command) _describe command commands ;;\n    rest)\n"
                        "      case $line[1] in\n");
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *full = *path != '\0' ? g_strconcat (path, " ", names[i], NULL) : g_strdup (names[i]);
      g_autofree char *function = function_name (full);

      g_string_append_printf (out, "        %s) %s ;;\n", names[i], function);
    }
  g_string_append (out, "      esac ;;\n  esac\n}\n");
}

/**
 * air_cli_write_zsh:
 * @descriptions: (element-type AirCliDescription): what air_cli_describe() gave
 *
 * Returns: (transfer full): a completion for zsh
 */
char *
air_cli_write_zsh (GPtrArray *list)
{
  GString *out = g_string_new ("#compdef airailsctl\n# SPDX-License-Identifier: GPL-3.0-or-later\n"
                               "# zsh completion for airailsctl, made from its table of commands.\n");

  append_zsh_table (out, list, NULL);
  for (guint i = 0; i < list->len; i++)
    {
      const AirCliDescription *self = list->pdata[i];
      g_autofree char *function = function_name (self->path), *below = list_below (list, self->path);

      if (*below != '\0')
        {
          append_zsh_table (out, list, self);
          continue;
        }
      g_string_append_printf (out, "%s () {\n  _arguments \\\n", function);
      append_zsh_options (out, self);
      g_string_append (out, "    '(- *)--help[what it does]' \\\n    '*:file:_files'\n}\n");
    }
  g_string_append (out, "_airailsctl \"$@\"\n");
  return g_string_free (out, FALSE);
}

/**
 * air_cli_write_fish:
 * @descriptions: (element-type AirCliDescription): what air_cli_describe() gave
 *
 * Returns: (transfer full): a completion for fish
 */
char *
air_cli_write_fish (GPtrArray *list)
{
  GString *out = g_string_new ("# SPDX-License-Identifier: GPL-3.0-or-later\n"
                               "# fish completion for airailsctl, made from its table of commands.\n"
                               "function __airailsctl_words\n  string match -v -- '-*' (commandline -opc)[2..-1]\nend\n"
                               "# These words came, and nothing else.\n"
                               "function __airailsctl_at\n  set -l words (__airailsctl_words)\n"
                               "  test \"$words\" = \"$argv\"\nend\n"
                               "# These words came first.\n"
                               "function __airailsctl_in\n  set -l words (__airailsctl_words)\n"
                               "  set -l n (count $argv)\n"
                               "  test (count $words) -ge $n; and test \"$words[1..$n]\" = \"$argv\"\nend\n"
                               "complete -c airailsctl -n __airailsctl_at -l version -d 'which version this is'\n"
                               "complete -c airailsctl -l help -d 'what it does'\n");

  for (guint i = 0; i < list->len; i++)
    {
      const AirCliDescription *self = list->pdata[i];
      const char *last = strrchr (self->path, ' ');
      g_autofree char *above = last != NULL ? g_strndup (self->path, last - self->path) : NULL;
      g_autofree char *text = quote (self->summary, FALSE);
      const char *name = last != NULL ? last + 1 : self->path;

      g_string_append_printf (out, "complete -c airailsctl -f -n '__airailsctl_at%s%s' -a %s -d '%s'\n",
                              above != NULL ? " " : "", above != NULL ? above : "", name, text);
      for (guint k = 0; self->options != NULL && k < self->options->len; k++)
        {
          const AirCliOption *option = self->options->pdata[k];
          g_autofree char *words = quote (option->text, FALSE);

          g_string_append_printf (out, "complete -c airailsctl -n '__airailsctl_in %s' -l %s", self->path,
                                  option->name);
          if (option->short_name != 0)
            g_string_append_printf (out, " -s %c", option->short_name);
          if (option->takes)
            g_string_append (out, option->file ? " -r -F" : " -x");
          g_string_append_printf (out, " -d '%s'\n", words);
        }
    }
  return g_string_free (out, FALSE);
}
