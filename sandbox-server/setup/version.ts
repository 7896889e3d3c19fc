/** Comparing version numbers. Imports nothing. */

/** Compares dotted numbers: negative when a < b. What is not a number counts as 0; "-rc1" and the like are left out. */
export function compareVersions(a: string, b: string): number {
	const parts = (text: string): number[] => (/\d+(?:\.\d+)*/.exec(text)?.[0] ?? '0').split('.').map(Number);
	const [x, y] = [parts(a), parts(b)];
	for (let index = 0; index < Math.max(x.length, y.length); index++) {
		const difference = (x[index] ?? 0) - (y[index] ?? 0);
		if (difference !== 0) return Math.sign(difference);
	}
	return 0;
}
