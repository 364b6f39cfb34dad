/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-session-owner.h"

#include "matrix/ks-matrix-error.h"

typedef struct
{
  const char *typed;
  KsSessionOwner login;
  KsSessionOwner whoami;
  gboolean asked;
  const char *user_id; /* NULL: refused */
} Case;

static const Case cases[] = {
  /* Both say the same. */
  { "@alice:x", { "@alice:x", "D" }, { "@alice:x", "D" }, TRUE, "@alice:x" },
  { "alice", { "@alice:x", "D" }, { "@alice:x", "D" }, TRUE, "@alice:x" },
  /* Each of them says too little, and the other the rest. */
  { "@alice:x", { NULL, NULL }, { "@alice:x", "D" }, TRUE, "@alice:x" },
  { "@alice:x", { NULL, "D" }, { "@alice:x", NULL }, TRUE, "@alice:x" },
  { "@alice:x", { "@alice:x", "D" }, { NULL, NULL }, FALSE, "@alice:x" },
  { "@alice:x", { "@alice:x", NULL }, { NULL, NULL }, FALSE, NULL },
  { "@alice:x", { NULL, "D" }, { NULL, NULL }, FALSE, NULL },
  { "@alice:x", { NULL, NULL }, { "@alice:x", NULL }, TRUE, NULL },
  /* Servers look for names in lower case; they may echo what was typed. */
  { "@Alice:x", { "@Alice:x", "D" }, { "@alice:x", "D" }, TRUE, "@alice:x" },
  { "@ALICE:X", { "@alice:x", "D" }, { "@alice:x", "D" }, TRUE, "@alice:x" },
  { "ALICE", { "@ALICE:x", "D" }, { "@alice:x", "D" }, TRUE, "@alice:x" },
  { "@alice:x", { "@Alice:x", "D" }, { "@alice:x", "D" }, TRUE, "@alice:x" },
  /* Old accounts have capitals, for whoever knows them. */
  { "@Alice:x", { "@Alice:x", "D" }, { "@Alice:x", "D" }, TRUE, "@Alice:x" },
  { "Alice", { "@Alice:x", "D" }, { "@Alice:x", "D" }, TRUE, "@Alice:x" },
  { "@alice:x", { "@alice:x", "D" }, { "@Alice:x", "D" }, TRUE, NULL },
  { "@alice:x", { "@Alice:x", "D" }, { "@Alice:x", "D" }, TRUE, NULL },
  { "@alice:x", { "@Alice:x", "D" }, { NULL, NULL }, FALSE, NULL },
  { "alice", { "@Alice:x", "D" }, { "@Alice:x", "D" }, TRUE, NULL },
  { "aLICE", { "@Alice:x", "D" }, { "@Alice:x", "D" }, TRUE, NULL },
  /* A name alone may be another one's in a directory; a user ID may not. */
  { "a.smith", { "@alice:x", "D" }, { "@alice:x", "D" }, TRUE, "@alice:x" },
  { "@a.smith:x", { "@alice:x", "D" }, { "@alice:x", "D" }, TRUE, NULL },
  { "@alice:x", { "@alice:x", "D" }, { "@mallory:x", "D" }, TRUE, NULL },
  { "@alice:x", { "@alice:x", "D" }, { "@alice:y", "D" }, TRUE, NULL },
  /* It contradicts itself. */
  { "alice", { "@alice:x", "D" }, { "@mallory:x", "D" }, TRUE, NULL },
  { "@alice:x", { "@alice:x", "D" }, { "@alice:x", "E" }, TRUE, NULL },
};

static void
test_owner (gconstpointer data)
{
  const Case *c = data;
  KsSessionOwner owner;
  g_autoptr (GError) error = NULL;
  gboolean settled =
      ks_session_owner_settle (c->typed, &c->login, c->asked ? &c->whoami : NULL, &owner, &error);

  g_assert_true (settled == (c->user_id != NULL));
  if (!settled)
    {
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (owner.user_id, ==, c->user_id);
  g_assert_cmpstr (owner.device_id, ==, "D");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/session-owner/%u", (guint) i);

      g_test_add_data_func (path, &cases[i], test_owner);
    }
  return g_test_run ();
}
