/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include <string.h>

#include "air-bundle-private.h"

/* The bundle's README: every block of commands in it is run by the tests. */

static const char introduction[] =
    "# What run %s did, and how to check it\n"
    "\n"
    "The ledger `%s` had %" G_GUINT64_FORMAT
    " entries when its checkpoint was signed. This bundle holds the entries of the\n"
    "run, what proves that they stand in that ledger, the decisions people signed, and what the ledger's owner\n"
    "discloses to `%s`. What is kept back shows as a commitment without a disclosure.\n"
    "\n"
    "All of it at once, without network or account, with keys you got from elsewhere:\n"
    "\n"
    "    airailsctl verify BUNDLE.zip --policy YOUR.tlog-policy --trust YOUR-trust.json\n"
    "\n"
    "Each part with standard tools: unpack the zip and run these in its folder. A key that lies in the bundle shows\n"
    "that the bundle agrees with itself; compare `keys/` and `approvers/` with keys you know before you believe "
    "more.\n";

static const char manifest_commands[] =
    "\n"
    "## The files are those of the manifest\n"
    "\n"
    "```sh\n"
    "tr '{},' '\\n\\n\\n' < manifest.json | sed -n 's/^\"\\([^\"]*\\)\":\"\\([0-9a-f]\\{64\\}\\)\"$/\\2  \\1/p' \\\n"
    "  | sha256sum --check --quiet\n"
    "```\n";

static const char checkpoint_commands[] =
    "\n"
    "## The ledger's key signed the checkpoint\n"
    "\n"
    "```sh\n"
    "T=$(mktemp -d)\n"
    "sed '/^$/,$d' checkpoint > \"$T/text\"\n"
    "grep -F '\342\200\224 %s' checkpoint | head -n 1 | sed 's/.* //' | base64 -d | tail -c +5 > \"$T/signature\"\n"
    "{ printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'\n"
    "  cut -d+ -f3- %s | base64 -d | tail -c +2; } > \"$T/key.der\"\n"
    "openssl pkeyutl -verify -pubin -keyform DER -inkey \"$T/key.der\" -rawin -in \"$T/text\" -sigfile "
    "\"$T/signature\"\n"
    "rm -r \"$T\"\n"
    "```\n";

static const char inclusion_commands[] =
    "\n"
    "## The entries stand in the checkpoint's tree (RFC 6962)\n"
    "\n"
    "```sh\n"
    "leaf () { { printf '\\000'; cat \"entries/$1.json\"; } | openssl dgst -sha256 -binary | base64; }\n"
    "node () { { printf '\\001'; printf %s \"$1\" | base64 -d; printf %s \"$2\" | base64 -d; } \\\n"
    "          | openssl dgst -sha256 -binary | base64; }\n"
    "for proof in proofs/*.tlog-proof; do\n"
    "  index=$(sed -n 's/^index //p' \"$proof\")\n"
    "  hash=$(leaf \"$index\") fn=$index sn=$(($(sed -n 2p checkpoint) - 1))\n"
    "  for other in $(sed '1,/^index /d;/^$/,$d' \"$proof\"); do\n"
    "    if [ $((fn & 1)) = 1 ] || [ \"$fn\" = \"$sn\" ]; then\n"
    "      hash=$(node \"$other\" \"$hash\")\n"
    "      while [ $((fn & 1)) = 0 ] && [ \"$fn\" != 0 ]; do fn=$((fn >> 1)) sn=$((sn >> 1)); done\n"
    "    else\n"
    "      hash=$(node \"$hash\" \"$other\")\n"
    "    fi\n"
    "    fn=$((fn >> 1)) sn=$((sn >> 1))\n"
    "  done\n"
    "  [ \"$sn\" = 0 ] && [ \"$hash\" = \"$(sed -n 3p checkpoint)\" ] || { echo \"entry $index is not in the tree\"; "
    "exit 1; }\n"
    "done\n"
    "```\n";

static const char chain_commands[] =
    "\n"
    "## The run's entries follow one another, none is missing, the last one counts them\n"
    "\n"
    "```sh\n"
    "prev=0000000000000000000000000000000000000000000000000000000000000000 count=0\n"
    "for index in%s; do\n"
    "  grep -qF \"\\\"prev\\\":\\\"$prev\\\"\" \"entries/$index.json\" || { echo \"entry $index does not follow\"; "
    "exit 1; }\n"
    "  grep -q \"\\\"seq\\\":$count[,}]\" \"entries/$index.json\" || { echo \"entry $index is out of order\"; exit 1; "
    "}\n"
    "  prev=$({ printf '\\000'; cat \"entries/$index.json\"; } | sha256sum | cut -d' ' -f1) count=$((count + 1))\n"
    "done\n"
    "grep -q \"\\\"count\\\":$count[,}]\" \"entries/$index.json\" || { echo \"the run is not closed at $count\"; exit "
    "1; }\n"
    "```\n";

static const char disclosure_commands[] =
    "\n"
    "## What is disclosed is what the entries commit to (SD-JWT, RFC 9901)\n"
    "\n"
    "```sh\n"
    "sed 's/\"\\([0-9][0-9]*\\)\":\\[/\\n\\1 /g' disclosures.json | sed -n 's/^\\([0-9][0-9]*\\) \\([^]]*\\)\\].*/\\1 "
    "\\2/p' \\\n"
    "| tr -d '\"' | while read -r index list; do\n"
    "  for disclosure in $(printf %s \"$list\" | tr , ' '); do\n"
    "    commitment=$(printf %s \"$disclosure\" | openssl dgst -sha256 -binary | basenc --base64url | tr -d =)\n"
    "    grep -qF \"\\\"$commitment\\\"\" \"entries/$index.json\" || { echo \"entry $index: no such commitment\"; exit "
    "1; }\n"
    "  done\n"
    "done\n"
    "```\n"
    "\n"
    "To read one: `printf %s DISCLOSURE== | basenc --base64url -di`.\n";

static const char decision_commands[] =
    "\n"
    "## Entry %" G_GUINT64_FORMAT ": the decision on `%s`\n"
    "\n"
    "What was decided on is entry %" G_GUINT64_FORMAT "; the signed statement names its leaf hash.\n"
    "\n"
    "```sh\n"
    "cosign verify-attestation --key approvers/%s.pem --insecure-ignore-tlog=true \\\n"
    "  --type " AIR_DECISION_PREDICATE_TYPE " --local-image decisions/%" G_GUINT64_FORMAT ".layout\n"
    "```\n"
    "\n"
    "The same with openssl alone:\n"
    "\n"
    "```sh\n"
    "T=$(mktemp -d) envelope=decisions/%" G_GUINT64_FORMAT ".dsse.json\n"
    "sed 's/^{\"payload\":\"\\([^\"]*\\)\".*/\\1/' $envelope | base64 -d > \"$T/payload\"\n"
    "sed 's/.*\"sig\":\"\\([^\"]*\\)\".*/\\1/' $envelope | base64 -d > \"$T/signature\"\n"
    "{ printf 'DSSEv1 28 " AIR_DSSE_IN_TOTO " %%d ' $(wc -c < \"$T/payload\"); cat \"$T/payload\"; } > \"$T/pae\"\n"
    "%s\n"
    "grep -qF \"$({ printf '\\000'; cat entries/%" G_GUINT64_FORMAT
    ".json; } | sha256sum | cut -d' ' -f1)\" \"$T/payload\"\n"
    "rm -r \"$T\"\n"
    "```\n";

static const char artifact_commands[] = "\n"
                                        "## The workflow version that ran\n"
                                        "\n"
                                        "```sh\n"
                                        "grep -qF \"\\\"artifact\\\":\\\"sha256:$(sha256sum < artifact/manifest.json | "
                                        "cut -d' ' -f1)\\\"\" entries/%" G_GUINT64_FORMAT ".json\n"
                                        "```\n";

static const char artifact_signature_commands[] =
    "\n"
    "Who signed it:\n"
    "\n"
    "```sh\n"
    "T=$(mktemp -d)\n"
    "sed 's/.*\"payload\":\"\\([^\"]*\\)\".*/\\1/' artifact/signature.json | base64 -d > \"$T/payload\"\n"
    "sed 's/.*\"signature\":\"\\([^\"]*\\)\".*/\\1/' artifact/signature.json | base64 -d > \"$T/signature\"\n"
    "printf '%b' \"$(sed 's/.*\"key\":\"\\([^\"]*\\)\".*/\\1/' artifact/signature.json)\" > \"$T/key.pem\"\n"
    "openssl dgst -sha256 -verify \"$T/key.pem\" -signature \"$T/signature\" \"$T/payload\"\n"
    "grep -qF \"sha256:$(sha256sum < artifact/manifest.json | cut -d' ' -f1)\" \"$T/payload\"\n"
    "rm -r \"$T\"\n"
    "```\n";

static const char cosignature_commands[] =
    "\n"
    "## That the witness %s saw this checkpoint\n"
    "\n"
    "```sh\n"
    "T=$(mktemp -d)\n"
    "sed '/^$/,$d' checkpoint > \"$T/text\"\n"
    "grep -F '\xe2\x80\x94 %s ' checkpoint | head -n 1 | sed 's/.* //' | base64 -d > \"$T/blob\"\n"
    "time=$(tail -c +5 \"$T/blob\" | head -c 8 | od -An -tx1 | tr -d ' \\n')\n"
    "{ printf 'cosignature/v1\\ntime %%d\\n' \"0x$time\"; cat \"$T/text\"; } > \"$T/message\"\n"
    "tail -c +13 \"$T/blob\" > \"$T/signature\"\n"
    "{ printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'\n"
    "  cut -d+ -f3- %s | base64 -d | tail -c +2; } > \"$T/key.der\"\n"
    "openssl pkeyutl -verify -pubin -keyform DER -inkey \"$T/key.der\" -rawin -in \"$T/message\" -sigfile "
    "\"$T/signature\"\n"
    "date -u -d \"@$(printf %%d \"0x$time\")\"\n"
    "rm -r \"$T\"\n"
    "```\n";

static const char timestamp_words[] =
    "\n"
    "## When the checkpoint existed at the latest (RFC 3161)\n"
    "\n"
    "    openssl ts -verify -data checkpoint -in checkpoint.tsr -CAfile YOUR-TSA.pem\n";

static const char closing_words[] =
    "\n"
    "## What this does not show\n"
    "\n"
    "That the world is as the entries say: they are what the runtime recorded. That the machine was what it claims to\n"
    "be: %s. `audience` is the exporter's own statement.\n";

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void
append_decision (GString *out, const AirBundleBuilder *self, const AirBundleItem *item)
{
  const char *text = air_bundle_item_get_envelope (item);
  g_autofree char *key_id = NULL;
  g_autoptr (AirDecision) decision = NULL;
  AirBundleItem *request;
  AirPublicKey *key;
  g_autofree char *verify = NULL;

  if (text == NULL)
    return;
  decision = air_decision_peek (text, strlen (text), &key_id, NULL);
  request = decision != NULL ? air_bundle_find_by_hash (self, &decision->request) : NULL;
  key = decision != NULL ? air_bundle_find_approver (self, key_id) : NULL;
  if (request == NULL || key == NULL)
    return;

  if (air_public_key_get_key_type (key) == AIR_KEY_ED25519)
    verify = g_strdup_printf ("openssl pkeyutl -verify -pubin -inkey approvers/%s.pem -rawin -in \"$T/pae\" "
                              "-sigfile \"$T/signature\"",
                              key_id);
  else
    verify = g_strdup_printf ("openssl dgst -%s -verify approvers/%s.pem -signature \"$T/signature\" \"$T/pae\"",
                              air_public_key_get_key_type (key) == AIR_KEY_ECDSA_P384 ? "sha384" : "sha256", key_id);
  g_string_append_printf (out, decision_commands, item->index, decision->gate, request->index, key_id, item->index,
                          item->index, verify, request->index);
}

/* What goes between quotes into a command that somebody will run on a bundle of unknown origin. */
static gboolean
is_safe_word (const char *text)
{
  return strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:-") == strlen (text);
}

static void
append_cosignatures (GString *out, const AirBundleBuilder *self)
{
  for (guint i = 0; i < self->keys->len; i++)
    {
      const AirVkey *key = g_ptr_array_index (self->keys, i);
      const char *name = air_vkey_get_name (key);
      g_autofree char *file = air_bundle_key_file_name (key);

      if (air_vkey_get_key_type (key) == AIR_NOTE_KEY_COSIGNATURE && is_safe_word (name))
        g_string_append_printf (out, cosignature_commands, name, name, file);
    }
}

char *
air_bundle_readme (const AirBundleBuilder *self, const AirCheckpoint *checkpoint)
{
  GString *out = g_string_new (NULL);
  g_autoptr (GString) indices = g_string_new (NULL);
  const AirBundleItem *first = NULL;

  for (guint i = 0; i < self->items->len; i++)
    {
      const AirBundleItem *item = g_ptr_array_index (self->items, i);

      if (!g_str_equal (air_entry_get_instance (item->entry), self->instance))
        continue;
      g_string_append_printf (indices, " %" G_GUINT64_FORMAT, item->index);
      if (first == NULL)
        first = item;
    }

  g_string_append_printf (out, introduction, self->instance, checkpoint->origin, checkpoint->size, self->audience);
  g_string_append (out, manifest_commands);
  for (guint i = 0; i < self->keys->len; i++)
    {
      const AirVkey *key = g_ptr_array_index (self->keys, i);
      g_autofree char *name = air_bundle_key_file_name (key);

      if (air_vkey_get_key_type (key) == AIR_NOTE_KEY_ED25519
          && g_str_equal (air_vkey_get_name (key), checkpoint->origin))
        {
          g_autofree char *word = g_strconcat (checkpoint->origin, " ", NULL);

          g_string_append_printf (out, checkpoint_commands, is_safe_word (checkpoint->origin) ? word : "", name);
          break;
        }
    }
  append_cosignatures (out, self);
  g_string_append (out, inclusion_commands);
  if (first != NULL)
    g_string_append_printf (out, chain_commands, indices->str);
  g_string_append (out, disclosure_commands);
  for (guint i = 0; i < self->items->len; i++)
    append_decision (out, self, g_ptr_array_index (self->items, i));
  if (self->artifact_manifest != NULL && first != NULL)
    {
      g_string_append_printf (out, artifact_commands, first->index);
      if (self->artifact_signature != NULL)
        g_string_append (out, artifact_signature_commands);
    }
  if (self->timestamp != NULL)
    g_string_append (out, timestamp_words);
  g_string_append_printf (out, closing_words,
                          self->attestation->len > 0 ? "the files under `attestation/` have to be judged for that"
                                                     : "this bundle holds no attestation");
  return g_string_free (out, FALSE);
}

#pragma GCC diagnostic pop
