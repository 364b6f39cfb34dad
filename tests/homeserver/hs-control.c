/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /_keepsake: what tests switch and ask, and no real homeserver has.
 */

#include "hs-persona.h"
#include "hs-server.h"

static void
add_persona (HsRequest *request)
{
  HsPersona *persona = hs_persona_new (request->server, request->body);
  g_autoptr (JsonObject) description = NULL;

  if (persona == NULL)
    {
      hs_reply_error (request, 400, "M_INVALID_PARAM", "no such persona, or not a regular expression");
      return;
    }
  g_ptr_array_add (request->server->personas, persona);
  description = hs_persona_describe (persona);
  hs_reply (request, 200, hs_object ("id", 'i', json_object_get_int_member (description, "id"), NULL));
}

static void
list_personas (HsRequest *request)
{
  GPtrArray *personas = request->server->personas;
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < personas->len; i++)
    json_array_add_object_element (list, hs_persona_describe (g_ptr_array_index (personas, i)));
  hs_reply (request, 200, hs_object ("personas", 'a', list, NULL));
}

/* A long-polling request that a persona was to spoil is honest from now on. */
static void
drop_personas (HsRequest *request)
{
  for (guint i = 0; i < request->server->waiting->len; i++)
    ((HsRequest *) g_ptr_array_index (request->server->waiting, i))->persona = NULL;
  g_ptr_array_set_size (request->server->personas, 0);
  hs_reply_ok (request);
}

static void
list_requests (HsRequest *request)
{
  hs_reply (request, 200, hs_object ("requests", 'a', json_array_ref (request->server->requests), NULL));
}

static void
drop_requests (HsRequest *request)
{
  json_array_unref (request->server->requests);
  request->server->requests = json_array_new ();
  hs_reply_ok (request);
}

const HsRoute hs_control_routes[] = {
  { "PUT", "/_keepsake/persona", HS_BODY, add_persona },
  { "GET", "/_keepsake/persona", HS_OPEN, list_personas },
  { "DELETE", "/_keepsake/persona", HS_OPEN, drop_personas },
  { "GET", "/_keepsake/requests", HS_OPEN, list_requests },
  { "DELETE", "/_keepsake/requests", HS_OPEN, drop_requests },
  { 0 },
};
