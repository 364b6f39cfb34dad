/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-phrase-variants.h"

#include <string.h>

#define BYTE_ORDER_MARK 0xfeff

static gboolean
is_ascii (const KsSecret *text)
{
  for (gsize i = 0; i < ks_secret_size (text); i++)
    if (ks_secret_bytes (text)[i] >= 0x80)
      return FALSE;
  return TRUE;
}

/* NULL: the form is not another. What is all ASCII has no other forms, and is kept from
 * g_utf8_normalize(), whose own buffer on the way is not wiped. */
static KsSecret *
normalise (const KsSecret *text, KsPhraseForm form)
{
  static const GNormalizeMode modes[] = {
    [KS_PHRASE_NFC] = G_NORMALIZE_NFC,
    [KS_PHRASE_NFD] = G_NORMALIZE_NFD,
    [KS_PHRASE_NFKC] = G_NORMALIZE_NFKC,
  };
  char *normal;
  KsSecret *copy;

  if (form == KS_PHRASE_AS_GIVEN || is_ascii (text))
    return NULL;
  normal =
      g_utf8_normalize ((const char *) ks_secret_bytes (text), (gssize) ks_secret_size (text), modes[form]);
  if (normal == NULL)
    return NULL;
  copy = ks_secret_new_copy (normal, strlen (normal));
  ks_wipe_free_string (normal);
  return copy;
}

/* The bytes that an old client hashed: a character of NFC up to @last as one byte, any other as
 * "?"; two of those where @units is set and UTF-16 has two units for it. NULL: no NFC. */
static KsSecret *
narrow (const KsSecret *text, gunichar last, gboolean units, gboolean *lossy)
{
  g_autoptr (KsSecret) composed = normalise (text, KS_PHRASE_NFC);
  const char *at;
  const char *end;
  g_autoptr (KsSecret) bytes = NULL;
  gsize n = 0;

  *lossy = FALSE;
  if (composed == NULL)
    return NULL;
  at = (const char *) ks_secret_bytes (composed);
  end = at + ks_secret_size (composed);
  bytes = ks_secret_new (ks_secret_size (composed));
  for (; at < end; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      *lossy = *lossy || c > last;
      ks_secret_writable (bytes)[n++] = c > last ? '?' : (uint8_t) c;
      if (units && c > 0xffff)
        ks_secret_writable (bytes)[n++] = '?';
    }
  return ks_secret_new_copy (ks_secret_bytes (bytes), n);
}

static gboolean
is_around (gunichar c)
{
  return g_unichar_isspace (c) || c == BYTE_ORDER_MARK;
}

/* NULL: there is nothing around it. */
static KsSecret *
trim (const KsSecret *text)
{
  const char *start = (const char *) ks_secret_bytes (text);
  const char *end = start + ks_secret_size (text);
  const char *from = start;
  const char *to = end;

  while (from < to && is_around (g_utf8_get_char (from)))
    from = g_utf8_next_char (from);
  while (to > from)
    {
      const char *last = g_utf8_find_prev_char (from, to);

      if (last == NULL || !is_around (g_utf8_get_char (last)))
        break;
      to = last;
    }
  return from == start && to == end ? NULL : ks_secret_new_copy (from, (gsize) (to - from));
}

/* Takes @text. */
static void
add (KsPhraseVariants *self, KsSecret *text, KsPhraseForm form, gboolean trimmed, gboolean lossy)
{
  gboolean is_new = ks_secret_size (text) > 0;

  for (unsigned i = 0; i < self->n; i++)
    is_new = is_new && !ks_secret_equal (self->variants[i].text, text);
  if (is_new)
    self->variants[self->n++] = (KsPhraseVariant){ text, form, trimmed, lossy };
  else
    ks_secret_unref (text);
}

static void
add_forms (KsPhraseVariants *self, KsSecret *text, gboolean trimmed)
{
  KsSecret *form;
  gboolean lossy;

  add (self, ks_secret_ref (text), KS_PHRASE_AS_GIVEN, trimmed, FALSE);
  for (int normal = KS_PHRASE_NFC; normal <= KS_PHRASE_NFKC; normal++)
    {
      form = normalise (text, (KsPhraseForm) normal);
      if (form != NULL)
        add (self, form, (KsPhraseForm) normal, trimmed, FALSE);
    }
  form = narrow (text, 0xff, TRUE, &lossy);
  if (form != NULL)
    add (self, form, KS_PHRASE_LATIN_1, trimmed, lossy);
  form = narrow (text, 0x7f, FALSE, &lossy);
  if (form != NULL)
    add (self, form, KS_PHRASE_ASCII, trimmed, lossy);
}

void
ks_phrase_variants_init (KsPhraseVariants *self, KsSecret *phrase)
{
  g_autoptr (KsSecret) trimmed = trim (phrase);

  *self = (KsPhraseVariants){ 0 };
  add_forms (self, phrase, FALSE);
  if (trimmed != NULL)
    add_forms (self, trimmed, TRUE);
}

void
ks_phrase_variants_clear (KsPhraseVariants *self)
{
  for (unsigned i = 0; i < self->n; i++)
    ks_secret_unref (self->variants[i].text);
  self->n = 0;
}
