/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

/*
 * Reads protobuf's text format without a schema, as far as CEL's conformance
 * cases use it: a message is a map from field name to the list of its values;
 * an enum is a string; an Any is a message whose only field is "[type URL]".
 * NULL with *ret_at where it fails.
 */
AirValue *textproto_parse (const char *text, gsize length, gsize *ret_at);
