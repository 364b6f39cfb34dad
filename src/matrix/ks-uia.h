/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * User-interactive authentication (Client-Server API, "User-Interactive
 * Authentication API"): what a server asks for, and the answers to it. No I/O: a
 * call that may be asked hands out a KsUia and takes a KsUiaAnswer.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

/* Stages that have a name in the specification. Bits, to make sets of them. */
typedef enum
{
  KS_UIA_STAGE_NONE = 0, /* nothing is left to do: answer with the session alone */
  KS_UIA_STAGE_PASSWORD = 1 << 0,
  KS_UIA_STAGE_SSO = 1 << 1,
  KS_UIA_STAGE_OAUTH = 1 << 2, /* m.oauth, org.matrix.cross_signing_reset: approve at a URL */
  KS_UIA_STAGE_DUMMY = 1 << 3,
  KS_UIA_STAGE_TERMS = 1 << 4,
  KS_UIA_STAGE_RECAPTCHA = 1 << 5,
  KS_UIA_STAGE_EMAIL = 1 << 6,
  KS_UIA_STAGE_MSISDN = 1 << 7,
  KS_UIA_STAGE_REGISTRATION_TOKEN = 1 << 8,
  KS_UIA_STAGE_UNKNOWN = 1 << 9,
} KsUiaStage;

KsUiaStage ks_uia_stage_from_name (const char *name);

typedef struct KsUia KsUia;

/* Reads the body of a 401. KS_MATRIX_ERROR_BAD_ANSWER if it is none of those. */
KsUia *ks_uia_new (JsonObject *body, GError **error) G_GNUC_WARN_UNUSED_RESULT;
KsUia *ks_uia_ref (KsUia *uia);
void ks_uia_unref (KsUia *uia); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsUia, ks_uia_unref)

/* What to hand back with every answer; NULL if the server gave none. */
const char *ks_uia_get_session (KsUia *uia);

/* TRUE if this 401 says that the answer before it was wrong (a wrong password).
 * ks_uia_get_errcode() is the reason, usually M_FORBIDDEN. */
gboolean ks_uia_was_rejected (KsUia *uia);
const char *ks_uia_get_errcode (KsUia *uia);

/* The next stage of the shortest flow whose remaining stages are all in @able, a
 * set; @name is set to its name as the server wrote it, borrowed, NULL with
 * KS_UIA_STAGE_NONE. FALSE with KS_MATRIX_ERROR_UNSUPPORTED if there is no such
 * flow: see ks_uia_get_missing(). */
gboolean ks_uia_next_stage (KsUia *uia, guint able, KsUiaStage *stage, const char **name, GError **error);

/* The names of stages asked for that are not in @able and not yet completed, in
 * the order of the server, none twice, for "this server asks for …". The server
 * chose them: characters other than [A-Za-z0-9._-] are replaced by "?" and long
 * ones cut. Free with g_strfreev(). */
char **ks_uia_get_missing (KsUia *uia, guint able) G_GNUC_WARN_UNUSED_RESULT;

/* The page to open in the browser for @name: the params' "url" of an OAuth
 * stage, otherwise the fallback page of the homeserver at @base_url. NULL if there
 * is none or it is not a https URL (http on loopback). */
char *ks_uia_get_url (KsUia *uia, const char *name, const char *base_url) G_GNUC_WARN_UNUSED_RESULT;

/* An answer: the "auth" member of the same request, sent again. */
typedef struct KsUiaAnswer KsUiaAnswer;

/* m.login.password for @user_id. @uia may be NULL where the server takes a
 * password without having asked. */
KsUiaAnswer *ks_uia_answer_password (KsUia *uia, const char *user_id, KsSecret *password)
    G_GNUC_WARN_UNUSED_RESULT;

/* The stage was done elsewhere (SSO, OAuth, any fallback page), or needs nothing
 * (m.login.dummy): @name with KS_UIA_STAGE_DUMMY; NULL for the session alone. */
KsUiaAnswer *ks_uia_answer_done (KsUia *uia, const char *name) G_GNUC_WARN_UNUSED_RESULT;

KsUiaAnswer *ks_uia_answer_ref (KsUiaAnswer *answer);
void ks_uia_answer_unref (KsUiaAnswer *answer); /* wipes; NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsUiaAnswer, ks_uia_answer_unref)

/* The text of a request's body: @body with "auth" in it. @answer NULL: without. */
KsSecret *ks_uia_answer_to_body (KsUiaAnswer *answer, JsonObject *body, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
