/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-pin-dialog.h"

#include <glib/gi18n.h>

#include "keystore/air-keystore.h"

/* The keystore asks from the thread that signs; that thread waits here for the answer of the main one. */
typedef struct {
  GtkApplication *application;
  char *token;
  guint asked_before;
  GMutex mutex;
  GCond cond;
  gboolean answered;
  char *pin; /* nullable */
} Question;

struct _AirPinDialog {
  AdwDialog parent_instance;
  GtkLabel *words_label;
  GtkEditable *pin_row;
  Question *question; /* NULL once it is answered */
};

G_DEFINE_FINAL_TYPE (AirPinDialog, air_pin_dialog, ADW_TYPE_DIALOG)

static GPrivate times_asked;

static void
question_clear (gpointer data)
{
  Question *question = data;

  g_free (question->token);
  g_mutex_clear (&question->mutex);
  g_cond_clear (&question->cond);
}

static void
question_unref (Question *question)
{
  g_atomic_rc_box_release_full (question, question_clear);
}

static void
answer (Question *question, char *take_pin)
{
  g_mutex_lock (&question->mutex);
  question->pin = take_pin;
  question->answered = TRUE;
  g_cond_signal (&question->cond);
  g_mutex_unlock (&question->mutex);
}

static void
answer_once (AirPinDialog *self, char *take_pin)
{
  Question *question = g_steal_pointer (&self->question);

  if (question != NULL)
    {
      answer (question, take_pin);
      question_unref (question);
    }
  gtk_editable_set_text (self->pin_row, "");
}

/* --- the dialog --------------------------------------------------------- */

static void
changed_cb (AirPinDialog *self)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "pin.unlock", *gtk_editable_get_text (self->pin_row) != '\0');
}

static void
unlock_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirPinDialog *self = AIR_PIN_DIALOG (widget);

  answer_once (self, g_strdup (gtk_editable_get_text (self->pin_row)));
  adw_dialog_close (ADW_DIALOG (self));
}

static void
cancel_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_dialog_close (ADW_DIALOG (widget));
}

static void
activated_cb (AirPinDialog *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "pin.unlock", NULL);
}

static void
air_pin_dialog_closed (AdwDialog *dialog)
{
  answer_once (AIR_PIN_DIALOG (dialog), NULL);
}

static void
air_pin_dialog_dispose (GObject *object)
{
  AirPinDialog *self = AIR_PIN_DIALOG (object);

  if (self->question != NULL)
    answer_once (self, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_PIN_DIALOG);
  G_OBJECT_CLASS (air_pin_dialog_parent_class)->dispose (object);
}

static void
air_pin_dialog_class_init (AirPinDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_pin_dialog_dispose;
  ADW_DIALOG_CLASS (klass)->closed = air_pin_dialog_closed;
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/pin-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AirPinDialog, words_label);
  gtk_widget_class_bind_template_child (widget_class, AirPinDialog, pin_row);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_install_action (widget_class, "pin.unlock", NULL, unlock_action);
  gtk_widget_class_install_action (widget_class, "pin.cancel", NULL, cancel_action);
}

static void
air_pin_dialog_init (AirPinDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "pin.unlock", FALSE);
}

/**
 * air_pin_dialog_new:
 * @token: the token's name
 * @asked_before: how often it was asked for in vain
 *
 * Returns: (transfer floating): the dialog; its answer goes to whoever asked
 */
AdwDialog *
air_pin_dialog_new (const char *token, guint asked_before)
{
  AirPinDialog *self = g_object_new (AIR_TYPE_PIN_DIALOG, NULL);
  g_autofree char *words = NULL;

  if (asked_before > 0)
    /* Translators: %s is the name of a token, a card or a stick that holds a key */
    words = g_strdup_printf (_ ("That PIN was not right. The token “%s” locks itself after a few wrong ones."), token);
  else
    /* Translators: %s is the name of a token, a card or a stick that holds a key */
    words = g_strdup_printf (_ ("The token “%s” asks for its PIN, to sign your decision."), token);
  gtk_label_set_text (self->words_label, words);
  if (asked_before > 0)
    gtk_widget_add_css_class (GTK_WIDGET (self->words_label), "error");
  return ADW_DIALOG (self);
}

/* --- asking ------------------------------------------------------------- */

static gboolean
present_cb (gpointer user_data)
{
  Question *question = user_data;
  GtkWindow *window = gtk_application_get_active_window (question->application);
  GList *windows = gtk_application_get_windows (question->application);
  AdwDialog *dialog;

  if (window == NULL && windows != NULL)
    window = windows->data;
  if (window == NULL)
    {
      answer (question, NULL);
      return G_SOURCE_REMOVE;
    }
  dialog = air_pin_dialog_new (question->token, question->asked_before);
  AIR_PIN_DIALOG (dialog)->question = g_atomic_rc_box_acquire (question);
  adw_dialog_present (dialog, GTK_WIDGET (window));
  return G_SOURCE_REMOVE;
}

static char *
ask (const char *token, gpointer user_data)
{
  Question *question;
  guint asked = GPOINTER_TO_UINT (g_private_get (&times_asked));
  char *pin;

  /* The main thread would wait for itself. */
  g_return_val_if_fail (!g_main_context_is_owner (NULL), NULL);
  g_private_set (&times_asked, GUINT_TO_POINTER (asked + 1));
  question = g_atomic_rc_box_new0 (Question);
  question->application = user_data;
  question->token = g_strdup (token != NULL ? token : "");
  question->asked_before = asked;
  g_mutex_init (&question->mutex);
  g_cond_init (&question->cond);
  g_main_context_invoke (NULL, present_cb, question);
  g_mutex_lock (&question->mutex);
  while (!question->answered)
    g_cond_wait (&question->cond, &question->mutex);
  pin = g_steal_pointer (&question->pin);
  g_mutex_unlock (&question->mutex);
  question_unref (question);
  return pin;
}

/**
 * air_pin_dialog_use:
 * @application: in whose active window it is asked
 *
 * From here on whoever opens a key in a token, in whatever thread, has its PIN asked for. Nothing is stored.
 */
void
air_pin_dialog_use (GtkApplication *application)
{
  air_keystore_set_pin_func (ask, application);
}

/**
 * air_pin_dialog_begin:
 *
 * A key is about to be opened in this thread: the first question has had no wrong answer yet.
 */
void
air_pin_dialog_begin (void)
{
  g_private_set (&times_asked, NULL);
}
