/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The policies of the pack "policy-gates", by the danger each is for: what the
 * compiler's hints propose. The documents are packs/policy-gates/policies/<id>.policy.json;
 * a test compares this list with them.
 */

#define AIR_POLICY_TEMPLATES_PACK "policy-gates"

/**
 * AirPolicyTemplate:
 * @id: of the policy
 * @kind: "gate", "limit" or "budget"
 * @danger: what in a workflow calls for it; stable
 * @title: for people
 */
typedef struct {
  const char *id;
  const char *kind;
  const char *danger;
  const char *title;
} AirPolicyTemplate;

static const AirPolicyTemplate air_policy_templates[] = {
  { "money-movement",         "gate",   "money-out",        "Money leaves: people approve by amount" },
  { "payout-new-beneficiary", "gate",   "new-beneficiary",  "A payout to somebody never paid before" },
  { "external-publishing",    "gate",   "publishes",        "Something is published outside" },
  { "bulk-mail",              "gate",   "bulk-message",     "A message to many" },
  { "access-grant",           "gate",   "grants-access",    "Somebody gets access" },
  { "data-export",            "gate",   "exports-data",     "Personal or confidential data leaves" },
  { "untrusted-to-write",     "gate",   "untrusted-write",  "Text from outside reaches a system of record" },
  { "break-glass",            "gate",   "emergency",        "An emergency: two people, for a short time" },
  { "velocity",               "limit",  "repeats-per-key",  "Not too often, not too much for one key" },
  { "rate-cap",               "limit",  "calls-per-second", "No faster than a vendor allows" },
  { "spend-budget",           "budget", "spends",           "A budget for what a workflow spends" },
};

#define AIR_N_POLICY_TEMPLATES G_N_ELEMENTS (air_policy_templates)

G_END_DECLS
