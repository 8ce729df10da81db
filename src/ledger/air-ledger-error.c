/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-ledger-error.h"

G_DEFINE_QUARK (air-ledger-error-quark, air_ledger_error)
