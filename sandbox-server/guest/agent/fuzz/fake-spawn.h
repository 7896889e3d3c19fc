#ifndef FAKE_SPAWN_H
#define FAKE_SPAWN_H

#include "../agent.h"

enum { FAKES = 64 };
struct fake { pid_t pid; bool alive; int ends[2]; };
extern struct fake fakes[FAKES];
/* How the next process starts: 1 not at all, 2 with an error, else well. */
extern uint8_t fake_mood;
void fake_end(struct fake *f);

#endif
