/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/key-file/ks-key-file-phrases.h"

G_STATIC_ASSERT (G_N_ELEMENTS (((KsKeyFilePhrases *) NULL)->texts)
                 >= 2 * G_N_ELEMENTS (((KsPhraseVariants *) NULL)->variants));

/* NULL: a character is not of Latin-1, or they all are of ASCII, where it is no other spelling.
 * @text is UTF-8. */
static KsSecret *
to_latin_1 (const KsSecret *text)
{
  const char *from = (const char *) ks_secret_bytes (text);
  const char *end = from + ks_secret_size (text);
  g_autoptr (KsSecret) room = NULL;
  gsize n = 0;

  if (from == end)
    return NULL;
  room = ks_secret_new (ks_secret_size (text));
  for (; from < end; from = g_utf8_next_char (from))
    {
      gunichar c = g_utf8_get_char (from);

      if (c > 0xff)
        return NULL;
      ks_secret_writable (room)[n++] = (uint8_t) c;
    }
  return n < ks_secret_size (text) ? ks_secret_new_copy (ks_secret_bytes (room), n) : NULL;
}

/* Takes @text; NULL is allowed. */
static void
add (KsKeyFilePhrases *self, KsSecret *text)
{
  gboolean is_new = text != NULL;

  for (guint i = 0; is_new && i < self->n; i++)
    is_new = !ks_secret_equal (self->texts[i], text);
  if (is_new)
    self->texts[self->n++] = text;
  else
    ks_secret_unref (text);
}

void
ks_key_file_phrases_init (KsKeyFilePhrases *self, KsSecret *phrase)
{
  g_auto (KsPhraseVariants) forms = { 0 };

  *self = (KsKeyFilePhrases){ 0 };
  add (self, ks_secret_ref (phrase));
  if (!g_utf8_validate ((const char *) ks_secret_bytes (phrase), (gssize) ks_secret_size (phrase), NULL))
    return;
  ks_phrase_variants_init (&forms, phrase);
  for (unsigned i = 0; i < forms.n; i++)
    {
      /* Of files, those alone are known that are Latin-1 throughout: the likelier, so that it comes
       * right after the form that it is of. */
      if (forms.variants[i].form == KS_PHRASE_LATIN_1 || forms.variants[i].form == KS_PHRASE_ASCII)
        continue;
      add (self, ks_secret_ref (forms.variants[i].text));
      add (self, to_latin_1 (forms.variants[i].text));
    }
}

void
ks_key_file_phrases_clear (KsKeyFilePhrases *self)
{
  for (guint i = 0; i < self->n; i++)
    ks_secret_unref (self->texts[i]);
  self->n = 0;
}
