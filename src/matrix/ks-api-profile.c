/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of ks-api-login.h about the person and the account's sessions.
 */

#include "matrix/ks-api-login.h"

#include "matrix/ks-http-answer.h"
#include "matrix/ks-matrix-error.h"

void
ks_device_free (KsDevice *device)
{
  if (device == NULL)
    return;
  g_free (device->device_id);
  g_free (device->display_name);
  g_free (device);
}

/* --- GET /profile/{userId}/displayname --- */

void
ks_api_profile_get_name_async (KsHttp *http,
                               const char *user_id,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (KsRequest) request =
      ks_request_new ("GET", "/_matrix/client/v3/profile/{}/displayname", user_id, NULL);

  ks_http_send_async (http, request, cancellable, callback, user_data);
}

gboolean
ks_api_profile_get_name_finish (KsHttp *http, GAsyncResult *result, char **name, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, &failure);
  const char *displayname;

  *name = NULL;
  if (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND))
    return TRUE;
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (!ks_json_optional_string (answer, "displayname", &displayname))
    return ks_http_bad_answer (error, "a display name");
  *name = g_strdup (displayname);
  return TRUE;
}

/* --- GET /devices --- */

static KsDevice *
read_device (JsonObject *object)
{
  g_autoptr (KsDevice) device = g_new0 (KsDevice, 1);
  const char *id;
  const char *name;

  if (!ks_json_get_string (object, "device_id", &id) || id[0] == '\0'
      || !ks_json_optional_string (object, "display_name", &name)
      || !ks_json_optional_integer (object, "last_seen_ts", &device->last_seen_ts))
    return NULL;
  device->device_id = g_strdup (id);
  device->display_name = g_strdup (name);
  return g_steal_pointer (&device);
}

void
ks_api_device_get_async (KsHttp *http,
                         const char *device_id,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/_matrix/client/v3/devices/{}", device_id, NULL);

  ks_http_send_async (http, request, cancellable, callback, user_data);
}

KsDevice *
ks_api_device_get_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);
  KsDevice *device;

  if (answer == NULL)
    return NULL;
  device = read_device (answer);
  if (device == NULL)
    ks_http_bad_answer (error, "a device");
  return device;
}

void
ks_api_devices_get_async (KsHttp *http,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/_matrix/client/v3/devices", NULL);

  ks_http_send_async (http, request, cancellable, callback, user_data);
}

GPtrArray *
ks_api_devices_get_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) answer = ks_http_send_finish (http, result, error);
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_device_free);
  JsonArray *array;

  if (answer == NULL)
    return NULL;
  if (!ks_json_get_array (answer, "devices", &array))
    {
      ks_http_bad_answer (error, "the list of devices");
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object;
      KsDevice *device = ks_json_element_object (array, i, &object) ? read_device (object) : NULL;

      if (device == NULL)
        {
          ks_http_bad_answer (error, "a device");
          return NULL;
        }
      g_ptr_array_add (devices, device);
    }
  return g_steal_pointer (&devices);
}
