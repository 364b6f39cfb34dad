/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/ks-log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REDACTED "[redacted]"

/* In this order: the named ones first, so that their names stay readable. */
static const char *const patterns[] = {
  "(?<=[Bb]earer )\\S+",
  "(?<=access_token=)[^&\\s\"]+",
  "(?<=loginToken=)[^&\\s\"]+",
  "(?<=refresh_token=)[^&\\s\"]+",
  /* The members of JSON bodies that are secret wherever they occur. */
  "(?<=\"password\":\")[^\"]*",
  "(?<=\"access_token\":\")[^\"]*",
  "(?<=\"refresh_token\":\")[^\"]*",
  "\\b(?:syt|syr|mct|mcr|mat)_[A-Za-z0-9_=.+/-]{8,}",
  /* A Security Key: 48 characters of base58, alone or in groups of 4. */
  "(?<![A-Za-z0-9])Es[1-9A-HJ-NP-Za-km-z]{2}(?:\\s*[1-9A-HJ-NP-Za-km-z]{4}){11}(?![A-Za-z0-9])",
  /* 43 characters of base64 hold 32 bytes. */
  "[A-Za-z0-9+/]{43,}={0,2}",
};

static GRegex *regexes[G_N_ELEMENTS (patterns)];
static gboolean verbose_log;

static void
compile_patterns (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (GError) error = NULL;

      regexes[i] = g_regex_new (patterns[i], G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, &error);
      if (regexes[i] == NULL)
        {
          fprintf (stderr, "ks-log: %s\n", error->message);
          abort ();
        }
    }
  g_once_init_leave (&done, 1);
}

char *
ks_log_redact (const char *message)
{
  char *text = g_strdup (message);

  compile_patterns ();
  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      char *next = g_regex_replace_literal (regexes[i], text, -1, 0, REDACTED, 0, NULL);

      /* A pattern that gave up (a message of absurd length) hides all of it. */
      g_free (text);
      text = next != NULL ? next : g_strdup (REDACTED);
    }
  return text;
}

static GLogWriterOutput
write_redacted (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  g_autofree GLogField *copy = g_new (GLogField, n_fields);
  g_autofree char *redacted = NULL;

  memcpy (copy, fields, n_fields * sizeof *copy);
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      {
        g_autofree char *message = fields[i].length < 0
                                       ? g_strdup (fields[i].value)
                                       : g_strndup (fields[i].value, (gsize) fields[i].length);
        g_free (redacted);
        redacted = ks_log_redact (message);
        copy[i].value = redacted;
        copy[i].length = -1;
      }

  if (level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO) && !verbose_log
      && g_log_writer_default_would_drop (level, G_LOG_DOMAIN))
    return G_LOG_WRITER_HANDLED;
  if (g_log_writer_is_journald (fileno (stderr))
      && g_log_writer_journald (level, copy, n_fields, data) == G_LOG_WRITER_HANDLED)
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_standard_streams (level, copy, n_fields, data);
}

void
ks_log_init (gboolean verbose)
{
  verbose_log = verbose;
  compile_patterns ();
  /* stdout belongs to what a program prints for its user. */
  g_log_writer_default_set_use_stderr (TRUE);
  g_log_set_writer_func (write_redacted, NULL, NULL);
}
