/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking what happened, over all pages of a vendor's list. */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include "air-encode.h"
#include "air-operation-private.h"
#include "base/air-json.h"

#define DEFAULT_PAGES 10
#define MAX_CURSOR    4096

gboolean
air_operation_load_pages (AirOperation *self, const AirValue *document, AirCelProgram *next, GError **error)
{
  const char *parameter = air_map_get_string (document, "parameter");

  self->next = next;
  self->page_parameter = g_strdup (parameter);
  self->max_pages = CLAMP (air_map_get_int (document, "limit", DEFAULT_PAGES), 1, 1000);
  if (parameter != NULL && self->reconcile != NULL)
    return TRUE;
  g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT, "operation '%s': paginate %s", self->id,
               parameter == NULL ? "does not say which query parameter takes the next page's mark; add \"parameter\""
                                 : "is for reconcile, which this operation has not; take it out");
  return FALSE;
}

/**
 * air_operation_get_next_page:
 * @self: an operation whose reconcile has pages
 * @input: as for air_operation_build_request()
 * @run: as for air_operation_build_request()
 * @response: the answer to the page before
 *
 * Returns: (transfer full) (nullable): what the paginate parameter must be for the page after @response; %NULL when it is the
 *   last, or the only one
 */
char *
air_operation_get_next_page (const AirOperation *self, AirValue *input, AirValue *run, const AirHttpResponse *response)
{
  gsize length;
  const char *data = g_bytes_get_data (response->body, &length);
  g_autoptr (AirValue) body = self->next != NULL && length > 0 ? air_json_parse (data, length, NULL) : NULL;
  g_autoptr (AirValue) bindings = NULL, next = NULL;
  g_autofree char *text = NULL;

  if (body == NULL || response->status < 200 || response->status > 299)
    return NULL;
  bindings = air_operation_bindings (self, input, run);
  air_map_set (bindings, "status", air_value_new_int (response->status));
  air_map_set (bindings, "body", air_value_ref (body));
  next = air_cel_eval (self->next, bindings, 0, NULL);
  text = next != NULL ? air_encode_text (next) : NULL;
  return text != NULL && *text != '\0' && strlen (text) <= MAX_CURSOR ? g_steal_pointer (&text) : NULL;
}

/**
 * air_operation_get_max_pages:
 * @self: an operation
 *
 * Returns: how many pages of a reconcile are asked at most, 1 where there are no pages
 */
guint
air_operation_get_max_pages (const AirOperation *self)
{
  return self->next != NULL ? self->max_pages : 1;
}

/**
 * air_operation_join_pages:
 * @take_before: (nullable) (transfer full): what the pages before say together
 * @take_page: (transfer full): what this page says
 *
 * Found on one page is found; on two, it happened twice.
 *
 * Returns: (transfer full): what all of them say
 */
AirOutcome *
air_operation_join_pages (AirOutcome *take_before, AirOutcome *take_page)
{
  if (take_before == NULL)
    return take_page;
  if (take_before->outcome_class == AIR_OUTCOME_OK && take_page->outcome_class == AIR_OUTCOME_OK)
    {
      AirOutcome *twice = air_outcome_new (AIR_OUTCOME_FATAL, take_page->status, "it happened on more than one page");

      twice->alarm = g_strdup ("double-effect");
      twice->evidence = take_page->evidence != NULL ? air_value_ref (take_page->evidence) : NULL;
      air_outcome_free (take_before);
      air_outcome_free (take_page);
      return twice;
    }
  if (take_before->outcome_class == AIR_OUTCOME_OK && take_page->outcome_class == AIR_OUTCOME_NOT_FOUND)
    {
      air_outcome_free (take_page);
      return take_before;
    }
  air_outcome_free (take_before);
  return take_page;
}
