/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the layers without a window include nearly everywhere, compiled once for each
 * library where a build is set up with -Db_pch=true. Sources go on naming what they
 * need: without that option, which is how people build, nothing of this is there.
 */
#include <gio/gio.h>
#include <string.h>
