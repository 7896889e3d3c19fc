import { z } from 'zod';

const bytePattern = /^(\d+(?:\.\d+)?) ?(KiB|MiB|GiB)$/;
const byteUnits: Record<string, number> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** "512 MiB" → bytes. */
export const bytesSchema = z
	.string()
	.regex(bytePattern, 'a size such as "512 MiB"')
	.transform((text) => {
		const [, number, unit] = bytePattern.exec(text) as unknown as [string, string, string];
		return Math.round(Number(number) * (byteUnits[unit] ?? 1));
	})
	.describe('a size: a number and KiB, MiB or GiB');
