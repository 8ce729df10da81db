/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-api.h"

G_BEGIN_DECLS

/**
 * AirExporter:
 *
 * Makes the bundles of runs, one after the other in a thread of its own: a run over ten thousand items takes seconds,
 * in which the others go on.
 */
typedef struct _AirExporter AirExporter;

/**
 * AirExported:
 * @zip: (nullable): the bundle
 * @error: (nullable): why not
 * @user_data: what was handed in, gone afterwards
 */
typedef void (*AirExported) (GBytes       *zip,
                             const GError *error,
                             gpointer      user_data);

AirExporter *air_exporter_new  (AirHost               *host,
                                const AirArtifactView *artifact);
void         air_exporter_add  (AirExporter           *self,
                                const char            *run,
                                const char            *audience,
                                const char            *note,
                                GBytes                *stamp,
                                GPtrArray             *witnesses,
                                AirExported            exported,
                                gpointer               take_user_data,
                                GDestroyNotify         free_user_data);
void         air_exporter_free (AirExporter           *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirExporter, air_exporter_free)

G_END_DECLS
