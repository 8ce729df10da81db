/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-command.h"

G_BEGIN_DECLS

/* While a command is made: steps in the order they are applied. */
AirCommand *air_command_new        (const char *format,
                                    ...) G_GNUC_PRINTF (1, 2);
void        air_command_add_set    (AirCommand *self,
                                    const char *pointer,
                                    AirValue   *take_value);
void        air_command_add_unset  (AirCommand *self,
                                    const char *pointer);
void        air_command_add_insert (AirCommand *self,
                                    const char *list,
                                    guint       index,
                                    AirValue   *take_value);
void        air_command_add_remove (AirCommand *self,
                                    const char *item);

/* `steps.@from` becomes `steps.@to`: in one expression, or in every ${…} of a tree. NULL where nothing changes. */
char       *air_rename_in_expression (const char     *source,
                                      const char     *from,
                                      const char     *to);
AirValue   *air_rename_in_template   (AirValue       *tree,
                                      const char     *from,
                                      const char     *to);

G_END_DECLS
