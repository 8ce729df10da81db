/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdio.h>

#include "base/air-value.h"

G_BEGIN_DECLS

#define AIR_CLI_ERROR (air_cli_error_quark ())

/**
 * AirCliError:
 * @AIR_CLI_ERROR_USAGE: the command line is wrong
 * @AIR_CLI_ERROR_INPUT: a file is missing, unreadable or not what it should be
 * @AIR_CLI_ERROR_REFUSED: it was checked, and it does not hold
 */
typedef enum {
  AIR_CLI_ERROR_USAGE,
  AIR_CLI_ERROR_INPUT,
  AIR_CLI_ERROR_REFUSED,
} AirCliError;

GQuark air_cli_error_quark (void);

/**
 * AirExit:
 * @AIR_EXIT_OK: done
 * @AIR_EXIT_REFUSED: it was checked, and it does not hold
 * @AIR_EXIT_USAGE: the command line is wrong
 * @AIR_EXIT_INPUT: a file is missing, unreadable or not what it should be
 * @AIR_EXIT_UNREACHABLE: nobody answers, or not now
 * @AIR_EXIT_DENIED: the runtime refused
 * @AIR_EXIT_FAILED: anything else: a disk, a bug
 *
 * What scripts may rely on; "airailsctl help" prints it.
 */
typedef enum {
  AIR_EXIT_OK = 0,
  AIR_EXIT_REFUSED = 1,
  AIR_EXIT_USAGE = 2,
  AIR_EXIT_INPUT = 3,
  AIR_EXIT_UNREACHABLE = 4,
  AIR_EXIT_DENIED = 5,
  AIR_EXIT_FAILED = 6,
} AirExit;

/**
 * AirCli:
 * @command: "gate decide"; empty where none is known yet
 * @json: whether answers are JSON
 * @args: what is left after the options
 * @n_args: how many
 *
 * A command line, read. Zeros at first, cleared by air_cli_clear().
 */
typedef struct {
  const char *command;
  gboolean json;
  char **args;
  guint n_args;
} AirCli;

/**
 * AirCliCommand:
 * @name: as it is typed
 * @run: does it, argv[0] being the command, and gives an #AirExit
 * @summary: in a line
 * @group: (nullable): the heading it stands under in the help
 *
 * A row of a table of commands; one without a name ends it.
 */
typedef struct {
  const char *name;
  int (*run) (int argc, char **argv);
  const char *summary;
  const char *group;
} AirCliCommand;

int      air_cli_main           (int                 argc,
                                 char              **argv);
const AirCliCommand *air_cli_get_commands (void);
int      air_cli_dispatch       (const AirCliCommand   *commands,
                                 const char         *program,
                                 int                 argc,
                                 char              **argv);

gboolean air_cli_wants_json     (int                 argc,
                                 char              **argv);
gboolean air_cli_parse          (AirCli             *self,
                                 const char         *command,
                                 const GOptionEntry *entries,
                                 const char         *parameters,
                                 const char         *summary,
                                 guint               min_args,
                                 guint               max_args,
                                 int                 argc,
                                 char              **argv);
void     air_cli_clear          (AirCli             *self);
int      air_cli_fail           (const AirCli       *self,
                                 GError             *take_error);
int      air_cli_exit_of        (const GError       *error);
gpointer air_cli_bad_input      (GError             *take_cause,
                                 const char         *place,
                                 GError            **error);
gpointer air_cli_bad_key        (GError             *take_cause,
                                 const char         *option,
                                 GError            **error);
void     air_cli_put            (FILE               *stream,
                                 const char         *text,
                                 gboolean            json);
void     air_cli_print_value    (const AirValue     *value);
void     air_cli_print          (const char         *format,
                                 ...) G_GNUC_PRINTF (1, 2);

/**
 * AirCliWork:
 * @cli: the command
 * @what: what is at work
 *
 * Long work whose progress is shown.
 */
typedef struct {
  const AirCli *cli;
  const char *what;
} AirCliWork;

void     air_cli_progress       (const AirCli       *self,
                                 const char         *what,
                                 guint64             done,
                                 guint64             all);
void     air_cli_work_progress  (guint64             done,
                                 guint64             all,
                                 gpointer            work);

GBytes  *air_cli_read           (const char         *path,
                                 GError            **error);
gboolean air_cli_write          (const char         *path,
                                 const char         *text,
                                 GError            **error);
AirValue *air_cli_read_json     (const char         *path,
                                 GError            **error);
gboolean air_cli_write_new      (const char         *path,
                                 const void         *data,
                                 gsize               length,
                                 guint               mode,
                                 GError            **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AirCli, air_cli_clear)

int air_cmd_check       (int argc, char **argv);
int air_cmd_new         (int argc, char **argv);
int air_cmd_lint        (int argc, char **argv);
int air_cmd_hints       (int argc, char **argv);
int air_cmd_labels      (int argc, char **argv);
int air_cmd_diff        (int argc, char **argv);
int air_cmd_manifest    (int argc, char **argv);
int air_cmd_compile     (int argc, char **argv);
int air_cmd_simulate    (int argc, char **argv);
int air_cmd_replay      (int argc, char **argv);
int air_cmd_backtest    (int argc, char **argv);
int air_cmd_test        (int argc, char **argv);
int air_cmd_sign        (int argc, char **argv);
int air_cmd_publish     (int argc, char **argv);
int air_cmd_verify      (int argc, char **argv);
int air_cmd_run         (int argc, char **argv);
/* Below "run"; a word that is none of them is a trigger's name. */
extern const AirCliCommand air_cmd_run_commands[];
int air_cmd_runs        (int argc, char **argv);
int air_cmd_gate        (int argc, char **argv);
int air_cmd_gate_decide (int argc, char **argv);
int air_cmd_export      (int argc, char **argv);
int air_cmd_ledger      (int argc, char **argv);
int air_cmd_ledger_fsck (int argc, char **argv);
int air_cmd_ledger_witness (int argc, char **argv);
int air_cmd_ledger_redact (int argc, char **argv);
int air_cmd_key         (int argc, char **argv);
int air_cmd_schema      (int argc, char **argv);
int air_cmd_pki         (int argc, char **argv);
int air_cmd_pki_trust   (int argc, char **argv);
int air_cmd_authorize   (int argc, char **argv);
int air_cmd_pack        (int argc, char **argv);
int air_cmd_pull        (int argc, char **argv);
int air_cmd_inspect     (int argc, char **argv);

G_END_DECLS
