/*
 * For modes.test.ts: standard input holds cases (u32 length, u16 rows, bytes); standard output gets, for each, u32 length and the
 * preamble of the modes that those bytes leave.
 */
#include "../agent.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	uint32_t length;
	uint16_t rows;
	while (fread(&length, sizeof length, 1, stdin) == 1 && fread(&rows, sizeof rows, 1, stdin) == 1) {
		static struct modes modes;
		uint8_t *bytes = malloc(length + 1), preamble[PREAMBLE_MAX];
		if (!bytes || fread(bytes, 1, length, stdin) != length)
			return 1;
		modes = (struct modes){0};
		modes_reset(&modes, rows);
		modes_feed(&modes, bytes, length);
		uint32_t used = (uint32_t)modes_preamble(&modes, preamble);
		fwrite(&used, sizeof used, 1, stdout);
		fwrite(preamble, 1, used, stdout);
		free(bytes);
	}
	return 0;
}
