/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose keys count while the trust roots change faster than the disk writes. */
#include "config.h"

#include <string.h>

#include "ledger/air-entry.h"
#include "runtime/air-enrolments.h"

#define ANA "airails://test/people/ana"
#define BO  "airails://test/people/bo"

static AirPrivateKey *keys[2];

static void
person_free (gpointer data)
{
  AirPerson *self = data;

  g_free (self->uri);
  g_strfreev (self->roles);
  air_public_key_unref (self->key);
  g_free (self);
}

static AirTrust *
trust_new (void)
{
  AirTrust *trust = g_new0 (AirTrust, 1);

  trust->people = g_ptr_array_new_with_free_func (person_free);
  return trust;
}

static void
trust_clear (AirTrust *trust)
{
  g_ptr_array_unref (trust->people);
  g_free (trust);
}

static void
add_person (AirTrust *trust, const char *uri, guint key, const char *roles)
{
  AirPerson *person = g_new0 (AirPerson, 1);

  person->uri = g_strdup (uri);
  person->roles = g_strsplit (roles, " ", -1);
  person->key = air_public_key_ref (air_private_key_get_public (keys[key]));
  g_ptr_array_add (trust->people, person);
}

static AirTrust *
trust_of (const char *uri, guint key, const char *roles)
{
  AirTrust *trust = trust_new ();

  add_person (trust, uri, key, roles);
  return trust;
}

static const char *
id_of (guint key)
{
  return air_public_key_get_id (air_private_key_get_public (keys[key]));
}

/* What is to be entered: "+0" for a key enrolled, "-1" for one revoked. The entries are put on @flight. */
static char *
change (AirEnrolments *self, AirTrust *take_trust, gboolean all, GPtrArray *flight)
{
  g_autoptr (GPtrArray) changes = air_enrolments_change (self, take_trust, all);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      const AirEnrolmentChange *item = changes->pdata[i];
      AirEnrolmentChange *copy = g_memdup2 (item, sizeof *item);

      g_string_append_printf (text, "%s%d", g_str_equal (item->type, AIR_ENTRY_KEY_ENROLLED) ? "+" : "-",
                              g_strcmp0 (air_map_get_string (item->members, "key"), id_of (0)) == 0 ? 0 : 1);
      air_value_ref (copy->members);
      g_ptr_array_add (flight, copy);
    }
  trust_clear (take_trust);
  return g_string_free (text, FALSE);
}

static void
flight_free (gpointer data)
{
  AirEnrolmentChange *self = data;

  air_value_unref (self->members);
  g_free (self);
}

/* The oldest is durable. */
static void
land (AirEnrolments *self, GPtrArray *flight, gint64 time_us)
{
  AirEnrolmentChange *item = g_ptr_array_steal_index (flight, 0);

  air_enrolments_fold (self, item->type, item->members, time_us);
  flight_free (item);
}

#define assert_change(self, trust, wanted)                                                                             \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *made = change (self, trust, FALSE, flight);                                                       \
    g_assert_cmpstr (made, ==, wanted);                                                                                \
  }                                                                                                                    \
  G_STMT_END

typedef struct _AirEnrolments Enrolments;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Enrolments, air_enrolments_free)

static void
test_plain (void)
{
  g_autoptr (Enrolments) self = air_enrolments_new ();
  g_autoptr (GPtrArray) flight = g_ptr_array_new_with_free_func (flight_free);
  g_autofree char *all = NULL;

  assert_change (self, trust_of (ANA, 0, "approver"), "+0");
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 0); /* not before it is durable */
  land (self, flight, 1000);
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 1000);
  assert_change (self, trust_of (ANA, 0, "approver"), "");
  /* A new epoch says all of it again; it is enrolled since it was. */
  all = change (self, trust_of (ANA, 0, "approver"), TRUE, flight);
  g_assert_cmpstr (all, ==, "+0");
  land (self, flight, 2000);
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 1000);
  assert_change (self, trust_of (ANA, 1, "approver"), "-0+1");
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 0); /* at once */
  land (self, flight, 3000);
  land (self, flight, 3000);
  g_assert_cmpint (air_enrolments_get (self, id_of (1)), ==, 3000);
}

/* Taken away and given back before either is durable; given other roles twice. */
static void
test_in_flight (void)
{
  g_autoptr (Enrolments) self = air_enrolments_new ();
  g_autoptr (GPtrArray) flight = g_ptr_array_new_with_free_func (flight_free);

  assert_change (self, trust_of (ANA, 0, "approver"), "+0");
  land (self, flight, 1000);
  assert_change (self, trust_new (), "-0");
  assert_change (self, trust_of (ANA, 0, "approver"), "+0");
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 0);
  land (self, flight, 2000); /* revoked */
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 0);
  land (self, flight, 3000);
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 3000);

  assert_change (self, trust_of (ANA, 0, "approver head"), "+0");
  assert_change (self, trust_of (ANA, 0, "head"), "+0");
  assert_change (self, trust_of (ANA, 0, "head"), "");
  land (self, flight, 4000);
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 0); /* the ledger gives a role too many still */
  land (self, flight, 5000);
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 3000);
  /* Both at once. */
  assert_change (self, trust_new (), "-0");
  assert_change (self, trust_of (ANA, 0, "approver head"), "+0");
  assert_change (self, trust_of (ANA, 0, "head"), "+0");
  land (self, flight, 6000);
  land (self, flight, 7000);
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 0);
  land (self, flight, 8000);
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 7000);
  /* To somebody else. */
  assert_change (self, trust_of (BO, 0, "head"), "+0");
  g_assert_cmpint (air_enrolments_get (self, id_of (0)), ==, 0);
}

/* One key under two names: of two entries a verifier would believe the last, the runtime the first. */
static void
test_two_names (void)
{
  g_autoptr (Enrolments) self = air_enrolments_new ();
  g_autoptr (GPtrArray) flight = g_ptr_array_new_with_free_func (flight_free);
  AirTrust *trust = trust_of (ANA, 0, "approver");

  add_person (trust, BO, 0, "approver");
  assert_change (self, trust, "+0");
  g_assert_cmpstr (air_map_get_string (((AirEnrolmentChange *) flight->pdata[0])->members, "uri"), ==, ANA);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    keys[i] = air_private_key_generate (AIR_KEY_ED25519, NULL);
  g_test_add_func ("/runtime/enrolments/plain", test_plain);
  g_test_add_func ("/runtime/enrolments/in-flight", test_in_flight);
  g_test_add_func ("/runtime/enrolments/two-names", test_two_names);
  return g_test_run ();
}
