/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-phrase-famous.h"

#include "crypto/ks-secret.h"

#include <string.h>

/* Letters and digits only. Openings and cores rather than whole verses: what is added to
 * them counts for itself. No list is complete; these are the ones that people write when
 * they are asked for a sentence. */
static const char *const famous[] = {
  "correcthorsebatterystaple",
  "correcthorsebattery",
  "tr0ub4dor",
  "tr0ub4dour",
  "thequickbrownfox",
  "jumpsoverthelazydog",
  "loremipsumdolorsitamet",
  "tobeornottobe",
  "thatisthequestion",
  "maytheforcebewithyou",
  "iamyourfather",
  "maryhadalittlelamb",
  "itsfleecewaswhiteassnow",
  "twinkletwinklelittlestar",
  "howiwonderwhatyouare",
  "humptydumptysatonawall",
  "jackandjillwentupthehill",
  "rowrowrowyourboat",
  "iloveyouverymuch",
  "happybirthdaytoyou",
  "merrychristmasandahappynewyear",
  "onceuponatime",
  "theylivedhappilyeverafter",
  "openthepodbaydoors",
  "livelongandprosper",
  "beammeupscotty",
  "onedoesnotsimplywalkintomordor",
  "oneringtorulethemall",
  "youshallnotpass",
  "notallthosewhowanderarelost",
  "winteriscoming",
  "heresjohnny",
  "franklymydearidontgiveadamn",
  "houstonwehaveaproblem",
  "onesmallstepforman",
  "ihaveadream",
  "wethepeople",
  "fourscoreandsevenyearsago",
  "asknotwhatyourcountrycandoforyou",
  "ithinkthereforeiam",
  "cogitoergosum",
  "carpediem",
  "venividivici",
  "hakunamatata",
  "supercalifragilisticexpialidocious",
  "somewhereovertherainbow",
  "isthisthereallife",
  "isthisjustfantasy",
  "nevergonnagiveyouup",
  "imaginethereisnoheaven",
  "imaginetheresnoheaven",
  "allyouneedislove",
  "stairwaytoheaven",
  "wewillrockyou",
  "wearethechampions",
  "hellodarknessmyoldfriend",
  "itwasthebestoftimes",
  "callmeishmael",
  "inthebeginninggodcreated",
  "ourfatherwhoartinheaven",
  "thelordismyshepherd",
  "godsavethequeen",
  "godsavetheking",
  "ohsaycanyousee",
  "theanswertolifetheuniverseandeverything",
  "solongandthanksforallthefish",
  "allyourbasearebelongtous",
  "thecakeisalie",
  "mondaytuesdaywednesday",
  "januaryfebruarymarch",
  "onetwothreefourfive",
  "redorangeyellowgreenblue",
  "alphabravocharliedelta",
  "ichliebedich",
  "jetaime",
  "tequieromucho",
  "practicemakesperfect",
  "anappleadaykeepsthedoctoraway",
};

static gboolean
cut_one (char *text, const char *sentence)
{
  gsize length = strlen (text);

  for (gsize begin = 0; begin < length; begin++)
    {
      gsize at = begin;
      gsize n = 0;

      if (!g_ascii_isalnum (text[begin]))
        continue;
      while (at < length && sentence[n] != '\0')
        {
          if (g_ascii_isalnum (text[at]))
            {
              if (g_ascii_tolower (text[at]) != sentence[n])
                break;
              n++;
            }
          at++;
        }
      if (sentence[n] != '\0')
        continue;
      memmove (text + begin, text + at, length - at + 1);
      ks_wipe (text + length - (at - begin), at - begin);
      return TRUE;
    }
  return FALSE;
}

gsize
ks_phrase_famous_cut (char *text)
{
  gsize n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (famous); i++)
    while (cut_one (text, famous[i]))
      n++;
  return n;
}
