/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "artifact-fixture.h"

/* Debian's docker-registry on a free port of the loopback, its storage in a folder of the test's own. */
typedef struct {
  Fixture base;
  GSubprocess *process;
  char *authority; /* "127.0.0.1:41234" */
  char *location;  /* "oci://127.0.0.1:41234" */
  char *storage;
  char *ca, *certificate, *key; /* files; for TLS */
  char *auth_file;
  gpointer tokens;              /* a token server */
  AirRegistryOptions options;
} Registry;

typedef enum {
  REGISTRY_PLAIN,
  REGISTRY_BASIC,
  REGISTRY_MUTUAL_TLS,
  REGISTRY_TOKEN,
} RegistryKind;

void         registry_set_up    (Registry      *self,
                                 gconstpointer  kind); /* RegistryKind */
void         registry_tear_down (Registry      *self,
                                 gconstpointer  kind);
AirRegistry *registry_open      (Registry      *self);
/* Credentials for the registry as docker keeps them, in a file. */
void         registry_log_in    (Registry      *self,
                                 const char    *user,
                                 const char    *password);
/* Where the registry keeps a blob. */
char        *registry_blob_file (Registry      *self,
                                 const char    *digest);
