/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OAuth 2.0 against an authorization server and the vendor it guards, over the real transport: what is asked, how often,
 * and what becomes of an action when no token is to be had. No secret is ever said. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "base/air-key.h"
#include "components/air-auth.h"
#include "components/air-transport.h"
#include "token-server.h"

static GString *said; /* everything that is logged */

typedef struct {
  TokenServer tokens;
  VendorServer *server;
  char *base;
  AirEgress *egress;
  AirTransport *transport;
  AirConnector *connector;
  AirOperation *operation;
  GPtrArray *kept; /* refresh tokens we were told of */
  GString *outcomes;
} Fixture;

static void
log_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  g_string_append_printf (said, "%s: %s\n", domain, message);
  g_assert_cmpint (level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_ERROR), ==, 0);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  token_server_init (&self->tokens);
  self->server = vendor_server_new (token_server_handle, &self->tokens);
  g_assert_true (vendor_server_listen (self->server, &error));
  self->base = g_strconcat ("http://", vendor_server_get_address (self->server), NULL);
  self->egress = air_egress_new ((const char *[]) { vendor_server_get_address (self->server), NULL }, &error);
  self->transport = air_http_transport_new (self->egress, 8);
  self->kept = g_ptr_array_new_with_free_func (g_free);
  self->outcomes = g_string_new (NULL);
  g_assert_no_error (error);
}

static void
kept_cb (const char *secret, const char *value, gpointer user_data)
{
  g_assert_cmpstr (secret, ==, "refresh");
  g_ptr_array_add (user_data, g_strdup (value));
}

static void
unbind (Fixture *self)
{
  g_clear_pointer (&self->operation, air_operation_free);
  g_clear_pointer (&self->connector, air_connector_free);
}

/* A connector whose auth goes on as @auth, in a process that has just begun. */
static void
bind (Fixture *self, const char *auth, AirValue *secrets)
{
  static const char text[] =
      "{\"id\":\"v.do\",\"version\":\"1.0.0\",\"connector\":\"v\",\"input\":{\"type\":\"object\"},"
      "\"output\":{\"type\":\"object\"},\"policy\":{\"effect\":\"write\"},\"idempotency\":{\"kind\":\"none\"},"
      "\"request\":{\"method\":\"POST\",\"path\":\"/things\"},\"evidence\":{\"bind\":[\"request.digest\"]},"
      "\"response\":{\"ok\":\"status == 201\",\"output\":{\"id\":\"${body.id}\"},"
      "\"errors\":[{\"when\":\"status == 401\",\"class\":\"auth\"},{\"when\":\"true\",\"class\":\"fatal\"}]}}";
  g_autofree char *connector_text = g_strdup_printf (
      "{\"id\":\"v\",\"base_url\":\"%s\",\"auth\":{\"kind\":\"oauth2\",\"token_url\":\"%s/token\",%s}}", self->base,
      self->base, auth);
  g_autoptr (AirValue) connector = air_json_parse (connector_text, strlen (connector_text), NULL);
  g_autoptr (AirValue) operation = air_json_parse (text, strlen (text), NULL);
  g_autoptr (GError) error = NULL;

  unbind (self);
  self->connector = air_connector_new (connector, NULL, secrets, &error);
  g_assert_no_error (error);
  air_connector_set_rotated_func (self->connector, kept_cb, self->kept, NULL);
  self->operation = air_operation_new (operation, self->connector, &error);
  g_assert_no_error (error);
}

static void
bind_client (Fixture *self, const char *secret)
{
  g_autoptr (AirValue) secrets = air_map_new ();

  air_map_set_string (secrets, "client", secret);
  bind (self, "\"grant\":\"client_credentials\",\"client_id\":\"airails\",\"client_secret\":\"${secret.client}\"",
        secrets);
}

static void
bind_refresh (Fixture *self, const char *token)
{
  g_autoptr (AirValue) secrets = air_map_new ();

  air_map_set_string (secrets, "client", "c0nfidential");
  air_map_set_string (secrets, "refresh", token);
  bind (self,
        "\"grant\":\"refresh_token\",\"client_id\":\"airails\",\"client_secret\":\"${secret.client}\","
        "\"client_auth\":\"body\",\"refresh_token\":\"${secret.refresh}\"",
        secrets);
}

typedef struct {
  Fixture *fixture;
  guint n_ended;
  guint classes[16];
} Crowd;

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Crowd *crowd = user_data;
  g_autoptr (AirOutcome) outcome = air_operation_run_finish (result);
  g_autofree char *evidence = outcome->evidence != NULL ? air_jcs_write (outcome->evidence, NULL, NULL) : NULL;
  g_autofree char *output = outcome->output != NULL ? air_jcs_write (outcome->output, NULL, NULL) : NULL;

  crowd->n_ended++;
  crowd->classes[outcome->outcome_class]++;
  /* What the ledger would hold of it. */
  g_string_append_printf (crowd->fixture->outcomes, "%s %s %s %s\n",
                          air_outcome_class_to_string (outcome->outcome_class),
                          outcome->message != NULL ? outcome->message : "", evidence, output);
}

/* @n actions at once; all of them end as @wanted. */
static void
act (Fixture *self, guint n, guint timeout_ms, AirOutcomeClass wanted)
{
  g_autoptr (AirValue) input = air_map_new (), run = air_map_new ();
  Crowd crowd = { self };

  air_map_set_string (run, "id", "r");
  for (guint i = 0; i < n; i++)
    air_operation_run_async (self->operation, self->transport, self->egress, AIR_PURPOSE_EXECUTE, input, run,
                             timeout_ms, NULL, ended_cb, &crowd);
  while (crowd.n_ended < n)
    g_main_context_iteration (NULL, TRUE);
  if (crowd.classes[wanted] != n)
    g_error ("%u of %u ended as %s: %s", crowd.classes[wanted], n, air_outcome_class_to_string (wanted),
             self->outcomes->str);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const secrets[] = { "c0nfidential", "access-", "refresh-", "code-", "BEGIN", "eyJ", "Bearer " };

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      if (strstr (said->str, secrets[i]) != NULL)
        g_error ("the log says %s: %s", secrets[i], said->str);
      if (strstr (self->outcomes->str, secrets[i]) != NULL)
        g_error ("the outcome says %s: %s", secrets[i], self->outcomes->str);
    }
  unbind (self);
  g_object_unref (self->transport);
  air_egress_free (self->egress);
  vendor_server_free (self->server);
  token_server_clear (&self->tokens);
  g_ptr_array_unref (self->kept);
  g_string_free (self->outcomes, TRUE);
  g_free (self->base);
}

/* One token serves all: those that come after, and those that wait for it. */
static void
test_client_credentials (Fixture *self, gconstpointer data)
{
  bind_client (self, "c0nfidential");
  self->tokens.delay_ms = 30;
  act (self, 50, 10000, AIR_OUTCOME_OK);
  act (self, 1, 10000, AIR_OUTCOME_OK);
  g_assert_cmpuint (self->tokens.n_asked, ==, 1);
  g_assert_cmpuint (self->tokens.n_things, ==, 51);
  g_assert_cmpuint (self->tokens.n_refused, ==, 0);
  g_assert_cmpuint (self->kept->len, ==, 0);
}

/* Before its end a token is not used any more; one without a word of its end is not kept for long, but kept. */
static void
test_expiry (Fixture *self, gconstpointer data)
{
  bind_client (self, "c0nfidential");
  self->tokens.lifetime_s = 20; /* less than the margin: good for those that asked */
  act (self, 1, 10000, AIR_OUTCOME_OK);
  act (self, 1, 10000, AIR_OUTCOME_OK);
  g_assert_cmpuint (self->tokens.n_asked, ==, 2);
  self->tokens.lifetime_s = 31; /* for a second */
  act (self, 1, 10000, AIR_OUTCOME_OK);
  act (self, 1, 10000, AIR_OUTCOME_OK);
  g_assert_cmpuint (self->tokens.n_asked, ==, 3);
  g_usleep (1100 * 1000);
  act (self, 1, 10000, AIR_OUTCOME_OK);
  g_assert_cmpuint (self->tokens.n_asked, ==, 4);
  g_usleep (1100 * 1000);
  self->tokens.lifetime_s = 0;
  act (self, 1, 10000, AIR_OUTCOME_OK);
  act (self, 1, 10000, AIR_OUTCOME_OK);
  g_assert_cmpuint (self->tokens.n_asked, ==, 5);
  g_assert_cmpuint (self->tokens.n_refused, ==, 0);
}

/* Withdrawn while many use it: each action is done, once, with a token that one of them fetched for all. */
static void
test_withdrawn (Fixture *self, gconstpointer data)
{
  bind_client (self, "c0nfidential");
  act (self, 1, 10000, AIR_OUTCOME_OK);
  token_server_withdraw (&self->tokens);
  self->tokens.delay_ms = 30;
  act (self, 40, 10000, AIR_OUTCOME_OK);
  g_assert_cmpuint (self->tokens.n_asked, ==, 2);
  g_assert_cmpuint (self->tokens.n_things, ==, 41);
}

/* A vendor that takes no token is asked twice, and not for ever. */
static void
test_no_token_will_do (Fixture *self, gconstpointer data)
{
  bind_client (self, "c0nfidential");
  self->tokens.deaf = TRUE;
  act (self, 1, 10000, AIR_OUTCOME_AUTH);
  g_assert_cmpuint (self->tokens.n_asked, ==, 1);
  g_assert_cmpuint (self->tokens.n_refused, ==, 1);
  self->tokens.deaf = FALSE;
  act (self, 1, 10000, AIR_OUTCOME_OK);
  self->tokens.deaf = TRUE;
  act (self, 1, 10000, AIR_OUTCOME_AUTH);
  g_assert_cmpuint (self->tokens.n_asked, ==, 3);
  g_assert_cmpuint (self->tokens.n_refused, ==, 3);
  /* tear_down() reads what was logged: it is. */
  g_assert_nonnull (strstr (said->str, "auth, status 401"));
}

/* Each use gives another, which is kept before it is needed; the one before is never shown again. */
static void
test_refresh_rotates (Fixture *self, gconstpointer data)
{
  self->tokens.refresh_token = g_strdup ("refresh-0-first");
  self->tokens.rotates = TRUE;
  self->tokens.lifetime_s = 20;
  bind_refresh (self, "refresh-0-first");
  for (guint i = 0; i < 3; i++)
    act (self, 10, 10000, AIR_OUTCOME_OK);
  g_assert_cmpuint (self->tokens.n_asked, ==, 3);
  g_assert_cmpuint (self->kept->len, ==, 3);
  g_assert_cmpstr (self->kept->pdata[2], ==, self->tokens.refresh_token);
  /* A process that begins anew, with what was kept. */
  bind_refresh (self, self->kept->pdata[2]);
  act (self, 1, 10000, AIR_OUTCOME_OK);
  /* And one that comes with the first: that ends the family, as it must. */
  bind_refresh (self, "refresh-0-first");
  act (self, 1, 10000, AIR_OUTCOME_AUTH);
  g_assert_null (self->tokens.refresh_token);
}

/* A server that does not rotate takes the same again and again. */
static void
test_refresh_stays (Fixture *self, gconstpointer data)
{
  self->tokens.refresh_token = g_strdup ("refresh-0-first");
  self->tokens.lifetime_s = 20;
  bind_refresh (self, "refresh-0-first");
  for (guint i = 0; i < 3; i++)
    act (self, 2, 10000, AIR_OUTCOME_OK);
  g_assert_cmpuint (self->tokens.n_asked, ==, 3);
  g_assert_cmpuint (self->kept->len, ==, 0);
}

static void
test_assertion (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 16; i++)
    {
      g_autoptr (AirPrivateKey) key =
          air_private_key_generate (i % 2 == 0 ? AIR_KEY_ECDSA_P256 : AIR_KEY_ED25519, NULL);
      g_autoptr (AirPrivateKey) other = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
      g_autofree char *pem = air_private_key_to_pem (key), *public_pem = NULL, *other_pem = NULL;
      g_autoptr (AirValue) secrets = air_map_new ();

      air_map_set_string (secrets, "key", pem);
      bind (self, "\"grant\":\"jwt_bearer\",\"issuer\":\"airails\",\"key\":\"${secret.key}\"", secrets);
      self->tokens.public_key = public_pem = air_public_key_to_pem (air_private_key_get_public (key));
      act (self, 3, 10000, AIR_OUTCOME_OK);
      g_assert_cmpuint (self->tokens.n_asked, ==, 2 * i + 1);
      /* Another's key. */
      bind (self, "\"grant\":\"jwt_bearer\",\"issuer\":\"airails\",\"key\":\"${secret.key}\"", secrets);
      self->tokens.public_key = other_pem = air_public_key_to_pem (air_private_key_get_public (other));
      act (self, 1, 10000, AIR_OUTCOME_AUTH);
    }
}

/* Without a token nothing of the action is sent: whether to try again depends on what the server says. */
static void
test_errors (Fixture *self, gconstpointer data)
{
  static const struct {
    guint status;
    const char *body;
    gboolean drops;
    AirOutcomeClass wanted;
  } cases[] = {
    { 400, "{\"error\":\"invalid_grant\",\"error_description\":\"c0nfidential\"}", FALSE, AIR_OUTCOME_AUTH },
    { 401, "c0nfidential", FALSE, AIR_OUTCOME_AUTH },
    { 302, "", FALSE, AIR_OUTCOME_AUTH },
    { 200, "{\"access_token\":7}", FALSE, AIR_OUTCOME_AUTH },
    { 200, "<html>access-</html>", FALSE, AIR_OUTCOME_AUTH },
    { 200, "{\"access_token\":\"access-\\r\\nX-Evil: 1\"}", FALSE, AIR_OUTCOME_AUTH },
    { 200, "{\"access_token\":\"access-\",\"token_type\":\"mac\"}", FALSE, AIR_OUTCOME_AUTH },
    { 429, "{\"error\":\"slow_down\"}", FALSE, AIR_OUTCOME_RETRY },
    { 503, "", FALSE, AIR_OUTCOME_RETRY },
    { 200, "", TRUE, AIR_OUTCOME_RETRY },
  };

  bind_client (self, "wrong-c0nfidential");
  act (self, 1, 10000, AIR_OUTCOME_AUTH);
  bind_client (self, "c0nfidential");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      self->tokens.fault_status = cases[i].status;
      self->tokens.fault_body = cases[i].body;
      self->tokens.drops = cases[i].drops;
      act (self, 5, 10000, cases[i].wanted);
    }
  self->tokens.fault_status = 0;
  self->tokens.drops = FALSE;
  /* Too slow for this action; the next one has more time. */
  self->tokens.delay_ms = 300;
  act (self, 1, 50, AIR_OUTCOME_RETRY);
  g_assert_cmpuint (self->tokens.n_things, ==, 0);
  act (self, 1, 10000, AIR_OUTCOME_OK);
  g_assert_cmpuint (self->tokens.n_things, ==, 1);
}

/* RFC 7636, appendix B */
static void
test_challenge (void)
{
  static const char text[] =
      "{\"kind\":\"oauth2\",\"grant\":\"client_credentials\",\"client_id\":\"a b\",\"scope\":\"x y\","
      "\"token_url\":\"https://a.example/t\",\"authorize_url\":\"https://a.example/auth\"}";
  g_autoptr (AirValue) value = air_json_parse (text, strlen (text), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirAuth) auth = air_auth_new (value, NULL, "v", &error);
  g_autofree char *url = NULL, *none = NULL;

  g_assert_no_error (error);
  url = air_auth_build_authorize_url (auth, "http://127.0.0.1:7/callback", "s&t",
                                      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (url, ==,
                   "https://a.example/auth?response_type=code&client_id=a%20b&redirect_uri=http%3A%2F%2F127.0.0.1%3A7"
                   "%2Fcallback&scope=x%20y&state=s%26t&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
                   "&code_challenge_method=S256");
  g_clear_pointer (&auth, air_auth_free);
  air_map_remove (value, "authorize_url");
  auth = air_auth_new (value, NULL, "v", NULL);
  none = air_auth_build_authorize_url (auth, "http://127.0.0.1:7/", "s", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                                       &error);
  g_assert_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT);
  g_assert_null (none);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  said = g_string_new (NULL);
  g_log_set_default_handler (log_cb, NULL);

  g_test_add_func ("/components/oauth/challenge", test_challenge);
#define ADD(path, func) g_test_add ("/components/oauth/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("client-credentials", test_client_credentials);
  ADD ("expiry", test_expiry);
  ADD ("withdrawn", test_withdrawn);
  ADD ("no-token-will-do", test_no_token_will_do);
  ADD ("refresh/rotates", test_refresh_rotates);
  ADD ("refresh/stays", test_refresh_stays);
  ADD ("assertion", test_assertion);
  ADD ("errors", test_errors);
#undef ADD
  status = g_test_run ();
  g_string_free (said, TRUE);
  return status;
}
