/* policy.h: who may do what. The only place; asked by commands, queries, fan-out and search alike. Pure. */
#ifndef BZ_DOMAIN_POLICY_H
#define BZ_DOMAIN_POLICY_H
#include "base/err.h"
#include "domain/facts.h"

/* What somebody's role is worth in a room: of two, nobody has a higher one than the other. */
enum role policy_role_in(enum role role, enum access access);

/* May somebody with this hub role see the room's content? is_joined: joined, or invited.
 * open: every member and guest; members: who joined, moderators; private: who is part of it, admins; direct: its two. */
bool policy_can_read(enum role role, enum access access, bool is_joined);
/* May they learn that the room exists (room.list, join)? open and members rooms: all; others: readers only. */
bool policy_can_find(enum role role, enum access access, bool is_joined);

/* By a token that does not moderate its owner acts as a member, whatever their role. */
void policy_plain(const struct command *cmd, struct facts *facts);

/* Whom it concerns that a post, a member, or else the thread was reported or set aside: nobody owns a lobby. */
bz_id policy_concerned(const struct facts *facts, bz_id post, bz_id member);

/* " until 2026-11-23 10:00 UTC"; "" for INT64_MAX: there is no end. */
#define UNTIL_TEXT 48
void policy_until(int64_t until_ms, char ret[UNTIL_TEXT]);

/* May the actor decide about facts->member, whose role there (member.role) must be lower than theirs, and who is not they? */
enum bz_err policy_judges(const struct facts *facts, struct bz_error *e);

/* Does what facts->matter asks for still lie with facts->member, who asked: would they be let do it now, but for the pace of
 * a slow room? Else CONFLICT, and the field says what is in the way: member, room or thread. Of an act of moderation: is all
 * where it was, and would the actor be let do it as well? Else FORBIDDEN. */
enum bz_err policy_approves(const struct facts *facts, struct bz_error *e);

/* The more closed of the two rooms of a move: who moderates it may be told of both. */
const struct room_facts *policy_closer(const struct facts *facts);

/* UNAUTHENTICATED when the actor is nobody. BZ_OK, or NOT_FOUND when the object is not visible (exactly as when it
 * does not exist), FORBIDDEN when it is visible but the act is not theirs, CONFLICT when its state forbids it (locked).
 * e says it for people. */
enum bz_err policy_check(const struct facts *facts, const struct command *cmd, struct bz_error *e);
#endif
