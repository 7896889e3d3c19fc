/* Attributes of characters: SGR, read and written. */
#include "modes.h"

#include <stdio.h>
#include <string.h>

/* Bit → number that sets it. */
static const uint8_t set_by[] = {1, 2, 3, 5, 7, 8, 9, 53};
enum { PALETTE16 = 1u << 24, RGB = 2u << 24, PALETTE256 = 3u << 24 };

static void flag(struct attributes *a, uint8_t number, bool on)
{
	for (int i = 0; i < (int)sizeof set_by; i++)
		if (set_by[i] == number)
			a->flags = (uint16_t)(on ? a->flags | 1u << i : a->flags & ~(1u << i));
}

/* The colour after 38, 48 or 58; returns how many parameters it took. */
static int colour(uint32_t *into, const uint16_t *params, const bool *colon, int count)
{
	int subs = 0;
	while (subs < count && colon[subs])
		subs++;
	int usable = subs ? subs : count;
	if (usable >= 2 && params[0] == 5) {
		*into = PALETTE256 | (params[1] & 0xffu);
		return subs ? subs : 2;
	}
	if (usable >= 4 && params[0] == 2) {
		const uint16_t *rgb = params + (subs >= 5 ? 2 : 1); /* with colons a colour space may stand before */
		*into = RGB | (rgb[0] & 0xffu) << 16 | (rgb[1] & 0xffu) << 8 | (rgb[2] & 0xffu);
		return subs ? subs : 4;
	}
	return subs;
}

void attributes_change(struct attributes *a, const uint16_t *params, const bool *colon, int count)
{
	if (!count)
		*a = (struct attributes){0};
	for (int i = 0; i < count; i++) {
		uint16_t p = params[i];
		bool sub = i + 1 < count && colon[i + 1];
		if (colon[i])
			continue;
		if (p == 0)
			*a = (struct attributes){0};
		else if (p == 4)
			a->underline = sub ? (uint8_t)(params[i + 1] <= 5 ? params[i + 1] : 1) : 1;
		else if (p == 21)
			a->underline = 2;
		else if (p == 24)
			a->underline = 0;
		else if (p == 22)
			flag(a, 1, false), flag(a, 2, false);
		else if (p == 6)
			flag(a, 5, true);
		else if (p == 23 || p == 25 || (p >= 27 && p <= 29))
			flag(a, (uint8_t)(p - 20), false);
		else if (p == 55)
			flag(a, 53, false);
		else if (p <= 9 || p == 53)
			flag(a, (uint8_t)p, true);
		else if (p >= 30 && p <= 37)
			a->fg = PALETTE16 | (p - 30u);
		else if (p >= 40 && p <= 47)
			a->bg = PALETTE16 | (p - 40u);
		else if (p >= 90 && p <= 97)
			a->fg = PALETTE16 | (p - 82u);
		else if (p >= 100 && p <= 107)
			a->bg = PALETTE16 | (p - 92u);
		else if (p == 39)
			a->fg = 0;
		else if (p == 49)
			a->bg = 0;
		else if (p == 59)
			a->line = 0;
		else if (p == 38 || p == 48 || p == 58)
			i += colour(p == 38 ? &a->fg : p == 48 ? &a->bg : &a->line, params + i + 1, colon + i + 1, count - i - 1);
	}
}

static int write_colour(char *into, int base, uint32_t c)
{
	unsigned value = c & 0xffffff;
	if (c >> 24 == PALETTE16 >> 24)
		return sprintf(into, ";%u", value < 8 ? (unsigned)base - 8 + value : (unsigned)base + 52 + value - 8);
	if (c >> 24 == PALETTE256 >> 24)
		return sprintf(into, base == 58 ? ";%d:5:%u" : ";%d;5;%u", base, value);
	if (c >> 24 == RGB >> 24)
		return sprintf(into, base == 58 ? ";%d:2::%u:%u:%u" : ";%d;2;%u;%u;%u", base, value >> 16, value >> 8 & 0xff, value & 0xff);
	return 0;
}

size_t attributes_write(const struct attributes *a, char *into)
{
	char *at = into + sprintf(into, "\033[0");
	for (int i = 0; i < (int)sizeof set_by; i++)
		if (a->flags & 1u << i)
			at += sprintf(at, ";%d", set_by[i]);
	if (a->underline)
		at += sprintf(at, a->underline > 1 ? ";4:%d" : ";%d", a->underline > 1 ? a->underline : 4);
	at += write_colour(at, 38, a->fg);
	at += write_colour(at, 48, a->bg);
	at += write_colour(at, 58, a->line);
	*at++ = 'm';
	return (size_t)(at - into);
}
