/* fieldname.ts: a field of a profile, as its form calls it. */
import { t, type Key } from "../i18n";

const FIELDS: Record<string, Key> = {
  title: "profile.role", languages: "profile.languages", themes: "profile.themes", can: "profile.can", can_themes: "profile.canthemes",
  seeks: "profile.seeks", about: "profile.about", size: "org.size", contact: "profile.contact",
};
export const fieldName = (field: string): string => t(FIELDS[field] ?? "profile.title");
