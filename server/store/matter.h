/* matter.h: who may decide about a matter, in SQL: the queue tells it as the decision asks it. `m`: the matter. */
#ifndef BZ_STORE_MATTER_H
#define BZ_STORE_MATTER_H
#include "store/statement.h"

#define MATTER_SOURCE                                                                                               \
    " FROM matter AS m LEFT JOIN sanction AS sn ON sn.id = m.sanction LEFT JOIN room AS r ON r.id = m.room"         \
    " LEFT JOIN thread AS t ON t.id = m.thread"                                                                     \
    " LEFT JOIN post AS p ON p.id = m.post LEFT JOIN hidden AS hd ON hd.post = m.post"                               \
    " LEFT JOIN held AS he ON he.id = m.id"

/* Whom it concerns: nobody owns a lobby (kind 1). */
#define CONCERNED "coalesce(p.by, m.member, CASE WHEN t.kind <> 1 THEN t.by END)"

/* Whoever reported something does not decide about it, nor whoever ever hid a post about an appeal against that...
 * +: found among the few reports of the matter, not among all that somebody made. */
#define IS_PARTY(who)                                                                                               \
    "CASE WHEN m.is_appeal THEN EXISTS (SELECT 1 FROM hider AS hi WHERE hi.post = m.post AND hi.by = " who ")"       \
    " ELSE m.ask IS NULL AND EXISTS (SELECT 1 FROM report AS pr WHERE pr.matter = m.id AND +pr.by = " who ") END"
/* ... where somebody else could: who moderates there, can sign in, and is not concerned either. */
#define IS_ANOTHERS(who)                                                                                            \
    "EXISTS (SELECT 1 FROM member AS om WHERE om.id IN (SELECT id FROM member WHERE role >= 2 UNION ALL"            \
    " SELECT member FROM given_role WHERE role >= 2 AND scope IN (r.id, r.region)) AND om.id <> " who               \
    " AND om.id IS NOT " CONCERNED " AND (m.is_appeal = 0 OR om.id IS NOT hd.by) AND NOT " IS_PARTY("om.id")         \
    " AND " MODERATES("r", "om.id", "om.role") " AND " CAN_SIGN_IN("om.id") ")"

/* A matter of the hub about a conversation of two: those two do not judge, whoever else there is. */
#define IS_OF_TWO(who)                                                                                              \
    "(m.room IS NULL AND m.sanction IS NULL AND (EXISTS (SELECT 1 FROM report AS dr WHERE dr.matter = m.id"          \
    " AND +dr.by = " who ") OR EXISTS (SELECT 1 FROM thread AS dt JOIN membership AS dm ON dm.room = dt.room"        \
    " WHERE dt.id = p.thread AND dm.member = " who ")))"

/* Who is judged does not judge, and whoever hid it does not decide about the appeal; an act is approved by who could do it. */
#define MAY_DECIDE(who)                                                                                             \
    who " IS NOT " CONCERNED " AND (m.is_appeal = 0 OR " who " IS NOT coalesce(hd.by, sn.by))"                      \
    " AND NOT " IS_OF_TWO(who) " AND (NOT " IS_PARTY(who) " OR NOT " IS_ANOTHERS(who) ")"           \
    " AND (he.does IS NULL OR (" MODERATES_OF("room", who) " AND " MODERATES_OF("to_room", who) "))"
#define MODERATES_OF(place, who)                                                                                    \
    "EXISTS (SELECT 1 FROM room AS dr JOIN member AS dm ON dm.id = " who " WHERE dr.id ="                           \
    " id_of(json_extract(he.does, '$." place "')) AND " MODERATES("dr", "dm.id", "dm.role") ")"

/* Whether somebody who may decide moderates just that room or region, and may act there now. */
#define SOMEBODY(scope)                                                                                             \
    "EXISTS (SELECT 1 FROM given_role AS g WHERE g.scope = " scope " AND g.role >= 2 AND NOT EXISTS (SELECT 1"      \
    " FROM sanction AS sg WHERE sg.member = g.member AND sg.scope IN (0, " scope ", " REGION ") AND sg.act >= 2 AND "  \
    IN_FORCE("sg", "now_ms()") ") AND " MAY_DECIDE("g.member") ")"
#define REGION "coalesce(r.region, sn.scope)"
#endif
