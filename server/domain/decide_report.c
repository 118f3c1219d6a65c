/* Reports, what moderators decide about them, and the appeal of who wrote what was hidden. */
#include "domain/decide_parts.h"
#include "domain/kinds.h"
#include "domain/policy.h"

#define CLAIM_MS (30 * 60 * 1000)   /* after that long somebody else may take a matter over */

/* A conversation of two has no moderators: what is reported there is a matter of the hub, which names neither room nor thread. */
static struct place place_of(const struct decider *d, bz_id subject)
{
    const struct facts *f = d->facts;
    bool is_hubs = f->room.id == 0 || f->room.access == ACCESS_DIRECT;
    return (struct place){ .room = is_hubs ? 0 : f->room.id, .thread = is_hubs ? 0 : f->thread.id, .subject = subject };
}

/* Where the post itself stands. */
static struct place place_of_post(const struct decider *d)
{
    const struct facts *f = d->facts;
    return (struct place){ .room = f->thread.room, .thread = f->thread.id, .subject = f->post.id };
}

/* One thing is reported: a post, a thread, or a member in a room. */
static enum bz_err need_one(struct decider *d)
{
    const struct command *cmd = d->cmd;
    int things = (cmd->post != 0) + (cmd->thread != 0) + (cmd->member != 0);
    if (things != 1)
        return bz_invalid(d->e, "post", "post, thread, member: one of them");
    if ((cmd->room != 0) != (cmd->member != 0))
        return bz_invalid(d->e, "room", "room: of the member who is reported, and of nothing else");
    if (cmd->thread != 0 && d->facts->room.access == ACCESS_DIRECT)
        return bz_invalid(d->e, "post", "post: in a conversation of two a post is reported, or the other one");
    return BZ_OK;
}

enum bz_err decide_report_create(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct facts *f = d->facts;
    enum bz_err rc;
    if ((rc = need_one(d)) != BZ_OK || (rc = need_why(d)) != BZ_OK)
        return rc;
    if (cmd->member != 0 && (f->member.id == 0 || (f->room.access == ACCESS_DIRECT && !f->member_is_joined)))
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such member");
    if (policy_concerned(f, cmd->post, cmd->member) == cmd->actor)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "it is your own");
    d->ret->id = f->own_report != 0 ? f->own_report : next_id(d);
    if (f->own_report != 0)
        return BZ_OK;
    body_open(d);
    put_id_opt(d, "report", f->open_matter);
    put_id_opt(d, "post", cmd->post);
    put_id_opt(d, "member", cmd->member);
    json_put_text_opt(&d->body, "rule", cmd->rule);
    json_put_text_opt(&d->body, "reason", cmd->reason);
    entry_add(d, ENTRY_REPORT, place_of(d, d->ret->id));
    return BZ_OK;
}

static bool is_anothers(const struct decider *d)
{
    const struct matter_facts *m = &d->facts->matter;
    return m->claimed_by != 0 && m->claimed_by != d->cmd->actor && d->facts->now_ms - m->claimed_ms < CLAIM_MS;
}

/* Whoever proposed an act takes it back whenever they like, and owes nobody a reason. */
static bool is_withdrawal(const struct decider *d)
{
    const struct matter_facts *m = &d->facts->matter;
    return ask_is_act(m->ask) && m->member == d->cmd->actor && span_is(d->cmd->decision, "refuse");
}

static enum bz_err still_open(struct decider *d)
{
    if (d->facts->matter.is_decided)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "somebody decided it already");
    if (is_anothers(d) && !is_withdrawal(d))
        return bz_fail(d->e, BZ_ERR_CONFLICT, "somebody else is looking at it");
    return BZ_OK;
}

/* What is imposed on whoever wrote it or was reported, or SANCTION_NONE. */
static enum sanction sanction_of(struct span decision)
{
    return span_is(decision, "warned")    ? SANCTION_WARN
           : span_is(decision, "silence") ? SANCTION_SILENCE
           : span_is(decision, "suspend") ? SANCTION_SUSPEND
                                          : SANCTION_NONE;
}

/* Who is judged does not judge, nor keep others from it, and whoever hid it does not decide about the appeal. */
static enum bz_err is_impartial(struct decider *d)
{
    const struct facts *f = d->facts;
    bz_id actor = d->cmd->actor;
    bool is_lifting = f->matter.sanction != 0 && span_is(d->cmd->decision, "restore");
    if (is_withdrawal(d))
        return BZ_OK;
    if (f->matter.is_of_two)
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "it is of a conversation of yours: somebody else decides");
    if (policy_concerned(f, f->matter.post, f->matter.member) == actor)
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "it concerns you: somebody else decides");
    if (f->matter.is_appeal && (f->matter.sanction != 0 ? f->sanction.by : f->post.hidden_by) == actor)
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "another moderator decides about an appeal");
    if (f->matter.is_anothers)
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, f->matter.is_appeal ? "you hid it once: somebody else decides"
                                                                   : "you reported it: somebody else decides");
    return is_lifting || sanction_of(d->cmd->decision) != SANCTION_NONE ? policy_judges(f, d->e) : BZ_OK;
}

enum bz_err decide_report_claim(struct decider *d)
{
    const struct matter_facts *m = &d->facts->matter;
    bool is_mine = m->claimed_by == d->cmd->actor && d->facts->now_ms - m->claimed_ms < CLAIM_MS;
    enum bz_err rc = still_open(d);
    if (rc == BZ_OK && d->cmd->on)
        rc = is_impartial(d);
    if (rc != BZ_OK || d->cmd->on == is_mine)
        return rc;
    body_open(d);
    json_put_bool(&d->body, "on", d->cmd->on);
    entry_add(d, ENTRY_REPORT_CLAIM, place_of(d, d->facts->matter.id));
    return BZ_OK;
}

static bool fits(const struct matter_facts *m, struct span decision)
{
    if (m->ask != 0)
        return span_is(decision, "approve") || span_is(decision, "refuse");
    if (span_is(decision, "keep"))
        return true;
    if (m->is_appeal)
        return span_is(decision, "restore");
    if (sanction_of(decision) != SANCTION_NONE)
        return true;
    if (m->post != 0)
        return span_is(decision, "hide") || span_is(decision, "redact");
    return m->member == 0 && span_is(decision, "lock");
}

/* What the decision does, unless it was done meanwhile. */
static void carry_out(struct decider *d)
{
    const struct facts *f = d->facts;
    struct span decision = d->cmd->decision;
    if (span_is(decision, "approve")) {
        approve(d);
    } else if (sanction_of(decision) != SANCTION_NONE) {
        sanction_add(d, sanction_of(decision));
    } else if (f->matter.sanction != 0) {
        if (span_is(decision, "restore") && !f->sanction.is_lifted)
            pardon_add(d);
    } else if (span_is(decision, "hide") && !f->post.is_hidden && !f->post.is_redacted) {
        body_open(d);
        put_why(d);
        entry_add(d, ENTRY_POST_HIDE, place_of_post(d));
    } else if (span_is(decision, "redact") && !f->post.is_redacted) {
        body_open(d);
        put_why(d);
        entry_add(d, ENTRY_POST_REDACT, place_of_post(d));
    } else if (span_is(decision, "restore") && f->post.is_hidden) {
        body_open(d);
        put_why(d);
        entry_add(d, ENTRY_POST_RESTORE, place_of_post(d));
    } else if (span_is(decision, "lock") && !f->thread.is_locked) {
        body_open(d);
        json_put_bool(&d->body, "locked", true);
        entry_add(d, ENTRY_THREAD_LOCK, place_of(d, f->thread.id));
    }
}

enum bz_err decide_report_decide(struct decider *d)
{
    const struct command *cmd = d->cmd;
    enum bz_err rc;
    if (!fits(&d->facts->matter, cmd->decision))
        return bz_invalid(d->e, "decision", "decision: keep, or what can be done with this");
    bool is_yes = span_is(cmd->decision, "approve");
    bool is_wordless = is_withdrawal(d) && cmd->rule.at == NULL && cmd->reason.at == NULL;
    if (!is_yes && !is_wordless && (rc = need_why(d)) != BZ_OK)
        return rc;
    if (cmd->until_ms != 0 && sanction_of(cmd->decision) <= SANCTION_WARN)
        return bz_invalid(d->e, "until", "until: only a silence or a suspension ends by itself");
    if ((rc = need_until(d)) != BZ_OK)
        return rc;
    if (span_is(cmd->decision, "redact") && (rc = need_text(d, "reason", cmd->reason, BZ_LIMIT_REASON_BYTES)) != BZ_OK)
        return rc;
    if ((rc = still_open(d)) != BZ_OK || (rc = is_impartial(d)) != BZ_OK)
        return rc;
    if (span_is(cmd->decision, "redact") && (rc = leaves_appeal(d)) != BZ_OK)
        return rc;
    if (is_yes && (rc = policy_approves(d->facts, d->e)) != BZ_OK)
        return rc;
    if (span_is(cmd->decision, "lock") && d->facts->thread.merged_into != 0)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "the thread was merged into another");
    const struct matter_facts *m = &d->facts->matter;
    bz_id next = id_make(0, d->facts->next_seq + 1);   /* what an approved ask becomes, right after this */
    body_open(d);
    json_put_text(&d->body, "decision", cmd->decision);
    put_why(d);
    if (m->ask != 0)
        put_id_opt(d, "of", m->member);
    if (is_yes && m->ask == ASK_THREAD)
        put_id_opt(d, "opens", next);
    if (is_yes && (m->ask == ASK_POST || m->ask == ASK_THREAD))
        put_id_opt(d, "says", m->ask == ASK_THREAD ? id_make(0, id_seq(next) + 1) : next);
    entry_add(d, ENTRY_REPORT_DECIDE, place_of(d, d->facts->matter.id));
    if (is_yes && ask_is_act(m->ask))
        return carry_out_proposal(d);
    carry_out(d);
    return BZ_OK;
}

enum bz_err decide_appeal_create(struct decider *d)
{
    const struct post_facts *post = &d->facts->post;
    enum bz_err rc = need_text(d, "reason", d->cmd->reason, BZ_LIMIT_REASON_BYTES);
    if (rc != BZ_OK)
        return rc;
    if (!post->is_hidden)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "the post is not hidden");
    if (post->is_appealed)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "you have appealed already");
    d->ret->id = next_id(d);
    body_open(d);
    put_id_opt(d, "post", post->id);
    json_put_text(&d->body, "reason", d->cmd->reason);
    entry_add(d, ENTRY_APPEAL, place_of(d, d->ret->id));
    return BZ_OK;
}
