/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-recovery-key.h"
#include "ui/restore/ks-unlock-text.h"

#include <string.h>

static char *
hint_for (const char *text)
{
  g_autoptr (KsSecret) secret = ks_secret_new_copy (text, strlen (text));

  return ks_unlock_text_hint (secret);
}

static void
assert_hint (const char *text, const char *said)
{
  g_autofree char *hint = hint_for (text);

  g_assert_cmpstr (hint, ==, said);
}

static void
test_hint_tells_a_key_from_a_phrase (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_copy ("0123456789abcdef0123456789abcdef", 32);
  char text[KS_RECOVERY_KEY_LENGTH + 1];

  g_assert_true (ks_recovery_key_format (key, text));
  assert_hint ("", NULL);
  assert_hint (" \n", NULL);
  assert_hint (text, "This is a Security Key");
  assert_hint ("brass otter lantern quietly", "Taken for a Security Phrase");
  assert_hint ("Espresso machine", "Taken for a Security Phrase");
  text[44] = '\0';
  assert_hint (text, "Looks like a Security Key: 9 of 12 groups");
  assert_hint ("EsT3 yST9", "Looks like a Security Key: 2 of 12 groups");
  /* One in forty has no digit so far. */
  assert_hint ("EsTi iJjN XhEG FUyj YKox soaA", "Looks like a Security Key: 6 of 12 groups");
  assert_hint ("Estonia und Lettland im Mai", "Taken for a Security Phrase");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/unlock-words/hint", test_hint_tells_a_key_from_a_phrase);
  return g_test_run ();
}
