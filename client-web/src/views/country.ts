/* country.ts: countries and other names of codes, in the reader's language. */
import { lang } from "../i18n";

/* ISO 3166-1 alpha-2. */
const COUNTRIES =
  "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

export function countryName(code: string): string {
  try {
    return new Intl.DisplayNames(lang.value, { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

export const byName = (codes: string[], name: (code: string) => string): [string, string][] =>
  codes
    .map((c): [string, string] => [c, name(c)])
    .sort((a, b) => a[1].localeCompare(b[1], lang.value));

export const countries = (): [string, string][] => byName(COUNTRIES.match(/../g)!, countryName);
