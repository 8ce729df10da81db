/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-item.h"

#include "base/air-clock.h"

typedef union {
  char *text;
  gint64 number;
} Cell;

typedef struct {
  Cell *cells; /* by field */
} AirItemPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (AirItem, air_item, G_TYPE_OBJECT)

static Cell *
cell_of (AirItem *self, guint field)
{
  AirItemPrivate *priv = air_item_get_instance_private (self);

  return &priv->cells[field];
}

static void
air_item_constructed (GObject *object)
{
  AirItemPrivate *priv = air_item_get_instance_private (AIR_ITEM (object));

  priv->cells = g_new0 (Cell, AIR_ITEM_GET_CLASS (object)->n_fields);
  G_OBJECT_CLASS (air_item_parent_class)->constructed (object);
}

static void
air_item_finalize (GObject *object)
{
  AirItemPrivate *priv = air_item_get_instance_private (AIR_ITEM (object));
  AirItemClass *klass = AIR_ITEM_GET_CLASS (object);

  for (guint i = 0; i < klass->n_fields; i++)
    if (klass->fields[i].kind == AIR_ITEM_TEXT)
      g_free (priv->cells[i].text);
  g_free (priv->cells);
  G_OBJECT_CLASS (air_item_parent_class)->finalize (object);
}

static void
air_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AirItemClass *klass = AIR_ITEM_GET_CLASS (object);

  if (id == 0 || id > klass->n_fields)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (klass->fields[id - 1].kind == AIR_ITEM_TEXT)
    g_value_set_string (value, cell_of (AIR_ITEM (object), id - 1)->text);
  else
    g_value_set_int64 (value, cell_of (AIR_ITEM (object), id - 1)->number);
}

static void
air_item_class_init (AirItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = air_item_constructed;
  object_class->finalize = air_item_finalize;
}

static void
air_item_init (AirItem *self)
{
}

/**
 * air_item_class_set_fields:
 * @klass: the class, in its class_init
 * @fields: what there is to tell; must live as long as the program
 * @n_fields: how many
 *
 * Makes a property that can be read of each field.
 */
void
air_item_class_set_fields (AirItemClass *klass, const AirItemField *fields, guint n_fields)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  /* The one thing that a class does not inherit. */
  G_OBJECT_CLASS (klass)->get_property = air_item_get_property;
  klass->fields = fields;
  klass->n_fields = n_fields;
  klass->properties = g_new0 (GParamSpec *, n_fields + 1); /* the class lives as long as the program */
  for (guint i = 0; i < n_fields; i++)
    klass->properties[i + 1] =
        fields[i].kind == AIR_ITEM_TEXT
            ? g_param_spec_string (fields[i].property, NULL, NULL, NULL, flags)
            : g_param_spec_int64 (fields[i].property, NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), n_fields + 1, klass->properties);
}

static void
changed (AirItem *self, guint field)
{
  g_object_notify_by_pspec (G_OBJECT (self), AIR_ITEM_GET_CLASS (self)->properties[field + 1]);
}

static void
set_number (AirItem *self, guint field, gint64 number)
{
  if (cell_of (self, field)->number == number)
    return;
  cell_of (self, field)->number = number;
  changed (self, field);
}

/**
 * air_item_set_text:
 * @self: an item
 * @field: the number of a field of text
 * @text: (nullable): what it says from here on
 *
 * Notifies when that is something else.
 */
void
air_item_set_text (AirItem *self, guint field, const char *text)
{
  if (g_set_str (&cell_of (self, field)->text, text))
    changed (self, field);
}

/**
 * air_item_take:
 * @self: an item
 * @document: what the API says of it
 *
 * Takes over whatever @document says; what it does not say stays. Notifies of what changed.
 */
void
air_item_take (AirItem *self, AirValue *document)
{
  AirItemClass *klass = AIR_ITEM_GET_CLASS (self);

  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 0; i < klass->n_fields; i++)
    {
      const AirItemField *field = &klass->fields[i];
      const char *text = field->key != NULL ? air_map_get_string (document, field->key) : NULL;
      gint64 us;

      if (field->key == NULL)
        continue;
      if (field->kind == AIR_ITEM_NUMBER)
        set_number (self, i, air_map_get_int (document, field->key, cell_of (self, i)->number));
      else if (text != NULL && field->kind == AIR_ITEM_TEXT)
        air_item_set_text (self, i, text);
      else if (text != NULL && air_time_parse (text, &us) && us > 0)
        set_number (self, i, us);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * air_item_get_text:
 * @self: an item
 * @field: the number of a field of text
 *
 * Returns: (nullable) (transfer none): what it says
 */
const char *
air_item_get_text (AirItem *self, guint field)
{
  return cell_of (self, field)->text;
}

/**
 * air_item_get_number:
 * @self: an item
 * @field: the number of a field of numbers or times
 *
 * Returns: what it says; 0 when nobody said anything
 */
gint64
air_item_get_number (AirItem *self, guint field)
{
  return cell_of (self, field)->number;
}
