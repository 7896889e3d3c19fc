/* What modes.c, preamble.c and attributes.c share. */
#ifndef MODES_H
#define MODES_H

#include "agent.h"

extern const uint16_t private_modes[];
extern const int private_modes_used;
bool private_mode_default(uint16_t mode);
/* What kind of sequence is open: '[', ']', 'P', 'X' or 0. */
uint8_t modes_open_string(const struct modes *m);

/* SGR. */
void attributes_change(struct attributes *a, const uint16_t *params, const bool *colon, int count);
/* The SGR sequence that makes them out of the default; returns its length, below 160. */
size_t attributes_write(const struct attributes *a, char *into);

#endif
