/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * That this links is the test: the layer is taken in whole, with the layers below it
 * and nothing above.
 */

#include <stdio.h>

int
main (void)
{
  puts (LAYER " stands on its own");
  return 0;
}
