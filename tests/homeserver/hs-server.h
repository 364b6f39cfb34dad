/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The server, a request on its way through it, and the table rows that lead a
 * request to its handler. One thread, one main loop.
 */
#pragma once

#include <libsoup/soup.h>
#include <stdio.h>

#include "hs-database.h"
#include "hs-json.h"

G_BEGIN_DECLS

typedef struct _HsPersona HsPersona;
typedef struct _HsRequest HsRequest;

typedef struct
{
  SoupServer *soup;    /* owned */
  HsDatabase *db;      /* owned */
  char *name;          /* owned: what stands behind the colon of a user ID */
  char *url;           /* owned: with a final slash */
  char *secret;        /* owned: of the shared-secret registration */
  GHashTable *nonces;  /* owned: of registrations begun */
  GHashTable *uia;     /* owned: sessions of user-interactive authentication */
  GHashTable *syncs;   /* owned: answers of /sync that are given again */
  GPtrArray *waiting;  /* owned: /sync requests that wait for something to happen */
  guint wake;          /* the source that looks after them */
  GPtrArray *personas; /* owned: HsPersona */
  JsonArray *requests; /* owned: what GET /_keepsake/requests shows */
  FILE *requests_file; /* owned, may be NULL */
} HsServer;

struct _HsRequest
{
  HsServer *server;           /* borrowed */
  SoupServerMessage *message; /* owned */
  const char *method;         /* borrowed */
  const char *path;           /* borrowed: percent-encoded, without the query */
  GHashTable *query;          /* owned, may be NULL */
  char **params;              /* owned: what the template's {} stand for, decoded */
  JsonObject *body;           /* owned; NULL unless the route asks for it */
  char *token;                /* owned; NULL without authentication */
  char *user, *device;        /* owned; whose token it is */
  HsPersona *persona;         /* borrowed: the lie that answers this request */
  guint timeout;              /* the source that ends its waiting */
  gboolean answered;
  gboolean waiting; /* answered later: whoever sets it frees the request */
};

typedef enum
{
  HS_OPEN = 0,
  HS_AUTH = 1 << 0,     /* needs an access token */
  HS_BODY = 1 << 1,     /* needs a JSON object */
  HS_OPTIONAL = 1 << 2, /* with HS_BODY: no body at all stands for {} */
} HsRouteFlags;

typedef void (*HsHandler) (HsRequest *request);

/* @path: a template whose {} stands for one segment, {*} for one that may be empty. Without a first slash it
 * lies below /_matrix/client/v3/ and /_matrix/client/r0/. */
typedef struct
{
  const char *method;
  const char *path;
  HsRouteFlags flags;
  HsHandler handler;
} HsRoute;

/* Tables, each ended by a row of NULLs, one per file. */
extern const HsRoute hs_account_routes[];
extern const HsRoute hs_account_data_routes[];
extern const HsRoute hs_backup_routes[];
extern const HsRoute hs_backup_version_routes[];
extern const HsRoute hs_control_routes[];
extern const HsRoute hs_cross_signing_routes[];
extern const HsRoute hs_device_routes[];
extern const HsRoute hs_event_routes[];
extern const HsRoute hs_key_routes[];
extern const HsRoute hs_login_routes[];
extern const HsRoute hs_media_routes[];
extern const HsRoute hs_register_routes[];
extern const HsRoute hs_room_routes[];
extern const HsRoute hs_signature_routes[];
extern const HsRoute hs_sync_routes[];
extern const HsRoute hs_to_device_routes[];

/* Listens on 127.0.0.1:@port. Takes @db. */
HsServer *hs_server_new (
    guint port, HsDatabase *db, const char *name, const char *secret, FILE *requests, GError **error);
void hs_server_free (HsServer *self);

/* What happened may be what a waiting /sync waits for. */
void hs_server_wake (HsServer *self);

/* Answers, once per request. @body and @text are taken. */
void hs_reply (HsRequest *request, guint status, JsonObject *body);
void hs_reply_text (HsRequest *request, guint status, char *text);
void hs_reply_error (HsRequest *request, guint status, const char *errcode, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
/* 200 with {}. */
void hs_reply_ok (HsRequest *request);
/* Anything but JSON: @bytes of @type. */
void hs_reply_bytes (HsRequest *request, guint status, const char *type, GBytes *bytes);

/* A parameter of the query, or NULL. */
const char *hs_request_query (HsRequest *request, const char *key);
/* A member of the body that must be there: else answers M_MISSING_PARAM and returns NULL. */
const char *hs_request_need_string (HsRequest *request, const char *key);
/* Whether the account in params[@index] is the requester's own; else answers M_FORBIDDEN. */
gboolean hs_request_need_self (HsRequest *request, guint index, const char *what);

void hs_request_free (HsRequest *request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HsServer, hs_server_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HsRequest, hs_request_free)

G_END_DECLS
