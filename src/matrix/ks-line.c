/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-line.h"

/* A long poll holds one of them. */
#define MAX_CONNECTIONS 6

struct KsLine
{
  int references;
  guint idle_timeout;   /* seconds */
  SoupSession *session; /* owned */
};

SoupSession *
ks_line_without_features (guint idle_timeout)
{
  SoupSession *session =
      soup_session_new_with_options ("timeout", idle_timeout, "max-conns-per-host", MAX_CONNECTIONS,
                                     "user-agent", "Keepsake/" KS_VERSION, NULL);

  /* A 401 is an answer for us, not a question of HTTP's own authentication. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  return session;
}

KsLine *
ks_line_new (guint idle_timeout)
{
  KsLine *line = g_new0 (KsLine, 1);

  line->references = 1;
  line->idle_timeout = idle_timeout;
  line->session = ks_line_without_features (idle_timeout);
  return line;
}

KsLine *
ks_line_ref (KsLine *line)
{
  line->references++;
  return line;
}

void
ks_line_unref (KsLine *line)
{
  if (line == NULL || --line->references > 0)
    return;
  g_object_unref (line->session);
  g_free (line);
}

void
ks_line_set_idle_timeout (KsLine *line, guint seconds)
{
  line->idle_timeout = seconds;
  soup_session_set_timeout (line->session, seconds);
}

guint
ks_line_get_idle_timeout (KsLine *line)
{
  return line->idle_timeout;
}

SoupSession *
ks_line_get_session (KsLine *line)
{
  return line->session;
}

static gboolean
let_go (gpointer session)
{
  return G_SOURCE_REMOVE;
}

void
ks_line_failed (KsLine *line, SoupSession *session)
{
  if (line->session != session)
    return;
  /* libsoup is not done with it: it is what tells us. */
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, let_go, g_steal_pointer (&line->session), g_object_unref);
  line->session = ks_line_without_features (line->idle_timeout);
}

GInputStream *
ks_line_decode (SoupMessage *message, GInputStream *body, GError **error)
{
  g_autoptr (GInputStream) plain = body;
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *encoding = soup_message_headers_get_list (headers, "Content-Encoding");
  g_autoptr (GConverter) gunzip = NULL;

  if (encoding == NULL || g_ascii_strcasecmp (encoding, "identity") == 0)
    return g_steal_pointer (&plain);
  if (g_ascii_strcasecmp (encoding, "gzip") != 0 && g_ascii_strcasecmp (encoding, "x-gzip") != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "an unknown Content-Encoding");
      return NULL;
    }
  gunzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  return g_converter_input_stream_new (plain, gunzip);
}
