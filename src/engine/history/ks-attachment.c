/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-attachment-private.h"

#include "crypto/ks-encoding.h"
#include "engine/identity/ks-shown-name.h"
#include "matrix/ks-api-media.h"
#include "matrix/ks-json.h"

#include <string.h>

G_DEFINE_QUARK (ks - attachment - error - quark, ks_attachment_error)

/* G_DEFINE_BOXED_TYPE() is not ISO C. */
GType
ks_attachment_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
                       g_boxed_type_register_static ("KsAttachment", (GBoxedCopyFunc) ks_attachment_ref,
                                                     (GBoxedFreeFunc) ks_attachment_unref));
  return type;
}

/* In bytes: file systems have room for 255, and whoever saves it may add to it. */
#define MAX_NAME 200
#define MAX_ENDING 16
#define MAX_MIMETYPE 100

KsAttachment *
ks_attachment_ref (KsAttachment *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
ks_attachment_unref (KsAttachment *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->name);
  g_free (self->mimetype);
  g_free (self->uri);
  ks_wipe (self->key, sizeof self->key);
  g_free (self);
}

KsAttachmentKind
ks_attachment_get_kind (const KsAttachment *self)
{
  return self->kind;
}

const char *
ks_attachment_get_name (const KsAttachment *self)
{
  return self->name;
}

const char *
ks_attachment_get_mimetype (const KsAttachment *self)
{
  return self->mimetype;
}

gint64
ks_attachment_get_size (const KsAttachment *self)
{
  return self->size;
}

gboolean
ks_attachment_get_encrypted (const KsAttachment *self)
{
  return self->encrypted;
}

gboolean
ks_attachment_get_usable (const KsAttachment *self)
{
  return self->uri != NULL;
}

/* --- reading --- */

/* At most @max bytes of @text, of whole characters. */
static char *
shorten (const char *text, gsize max)
{
  const char *end = text + max;

  if (strlen (text) <= max)
    return g_strdup (text);
  while (end > text && ((guchar) *end & 0xc0) == 0x80)
    end--;
  return g_strndup (text, (gsize) (end - text));
}

/* @name as a file can be called: no directory, not hidden, its ending kept. */
static char *
file_name (const char *name)
{
  g_autofree char *shown = ks_shown_name (name);
  g_autofree char *start = NULL;
  const char *ending;
  char *from = shown;

  while (from != NULL && (*from == '.' || *from == ' '))
    from++;
  if (from == NULL || *from == '\0')
    return g_strdup ("attachment");
  g_strdelimit (from, "/\\", '_');
  ending = strrchr (from, '.');
  if (strlen (from) <= MAX_NAME || ending == NULL || strlen (ending) > MAX_ENDING)
    return shorten (from, MAX_NAME);
  start = shorten (from, MAX_NAME - strlen (ending));
  return g_strconcat (start, ending, NULL);
}

static char *
read_mimetype (JsonObject *info)
{
  const char *type;

  if (!ks_json_get_string (info, "mimetype", &type) || strlen (type) > MAX_MIMETYPE
      || strchr (type, '/') == NULL)
    return NULL;
  for (const char *c = type; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("/.+-_", *c) == NULL)
      return NULL;
  return g_strdup (type);
}

/* Base64 of either alphabet, padded or not: it can mean nothing else. */
static gboolean
decode_exact (const char *text, uint8_t *bytes, gsize size)
{
  g_autofree char *standard = g_strdelimit (g_strdup (text), "-", '+');

  g_strdelimit (standard, "_", '/');
  return ks_base64_decode_exact (standard, strlen (standard), bytes, size) == KS_DECODE_OK;
}

/* The whole first block of the counter; or only its upper half, as the specification could be
 * understood (matrix-spec-proposals#2483). */
static gboolean
read_iv (KsAttachment *self, JsonObject *file)
{
  const char *text;

  if (!ks_json_get_string (file, "iv", &text))
    return FALSE;
  if (decode_exact (text, self->iv, sizeof self->iv))
    return TRUE;
  memset (self->iv, 0, sizeof self->iv);
  return decode_exact (text, self->iv, sizeof self->iv / 2);
}

static gboolean
read_hash (KsAttachment *self, JsonObject *file)
{
  JsonObject *hashes;
  const char *text;

  return ks_json_get_object (file, "hashes", &hashes) && ks_json_get_string (hashes, "sha256", &text)
         && decode_exact (text, self->hash, sizeof self->hash);
}

/* Client-Server API, "Extensions to m.room.message msgtypes": "v2". What was sent before has
 * "v1", which counts alike, or no version, and then the counter is the whole block. */
static gboolean
read_version (KsAttachment *self, JsonObject *file)
{
  const char *version;

  self->counter = KS_ATTACHMENT_COUNTER_64;
  if (!ks_json_optional_string (file, "v", &version))
    return FALSE;
  if (version == NULL || version[0] == '\0' || g_str_equal (version, "v0"))
    self->counter = KS_ATTACHMENT_COUNTER_128;
  else if (!g_str_equal (version, "v1") && !g_str_equal (version, "v2"))
    return FALSE;
  return TRUE;
}

/* What a JSON Web Key says of itself beside the key may be left out, and not be another. */
static gboolean
says_or_omits (JsonObject *key, const char *name, const char *value)
{
  const char *said;

  return ks_json_optional_string (key, name, &said) && (said == NULL || g_str_equal (said, value));
}

static gboolean
read_key (KsAttachment *self, JsonObject *file)
{
  JsonObject *key;
  const char *k;

  return ks_json_get_object (file, "key", &key) && says_or_omits (key, "kty", "oct")
         && says_or_omits (key, "alg", "A256CTR") && ks_json_get_string (key, "k", &k)
         && ks_attachment_key_parse (k, self->key);
}

/* An EncryptedFile. FALSE: something is missing or wrong. */
static gboolean
read_file (KsAttachment *self, JsonObject *file)
{
  const char *uri;

  if (!read_version (self, file) || !ks_json_get_string (file, "url", &uri) || !ks_mxc_is_valid (uri)
      || !read_key (self, file) || !read_iv (self, file) || !read_hash (self, file))
    return FALSE;
  self->uri = g_strdup (uri);
  return TRUE;
}

static gboolean
find_kind (const char *msgtype, KsAttachmentKind *kind)
{
  static const struct
  {
    const char *msgtype;
    KsAttachmentKind kind;
  } known[] = {
    { "m.file", KS_ATTACHMENT_FILE },     { "m.image", KS_ATTACHMENT_IMAGE },
    { "m.video", KS_ATTACHMENT_VIDEO },   { "m.audio", KS_ATTACHMENT_AUDIO },
    { "m.sticker", KS_ATTACHMENT_IMAGE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].msgtype, msgtype))
      {
        *kind = known[i].kind;
        return TRUE;
      }
  return FALSE;
}

KsAttachment *
ks_attachment_read (JsonObject *content, const char *msgtype)
{
  KsAttachmentKind kind;
  KsAttachment *self;
  JsonObject *file, *info;
  const char *name, *uri;

  if (!find_kind (msgtype, &kind))
    return NULL;
  self = g_new0 (KsAttachment, 1);
  g_atomic_ref_count_init (&self->references);
  self->kind = kind;
  if (!ks_json_get_string (content, "filename", &name))
    ks_json_get_string (content, "body", &name);
  self->name = file_name (name);
  ks_json_get_object (content, "info", &info);
  self->mimetype = read_mimetype (info);
  if (!ks_json_get_integer (info, "size", &self->size) || self->size < 0)
    self->size = -1;
  self->encrypted = ks_json_get_type (content, "file") != KS_JSON_ABSENT;
  if (self->encrypted)
    {
      if (!ks_json_get_object (content, "file", &file) || !read_file (self, file))
        ks_wipe (self->key, sizeof self->key);
    }
  else if (ks_json_get_string (content, "url", &uri) && ks_mxc_is_valid (uri))
    self->uri = g_strdup (uri);
  return self;
}
