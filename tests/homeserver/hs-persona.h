/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lies that are switched on from outside (README.md lists them). A lie either
 * takes a request before its handler sees it, or spoils the handler's answer.
 */
#pragma once

#include "hs-server.h"

G_BEGIN_DECLS

/* A persona from the body of PUT /_keepsake/persona, or NULL: no such name, or a
 * member of the wrong kind. */
HsPersona *hs_persona_new (HsServer *server, JsonObject *description);
void hs_persona_free (HsPersona *self);

/* As GET /_keepsake/persona shows it. */
JsonObject *hs_persona_describe (HsPersona *self);

/* Decides who answers. TRUE: a persona has. */
gboolean hs_persona_takes (HsRequest *request);

/* Whether a persona of this name applies: for lies that the handler itself tells. */
gboolean hs_persona_is (HsRequest *request, const char *name);

/* A member of the description of the persona that applies, which must be there; NULL: it is
 * not, or no text. */
const char *hs_persona_string (HsRequest *request, const char *member);

/* The answer that goes out instead of @honest, which is @type. Taken. */
GBytes *hs_persona_spoils (HsRequest *request, const char **type, GBytes *honest);

G_END_DECLS
