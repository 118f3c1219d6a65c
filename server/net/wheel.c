#include "net/wheel.h"

#include <stddef.h>

static void list_init(struct wheel_timer *head) { head->next = head->prev = head; }

static void list_add(struct wheel_timer *head, struct wheel_timer *t)
{
    t->next = head;
    t->prev = head->prev;
    head->prev->next = t;
    head->prev = t;
}

void wheel_init(struct wheel *w)
{
    w->now = 0;
    for (int i = 0; i < WHEEL_SLOTS; i++)
        list_init(&w->slot[i]);
}

void wheel_unset(struct wheel_timer *t)
{
    if (t->next == NULL)
        return;
    t->next->prev = t->prev;
    t->prev->next = t->next;
    t->next = t->prev = NULL;
}

void wheel_set(struct wheel *w, struct wheel_timer *t, unsigned seconds)
{
    wheel_unset(t);
    if (seconds < 1)
        seconds = 1;
    if (seconds > WHEEL_SLOTS - 1)
        seconds = WHEEL_SLOTS - 1;
    list_add(&w->slot[(w->now + seconds) % WHEEL_SLOTS], t);
}

void wheel_tick(struct wheel *w, void (*fire)(struct wheel_timer *t))
{
    w->now++;
    struct wheel_timer *head = &w->slot[w->now % WHEEL_SLOTS];
    while (head->next != head) {
        struct wheel_timer *t = head->next;
        wheel_unset(t);
        fire(t);   /* a timer set again lands in another slot, so this ends */
    }
}
