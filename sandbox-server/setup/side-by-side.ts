/** Pieces of work that do not need each other. */

type Work = (signal: AbortSignal) => Promise<unknown>;

/**
 * Runs all of them at once.
 * @param outer ends them all
 * @returns what each gave, in order
 * @throws what the first that failed threw, once the others, which are then told to end, have ended
 */
export async function sideBySide<const T extends readonly Work[]>(
	outer: AbortSignal | undefined,
	...works: T
): Promise<{ -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> }> {
	const failing = new AbortController();
	const signal = outer ? AbortSignal.any([outer, failing.signal]) : failing.signal;
	let first: { error: unknown } | undefined;
	const results = await Promise.all(
		works.map(async (work) => {
			try {
				return await work(signal);
			} catch (error) {
				first ??= { error };
				failing.abort();
				return undefined;
			}
		}),
	);
	if (first) throw first.error;
	return results as { -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> };
}
