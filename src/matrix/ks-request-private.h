/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What ks-http.c reads of a request.
 */
#pragma once

#include "matrix/ks-request.h"

G_BEGIN_DECLS

struct KsRequest
{
  int references;
  const char *method;           /* interned */
  char *template;               /* owned: what may be logged */
  GString *path;                /* owned: encoded */
  GString *query;               /* owned: encoded, without "?" */
  GBytes *body;                 /* owned; NULL: none */
  KsGate *gate;                 /* owned; NULL: none */
  KsRequestMeasureFunc measure; /* NULL: bytes count */
  gpointer measure_data;
  const char *cut_list;        /* static; NULL: none */
  const char *const *cut_kept; /* static; with cut_list */
  const char *unacceptable;    /* static: why it cannot be sent; NULL: it can */
  gsize limit;
  guint patience; /* milliseconds */
  gboolean repeatable;
  gboolean online_only;
  gboolean anonymous;
  gboolean secret_answer;
  gboolean any_type;
};

G_END_DECLS
