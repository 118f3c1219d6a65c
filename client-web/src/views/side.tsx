/* side.tsx: beside a conversation, where there is room for a third column: who takes part in it,
 * and what its room is for. */
import type { VNode } from "preact";
import { t } from "../i18n";
import { href } from "../router";
import type { Page as PostPage, State } from "../store";
import type { Thread } from "../types";
import { Initials, nameOf, place } from "./parts";

const PEOPLE_MAX = 12;

export function Side({ s, thread: th, page }: { s: State; thread: Thread; page: PostPage }): VNode {
  const room = s.rooms[th.room];
  const people = [...new Set([...page.posts].reverse().map((p) => p.by))].filter(Boolean);
  return (
    <aside class="side" aria-label={t("side.title")}>
      {people.length > 0 && (
        <section>
          <h2>{t("side.people")}</h2>
          <ul>
            {people.slice(0, PEOPLE_MAX).map((id) => (
              <li key={id}>
                <Initials id={id} />
                <span>
                  <b dir="auto">{nameOf(s, id)}</b>
                  <span class="meta" dir="auto">
                    {place(s.members[id])}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {room && !room.with && (
        <section>
          <h2>{t("side.room")}</h2>
          <p dir="auto">{room.about}</p>
          <p>
            <a href={href.room(room.id)} dir="auto">
              {room.name}
            </a>
          </p>
          <p class="meta">
            {t("room.threads", { n: room.threads })} · {t("room.members", { n: room.members })}
          </p>
        </section>
      )}
    </aside>
  );
}
