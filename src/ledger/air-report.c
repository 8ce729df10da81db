/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-verifier-private.h"

static void
finding_free (gpointer data)
{
  AirFinding *self = data;

  g_free (self->file);
  g_free (self->field);
  g_free (self->words);
  g_free (self);
}

AirReport *
air_report_new (void)
{
  AirReport *self = g_new0 (AirReport, 1);

  for (guint i = 0; i < AIR_N_CHECKS; i++)
    self->verdicts[i] = AIR_VERDICT_NOT_PRESENT;
  self->findings = g_ptr_array_new_with_free_func (finding_free);
  return self;
}

void
air_report_free (AirReport *self)
{
  if (self == NULL)
    return;
  g_free (self->instance);
  g_free (self->trust);
  g_ptr_array_unref (self->findings);
  g_free (self);
}

/* A fault decides the verdict; nothing undoes it. */
void
air_report_add (AirReport *self,
                AirCheck check,
                AirFindingKind kind,
                const char *file,
                const char *field,
                const char *format,
                ...)
{
  AirFinding *finding = g_new0 (AirFinding, 1);
  va_list args;

  finding->check = check;
  finding->kind = kind;
  finding->file = g_strdup (file);
  finding->field = g_strdup (field);
  va_start (args, format);
  finding->words = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (self->findings, finding);
  if (kind == AIR_FINDING_FAULT)
    self->verdicts[check] = AIR_VERDICT_FAILED;
}

/**
 * air_report_passed:
 * @self: a report
 *
 * Whether integrity, evidence and the deterministic checks all passed. Attestation
 * is a matter of its own: where there is none, nothing is said about the machine.
 *
 * Returns: whether they did
 */
gboolean
air_report_passed (const AirReport *self)
{
  for (guint i = 0; i < AIR_CHECK_ATTESTATION; i++)
    if (self->verdicts[i] != AIR_VERDICT_PASSED)
      return FALSE;
  return self->verdicts[AIR_CHECK_ATTESTATION] != AIR_VERDICT_FAILED;
}

/**
 * air_check_to_string:
 * @check: a check
 *
 * Returns: (transfer none): "integrity", "evidence", "deterministic" or "attestation"; static
 */
const char *
air_check_to_string (AirCheck check)
{
  static const char *const names[AIR_N_CHECKS] = { "integrity", "evidence", "deterministic", "attestation" };

  return names[check];
}

/**
 * air_verdict_to_string:
 * @verdict: a verdict
 *
 * Returns: (transfer none): "passed", "failed", "not present" or "not judged"; static
 */
const char *
air_verdict_to_string (AirVerdict verdict)
{
  static const char *const names[] = { "passed", "failed", "not present", "not judged" };

  return names[verdict];
}

static const char *
kind_to_string (AirFindingKind kind)
{
  static const char *const names[] = { "ok", "note", "fault" };

  return names[kind];
}

/**
 * air_report_to_text:
 * @self: a report
 *
 * The four verdicts, what they rest on, and each finding with its place.
 *
 * Returns: (transfer full): lines
 */
char *
air_report_to_text (const AirReport *self)
{
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "run %s: %s\n", self->instance != NULL ? self->instance : "(unknown)",
                          air_report_passed (self) ? "verified" : "REFUSED");
  g_string_append_printf (out, "trust: %s\n", self->trust != NULL ? self->trust : "none was used");
  for (guint check = 0; check < AIR_N_CHECKS; check++)
    {
      g_string_append_printf (out, "%s: %s\n", air_check_to_string (check),
                              air_verdict_to_string (self->verdicts[check]));
      for (guint i = 0; i < self->findings->len; i++)
        {
          const AirFinding *finding = g_ptr_array_index (self->findings, i);

          if (finding->check != check)
            continue;
          g_string_append_printf (out, "  %-5s %s%s%s: %s\n", kind_to_string (finding->kind), finding->file,
                                  finding->field != NULL ? ", " : "", finding->field != NULL ? finding->field : "",
                                  finding->words);
        }
    }
  return g_string_free (out, FALSE);
}

/**
 * air_report_to_value:
 * @self: a report
 *
 * Returns: (transfer full): {"passed","instance","trust","pinned","verdicts":{…},"findings":[…]}
 */
AirValue *
air_report_to_value (const AirReport *self)
{
  AirValue *root = air_map_new (), *verdicts = air_map_new (), *findings = air_list_new ();

  for (guint check = 0; check < AIR_N_CHECKS; check++)
    air_map_set_string (verdicts, air_check_to_string (check), air_verdict_to_string (self->verdicts[check]));
  for (guint i = 0; i < self->findings->len; i++)
    {
      const AirFinding *finding = g_ptr_array_index (self->findings, i);
      AirValue *item = air_map_new ();

      air_map_set_string (item, "check", air_check_to_string (finding->check));
      air_map_set_string (item, "kind", kind_to_string (finding->kind));
      air_map_set_string (item, "file", finding->file);
      if (finding->field != NULL)
        air_map_set_string (item, "field", finding->field);
      air_map_set_string (item, "words", finding->words);
      air_list_append (findings, item);
    }

  air_map_set_bool (root, "passed", air_report_passed (self));
  if (self->instance != NULL)
    air_map_set_string (root, "instance", self->instance);
  if (self->trust != NULL)
    air_map_set_string (root, "trust", self->trust);
  air_map_set_bool (root, "pinned", self->pinned);
  air_map_set (root, "verdicts", verdicts);
  air_map_set (root, "findings", findings);
  return root;
}
