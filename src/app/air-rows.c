/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-rows.h"

#include <glib/gi18n.h>

#include "app/air-format.h"

/**
 * air_row_new_property:
 * @title: the name
 * @value: can be selected, and is shown as it is: no markup
 *
 * Returns: (transfer floating): a name above its value
 */
GtkWidget *
air_row_new_property (const char *title, const char *value)
{
  GtkWidget *row = adw_action_row_new ();

  gtk_widget_add_css_class (row, "property");
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), value);
  adw_action_row_set_subtitle_selectable (ADW_ACTION_ROW (row), TRUE);
  return row;
}

static void
copy_cb (GtkButton *button, const char *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), text);
  gtk_button_set_icon_name (button, "object-select-symbolic");
  gtk_accessible_announce (GTK_ACCESSIBLE (button), _ ("Copied"), GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

/**
 * air_row_new_digest:
 * @title: the name
 * @value: what is shown
 * @full: (nullable): what the button copies; else @value
 *
 * Returns: (transfer floating): as air_row_new_property(), in digits one under the other, with a button that copies
 */
GtkWidget *
air_row_new_digest (const char *title, const char *value, const char *full)
{
  GtkWidget *row = air_row_new_property (title, value), *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  gtk_widget_add_css_class (row, "monospace");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _ ("Copy"));
  g_signal_connect_data (button, "clicked", G_CALLBACK (copy_cb), g_strdup (full != NULL ? full : value),
                         (GClosureNotify) (void (*) (void)) g_free, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

/**
 * air_row_new_raw:
 * @title: the name
 * @subtitle: what it is
 * @text: of any length
 *
 * Returns: (transfer floating): an expander, for raw bytes
 */
GtkWidget *
air_row_new_raw (const char *title, const char *subtitle, const char *text)
{
  GtkWidget *row = adw_expander_row_new (), *label = gtk_label_new (text), *inner = gtk_list_box_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "monospace");
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_set_margin_top (label, 12);
  gtk_widget_set_margin_bottom (label, 12);
  gtk_widget_set_margin_start (label, 12);
  gtk_widget_set_margin_end (label, 12);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (inner), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (inner), FALSE);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), inner);
  return row;
}

/**
 * air_row_new_check:
 * @good: whether it holds
 * @title: what was checked
 * @subtitle: (nullable): what came of it
 *
 * Returns: (transfer floating): a line with a mark
 */
/**
 * air_row_new_mark:
 * @icon: the mark
 * @css: (nullable): the class that is its colour
 * @title: plain text
 * @subtitle: (nullable): plain text
 *
 * Returns: (transfer floating): a line with any mark, which assistive technology does not see
 */
GtkWidget *
air_row_new_mark (const char *icon, const char *css, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new (), *image = gtk_image_new_from_icon_name (icon);

  if (css != NULL)
    gtk_widget_add_css_class (image, css);
  gtk_accessible_update_state (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  return row;
}

/**
 * air_group_new:
 * @title: (nullable): plain text
 * @description: (nullable): plain text
 *
 * Returns: (transfer floating): a group for rows
 */
GtkWidget *
air_row_new_check (gboolean good, const char *title, const char *subtitle)
{
  GtkWidget *row = air_row_new_mark (good ? "object-select-symbolic" : "dialog-warning-symbolic",
                                     good ? "success" : "error", title, subtitle);

  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  good ? _ ("Holds") : _ ("Does not hold"), -1);
  return row;
}

static GtkWidget *
new_value (const char *text, const char *css)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_add_css_class (label, css);
  return label;
}

/**
 * air_row_new_change:
 * @title: the field
 * @before: what it was, struck out
 * @after: what it is now
 *
 * Returns: (transfer floating): a row
 */
GtkWidget *
air_row_new_change (const char *title, const char *before, const char *after)
{
  GtkWidget *row = adw_preferences_row_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3),
            *name = gtk_label_new (title), *values = adw_wrap_box_new (), *old = new_value (before, "old-value"),
            *new = new_value (after, "heading"), *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");
  /* Translators: what a field was and what it is now, for a screen reader */
  g_autofree char *words = g_strdup_printf (_ ("%s: was %s, becomes %s"), title, before, after);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_wrap (GTK_LABEL (name), TRUE);
  gtk_widget_add_css_class (name, "caption");
  gtk_widget_add_css_class (name, "dimmed");
  gtk_widget_add_css_class (old, "dimmed");
  gtk_accessible_update_state (GTK_ACCESSIBLE (arrow), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  adw_wrap_box_set_child_spacing (ADW_WRAP_BOX (values), 8);
  adw_wrap_box_append (ADW_WRAP_BOX (values), old);
  adw_wrap_box_append (ADW_WRAP_BOX (values), arrow);
  adw_wrap_box_append (ADW_WRAP_BOX (values), new);
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), values);
  gtk_widget_set_margin_top (box, 10);
  gtk_widget_set_margin_bottom (box, 10);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  return row;
}

GtkWidget *
air_group_new (const char *title, const char *description)
{
  GtkWidget *group = adw_preferences_group_new ();
  g_autofree char *escaped = title != NULL ? g_markup_escape_text (title, -1) : NULL;
  g_autofree char *escaped_description = description != NULL ? g_markup_escape_text (description, -1) : NULL;

  if (escaped != NULL)
    adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), escaped);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), escaped_description);
  return group;
}

/**
 * air_box_clear:
 * @box: a box that loses its children
 */
void
air_box_clear (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

static void
add (GtkWidget *group, GtkWidget *row)
{
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
}

/* A key that was named by the one it is to check proves less: that is no green mark. */
static void
add_key_row (GtkWidget *group, const AirLedgerHead *head)
{
  if (head->pinned)
    add (group, air_row_new_check (TRUE, _ ("The key is the one your profile names"), NULL));
  else
    add (group, air_row_new_mark ("dialog-warning-symbolic", "warning", _ ("The key is not pinned"),
                                  _ ("Your profile names none, so this is the one the runtime named. Compare it with "
                                     "one you got another way.")));
}

/**
 * air_head_group_new:
 * @head: verified
 * @verified_us: when it was, here, in microseconds since the Unix epoch
 *
 * Returns: (transfer floating): the ledger's head, in words
 */
GtkWidget *
air_head_group_new (const AirLedgerHead *head, gint64 verified_us)
{
  g_autofree char *when = air_format_time (verified_us);
  /* Translators: %s is a date and time */
  g_autofree char *checked = g_strdup_printf (_ ("The one line that stands for every entry. Its signature was verified "
                                                 "on this computer, %s."),
                                              when);
  GtkWidget *group = air_group_new (_ ("The Ledger’s Head"), checked);
  g_autofree char *root = air_digest_to_hex (&head->root), *size = air_format_count (head->size);
  g_autofree char *signed_words = g_strdup_printf (_ ("Signed by %s"), head->origin);
  /* Translators: %s is a number of entries */
  g_autofree char *entries = g_strdup_printf (ngettext ("%s entry", "%s entries", (gulong) head->size), size);

  add (group, air_row_new_check (TRUE, signed_words, entries));
  add_key_row (group, head);
  add (group, air_row_new_digest (_ ("Root of the tree"), root, NULL));
  add (group, air_row_new_digest (_ ("Key"), head->key, NULL));
  add (group, air_row_new_raw (_ ("Signed note"), _ ("The exact text, for any other verifier"), head->text));
  return group;
}

static char *
steps_text (const AirReceipt *receipt)
{
  GString *text = g_string_new (NULL);
  g_autofree char *leaf = air_digest_to_hex (&receipt->leaf);

  /* Translators: the steps of a proof; %s are digests. "0x00" and "0x01" stand as they are. */
  g_string_append_printf (text, _ ("SHA-256 (0x00, entry) =\n%s\n"), leaf);
  for (guint i = 0; i < receipt->steps->len; i++)
    {
      const AirProofStep *step = &g_array_index (receipt->steps, AirProofStep, i);
      g_autofree char *sibling = air_digest_to_hex (&step->sibling), *result = air_digest_to_hex (&step->result);

      g_string_append_c (text, '\n');
      if (step->sibling_is_left)
        g_string_append_printf (text, _ ("%u. joined on the left with\n%s\nis\n%s\n"), i + 1, sibling, result);
      else
        g_string_append_printf (text, _ ("%u. joined on the right with\n%s\nis\n%s\n"), i + 1, sibling, result);
    }
  g_string_append_printf (text, "\n%s", _ ("The last one is the root that was signed."));
  return g_string_free (text, FALSE);
}

/**
 * air_receipt_group_new:
 * @receipt: verified, with its entry
 * @title: of the group
 *
 * Returns: (transfer floating): an entry's way to the head, in words
 */
GtkWidget *
air_receipt_group_new (const AirReceipt *receipt, const char *title)
{
  GtkWidget *group = air_group_new (title, NULL);
  g_autofree char *leaf = air_digest_to_hex (&receipt->leaf), *steps = steps_text (receipt);
  g_autofree char *index = air_format_count (receipt->index), *size = air_format_count (receipt->head->size);
  /* Translators: the number of an entry, how many there are, and the name of the ledger */
  g_autofree char *place = g_strdup_printf (_ ("It is entry %s of %s in %s."), index, size, receipt->head->origin);
  g_autofree char *walked = g_strdup_printf (
      ngettext ("%u step leads from its bytes to the signed root; computed on this computer.",
                "%u steps lead from its bytes to the signed root; all computed on this computer.", receipt->steps->len),
      receipt->steps->len);
  g_autofree char *entry = NULL;
  gsize length;
  const char *bytes = g_bytes_get_data (receipt->entry, &length);

  entry = g_strndup (bytes, length);
  add (group, air_row_new_check (TRUE, _ ("The entry is in the ledger"), place));
  add (group, air_row_new_check (TRUE, _ ("The proof holds"), walked));
  add (group, air_row_new_check (TRUE, _ ("The head is signed"), NULL));
  add_key_row (group, receipt->head);
  add (group, air_row_new_digest (_ ("Hash of the entry"), leaf, NULL));
  add (group, air_row_new_raw (_ ("The entry itself"), _ ("Exact bytes"), entry));
  add (group, air_row_new_raw (_ ("The proof, step by step"), NULL, steps));
  add (group, air_row_new_raw (_ ("Proof file"), _ ("For any other verifier (tlog-proof)"), receipt->text));
  return group;
}

/**
 * air_alarm_group_new:
 * @title: what should not be
 * @words: in whole sentences
 *
 * Returns: (transfer floating): a group that is loud
 */
GtkWidget *
air_alarm_group_new (const char *title, const char *words)
{
  GtkWidget *group = air_group_new (NULL, NULL), *row = air_row_new_check (FALSE, title, words);

  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_add_css_class (row, "alarm");
  add (group, row);
  gtk_accessible_update_property (GTK_ACCESSIBLE (group), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  return group;
}
