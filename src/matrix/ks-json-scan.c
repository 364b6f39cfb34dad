/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json-scan.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "crypto/ks-secret.h"
#include "matrix/ks-json-names.h"
#include "matrix/ks-matrix-error.h"

/* The longest number, literal or piece of garbage that is looked at: yajl keeps
 * an unfinished one in memory. */
#define MAX_TOKEN 320

/* Where the lexical check is. It runs over the bytes before yajl does, because
 * yajl takes half surrogate pairs and tells nobody how a string was written. */
typedef enum
{
  OUTSIDE,
  IN_STRING,
  AFTER_BACKSLASH,
  IN_HEX,
} Place;

struct KsJsonScanner
{
  const KsJsonSink *sink; /* borrowed */
  gpointer data;          /* borrowed */
  gsize max_string;
  yajl_handle yajl; /* owned */
  GString *text;    /* owned: the string that the sink is shown */
  GError *error;    /* owned: the first refusal */
  gboolean dead;

  Place place;
  gboolean pair_open; /* after \uD800…\uDBFF: its other half must follow */
  gboolean dropping;  /* the rest of an overlong string */
  gboolean cutting;   /* the rest of an overlong number */
  gboolean lost;      /* the next string that yajl reports is such a one */
  guint hex_digits;
  guint hex;
  gsize token_size;

  guint depth;                           /* of open objects and arrays */
  KsJsonNames *names[KS_JSON_MAX_DEPTH]; /* owned; made when first needed */
};

static gboolean
refuse (KsJsonScanner *self, const char *reason)
{
  if (self->error == NULL)
    self->error = ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 0, NULL, 0, FALSE, "bad JSON: %s", reason);
  return FALSE;
}

void
ks_json_scanner_fail (KsJsonScanner *scanner, GError *error)
{
  if (scanner->error == NULL)
    scanner->error = error;
  else
    g_error_free (error);
}

static gboolean
told (KsJsonScanner *self, gboolean go_on)
{
  return go_on || refuse (self, "not what belongs here");
}

static gboolean
open_level (KsJsonScanner *self, gboolean is_object)
{
  if (self->depth == KS_JSON_MAX_DEPTH)
    return refuse (self, "nested too deeply");
  if (is_object)
    {
      KsJsonNames **names = &self->names[self->depth];

      if (*names == NULL)
        *names = ks_json_names_new ();
      ks_json_names_reset (*names);
    }
  self->depth++;
  return TRUE;
}

static int
on_start_map (void *context)
{
  KsJsonScanner *self = context;

  return open_level (self, TRUE)
         && (self->sink->start_object == NULL || told (self, self->sink->start_object (self->data)));
}

static int
on_end_map (void *context)
{
  KsJsonScanner *self = context;

  self->depth--;
  return self->sink->end_object == NULL || told (self, self->sink->end_object (self->data));
}

static int
on_start_array (void *context)
{
  KsJsonScanner *self = context;

  return open_level (self, FALSE)
         && (self->sink->start_array == NULL || told (self, self->sink->start_array (self->data)));
}

static int
on_end_array (void *context)
{
  KsJsonScanner *self = context;

  self->depth--;
  return self->sink->end_array == NULL || told (self, self->sink->end_array (self->data));
}

/* Makes self->text of what yajl reports. *@lost: it is only a part. */
static gboolean
take_text (KsJsonScanner *self, const unsigned char *bytes, size_t size, gboolean *lost)
{
  *lost = self->lost;
  self->lost = FALSE;
  if (*lost)
    return TRUE;
  if (!g_utf8_validate_len ((const char *) bytes, size, NULL))
    return refuse (self, "a string is not UTF-8");
  g_string_truncate (self->text, 0);
  g_string_append_len (self->text, (const char *) bytes, (gssize) size);
  return TRUE;
}

static int
on_map_key (void *context, const unsigned char *bytes, size_t size)
{
  KsJsonScanner *self = context;
  gboolean lost;

  if (!take_text (self, bytes, size, &lost))
    return FALSE;
  if (lost)
    return self->sink->key != NULL && told (self, self->sink->key (self->data, NULL, 0));
  if (!ks_json_names_add (self->names[self->depth - 1], self->text->str, self->text->len))
    return refuse (self, "a member is there twice");
  return self->sink->key == NULL
         || told (self, self->sink->key (self->data, self->text->str, self->text->len));
}

static int
on_string (void *context, const unsigned char *bytes, size_t size)
{
  KsJsonScanner *self = context;
  gboolean lost;

  if (!take_text (self, bytes, size, &lost))
    return FALSE;
  if (self->sink->string == NULL)
    return TRUE;
  return told (self,
               self->sink->string (self->data, lost ? NULL : self->text->str, lost ? 0 : self->text->len));
}

static int
on_odd_number (KsJsonScanner *self, const char *why)
{
  if (self->sink->odd_number == NULL)
    return refuse (self, why);
  return told (self, self->sink->odd_number (self->data));
}

/* @text is a number by JSON's grammar. 1e10 is an integer, as in the examples of
 * the specification ("Canonical JSON"); 1.0 is not. */
static int
on_number (void *context, const char *bytes, size_t size)
{
  KsJsonScanner *self = context;
  char text[MAX_TOKEN + 1];
  double real;
  gboolean exponent;

  if (size > MAX_TOKEN)
    return on_odd_number (self, "a number is too long");
  memcpy (text, bytes, size);
  text[size] = '\0';
  exponent = strpbrk (text, "eE") != NULL;

  if (!exponent && strchr (text, '.') == NULL)
    {
      gint64 integer;

      errno = 0;
      integer = g_ascii_strtoll (text, NULL, 10);
      if (errno != 0 || integer > KS_JSON_MAX_INTEGER || integer < -KS_JSON_MAX_INTEGER)
        return on_odd_number (self, "an integer is out of range");
      return self->sink->number == NULL || told (self, self->sink->number (self->data, TRUE, integer, 0));
    }

  real = g_ascii_strtod (text, NULL);
  if (!isfinite (real))
    return on_odd_number (self, "a number is out of range");
  if (self->sink->number == NULL)
    return TRUE;
  if (exponent && strchr (text, '.') == NULL && strstr (text, "e-") == NULL && strstr (text, "E-") == NULL
      && fabs (real) <= (double) KS_JSON_MAX_INTEGER)
    return told (self, self->sink->number (self->data, TRUE, (gint64) real, 0));
  return told (self, self->sink->number (self->data, FALSE, 0, real));
}

static int
on_boolean (void *context, int value)
{
  KsJsonScanner *self = context;

  return self->sink->boolean == NULL || told (self, self->sink->boolean (self->data, value != 0));
}

static int
on_null (void *context)
{
  KsJsonScanner *self = context;

  return self->sink->null == NULL || told (self, self->sink->null (self->data));
}

static const yajl_callbacks callbacks = {
  .yajl_null = on_null,
  .yajl_boolean = on_boolean,
  .yajl_number = on_number,
  .yajl_string = on_string,
  .yajl_start_map = on_start_map,
  .yajl_map_key = on_map_key,
  .yajl_end_map = on_end_map,
  .yajl_start_array = on_start_array,
  .yajl_end_array = on_end_array,
};

KsJsonScanner *
ks_json_scanner_new (const KsJsonSink *sink, gpointer data, gsize max_string)
{
  static const KsJsonSink none;
  KsJsonScanner *self = g_new0 (KsJsonScanner, 1);

  self->sink = sink != NULL ? sink : &none;
  self->data = data;
  self->max_string = max_string > 0 ? max_string : G_MAXSIZE;
  self->text = g_string_sized_new (4096);
  self->yajl = yajl_alloc (&callbacks, NULL, self);
  if (self->yajl == NULL)
    g_error ("no memory for a JSON parser");
  /* Strings are checked in take_text(): yajl's own check lets more through, and
   * stumbles over those that are cut here for their length. */
  yajl_config (self->yajl, yajl_dont_validate_strings, 1);
  return self;
}

void
ks_json_scanner_free (KsJsonScanner *scanner)
{
  if (scanner == NULL)
    return;
  for (guint i = 0; i < KS_JSON_MAX_DEPTH; i++)
    ks_json_names_free (scanner->names[i]);
  yajl_free (scanner->yajl);
  ks_wipe (scanner->text->str, scanner->text->allocated_len); /* may have held a token */
  g_string_free (scanner->text, TRUE);
  g_clear_error (&scanner->error);
  g_free (scanner);
}

static gboolean
pass_on (KsJsonScanner *self, const guint8 *bytes, gsize size)
{
  if (size == 0 || yajl_parse (self->yajl, bytes, size) == yajl_status_ok)
    return TRUE;
  return refuse (self, "a syntax error");
}

/* A \uXXXX is complete. */
static gboolean
hex_complete (KsJsonScanner *self)
{
  gboolean high = self->hex >= 0xd800 && self->hex <= 0xdbff;
  gboolean low = self->hex >= 0xdc00 && self->hex <= 0xdfff;

  if (self->hex == 0)
    return refuse (self, "a string holds NUL");
  if (self->pair_open != low)
    return refuse (self, "half a surrogate pair");
  self->pair_open = high;
  self->place = IN_STRING;
  return TRUE;
}

static gboolean
look_outside (KsJsonScanner *self, guint8 byte)
{
  if (byte == '"')
    {
      self->place = IN_STRING;
      self->token_size = 0;
      return TRUE;
    }
  switch (byte)
    {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case ',':
    case ':':
    case '[':
    case ']':
    case '{':
    case '}':
      self->token_size = 0;
      return TRUE;
    default:
      break;
    }
  /* Above ASCII there is no token, but yajl would skip a byte order mark; it also
   * takes form feeds for white space. */
  if (byte < 0x20 || byte > 0x7e || byte == '/')
    return refuse (self, "a character that belongs into a string");
  if (++self->token_size <= MAX_TOKEN)
    return TRUE;
  return (self->sink->odd_number != NULL && strchr ("0123456789+-.eE", byte) != NULL)
         || refuse (self, "a number is too long");
}

/* The start of an overlong number goes to yajl, which tells of it where a number may stand; it is one
 * byte longer than any that counts. @passed: up to where yajl has been given what is looked at. */
static gboolean
cut_number (KsJsonScanner *self, const guint8 *bytes, gsize at, gsize *passed)
{
  if (!self->cutting && self->token_size > MAX_TOKEN + 1)
    {
      self->cutting = TRUE;
      return pass_on (self, bytes + *passed, at - *passed);
    }
  if (self->cutting && self->token_size == 0)
    {
      self->cutting = FALSE;
      *passed = at;
    }
  return TRUE;
}

static gboolean
look_in_string (KsJsonScanner *self, guint8 byte)
{
  self->token_size++;
  switch (self->place)
    {
    case AFTER_BACKSLASH:
      if (byte == 'u')
        {
          self->place = IN_HEX;
          self->hex = 0;
          self->hex_digits = 0;
          return TRUE;
        }
      self->place = IN_STRING;
      if (self->pair_open)
        return refuse (self, "half a surrogate pair");
      return (byte != '\0' && strchr ("\"\\/bfnrt", byte) != NULL) || refuse (self, "an unknown escape");
    case IN_HEX:
      if (!g_ascii_isxdigit ((char) byte))
        return refuse (self, "an unknown escape");
      self->hex = self->hex * 16 + (guint) g_ascii_xdigit_value ((char) byte);
      return ++self->hex_digits < 4 || hex_complete (self);
    case IN_STRING:
    case OUTSIDE:
    default:
      break;
    }

  if (byte == '\\')
    {
      self->place = AFTER_BACKSLASH;
      return TRUE;
    }
  if (self->pair_open)
    return refuse (self, "half a surrogate pair");
  if (byte == '"')
    self->place = OUTSIDE;
  else if (byte < 0x20)
    return refuse (self, "a control character in a string");
  return TRUE;
}

/* How many of the bytes mean nothing but themselves in a string. */
static gsize
plain_bytes (const guint8 *bytes, gsize size)
{
  gsize n = 0;

  while (n < size && bytes[n] >= 0x20 && bytes[n] != '"' && bytes[n] != '\\')
    n++;
  return n;
}

/* Passes over as much of a string at once as needs no closer look. */
static gsize
skip_plain (KsJsonScanner *self, const guint8 *bytes, gsize size)
{
  gsize left = self->dropping ? size : self->max_string - MIN (self->token_size, self->max_string);
  gsize n;

  if (self->place != IN_STRING || self->pair_open)
    return 0;
  n = plain_bytes (bytes, MIN (size, left));
  self->token_size += n;
  return n;
}

/* Looks at each byte, and passes all on to yajl but the ends of overlong strings and numbers. */
static gboolean
look (KsJsonScanner *self, const guint8 *bytes, gsize size)
{
  gsize passed = 0;

  for (gsize i = 0; i < size; i++)
    {
      if (self->place == OUTSIDE)
        {
          if (!look_outside (self, bytes[i]) || !cut_number (self, bytes, i, &passed))
            return FALSE;
          continue;
        }
      i += skip_plain (self, bytes + i, size - i);
      if (i == size)
        break;
      if (self->place == IN_STRING && !self->pair_open && !self->dropping && bytes[i] != '"'
          && self->token_size >= self->max_string)
        {
          if (!pass_on (self, bytes + passed, i - passed))
            return FALSE;
          self->dropping = TRUE;
        }
      if (!look_in_string (self, bytes[i]))
        return FALSE;
      if (self->dropping && self->place == OUTSIDE)
        {
          passed = i; /* with the quotation mark */
          self->dropping = FALSE;
          self->lost = TRUE;
        }
    }
  return self->dropping || self->cutting || pass_on (self, bytes + passed, size - passed);
}

static gboolean
settle (KsJsonScanner *self, gboolean fine, GError **error)
{
  if (fine)
    return TRUE;
  self->dead = TRUE;
  g_propagate_error (error, g_steal_pointer (&self->error));
  return FALSE;
}

gboolean
ks_json_scanner_feed (KsJsonScanner *scanner, const void *bytes, gsize size, GError **error)
{
  g_return_val_if_fail (!scanner->dead, FALSE);

  return settle (scanner, look (scanner, bytes, size), error);
}

gboolean
ks_json_scanner_end (KsJsonScanner *scanner, GError **error)
{
  g_return_val_if_fail (!scanner->dead, FALSE);

  return settle (scanner,
                 yajl_complete_parse (scanner->yajl) == yajl_status_ok
                     || refuse (scanner, "it ends too early"),
                 error);
}
