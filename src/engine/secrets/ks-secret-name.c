/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-secret-name.h"

const char *
ks_secret_name_to_string (KsSecretName name)
{
  switch (name)
    {
    case KS_SECRET_MASTER:
      return "m.cross_signing.master";
    case KS_SECRET_SELF_SIGNING:
      return "m.cross_signing.self_signing";
    case KS_SECRET_USER_SIGNING:
      return "m.cross_signing.user_signing";
    case KS_SECRET_BACKUP:
      return "m.megolm_backup.v1";
    default:
      g_return_val_if_reached (NULL);
    }
}
